// raw_spinlock_t: the Xen spinlock as the rest of the kernel sees it, with the interrupt flag handled around it and the
// check that at most one cpu holds it.
//
// Which form may be used where is decided by who else takes the lock. A lock that interrupt handlers take is always
// taken with interrupts disabled; only the irqsave form tells the slow path that they were enabled before.
//
// May include: engine/hook, the standard library, this target. Knows nothing of what the locks guard.
#pragma once

#include <cstdint>

#include "targets/xen_pv_spinlock/spinlock.h"

struct raw_spinlock_t {
  xen_spinlock raw_lock;
  // The holder + 1; 0 for none. Written by the holder alone, so a data race here is a lock held twice as well.
  std::uint32_t owner;
};

// Names the words of `lock` in traces. REQUIRES: called from setup.
void name_lock(const raw_spinlock_t& lock, const char* name, unsigned index);

// With interrupts as they are. REQUIRES: disabled, or no handler takes this lock.
void raw_spin_lock(raw_spinlock_t& lock);
void raw_spin_unlock(raw_spinlock_t& lock);

// REQUIRES: interrupts enabled.
void raw_spin_lock_irq(raw_spinlock_t& lock);
void raw_spin_unlock_irq(raw_spinlock_t& lock);

// Returns the flags for raw_spin_unlock_irqrestore. While the cpu waits in the slow path, its interrupts may be enabled
// again if they were before.
[[nodiscard]] unsigned long raw_spin_lock_irqsave(raw_spinlock_t& lock);
// True if the lock was taken; `flags` is set only then.
[[nodiscard]] bool raw_spin_trylock_irqsave(raw_spinlock_t& lock, unsigned long& flags);
void raw_spin_unlock_irqrestore(raw_spinlock_t& lock, unsigned long flags);

// True if nobody holds the lock. For checks.
inline bool raw_spin_is_free(const raw_spinlock_t& lock) {
  return !xen_spin_is_locked(lock.raw_lock);
}
inline bool raw_spin_has_no_spinners(const raw_spinlock_t& lock) {
  return !xen_spin_is_contended(lock.raw_lock);
}
