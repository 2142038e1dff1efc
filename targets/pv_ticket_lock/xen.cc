// Sleeping and waking under Xen; see xen.h.
//
// A cpu has one place to say what it waits for and one kick that can be pending. An interrupt may come while it has
// said so and does not sleep yet, and its handler may wait for another lock with the same two: then the kick for the
// first lock is missed or eaten. So a handler must leave a kick pending, and the interrupted waiter looks at its lock
// again. The kernel does not do that: see `nested-pickup` in README.md.
//
// May include: engine/hook, the standard library, this target.
#include "targets/pv_ticket_lock/xen.h"

#include <atomic>
#include <new>

#include "engine/hook/gridlock.h"

namespace {

struct xen_lock_waiting {
  std::atomic<std::uintptr_t> lock{0};  // the address of the lock; 0: the rest means nothing
  std::atomic<__ticket_t> want{0};
};

// The kicker: an event channel that is masked for good, so that only its pending bit is used.
struct Kicker {
  std::atomic<std::uint8_t> pending{0};
};

struct PerCpu {
  xen_lock_waiting waiting;
  Kicker kicker;
};

struct Xen {
  PerCpu per_cpu[kCpusMax];
  std::atomic<std::uint32_t> waiting_cpus{0};
};
Xen* xen;

std::uintptr_t address_of(const arch_spinlock_t& lock) {
  return reinterpret_cast<std::uintptr_t>(&lock);
}
void smp_wmb() {
  std::atomic_thread_fence(std::memory_order_release);
}
void smp_rmb() {
  std::atomic_thread_fence(std::memory_order_acquire);
}

void xen_clear_irq_pending(Kicker& kicker) {
  kicker.pending.exchange(0);
}
void xen_set_irq_pending(Kicker& kicker) {
  kicker.pending.exchange(1);
}
bool is_pending(void* kicker) {
  return static_cast<Kicker*>(kicker)->pending.load() != 0;
}

// The hypercall: no interrupt is taken inside. It ends by a kick, or when an interrupt becomes pending: at once if that
// can be delivered, and if it is masked, only when it is a new one.
[[gnu::noinline]] void xen_poll_irq(Kicker& kicker) {
  const bool upcall_was_pending = gl_irq_pending();
  const unsigned long guest_flags = gl_irq_save();
  const bool is_deliverable = upcall_was_pending && guest_flags != 0;
  if (!is_deliverable) gl_wait(is_pending, &kicker, upcall_was_pending ? GL_WAIT_PLAIN : GL_WAIT_IRQ_ENDS);
  gl_irq_restore(guest_flags);
}

// `lock` is empty while `want` changes: whoever sees the lock sees the ticket that belongs to it.
void publish(xen_lock_waiting& waiting, const arch_spinlock_t& lock, __ticket_t want) {
  waiting.lock.store(0, std::memory_order_relaxed);
  smp_wmb();
  waiting.want.store(want, std::memory_order_relaxed);
  smp_wmb();
  waiting.lock.store(address_of(lock), std::memory_order_relaxed);
}

// Whether a waiter that ends leaves a kick behind for the one that it may have interrupted. To ask whether it did is
// not enough: the second handler in a row finds nothing, because the first has cleared what the interrupted waiter
// said.
bool leaves_a_kick(bool is_nested, bool was_served) {
  switch (gl_variant()) {
    case kNestedPickup:
      return false;
    case kNestedAsks:
      return is_nested && was_served;
    default:
      return true;
  }
}

std::uint32_t bit_of(unsigned cpu) {
  return std::uint32_t{1} << cpu;
}

}  // namespace

void xen_init_spinlocks() {
  xen = new (gl_alloc(sizeof(Xen), alignof(Xen))) Xen();
  gl_name(&xen->waiting_cpus, sizeof(xen->waiting_cpus), "waiting_cpus");
  for (unsigned cpu = 0; cpu < gl_cpu_count(); ++cpu) {
    PerCpu& mine = xen->per_cpu[cpu];
    gl_name(&mine.waiting.lock, sizeof(mine.waiting.lock), "lock_waiting[%u].lock", cpu);
    gl_name(&mine.waiting.want, sizeof(mine.waiting.want), "lock_waiting[%u].want", cpu);
    gl_name(&mine.kicker, sizeof(mine.kicker), "kicker[%u].pending", cpu);
  }
}

// Whose turn it is is read behind the flag: an unlock before that look is seen by it, and one after it sees the flag.
[[gnu::noinline]] void __ticket_lock_spinning(arch_spinlock_t& lock, __ticket_t want) {
  const unsigned cpu = gl_this_cpu();
  PerCpu& mine = xen->per_cpu[cpu];
  unsigned long flags = gl_irq_save();
  const bool is_nested = mine.waiting.lock.load(std::memory_order_relaxed) != 0;
  publish(mine.waiting, lock, want);
  xen->waiting_cpus.fetch_or(bit_of(cpu));
  xen_clear_irq_pending(mine.kicker);
  __ticket_enter_slowpath(lock);
  const bool was_served = ticket_is_served(lock, want);
  if (!was_served) {
    gl_irq_restore(flags);
    xen_poll_irq(mine.kicker);
    flags = gl_irq_save();
  }
  if (leaves_a_kick(is_nested, was_served)) xen_set_irq_pending(mine.kicker);
  xen->waiting_cpus.fetch_and(~bit_of(cpu));
  mine.waiting.lock.store(0, std::memory_order_relaxed);
  gl_irq_restore(flags);
}

// The lock may be that of a waiter and the ticket that of its interrupt handler, which waits for another lock: such a
// match is of nobody, and the one that is meant comes later. The kernel kicks the first match.
[[gnu::noinline]] void __ticket_unlock_kick(const arch_spinlock_t& lock, __ticket_t next) {
  const std::uint32_t waiting_cpus = xen->waiting_cpus.load(std::memory_order_relaxed);
  for (unsigned cpu = 0; cpu < gl_cpu_count(); ++cpu) {
    if ((waiting_cpus & bit_of(cpu)) == 0) continue;
    const xen_lock_waiting& waiting = xen->per_cpu[cpu].waiting;
    if (waiting.lock.load(std::memory_order_relaxed) != address_of(lock)) continue;
    smp_rmb();
    if (waiting.want.load(std::memory_order_relaxed) != next) continue;
    xen_set_irq_pending(xen->per_cpu[cpu].kicker);
    if (gl_variant() == kKickFirst) break;
  }
}

bool no_cpu_waits() {
  return xen->waiting_cpus.load(std::memory_order_relaxed) == 0;
}
