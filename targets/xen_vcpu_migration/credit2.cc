// Credit2 (xen/common/sched_credit2.c of 4.10): run queues that several pcpus share, each with one lock that is the
// schedule lock of all its pcpus.
//
// Two habits keep it whole under the historic core. A vcpu that is switched out is not queued before its context is
// saved: until then CSFLAG_delayed_runq_add remembers that it should be. And it has a migrate hook, which takes a
// queued vcpu off its queue itself. So whoever moves a vcpu, what is queued goes along.
//
// May include: engine/hook, the standard library, this target.
#include "targets/xen_vcpu_migration/cpupool.h"
#include "targets/xen_vcpu_migration/quiet.h"
#include "targets/xen_vcpu_migration/runq.h"
#include "targets/xen_vcpu_migration/schedule.h"
#include "targets/xen_vcpu_migration/softirq.h"

namespace {

constexpr std::int32_t CSCHED2_CREDIT_INIT = 4;
// How long a vcpu may run between two replenishments, which come every other slice of the master, if there is a cap.
constexpr std::int32_t kBudgetTicks = 1;
constexpr unsigned kMaster = 0;

// Bits of csched2_vcpu::flags.
constexpr std::uint32_t CSFLAG_scheduled = 1u << 0;         // its context is on a pcpu
constexpr std::uint32_t CSFLAG_delayed_runq_add = 1u << 1;  // queue it when the context is saved
constexpr std::uint32_t CSFLAG_vcpu_yield = 1u << 2;

// Under the lock of the run queue.
struct csched2_vcpu {
  runq_elem elem;
  std::uint32_t flags;
  std::int32_t credit;
  std::int32_t budget;
  std::uint32_t start_time;  // of the pcpu that runs it
};

struct csched2_runqueue {
  spinlock_t lock;
  runq_elem runq;               // by credit, highest first
  std::atomic<cpumask_t> idle;  // who chooses a pcpu for a vcpu reads it without the lock
  std::atomic<cpumask_t> tickled;
};

struct csched2_private {
  csched2_runqueue rqd[kCpusMax];
  csched2_vcpu idles[kCpusMax];
};

csched2_private* prv;

csched2_vcpu& svc_of(const vcpu& v) {
  return *static_cast<csched2_vcpu*>(v.sched_priv);
}

csched2_runqueue& c2rqd(unsigned cpu) {
  return prv->rqd[cpu % parameter(Parameter::kRunqueues)];
}

unsigned cpu_of(const vcpu& v) {
  return v.processor.load(std::memory_order_relaxed);
}

cpumask_t cpus_of(const csched2_runqueue& rqd) {
  cpumask_t mask = 0;
  for (unsigned cpu = 0; cpu < gl_cpu_count(); ++cpu) mask |= &c2rqd(cpu) == &rqd ? cpumask_of(cpu) : 0;
  return mask;
}

[[gnu::noinline]] void runq_insert(csched2_runqueue& rqd, csched2_vcpu& svc) {
  runq_elem* next = rqd.runq.next;
  while (next != &rqd.runq && svc.credit <= svc_of(*next->owner).credit) next = next->next;
  runq_insert_before(svc.elem, *next);
}

void tickle_cpu(csched2_runqueue& rqd, unsigned cpu) {
  rqd.tickled.fetch_or(cpumask_of(cpu), std::memory_order_relaxed);
  cpu_raise_softirq(cpu, Softirq::kSchedule);
}

// An idle pcpu of the run queue that has not been told yet, or the one whose vcpu has the fewest credits, if fewer.
[[gnu::noinline]] void runq_tickle(csched2_runqueue& rqd, const vcpu& v) {
  const cpumask_t allowed = cpus_of(rqd) & v.cpu_hard_affinity & cpupool_domain_cpumask(v);
  const cpumask_t untold = allowed & ~rqd.tickled.load(std::memory_order_relaxed);
  const cpumask_t idle = untold & rqd.idle.load(std::memory_order_relaxed);
  if (idle != 0) return tickle_cpu(rqd, cpumask_first(idle));
  std::int32_t lowest = svc_of(v).credit;
  unsigned chosen = kCpusMax;
  for (cpumask_t left = untold; left != 0; left &= left - 1) {
    const unsigned cpu = cpumask_first(left);
    const std::int32_t credit = svc_of(curr_on_cpu(cpu)).credit;
    if (credit >= lowest) continue;
    lowest = credit;
    chosen = cpu;
  }
  if (chosen != kCpusMax) tickle_cpu(rqd, chosen);
}

// |= and &=, until d74eb10956 made them atomic.
[[gnu::noinline]] void sched_set_pause_flags(vcpu& v, std::uint32_t flag) {
  if (credit2_changes_pause_flags_atomically()) {
    set_flag(v, flag);
  } else {
    v.pause_flags.store(v.pause_flags.load() | flag);
  }
}
[[gnu::noinline]] void sched_clear_pause_flags(vcpu& v, std::uint32_t flag) {
  if (credit2_changes_pause_flags_atomically()) {
    test_and_clear_flag(v, flag);
  } else {
    v.pause_flags.store(v.pause_flags.load() & ~flag);
  }
}

bool is_out_of_budget(const csched2_vcpu& svc) {
  return parameter(Parameter::kCap) != 0 && svc.budget <= 0;
}

// A vcpu that has used up its budget runs again when it gets a new one.
[[gnu::noinline]] void park_vcpu(vcpu& v) {
  sched_set_pause_flags(v, VPF_parked);
}

[[gnu::noinline]] void unpark_vcpu(vcpu& v) {
  csched2_vcpu& svc = svc_of(v);
  sched_clear_pause_flags(v, VPF_parked);
  if (!vcpu_runnable(v) || &curr_on_cpu(cpu_of(v)) == &v) return;
  if ((svc.flags & CSFLAG_scheduled) != 0) {
    svc.flags |= CSFLAG_delayed_runq_add;
  } else {
    runq_insert(c2rqd(cpu_of(v)), svc);
    runq_tickle(c2rqd(cpu_of(v)), v);
  }
}

[[gnu::noinline]] void replenish_domain_budget() {
  for (unsigned number = 0; number < vcpu_count(); ++number) {
    vcpu& v = vcpu_by_number(number);
    unsigned long flags = 0;
    spinlock_t& lock = vcpu_schedule_lock_irqsave(v, flags);
    svc_of(v).budget = kBudgetTicks;
    if (test_flag(v, VPF_parked)) unpark_vcpu(v);
    vcpu_schedule_unlock_irqrestore(lock, flags, v);
  }
}

void csched2_tick(unsigned cpu) {
  const bool is_time = NOW() % (2 * parameter(Parameter::kTicksPerTslice)) == 0;
  if (cpu == kMaster && is_time && parameter(Parameter::kCap) != 0) replenish_domain_budget();
}

void burn_credits(csched2_vcpu& svc, std::uint32_t now) {
  const auto ran = static_cast<std::int32_t>(now - svc.start_time);
  svc.credit -= ran;
  svc.budget -= ran;
  svc.start_time = now;
}

// A new round when the best of the queue has nothing left: everybody of the run queue gets the same.
void reset_credit(csched2_runqueue& rqd, csched2_vcpu& next) {
  if (next.credit > 0) return;
  for (runq_elem* elem = rqd.runq.next; elem != &rqd.runq; elem = elem->next) {
    svc_of(*elem->owner).credit += CSCHED2_CREDIT_INIT;
  }
  next.credit = CSCHED2_CREDIT_INIT;
}

void* csched2_alloc_vdata(vcpu& v) {
  auto& svc = *static_cast<csched2_vcpu*>(gl_alloc(sizeof(csched2_vcpu), alignof(csched2_vcpu)));
  runq_init(svc.elem);
  svc.elem.owner = &v;
  svc.credit = CSCHED2_CREDIT_INIT;
  svc.budget = 0;  // a cap that has just been set: the next replenishment gives the first budget
  return &svc;
}

void csched2_free_vdata(void* priv) {
  gl_free(priv);
}

void csched2_name_vdata(const vcpu& v) {
  const csched2_vcpu& svc = svc_of(v);
  gl_name(&svc.elem, sizeof(svc.elem), "csched2.v%u.runq_elem", v.vcpu_id);
  gl_name(&svc.flags, sizeof(svc.flags), "csched2.v%u.flags", v.vcpu_id);
  gl_name(&svc.credit, sizeof(svc.credit), "csched2.v%u.credit", v.vcpu_id);
}

void csched2_init() {
  prv = static_cast<csched2_private*>(gl_alloc(sizeof(csched2_private), alignof(csched2_private)));
  for (unsigned number = 0; number < kCpusMax; ++number) {
    csched2_runqueue& rqd = prv->rqd[number];
    runq_init(rqd.runq);
    name_lock(rqd.lock, "csched2.rqd", number);
    gl_name(&rqd.runq, sizeof(rqd.runq), "csched2.rqd[%u].runq", number);
    gl_name(&rqd.idle, sizeof(rqd.idle), "csched2.rqd[%u].idle", number);
    gl_name(&rqd.tickled, sizeof(rqd.tickled), "csched2.rqd[%u].tickled", number);
  }
}

void csched2_init_pdata(unsigned cpu, spinlock_t&) {
  schedule_data& sd = per_cpu_schedule_data(cpu);
  csched2_vcpu& idle = prv->idles[cpu];
  runq_init(idle.elem);
  idle.elem.owner = &sd.idle;
  idle.credit = INT32_MIN / 2;
  sd.idle.sched_priv = &idle;
  sd.schedule_lock.store(&c2rqd(cpu).lock, std::memory_order_relaxed);
  if (sd.curr == &sd.idle) {
    c2rqd(cpu).idle.fetch_or(cpumask_of(cpu), std::memory_order_relaxed);
  } else {
    svc_of(*sd.curr).flags = CSFLAG_scheduled;
  }
}

void csched2_vcpu_insert(vcpu& v) {
  if (vcpu_runnable(v) && v.is_running.load(std::memory_order_acquire) == 0) runq_insert(c2rqd(cpu_of(v)), svc_of(v));
}

// A new scheduler gives a new budget.
void csched2_vcpu_remove(vcpu& v) {
  test_and_clear_flag(v, VPF_parked);
}

[[gnu::noinline]] void csched2_vcpu_sleep(vcpu& v) {
  csched2_vcpu& svc = svc_of(v);
  if (&curr_on_cpu(cpu_of(v)) == &v) {
    tickle_cpu(c2rqd(cpu_of(v)), cpu_of(v));
  } else if (runq_is_linked(svc.elem)) {
    runq_unlink(svc.elem);
  } else {
    svc.flags &= ~CSFLAG_delayed_runq_add;
  }
}

[[gnu::noinline]] void csched2_vcpu_wake(vcpu& v) {
  csched2_vcpu& svc = svc_of(v);
  if (&curr_on_cpu(cpu_of(v)) == &v || runq_is_linked(svc.elem)) return;
  if ((svc.flags & CSFLAG_scheduled) != 0) {
    svc.flags |= CSFLAG_delayed_runq_add;
    return;
  }
  runq_insert(c2rqd(cpu_of(v)), svc);
  runq_tickle(c2rqd(cpu_of(v)), v);
}

void csched2_vcpu_yield(vcpu& v) {
  svc_of(v).flags |= CSFLAG_vcpu_yield;
}

[[gnu::noinline]] void csched2_context_saved(vcpu& v) {
  if (is_idle_vcpu(v)) return;
  unsigned long flags = 0;
  spinlock_t& lock = vcpu_schedule_lock_irqsave(v, flags);
  csched2_vcpu& svc = svc_of(v);
  const bool wanted = (svc.flags & CSFLAG_delayed_runq_add) != 0;
  svc.flags &= ~(CSFLAG_scheduled | CSFLAG_delayed_runq_add);
  if (wanted && vcpu_runnable(v)) {
    runq_insert(c2rqd(cpu_of(v)), svc);
    runq_tickle(c2rqd(cpu_of(v)), v);
  }
  vcpu_schedule_unlock_irqrestore(lock, flags, v);
}

// An idle pcpu of the affinity first, then where it is, then any.
[[gnu::noinline]] unsigned csched2_cpu_pick(vcpu& v) {
  const cpumask_t online = cpupool_domain_cpumask(v);
  const cpumask_t allowed = (v.cpu_hard_affinity & online) != 0 ? v.cpu_hard_affinity & online : online;
  const cpumask_t preferred = (allowed & v.cpu_soft_affinity) != 0 ? allowed & v.cpu_soft_affinity : allowed;
  cpumask_t idle = 0;
  for (unsigned cpu = 0; cpu < gl_cpu_count(); ++cpu) {
    if (cpumask_test_cpu(cpu, preferred)) idle |= c2rqd(cpu).idle.load(std::memory_order_relaxed) & cpumask_of(cpu);
  }
  if (cpumask_test_cpu(cpu_of(v), idle != 0 ? idle : preferred)) return cpu_of(v);
  return cpumask_first(idle != 0 ? idle : preferred);
}

// With the context still on a pcpu it cannot go now; the flag has context_saved ask again.
[[gnu::noinline]] void csched2_vcpu_migrate(vcpu& v, unsigned new_cpu) {
  csched2_runqueue& trqd = c2rqd(new_cpu);
  csched2_vcpu& svc = svc_of(v);
  if (&trqd == &c2rqd(cpu_of(v))) {
    v.processor.store(new_cpu, std::memory_order_relaxed);
    return;
  }
  if ((svc.flags & CSFLAG_scheduled) != 0) {
    sched_set_pause_flags(v, VPF_migrating);
    return;
  }
  const bool queued = runq_is_linked(svc.elem);
  if (queued) runq_unlink(svc.elem);
  v.processor.store(new_cpu, std::memory_order_relaxed);
  if (!queued) return;
  runq_insert(trqd, svc);
  runq_tickle(trqd, v);
}

// The vcpu with the most credits that may run on `cpu`; who yields comes last.
csched2_vcpu& runq_candidate(csched2_runqueue& rqd, vcpu& current, unsigned cpu) {
  csched2_vcpu& scurr = svc_of(current);
  const bool stays = !is_idle_vcpu(current) && vcpu_runnable(current);
  csched2_vcpu* best = stays ? &scurr : &prv->idles[cpu];
  const bool yields = stays && (scurr.flags & CSFLAG_vcpu_yield) != 0;
  scurr.flags &= ~CSFLAG_vcpu_yield;
  for (runq_elem* elem = rqd.runq.next; elem != &rqd.runq; elem = elem->next) {
    const vcpu& v = *elem->owner;
    if (!cpumask_test_cpu(cpu, v.cpu_hard_affinity & cpupool_domain_cpumask(v))) continue;
    if (yields || svc_of(v).credit > best->credit) best = &svc_of(v);
    break;
  }
  return *best;
}

void update_idle(csched2_runqueue& rqd, unsigned cpu, bool idles) {
  if (cpumask_test_cpu(cpu, rqd.idle.load(std::memory_order_relaxed)) == idles) return;
  if (idles) {
    rqd.idle.fetch_or(cpumask_of(cpu), std::memory_order_relaxed);
  } else {
    rqd.idle.fetch_and(~cpumask_of(cpu), std::memory_order_relaxed);
  }
}

[[gnu::noinline]] vcpu& csched2_schedule(unsigned cpu) {
  const std::uint32_t now = NOW();
  csched2_runqueue& rqd = c2rqd(cpu);
  vcpu& current = curr_on_cpu(cpu);
  csched2_vcpu& scurr = svc_of(current);
  if (!is_idle_vcpu(current)) burn_credits(scurr, now);
  if (!is_idle_vcpu(current) && is_out_of_budget(scurr)) park_vcpu(current);
  rqd.tickled.fetch_and(~cpumask_of(cpu), std::memory_order_relaxed);
  csched2_vcpu& snext = runq_candidate(rqd, current, cpu);
  vcpu& next = *snext.elem.owner;
  if (&next != &current) {
    if (!is_idle_vcpu(current) && vcpu_runnable(current)) scurr.flags |= CSFLAG_delayed_runq_add;
    if (!is_idle_vcpu(next)) {
      runq_unlink(snext.elem);
      snext.flags |= CSFLAG_scheduled;
      next.processor.store(cpu, std::memory_order_relaxed);
    }
  }
  if (!is_idle_vcpu(next)) {
    reset_credit(rqd, snext);
    snext.start_time = now;
  }
  update_idle(rqd, cpu, is_idle_vcpu(next));
  return next;
}

const runq_elem& csched2_runq(unsigned cpu) {
  return c2rqd(cpu).runq;
}

unsigned csched2_nr_runnable(unsigned) {
  return kUncounted;
}

}  // namespace

const scheduler sched_credit2_def = {
    .init = csched2_init,
    .init_pdata = csched2_init_pdata,
    .alloc_vdata = csched2_alloc_vdata,
    .free_vdata = csched2_free_vdata,
    .name_vdata = csched2_name_vdata,
    .insert_vcpu = csched2_vcpu_insert,
    .remove_vcpu = csched2_vcpu_remove,
    .sleep = csched2_vcpu_sleep,
    .wake = csched2_vcpu_wake,
    .yield = csched2_vcpu_yield,
    .do_schedule = csched2_schedule,
    .pick_cpu = csched2_cpu_pick,
    .migrate = csched2_vcpu_migrate,
    .context_saved = csched2_context_saved,
    .tick = csched2_tick,
    .runq = csched2_runq,
    .nr_runnable = csched2_nr_runnable,
};
