// Interrupt handlers; see interrupts.h.
//
// May include: engine/hook, the standard library, this target.
#include "targets/xen_pv_spinlock/interrupts.h"

#include "engine/hook/gridlock.h"
#include "targets/xen_pv_spinlock/balance.h"
#include "targets/xen_pv_spinlock/sched.h"

namespace {

void raise_sched_softirq() {
  gl_raise_softirq(static_cast<unsigned>(Softirq::kSched));
}

// Asks curr, which nobody else can replace here, to give way if others wait.
[[gnu::noinline]] void scheduler_tick() {
  const bool others_wait = this_rq().nr_running.load(std::memory_order_relaxed) > 1;
  if (others_wait) current().need_resched.store(1, std::memory_order_relaxed);
  raise_sched_softirq();
}

}  // namespace

[[gnu::noinline]] void smp_send_reschedule(unsigned cpu) {
  gl_send_ipi(cpu, static_cast<unsigned>(Vector::kReschedule));
}

[[gnu::noinline]] void xen_timer_interrupt() {
  scheduler_tick();
}

[[gnu::noinline]] void xen_reschedule_interrupt() {
  if (got_nohz_idle_kick()) raise_sched_softirq();
}
