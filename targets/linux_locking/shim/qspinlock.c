/* qspinlock.c: Linux's kernel/locking/qspinlock.c, and with CONFIG_PARAVIRT_SPINLOCKS its qspinlock_paravirt.h, for
 * harnesses; see locks.h.
 *
 * May include: engine/hook, this folder, the archive. */
#include "targets/linux_locking/shim/kernel.h"

struct qspinlock* linux_spin_new(const char* name) {
  struct qspinlock* const lock = gl_alloc(sizeof(*lock), _Alignof(struct qspinlock));
  gl_name(&lock->val, sizeof(lock->locked), "%s", name); /* the whole word and its first byte */
  gl_name(&lock->pending, sizeof(lock->pending), "%s.pending", name);
  gl_name(&lock->tail, sizeof(lock->tail), "%s.tail", name);
  return lock;
}

/* Before the file is included: it makes its own of queued_spin_trylock() behind that. */
noinline void linux_spin_lock(struct qspinlock* lock) {
  preempt_disable();
  arch_spin_lock(lock);
}
noinline bool linux_spin_trylock(struct qspinlock* lock) {
  return arch_spin_trylock(lock);
}
noinline void linux_spin_unlock(struct qspinlock* lock) {
  arch_spin_unlock(lock);
  preempt_enable();
}

GL_MACHINE bool linux_spin_is_free(const struct qspinlock* lock) {
  return lock->val.counter == 0;
}

const volatile void* linux_spin_tail(const struct qspinlock* lock) {
  return &lock->tail;
}

#include "kernel/locking/qspinlock.c"

GL_MACHINE bool linux_spin_nodes_are_free(void) {
  for (unsigned cpu = 0; cpu < gl_cpu_count(); ++cpu) {
    if (per_cpu_ptr(&qnodes[0], cpu)->mcs.count != 0) return false;
  }
  return true;
}

#ifdef CONFIG_PARAVIRT_SPINLOCKS
GL_MACHINE void linux_pv_setup(void) {
  __pv_init_lock_hash();
}

GL_MACHINE bool linux_pv_table_is_empty(void) {
  for (unsigned i = 0; i < 1U << pv_lock_hash_bits; ++i) {
    if (pv_lock_hash[i].lock != NULL) return false;
  }
  return true;
}
#endif
