/* qrwlock.c: Linux's kernel/locking/qrwlock.c for harnesses; see locks.h.
 *
 * May include: engine/hook, this folder, the archive. */
#include "targets/linux_locking/shim/kernel.h"

#include <asm-generic/qrwlock.h>

#include "kernel/locking/qrwlock.c"

struct qrwlock* linux_rw_new(const char* name) {
  struct qrwlock* const lock = gl_alloc(sizeof(*lock), _Alignof(struct qrwlock));
  gl_name(&lock->cnts, sizeof(lock->cnts), "%s", name);
  gl_name(&lock->wait_lock, sizeof(lock->wait_lock), "%s.wait_lock", name);
  return lock;
}

noinline void linux_read_lock(struct qrwlock* lock) {
  preempt_disable();
  arch_read_lock(lock);
}
noinline bool linux_read_trylock(struct qrwlock* lock) {
  return arch_read_trylock(lock);
}
noinline void linux_read_unlock(struct qrwlock* lock) {
  arch_read_unlock(lock);
  preempt_enable();
}
noinline void linux_write_lock(struct qrwlock* lock) {
  preempt_disable();
  arch_write_lock(lock);
}
noinline bool linux_write_trylock(struct qrwlock* lock) {
  return arch_write_trylock(lock);
}
noinline void linux_write_unlock(struct qrwlock* lock) {
  arch_write_unlock(lock);
  preempt_enable();
}

GL_MACHINE bool linux_rw_is_free(const struct qrwlock* lock) {
  return lock->cnts.counter == 0 && lock->wait_lock.val.counter == 0;
}
