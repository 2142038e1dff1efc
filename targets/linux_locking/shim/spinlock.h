/* spinlock.h: the kernel's spin locks over its own queued spin lock, and what that asks of an architecture. With
 * CONFIG_PARAVIRT_SPINLOCKS the slow path and the unlock are the paravirtual ones, on a machine whose virtual cpus
 * halt and are kicked.
 *
 * May include: engine/hook, this folder, the archive's headers. */
#ifndef GRIDLOCK_TARGETS_LINUX_LOCKING_SHIM_SPINLOCK_H
#define GRIDLOCK_TARGETS_LINUX_LOCKING_SHIM_SPINLOCK_H

#include <asm-generic/qspinlock_types.h>

#include "targets/linux_locking/shim/percpu.h"

struct qspinlock;

#define _Q_PENDING_LOOPS linux_pending_loops()

/* x86 sets the bit and reads the word in two steps; others do both in one. The read has to acquire, as any read does on
 * x86: it may be what sees the lock given back. */
static __always_inline u32 queued_fetch_set_pending_acquire(struct qspinlock* lock) {
  if (!linux_pending_in_two_steps()) {
    return (u32)atomic_fetch_or_acquire((int)_Q_PENDING_VAL, &lock->val);
  }
  const u32 was_pending = (u32)atomic_fetch_or_acquire((int)_Q_PENDING_VAL, &lock->val) & _Q_PENDING_MASK;
  return was_pending | ((u32)atomic_read_acquire(&lock->val) & ~_Q_PENDING_MASK);
}
#define queued_fetch_set_pending_acquire queued_fetch_set_pending_acquire

#ifdef CONFIG_PARAVIRT_SPINLOCKS
#define SPIN_THRESHOLD linux_spin_threshold()
void native_queued_spin_lock_slowpath(struct qspinlock* lock, u32 val);
void __pv_init_lock_hash(void);
void __pv_queued_spin_lock_slowpath(struct qspinlock* lock, u32 val);
void __pv_queued_spin_unlock(struct qspinlock* lock);
void pv_wait(u8* byte, u8 val);
void pv_kick(int cpu);
static inline void queued_spin_lock_slowpath(struct qspinlock* lock, u32 val) {
  __pv_queued_spin_lock_slowpath(lock, val);
}
#define queued_spin_unlock(lock) __pv_queued_spin_unlock(lock)
#endif

#include <asm-generic/qspinlock.h>

typedef struct raw_spinlock {
  arch_spinlock_t raw_lock;
} raw_spinlock_t;
#define __RAW_SPIN_LOCK_UNLOCKED(name) {.raw_lock = __ARCH_SPIN_LOCK_UNLOCKED}
#define raw_spin_lock_init(lock) (*(lock) = (raw_spinlock_t)__RAW_SPIN_LOCK_UNLOCKED(lock))

#define preempt_disable() barrier()
#define preempt_enable() barrier()

#define raw_spin_lock(lock)            \
  do {                                 \
    preempt_disable();                 \
    arch_spin_lock(&(lock)->raw_lock); \
  } while (0)
#define raw_spin_unlock(lock)            \
  do {                                   \
    arch_spin_unlock(&(lock)->raw_lock); \
    preempt_enable();                    \
  } while (0)
#define raw_spin_lock_irq(lock) \
  do {                          \
    gl_irq_disable();           \
    raw_spin_lock(lock);        \
  } while (0)
#define raw_spin_unlock_irq(lock) \
  do {                            \
    raw_spin_unlock(lock);        \
    gl_irq_enable();              \
  } while (0)
#define raw_spin_lock_irqsave(lock, flags) \
  do {                                     \
    (flags) = gl_irq_save();               \
    raw_spin_lock(lock);                   \
  } while (0)
#define raw_spin_unlock_irqrestore(lock, flags) \
  do {                                          \
    raw_spin_unlock(lock);                      \
    gl_irq_restore(flags);                      \
  } while (0)

#endif
