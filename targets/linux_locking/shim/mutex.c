/* mutex.c: Linux's kernel/locking/mutex.c for harnesses; see locks.h.
 *
 * May include: engine/hook, this folder, the archive. */
#include "targets/linux_locking/shim/kernel.h"

#include "kernel/locking/mutex.c"

struct mutex* linux_mutex_new(const char* name) {
  struct mutex* const lock = gl_alloc(sizeof(*lock), _Alignof(struct mutex));
  gl_name(&lock->owner, sizeof(lock->owner), "%s.owner", name);
  gl_name(&lock->wait_lock, sizeof(lock->wait_lock), "%s.wait_lock", name);
  gl_name(&lock->osq, sizeof(lock->osq), "%s.osq", name);
  gl_name(&lock->wait_list, sizeof(lock->wait_list), "%s.wait_list", name);
  mutex_init(lock);
  return lock;
}

void linux_mutex_lock(struct mutex* lock) {
  mutex_lock(lock);
}
bool linux_mutex_lock_interruptible(struct mutex* lock) {
  return mutex_lock_interruptible(lock) == 0;
}
bool linux_mutex_trylock(struct mutex* lock) {
  return mutex_trylock(lock) != 0;
}
void linux_mutex_unlock(struct mutex* lock) {
  mutex_unlock(lock);
}

GL_MACHINE bool linux_mutex_is_free(const struct mutex* lock) {
  return lock->owner.counter == 0 && lock->wait_lock.raw_lock.val.counter == 0 && lock->osq.tail.counter == 0 &&
         lock->wait_list.next == &lock->wait_list && lock->wait_list.prev == &lock->wait_list;
}
