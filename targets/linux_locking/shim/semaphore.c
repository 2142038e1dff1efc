/* semaphore.c: Linux's kernel/locking/semaphore.c for harnesses; see locks.h.
 *
 * May include: engine/hook, this folder, the archive. */
#include "targets/linux_locking/shim/kernel.h"

/* A parameter is called so in the header. */
#pragma push_macro("jiffies")
#undef jiffies
#include <linux/semaphore.h>
#pragma pop_macro("jiffies")

#include "kernel/locking/semaphore.c"

struct semaphore* linux_semaphore_new(const char* name, unsigned count) {
  struct semaphore* const sem = gl_alloc(sizeof(*sem), _Alignof(struct semaphore));
  gl_name(&sem->lock, sizeof(sem->lock), "%s.lock", name);
  gl_name(&sem->count, sizeof(sem->count), "%s.count", name);
  gl_name(&sem->wait_list, sizeof(sem->wait_list), "%s.wait_list", name);
  sema_init(sem, (int)count);
  return sem;
}

void linux_down(struct semaphore* sem) {
  down(sem);
}
bool linux_down_interruptible(struct semaphore* sem) {
  return down_interruptible(sem) == 0;
}
bool linux_down_timeout(struct semaphore* sem, unsigned long jiffies_max) {
  return down_timeout(sem, (long)jiffies_max) == 0;
}
bool linux_down_trylock(struct semaphore* sem) {
  return down_trylock(sem) == 0;
}
void linux_up(struct semaphore* sem) {
  up(sem);
}

GL_MACHINE bool linux_semaphore_has(const struct semaphore* sem, unsigned count) {
  return sem->count == count && sem->lock.raw_lock.val.counter == 0 && sem->wait_list.next == &sem->wait_list;
}
