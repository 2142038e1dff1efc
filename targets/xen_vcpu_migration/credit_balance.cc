// Credit1 between pcpus: choosing one, waking one up, stealing; see credit.h.
//
// May include: engine/hook, the standard library, this target.
#include "targets/xen_vcpu_migration/cpupool.h"
#include "targets/xen_vcpu_migration/credit.h"
#include "targets/xen_vcpu_migration/quiet.h"
#include "targets/xen_vcpu_migration/runq.h"
#include "targets/xen_vcpu_migration/schedule.h"
#include "targets/xen_vcpu_migration/softirq.h"

namespace {

std::int32_t pri_of(const vcpu& v) {
  return csched_of(v).pri.load(std::memory_order_relaxed);
}

cpumask_t idlers() {
  return csched_priv().idlers.load(std::memory_order_relaxed);
}

// The soft affinity first, then the hard one. A step that adds nothing is left out.
enum class BalanceStep { kSoftAffinity, kHardAffinity };

bool has_soft_affinity(const vcpu& v) {
  const cpumask_t both = v.cpu_soft_affinity & v.cpu_hard_affinity;
  return both != 0 && both != v.cpu_hard_affinity;
}

cpumask_t affinity_balance_cpumask(const vcpu& v, BalanceStep step) {
  return step == BalanceStep::kSoftAffinity ? v.cpu_soft_affinity & v.cpu_hard_affinity : v.cpu_hard_affinity;
}

// The pcpus to poke for `v` in this step; 0 if the step has none. `cur` may be asked to go elsewhere.
cpumask_t tickled_in_step(const vcpu& v, vcpu& cur, unsigned cpu, cpumask_t idle_mask, BalanceStep step) {
  const cpumask_t suitable = affinity_balance_cpumask(v, step) & idle_mask;
  if (suitable != 0) return cpumask_of(cpumask_cycle(cpu, suitable));
  if (step == BalanceStep::kSoftAffinity || pri_of(v) <= pri_of(cur)) return 0;
  if ((cur.cpu_hard_affinity & idle_mask) != 0) set_flag(cur, VPF_migrating);
  return cpumask_of(cpu);
}

cpumask_t tickled(const vcpu& v) {
  const unsigned cpu = v.processor.load(std::memory_order_relaxed);
  vcpu& cur = curr_on_cpu(cpu);
  const cpumask_t idle_mask = idlers() & cpupool_domain_cpumask(v);
  if (pri_of(cur) == CSCHED_PRI_IDLE || (idle_mask == 0 && pri_of(v) > pri_of(cur))) return cpumask_of(cpu);
  if (idle_mask == 0) return 0;
  for (const BalanceStep step : {BalanceStep::kSoftAffinity, BalanceStep::kHardAffinity}) {
    if (step == BalanceStep::kSoftAffinity && !has_soft_affinity(v)) continue;
    if (const cpumask_t mask = tickled_in_step(v, cur, cpu, idle_mask, step)) return mask;
  }
  return 0;
}

// The first vcpu of `peer` that is worth more than `pri` and may run on `cpu`, moved there; nullptr if none is.
// REQUIRES: the schedule locks of both.
[[gnu::noinline]] vcpu* csched_runq_steal(unsigned peer, unsigned cpu, std::int32_t pri, BalanceStep step) {
  if (is_idle_vcpu(curr_on_cpu(peer))) return nullptr;
  runq_elem& runq = csched_pcpu_of(peer).runq;
  for (runq_elem* elem = runq.next; elem != &runq; elem = elem->next) {
    vcpu& v = *elem->owner;
    if (is_idle_vcpu(v) || pri_of(v) <= pri) return nullptr;
    // Its registers are still on the peer.
    if (v.is_running.load(std::memory_order_acquire) != 0) continue;
    if (step == BalanceStep::kSoftAffinity && !has_soft_affinity(v)) continue;
    // The pool is looked at under the peer's lock: who takes `cpu` away passes by each vcpu's lock afterwards.
    const cpumask_t allowed = affinity_balance_cpumask(v, step) & cpupool_domain_cpumask(v);
    if (!cpumask_test_cpu(cpu, allowed)) continue;
    csched_move_runnable(csched_of(v), v, cpu);
    return &v;
  }
  return nullptr;
}

vcpu* steal_from_peers(unsigned cpu, cpumask_t workers, std::int32_t pri, BalanceStep step) {
  for (cpumask_t left = workers; left != 0; left &= left - 1) {
    const unsigned peer = cpumask_first(left);
    if (csched_pcpu_of(peer).nr_runnable.load(std::memory_order_relaxed) <= 1) continue;
    spinlock_t* const lock = pcpu_schedule_trylock(peer);
    if (lock == nullptr) continue;
    vcpu* const stolen = csched_runq_steal(peer, cpu, pri, step);
    spin_unlock(*lock);
    if (stolen != nullptr) return stolen;
  }
  return nullptr;
}

}  // namespace

// An idle pcpu of the affinity first, then where it is, then the next one.
[[gnu::noinline]] unsigned csched_cpu_pick(vcpu& v) {
  csched_of(v).flags.fetch_or(CSCHED_FLAG_VCPU_MIGRATING, std::memory_order_relaxed);
  return csched_best_cpu(v);
}

unsigned csched_best_cpu(const vcpu& v) {
  const cpumask_t online = cpupool_domain_cpumask(v);
  const cpumask_t allowed = (v.cpu_hard_affinity & online) != 0 ? v.cpu_hard_affinity & online : online;
  const unsigned cpu = v.processor.load(std::memory_order_relaxed);
  const cpumask_t preferred = (allowed & v.cpu_soft_affinity) != 0 ? allowed & v.cpu_soft_affinity : allowed;
  const cpumask_t idle = preferred & idlers();
  if (idle != 0) return cpumask_test_cpu(cpu, idle) ? cpu : cpumask_cycle(cpu, idle);
  return cpumask_test_cpu(cpu, preferred) ? cpu : cpumask_cycle(cpu, preferred);
}

[[gnu::noinline]] void csched_runq_tickle(const vcpu& v) {
  const cpumask_t mask = tickled(v);
  if (mask == 0) return;
  csched_priv().idlers.fetch_and(~mask, std::memory_order_relaxed);
  for (cpumask_t left = mask; left != 0; left &= left - 1) {
    cpu_raise_softirq(cpumask_first(left), Softirq::kSchedule);
  }
}

[[gnu::noinline]] vcpu& csched_load_balance(unsigned cpu, vcpu& best) {
  GL_ASSERT(peek(best.processor) == cpu);
  const cpumask_t online = cpupool_online_cpumask(cpu);
  for (const BalanceStep step : {BalanceStep::kSoftAffinity, BalanceStep::kHardAffinity}) {
    const cpumask_t workers = online & ~idlers() & ~cpumask_of(cpu);
    if (vcpu* const stolen = steal_from_peers(cpu, workers, pri_of(best), step)) return *stolen;
  }
  // It stays counted: it runs now.
  runq_unlink(csched_of(best).elem);
  return best;
}
