// The Xen PV byte spinlock (arch/x86/xen/spinlock.c, Linux 2.6.27 to 3.11): a test-and-set byte and, for those who
// waited too long, a count of cpus that sleep in the hypervisor until an unlock kicks them.
//
//     byte 0  lock      0 free, 1 held
//     byte 1  spinners  contexts in xen_spin_lock_slow; a cpu counts once for each nested context
//
// Unlock reads `spinners` and, if it is not zero, looks through the cpus' `lock_spinners` for whom to kick.
//
// May include: engine/hook, the standard library, this target. Knows nothing of who takes which lock and why;
// kernel_lock.h adds interrupt flags and the check of mutual exclusion.
#pragma once

#include <atomic>
#include <cstdint>

struct xen_spinlock {
  std::atomic<std::uint8_t> lock;
  std::atomic<std::uint8_t> spinners;
};

// Allocates the per-cpu state and binds the kickers of all cpus. REQUIRES: called from setup, after create_domain.
void xen_init_spinlocks();

void xen_spin_lock(xen_spinlock& lock);
// `flags` as gl_irq_save returned them: where they say that interrupts were enabled, a waiter may enable them again
// while it polls.
void xen_spin_lock_flags(xen_spinlock& lock, unsigned long flags);
bool xen_spin_trylock(xen_spinlock& lock);
void xen_spin_unlock(xen_spinlock& lock);

inline bool xen_spin_is_locked(const xen_spinlock& lock) {
  return lock.lock.load(std::memory_order_relaxed) != 0;
}
inline bool xen_spin_is_contended(const xen_spinlock& lock) {
  return lock.spinners.load(std::memory_order_relaxed) != 0;
}

// True if no cpu says that it waits in the slow path of any lock. For checks.
bool no_cpu_is_registered_as_spinner();
