// Credit1's queues and its choice of who runs next; see credit.h.
//
// May include: engine/hook, the standard library, this target.
#include "targets/xen_vcpu_migration/credit.h"

#include "targets/xen_vcpu_migration/quiet.h"
#include "targets/xen_vcpu_migration/runq.h"
#include "targets/xen_vcpu_migration/schedule.h"
#include "targets/xen_vcpu_migration/softirq.h"

namespace {

csched_private* prv;

std::int32_t pri_of(const csched_vcpu& svc) {
  return svc.pri.load(std::memory_order_relaxed);
}

std::int32_t pri_of(const runq_elem& elem) {
  return pri_of(csched_of(*elem.owner));
}

bool is_curr(const vcpu& v) {
  return &curr_on_cpu(v.processor.load(std::memory_order_relaxed)) == &v;
}

void add_nr_runnable(unsigned cpu, std::uint32_t change) {
  std::atomic<std::uint32_t>& count = csched_pcpu_of(cpu).nr_runnable;
  count.store(count.load(std::memory_order_relaxed) + change, std::memory_order_relaxed);
}

void inc_nr_runnable(unsigned cpu) {
  add_nr_runnable(cpu, 1);
}
void dec_nr_runnable(unsigned cpu) {
  GL_ASSERT(peek(csched_pcpu_of(cpu).nr_runnable) >= 1);
  add_nr_runnable(cpu, ~std::uint32_t{0});
}

// Behind its equals; a vcpu that yielded lets one of a lower priority pass as well.
[[gnu::noinline]] void __runq_insert(csched_vcpu& svc, unsigned cpu) {
  runq_elem& runq = csched_pcpu_of(cpu).runq;
  runq_elem* next = runq.next;
  while (next != &runq && pri_of(svc) <= pri_of(*next)) next = next->next;
  const std::uint32_t flags = svc.flags.load(std::memory_order_relaxed);
  if ((flags & CSCHED_FLAG_VCPU_YIELD) != 0 && next != &runq && pri_of(*next) > CSCHED_PRI_IDLE) next = next->next;
  runq_insert_before(svc.elem, *next);
}

[[gnu::noinline]] void runq_insert(csched_vcpu& svc, const vcpu& v) {
  const unsigned cpu = v.processor.load(std::memory_order_relaxed);
  __runq_insert(svc, cpu);
  inc_nr_runnable(cpu);
}

void init_svc(csched_vcpu& svc, vcpu& v, std::int32_t pri) {
  runq_init(svc.elem);
  svc.elem.owner = &v;
  svc.pri.store(pri, std::memory_order_relaxed);
}

void* csched_alloc_vdata(vcpu& v) {
  auto& svc = *static_cast<csched_vcpu*>(gl_alloc(sizeof(csched_vcpu), alignof(csched_vcpu)));
  init_svc(svc, v, CSCHED_PRI_TS_UNDER);
  return &svc;
}

void csched_free_vdata(void* priv) {
  gl_free(priv);
}

void csched_name_vdata(const vcpu& v) {
  const csched_vcpu& svc = csched_of(v);
  gl_name(&svc.pri, sizeof(svc.pri), "csched.v%u.pri", v.vcpu_id);
  gl_name(&svc.credit, sizeof(svc.credit), "csched.v%u.credit", v.vcpu_id);
  gl_name(&svc.flags, sizeof(svc.flags), "csched.v%u.flags", v.vcpu_id);
  gl_name(&svc.elem, sizeof(svc.elem), "csched.v%u.runq_elem", v.vcpu_id);
}

void csched_init_pdata(unsigned cpu, spinlock_t& own_lock) {
  schedule_data& sd = per_cpu_schedule_data(cpu);
  csched_pcpu& spc = csched_pcpu_of(cpu);
  csched_vcpu& idle = csched_priv().idles[cpu];
  runq_init(spc.runq);
  init_svc(idle, sd.idle, CSCHED_PRI_IDLE);
  sd.idle.sched_priv = &idle;
  gl_name(&spc.runq, sizeof(spc.runq), "csched.runq[%u]", cpu);
  gl_name(&spc.nr_runnable, sizeof(spc.nr_runnable), "csched.nr_runnable[%u]", cpu);
  sd.schedule_lock.store(&own_lock, std::memory_order_relaxed);
  if (sd.curr == &sd.idle) {
    csched_priv().idlers.fetch_or(cpumask_of(cpu), std::memory_order_relaxed);
  } else {
    __runq_insert(idle, cpu);
    inc_nr_runnable(cpu);  // for curr: an idle vcpu is not counted
  }
}

void csched_init() {
  prv = static_cast<csched_private*>(gl_alloc(sizeof(csched_private), alignof(csched_private)));
  name_lock(prv->lock, "csched.private_lock", 0);
  gl_name(&prv->idlers, sizeof(prv->idlers), "csched.idlers");
}

void csched_vcpu_insert(vcpu& v) {
  if (vcpu_runnable(v) && v.is_running.load(std::memory_order_acquire) == 0) runq_insert(csched_of(v), v);
}

[[gnu::noinline]] void csched_vcpu_sleep(vcpu& v) {
  GL_ASSERT(!is_idle_vcpu(v));
  csched_vcpu& svc = csched_of(v);
  if (is_curr(v)) {
    cpu_raise_softirq(v.processor.load(std::memory_order_relaxed), Softirq::kSchedule);
  } else if (runq_is_linked(svc.elem)) {
    csched_runq_remove(svc, v);
  }
}

[[gnu::noinline]] void csched_vcpu_wake(vcpu& v) {
  csched_vcpu& svc = csched_of(v);
  if (is_curr(v) || runq_is_linked(svc.elem)) return;
  const std::uint32_t flags = svc.flags.fetch_and(~CSCHED_FLAG_VCPU_MIGRATING, std::memory_order_relaxed);
  const bool may_boost = (flags & (CSCHED_FLAG_VCPU_MIGRATING | CSCHED_FLAG_VCPU_PARKED)) == 0;
  if (may_boost && pri_of(svc) == CSCHED_PRI_TS_UNDER) svc.pri.store(CSCHED_PRI_TS_BOOST, std::memory_order_relaxed);
  runq_insert(svc, v);
  csched_runq_tickle(v);
}

void csched_vcpu_yield(vcpu& v) {
  csched_of(v).flags.fetch_or(CSCHED_FLAG_VCPU_YIELD, std::memory_order_relaxed);
}

void update_idlers(unsigned cpu, bool idles) {
  std::atomic<cpumask_t>& idlers = csched_priv().idlers;
  if (cpumask_test_cpu(cpu, idlers.load(std::memory_order_relaxed)) == idles) return;
  if (idles) {
    idlers.fetch_or(cpumask_of(cpu), std::memory_order_relaxed);
  } else {
    idlers.fetch_and(~cpumask_of(cpu), std::memory_order_relaxed);
  }
}

// The outgoing vcpu is queued if it can go on, although it is still running until its context is saved.
void put_current(csched_vcpu& scurr, vcpu& current, unsigned cpu, std::uint32_t now) {
  if (!is_idle_vcpu(current)) csched_burn_credits(scurr, now);
  scurr.start_time -= now;
  if (vcpu_runnable(current)) {
    __runq_insert(scurr, cpu);
  } else {
    GL_ASSERT(!is_idle_vcpu(current) && runq_is_linked(csched_pcpu_of(cpu).runq));
    dec_nr_runnable(cpu);
  }
  scurr.flags.fetch_and(~CSCHED_FLAG_VCPU_YIELD, std::memory_order_relaxed);
}

[[gnu::noinline]] vcpu& csched_schedule(unsigned cpu) {
  const std::uint32_t now = NOW();
  vcpu& current = curr_on_cpu(cpu);
  put_current(csched_of(current), current, cpu, now);
  vcpu* next = csched_pcpu_of(cpu).runq.next->owner;
  if (pri_of(csched_of(*next)) > CSCHED_PRI_TS_OVER) {
    runq_unlink(csched_of(*next).elem);
  } else {
    next = &csched_load_balance(cpu, *next);
  }
  update_idlers(cpu, is_idle_vcpu(*next));
  csched_of(*next).start_time += now;
  return *next;
}

const runq_elem& csched_runq(unsigned cpu) {
  return csched_pcpu_of(cpu).runq;
}

GL_QUIET unsigned csched_nr_runnable(unsigned cpu) {
  return peek(csched_pcpu_of(cpu).nr_runnable);
}

}  // namespace

csched_private& csched_priv() {
  return *prv;
}

csched_vcpu& csched_of(const vcpu& v) {
  return *static_cast<csched_vcpu*>(v.sched_priv);
}

csched_pcpu& csched_pcpu_of(unsigned cpu) {
  return csched_priv().pcpus[cpu];
}

[[gnu::noinline]] void csched_runq_remove(csched_vcpu& svc, const vcpu& v) {
  dec_nr_runnable(v.processor.load(std::memory_order_relaxed));
  runq_unlink(svc.elem);
}

void csched_move_runnable(csched_vcpu& svc, vcpu& v, unsigned to) {
  csched_runq_remove(svc, v);
  v.processor.store(to, std::memory_order_relaxed);
  inc_nr_runnable(to);
}

const scheduler sched_credit_def = {
    .init = csched_init,
    .init_pdata = csched_init_pdata,
    .alloc_vdata = csched_alloc_vdata,
    .free_vdata = csched_free_vdata,
    .name_vdata = csched_name_vdata,
    .insert_vcpu = csched_vcpu_insert,
    .remove_vcpu = csched_vcpu_remove,
    .sleep = csched_vcpu_sleep,
    .wake = csched_vcpu_wake,
    .yield = csched_vcpu_yield,
    .do_schedule = csched_schedule,
    .pick_cpu = csched_cpu_pick,
    .migrate = nullptr,
    .context_saved = nullptr,
    .tick = csched_tick,
    .runq = csched_runq,
    .nr_runnable = csched_nr_runnable,
};
