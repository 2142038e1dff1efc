// The Xen PV byte spinlock; see spinlock.h.
//
// The argument that nested waiters lose no kick, because every line of the slow path depends on it: a cpu has one
// `lock_spinners` and one kicker, and an interrupt that lands in the slow path may wait for another lock with them. As
// long as it does, the unlocker of the outer lock does not find this cpu. So a nested waiter always leaves the kicker
// pending, either because a kick woke it or because it sets the bit itself, and the outer poll returns at once and
// looks at its lock again.
//
// May include: engine/hook, the standard library, this target.
#include "targets/xen_pv_spinlock/spinlock.h"

#include "targets/xen_pv_spinlock/events.h"
#include "targets/xen_pv_spinlock/variant.h"

namespace {

struct cpu_spinlock_state {
  // The xen_spinlock that this cpu blocks on, as an integer; 0 for none. Not an atomic pointer because libstdc++ does
  // not always inline that one, and call chains are to be the kernel's.
  std::atomic<std::uintptr_t> lock_spinners;
  kicker_irq_t lock_kicker_irq;
};

cpu_spinlock_state* per_cpu;

std::uintptr_t address_of(const xen_spinlock& lock) {
  return reinterpret_cast<std::uintptr_t>(&lock);
}

void smp_wmb() {
  std::atomic_thread_fence(std::memory_order_release);
}
void smp_mb() {
  std::atomic_thread_fence(std::memory_order_seq_cst);
}

// Says that this cpu is interested in `lock`, and only then counts it: who sees the count finds the cpu. Returns what
// the cpu was interested in before.
[[gnu::noinline]] std::uintptr_t spinning_lock(cpu_spinlock_state& cpu, xen_spinlock& lock) {
  const std::uintptr_t prev = cpu.lock_spinners.load(std::memory_order_relaxed);
  cpu.lock_spinners.store(address_of(lock), std::memory_order_relaxed);
  smp_wmb();
  lock.spinners.fetch_add(1);
  return prev;
}

[[gnu::noinline]] void unspinning_lock(cpu_spinlock_state& cpu, xen_spinlock& lock, std::uintptr_t prev) {
  lock.spinners.fetch_sub(1);
  smp_wmb();
  cpu.lock_spinners.store(slow_path_saves_prev() ? prev : 0, std::memory_order_relaxed);
}

// Sleeps until an unlock kicks this cpu. True if it took the lock on the way.
[[gnu::noinline]] bool xen_spin_lock_slow(xen_spinlock& lock, bool irq_enable) {
  cpu_spinlock_state& cpu = per_cpu[gl_this_cpu()];
  const kicker_irq_t irq = cpu.lock_kicker_irq;
  const std::uintptr_t prev = spinning_lock(cpu, lock);
  bool taken = false;
  do {
    // Clear before the last look at the lock: an unlock between the two leaves the bit set, and the poll returns.
    xen_clear_irq_pending(irq);
    if (xen_spin_trylock(lock)) {
      if (prev != 0 && slow_path_saves_prev()) xen_set_irq_pending(irq);
      taken = true;
      break;
    }
    const bool irqs_were_disabled = gl_irqs_disabled();
    if (irq_enable && poll_enables_irqs()) gl_irq_enable();
    xen_poll_irq(irq);
    if (irqs_were_disabled) gl_irq_disable();
  } while (!xen_test_irq_pending(irq));
  unspinning_lock(cpu, lock, prev);
  return taken;
}

// One attempt: true if the lock was got within the budget. The budget counts looks at a held lock.
[[gnu::noinline]] bool spin_for_budget(xen_spinlock& lock) {
  unsigned budget = parameter(Parameter::kSpinBudget);
  do {
    if (xen_spin_trylock(lock)) return true;
    while (xen_spin_is_locked(lock) && --budget != 0) gl_cpu_relax();
  } while (budget != 0);
  return false;
}

void lock_or_sleep(xen_spinlock& lock, bool irq_enable) {
  while (!spin_for_budget(lock)) {
    if (xen_spin_lock_slow(lock, irq_enable)) return;
  }
}

[[gnu::noinline]] void xen_spin_unlock_slow(xen_spinlock& lock) {
  for (unsigned id = 0; id < gl_cpu_count(); ++id) {
    if (per_cpu[id].lock_spinners.load(std::memory_order_relaxed) != address_of(lock)) continue;
    xen_send_kick(per_cpu[id].lock_kicker_irq);
    if (!unlock_kicks_all_waiters()) break;
  }
}

}  // namespace

void xen_init_spinlocks() {
  per_cpu = static_cast<cpu_spinlock_state*>(
      gl_alloc(sizeof(cpu_spinlock_state) * gl_cpu_count(), alignof(cpu_spinlock_state)));
  for (unsigned id = 0; id < gl_cpu_count(); ++id) {
    per_cpu[id].lock_kicker_irq = xen_bind_kicker_irq(id);
    gl_name(&per_cpu[id].lock_spinners, sizeof(per_cpu[id].lock_spinners), "lock_spinners[%u]", id);
  }
}

[[gnu::noinline]] void xen_spin_lock(xen_spinlock& lock) {
  lock_or_sleep(lock, false);
}

[[gnu::noinline]] void xen_spin_lock_flags(xen_spinlock& lock, unsigned long flags) {
  lock_or_sleep(lock, flags != 0);
}

[[gnu::noinline]] bool xen_spin_trylock(xen_spinlock& lock) {
  return lock.lock.exchange(1, std::memory_order_acquire) == 0;
}

[[gnu::noinline]] void xen_spin_unlock(xen_spinlock& lock) {
  lock.lock.store(0, std::memory_order_release);
  smp_mb();  // the count is read after the lock is seen free, or a waiter that saw it held is missed
  if (xen_spin_is_contended(lock)) xen_spin_unlock_slow(lock);
}

bool no_cpu_is_registered_as_spinner() {
  for (unsigned id = 0; id < gl_cpu_count(); ++id) {
    if (per_cpu[id].lock_spinners.load() != 0) return false;
  }
  return true;
}
