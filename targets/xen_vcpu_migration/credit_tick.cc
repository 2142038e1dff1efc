// Credit1's accounting; see credit.h.
//
// May include: engine/hook, the standard library, this target.
#include "targets/xen_vcpu_migration/cpupool.h"
#include "targets/xen_vcpu_migration/credit.h"
#include "targets/xen_vcpu_migration/quiet.h"
#include "targets/xen_vcpu_migration/runq.h"
#include "targets/xen_vcpu_migration/schedule.h"
#include "targets/xen_vcpu_migration/softirq.h"

namespace {

constexpr unsigned kMaster = 0;

std::int32_t credits_per_tick() {
  return CSCHED_CREDITS_PER_ACCT / static_cast<std::int32_t>(parameter(Parameter::kTicksPerTslice));
}

// What a domain's vcpus may at most get in a period if there is a cap: half a pcpu.
std::int32_t credit_cap() {
  return CSCHED_CREDITS_PER_ACCT / 2;
}
bool has_cap() {
  return parameter(Parameter::kCap) != 0;
}

vcpu** active_slot_of(const vcpu* v) {
  for (vcpu*& slot : csched_priv().active) {
    if (slot == v) return &slot;
  }
  return nullptr;
}

[[gnu::noinline]] void __csched_vcpu_acct_start(vcpu& v) {
  const unsigned long flags = spin_lock_irqsave(csched_priv().lock);
  csched_vcpu& svc = csched_of(v);
  if (svc.active.load(std::memory_order_relaxed) == 0) {
    svc.active.store(1, std::memory_order_relaxed);
    *active_slot_of(nullptr) = &v;
  }
  spin_unlock_irqrestore(csched_priv().lock, flags);
}

// REQUIRES: the private lock.
void __csched_vcpu_acct_stop_locked(vcpu& v) {
  csched_of(v).active.store(0, std::memory_order_relaxed);
  *active_slot_of(&v) = nullptr;
}

// Who consumes enough of a pcpu to be seen by a tick is no longer boosted; and if it had better run elsewhere, it is
// asked to. It is the caller's own current vcpu, which is why nobody has to put it to sleep.
[[gnu::noinline]] void csched_vcpu_acct(unsigned cpu) {
  vcpu& current = current_vcpu();
  csched_vcpu& svc = csched_of(current);
  GL_ASSERT(peek(current.processor) == cpu);
  if (svc.pri.load(std::memory_order_relaxed) == CSCHED_PRI_TS_BOOST) {
    svc.pri.store(CSCHED_PRI_TS_UNDER, std::memory_order_relaxed);
  }
  csched_burn_credits(svc, NOW());
  if (svc.active.load(std::memory_order_relaxed) == 0) {
    __csched_vcpu_acct_start(current);
    return;
  }
  unsigned long flags = 0;
  spinlock_t& lock = vcpu_schedule_lock_irqsave(current, flags);
  const unsigned new_cpu = csched_best_cpu(current);
  vcpu_schedule_unlock_irqrestore(lock, flags, current);
  if (new_cpu == cpu) return;
  set_flag(current, VPF_migrating);
  raise_softirq(Softirq::kSchedule);
}

void out_of_credits(vcpu& v, csched_vcpu& svc, std::int32_t credit) {
  svc.pri.store(CSCHED_PRI_TS_OVER, std::memory_order_relaxed);
  if (has_cap() && credit < -credit_cap()) {
    const std::uint32_t flags = svc.flags.fetch_or(CSCHED_FLAG_VCPU_PARKED, std::memory_order_relaxed);
    if ((flags & CSCHED_FLAG_VCPU_PARKED) == 0) vcpu_pause_nosync(v);
  }
  if (credit < -CSCHED_CREDITS_PER_ACCT) svc.credit.store(-CSCHED_CREDITS_PER_ACCT, std::memory_order_relaxed);
}

void has_credits(vcpu& v, csched_vcpu& svc, std::int32_t credit) {
  svc.pri.store(CSCHED_PRI_TS_UNDER, std::memory_order_relaxed);
  if ((svc.flags.load(std::memory_order_relaxed) & CSCHED_FLAG_VCPU_PARKED) != 0) {
    // The flag goes last, so that this wakeup boosts nobody.
    vcpu_unpause(v);
    svc.flags.fetch_and(~CSCHED_FLAG_VCPU_PARKED, std::memory_order_relaxed);
  }
  if (credit <= CSCHED_CREDITS_PER_ACCT) return;
  __csched_vcpu_acct_stop_locked(v);
  svc.credit.store(credit / 2, std::memory_order_relaxed);
}

// Gives each active vcpu its share, and its priority by what it has then. All weights are the same.
[[gnu::noinline]] void csched_acct() {
  csched_private& prv = csched_priv();
  const unsigned long flags = spin_lock_irqsave(prv.lock);
  std::int32_t active = 0;
  for (const vcpu* v : prv.active) active += v != nullptr ? 1 : 0;
  for (vcpu* v : prv.active) {
    if (v == nullptr) continue;
    const std::int32_t fair = CSCHED_CREDITS_PER_ACCT * static_cast<std::int32_t>(gl_cpu_count()) / active;
    const std::int32_t share = has_cap() && fair > credit_cap() ? credit_cap() : fair;
    csched_vcpu& svc = csched_of(*v);
    const std::int32_t credit = svc.credit.fetch_add(share, std::memory_order_relaxed) + share;
    if (credit < 0) {
      out_of_credits(*v, svc, credit);
    } else {
      has_credits(*v, svc, credit);
    }
  }
  prv.runq_sort.fetch_add(1, std::memory_order_relaxed);
  spin_unlock_irqrestore(prv.lock, flags);
}

// Who is out of credits goes behind all who have some; otherwise the order stays.
void move_over_behind_under(runq_elem& runq) {
  runq_elem* last_under = &runq;
  for (runq_elem* elem = runq.next; elem != &runq;) {
    runq_elem* const next = elem->next;
    if (csched_of(*elem->owner).pri.load(std::memory_order_relaxed) >= CSCHED_PRI_TS_UNDER) {
      if (elem->prev != last_under) {
        runq_unlink(*elem);
        runq_insert_before(*elem, *last_under->next);
      }
      last_under = elem;
    }
    elem = next;
  }
}

// Once after each accounting, on every pcpu.
[[gnu::noinline]] void csched_runq_sort(unsigned cpu) {
  csched_pcpu& spc = csched_pcpu_of(cpu);
  const std::uint32_t sort_epoch = csched_priv().runq_sort.load(std::memory_order_relaxed);
  if (spc.runq_sort_last == sort_epoch) return;
  spc.runq_sort_last = sort_epoch;
  gl_irq_disable();
  spinlock_t& lock = pcpu_schedule_lock(cpu);
  move_over_behind_under(spc.runq);
  spin_unlock(lock);
  gl_irq_enable();
}

}  // namespace

void csched_burn_credits(csched_vcpu& svc, std::uint32_t now) {
  const auto delta = static_cast<std::int32_t>(now - svc.start_time);
  if (delta <= 0) return;
  svc.credit.fetch_sub(delta * credits_per_tick(), std::memory_order_relaxed);
  svc.start_time = now;
}

[[gnu::noinline]] void csched_tick(unsigned cpu) {
  if (!is_idle_vcpu(current_vcpu())) csched_vcpu_acct(cpu);
  if (cpu == kMaster && NOW() % parameter(Parameter::kTicksPerTslice) == 0) csched_acct();
  csched_runq_sort(cpu);
}

[[gnu::noinline]] void csched_vcpu_remove(vcpu& v) {
  csched_vcpu& svc = csched_of(v);
  GL_ASSERT(!runq_is_linked(svc.elem));
  const unsigned long flags = spin_lock_irqsave(csched_priv().lock);
  if (svc.active.load(std::memory_order_relaxed) != 0) __csched_vcpu_acct_stop_locked(v);
  spin_unlock_irqrestore(csched_priv().lock, flags);
  const std::uint32_t had = svc.flags.fetch_and(~CSCHED_FLAG_VCPU_PARKED, std::memory_order_relaxed);
  if ((had & CSCHED_FLAG_VCPU_PARKED) != 0) vcpu_unpause(v);
}
