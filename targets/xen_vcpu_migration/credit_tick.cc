// Credit1's accounting; see credit.h.
//
// May include: engine/hook, the standard library, this target.
#include "targets/xen_vcpu_migration/credit.h"
#include "targets/xen_vcpu_migration/schedule.h"
#include "targets/xen_vcpu_migration/softirq.h"

namespace {

// Who consumes enough of a pcpu to be seen by a tick is no longer boosted; and if it had better run elsewhere, it is
// asked to. It is the caller's own current vcpu, which is why nobody has to put it to sleep.
[[gnu::noinline]] void csched_vcpu_acct(unsigned cpu) {
  vcpu& current = current_vcpu();
  csched_vcpu& svc = csched_of(current);
  GL_ASSERT(current.processor.load(std::memory_order_relaxed) == cpu);
  if (svc.pri.load(std::memory_order_relaxed) == CSCHED_PRI_TS_BOOST) {
    svc.pri.store(CSCHED_PRI_TS_UNDER, std::memory_order_relaxed);
  }
  csched_burn_credits(svc, NOW());
  unsigned long flags = 0;
  spinlock_t& lock = vcpu_schedule_lock_irqsave(current, flags);
  const unsigned new_cpu = csched_best_cpu(current);
  vcpu_schedule_unlock_irqrestore(lock, flags, current);
  if (new_cpu == cpu) return;
  set_flag(current, VPF_migrating);
  raise_softirq(Softirq::kSchedule);
}

}  // namespace

void csched_burn_credits(csched_vcpu& svc, std::uint32_t now) {
  const auto delta = static_cast<std::int32_t>(now - svc.start_time);
  if (delta <= 0) return;
  svc.credit.fetch_sub(delta * CSCHED_CREDITS_PER_TICK, std::memory_order_relaxed);
  svc.start_time = now;
}

[[gnu::noinline]] void csched_tick(unsigned cpu) {
  if (!is_idle_vcpu(current_vcpu())) csched_vcpu_acct(cpu);
}
