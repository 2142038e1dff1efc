/* rwsem.c: Linux's kernel/locking/rwsem.c for harnesses; see locks.h.
 *
 * May include: engine/hook, this folder, the archive. */
#include "targets/linux_locking/shim/kernel.h"

#include "kernel/locking/rwsem.c"

struct rw_semaphore* linux_rwsem_new(const char* name) {
  struct rw_semaphore* const sem = gl_alloc(sizeof(*sem), _Alignof(struct rw_semaphore));
  gl_name(&sem->count, sizeof(sem->count), "%s.count", name);
  gl_name(&sem->owner, sizeof(sem->owner), "%s.owner", name);
  gl_name(&sem->wait_lock, sizeof(sem->wait_lock), "%s.wait_lock", name);
  gl_name(&sem->osq, sizeof(sem->osq), "%s.osq", name);
  gl_name(&sem->wait_list, sizeof(sem->wait_list), "%s.wait_list", name);
  init_rwsem(sem);
  return sem;
}

void linux_down_read(struct rw_semaphore* sem) {
  down_read(sem);
}
bool linux_down_read_interruptible(struct rw_semaphore* sem) {
  return down_read_interruptible(sem) == 0;
}
bool linux_down_read_trylock(struct rw_semaphore* sem) {
  return down_read_trylock(sem) != 0;
}
void linux_up_read(struct rw_semaphore* sem) {
  up_read(sem);
}
void linux_down_write(struct rw_semaphore* sem) {
  down_write(sem);
}
bool linux_down_write_killable(struct rw_semaphore* sem) {
  return down_write_killable(sem) == 0;
}
bool linux_down_write_trylock(struct rw_semaphore* sem) {
  return down_write_trylock(sem) != 0;
}
void linux_up_write(struct rw_semaphore* sem) {
  up_write(sem);
}
void linux_downgrade_write(struct rw_semaphore* sem) {
  downgrade_write(sem);
}

GL_MACHINE bool linux_rwsem_is_free(const struct rw_semaphore* sem) {
  return sem->count.counter == 0 && sem->wait_lock.raw_lock.val.counter == 0 && sem->osq.tail.counter == 0 &&
         sem->wait_list.next == &sem->wait_list && sem->wait_list.prev == &sem->wait_list;
}
