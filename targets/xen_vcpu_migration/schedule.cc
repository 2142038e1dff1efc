// Schedule locks and schedule(); see schedule.h.
//
// May include: engine/hook, the standard library, this target.
#include "targets/xen_vcpu_migration/schedule.h"

#include <cstdint>

#include "engine/hook/oracles.h"
#include "targets/xen_vcpu_migration/cpupool.h"
#include "targets/xen_vcpu_migration/invariants.h"
#include "targets/xen_vcpu_migration/quiet.h"
#include "targets/xen_vcpu_migration/softirq.h"

namespace {

schedule_data* schedule_data_of_cpus;

spinlock_t& schedule_lock(unsigned cpu) {
  return *per_cpu_schedule_data(cpu).schedule_lock.load(std::memory_order_relaxed);
}

bool is_schedule_lock_of(const spinlock_t& lock, const vcpu& v) {
  return &lock == &schedule_lock(v.processor.load(std::memory_order_acquire));
}

GL_QUIET bool is_still_schedule_lock_of(const spinlock_t& lock, const vcpu& v) {
  return &lock == peek(per_cpu_schedule_data(peek(v.processor)).schedule_lock);
}

// `v` may move to another pcpu until its lock is held. REQUIRES: interrupts disabled.
spinlock_t& vcpu_schedule_lock(const vcpu& v) {
  for (;;) {
    spinlock_t& lock = schedule_lock(v.processor.load(std::memory_order_relaxed));
    spin_lock(lock);
    if (is_schedule_lock_of(lock, v)) return lock;
    spin_unlock(lock);
  }
}

[[gnu::noinline]] void vcpu_schedule_unlock(spinlock_t& lock, const vcpu& v) {
  GL_ASSERT(is_still_schedule_lock_of(lock, v));
  CHECK_SCHEDULE_LOCK(lock);
  spin_unlock(lock);
}

RunState runstate_of_prev(const vcpu& prev) {
  if (test_flag(prev, VPF_blocked)) return RunState::kBlocked;
  return vcpu_runnable(prev) ? RunState::kRunnable : RunState::kOffline;
}

// REQUIRES: the schedule lock of `v`.
void vcpu_urgent_count_update(vcpu& v) {
  if (is_idle_vcpu(v)) return;
  const bool polls = test_flag(v, VPF_blocked) && (v.owner->poll_mask.load() >> v.vcpu_id & 1) != 0;
  if (v.is_urgent == polls) return;
  v.is_urgent = polls;
  std::atomic<std::uint32_t>& count = per_cpu_schedule_data(v.processor.load(std::memory_order_relaxed)).urgent_count;
  if (polls) {
    count.fetch_add(1, std::memory_order_relaxed);
  } else {
    count.fetch_sub(1, std::memory_order_relaxed);
  }
}

// The scheduling tail: `prev` may run elsewhere from here on, and who asked for its migration while it could not be
// moved relies on this pcpu.
[[gnu::noinline]] void context_saved(vcpu& prev) {
  prev.is_running.store(0, std::memory_order_release);
  // After the flag is clear, so that an initiator that saw it set is not missed.
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (scheduler_of_run().context_saved != nullptr) scheduler_of_run().context_saved(prev);
  if (!context_saved_finishes()) return;
  if (flag_and_sleep_are_one_step() || test_flag(prev, VPF_migrating)) vcpu_migrate(prev);
}

void set_s_timer(unsigned cpu, const vcpu& next) {
  per_cpu_schedule_data(cpu).s_timer_expires = is_idle_vcpu(next) ? 0 : NOW() + parameter(Parameter::kTicksPerTslice);
}

// The registers of `prev` are saved, those of `next` are loaded; nobody else may hold them.
[[gnu::noinline]] void __context_switch(vcpu& prev, vcpu& next) {
  const cpumask_t here = cpumask_of(gl_this_cpu());
  if (!is_idle_vcpu(next)) {
    const cpumask_t held_by = next.vcpu_dirty_cpumask.fetch_or(here, std::memory_order_relaxed);
    GL_PROMISE(held_by == 0, "I6 the registers of a vcpu are on one pcpu");
    next.owner->domain_dirty_cpumask.fetch_or(here, std::memory_order_relaxed);
  }
  if (is_idle_vcpu(prev)) return;
  prev.vcpu_dirty_cpumask.fetch_and(~here, std::memory_order_relaxed);
  if (is_idle_vcpu(next) || prev.owner != next.owner) {
    prev.owner->domain_dirty_cpumask.fetch_and(~here, std::memory_order_relaxed);
  }
}

// With interrupts enabled.
[[gnu::noinline]] void context_switch(vcpu& prev, vcpu& next) {
  __context_switch(prev, next);
  context_saved(prev);
}

void init_pcpu(unsigned cpu) {
  schedule_data& sd = per_cpu_schedule_data(cpu);
  vcpu& idle = sd.idle;
  idle.processor.store(cpu, std::memory_order_relaxed);
  idle.is_running.store(1, std::memory_order_relaxed);
  idle.cpu_hard_affinity = idle.cpu_soft_affinity = cpumask_of(cpu);
  idle.vcpu_id = kVcpusMax + cpu;
  sd.curr = &idle;
  name_lock(sd.own_lock, "schedule_lock", cpu);
  gl_name(&sd.schedule_lock, sizeof(sd.schedule_lock), "schedule_lock_pointer[%u]", cpu);
  gl_name(&sd.curr, sizeof(sd.curr), "curr[%u]", cpu);
  gl_name(&idle.pause_flags, sizeof(idle.pause_flags), "idle[%u].pause_flags", cpu);
  gl_name(&idle.is_running, sizeof(idle.is_running), "idle[%u].is_running", cpu);
}

// Without a switch: as if schedule() had chosen it long ago.
void start_on(vcpu& v, unsigned cpu) {
  schedule_data& sd = per_cpu_schedule_data(cpu);
  v.processor.store(cpu, std::memory_order_relaxed);
  v.is_running.store(1, std::memory_order_relaxed);
  v.vcpu_dirty_cpumask.store(cpumask_of(cpu), std::memory_order_relaxed);
  v.owner->domain_dirty_cpumask.fetch_or(cpumask_of(cpu), std::memory_order_relaxed);
  v.runstate = RunState::kRunning;
  sd.idle.is_running.store(0, std::memory_order_relaxed);
  sd.idle.runstate = RunState::kRunnable;
  sd.curr = &v;
}

}  // namespace

void scheduler_init() {
  const std::size_t size = kCpusMax * sizeof(schedule_data);
  schedule_data_of_cpus = static_cast<schedule_data*>(gl_alloc(size, alignof(schedule_data)));
  const scheduler& sched = scheduler_of_run();
  sched.init();
  for (unsigned cpu = 0; cpu < gl_cpu_count(); ++cpu) {
    init_pcpu(cpu);
  }
  const cpumask_t pool = cpupool_by_number(0).cpu_valid.load(std::memory_order_relaxed);
  unsigned started = 0;
  for (; started < kBusyCpusAtStart && started < vcpu_count() && cpumask_test_cpu(started, pool); ++started) {
    start_on(vcpu_by_number(started), started);
  }
  for (unsigned number = 0; number < vcpu_count(); ++number) {
    vcpu& v = vcpu_by_number(number);
    v.sched_priv = sched.alloc_vdata(v);
    sched.name_vdata(v);
  }
  for (unsigned cpu = 0; cpu < gl_cpu_count(); ++cpu) sched.init_pdata(cpu, per_cpu_schedule_data(cpu).own_lock);
  for (unsigned number = 0; number < vcpu_count(); ++number) {
    vcpu& v = vcpu_by_number(number);
    unsigned long flags = 0;
    spinlock_t& lock = vcpu_schedule_lock_irqsave(v, flags);
    sched.insert_vcpu(v);
    vcpu_schedule_unlock_irqrestore(lock, flags, v);
  }
}

schedule_data& per_cpu_schedule_data(unsigned cpu) {
  return schedule_data_of_cpus[cpu];
}

const scheduler& scheduler_of_run() {
  return runs_credit2() ? sched_credit2_def : sched_credit_def;
}

vcpu& curr_on_cpu(unsigned cpu) {
  return *per_cpu_schedule_data(cpu).curr;
}

vcpu& current_vcpu() {
  return curr_on_cpu(gl_this_cpu());
}

spinlock_t& vcpu_schedule_lock_irqsave(const vcpu& v, unsigned long& flags) {
  flags = gl_irq_save();
  return vcpu_schedule_lock(v);
}

void vcpu_schedule_unlock_irqrestore(spinlock_t& lock, unsigned long flags, const vcpu& v) {
  vcpu_schedule_unlock(lock, v);
  gl_irq_restore(flags);
}

void sched_spin_lock_double(spinlock_t& a, spinlock_t& b) {
  GL_ASSERT(gl_irqs_disabled());
  spin_lock(&a < &b ? a : b);
  if (&a != &b) spin_lock(&a < &b ? b : a);
}

void sched_spin_unlock_double(spinlock_t& a, spinlock_t& b) {
  if (&a != &b) spin_unlock(a);
  spin_unlock(b);
}

spinlock_t& pcpu_schedule_lock(unsigned cpu) {
  for (;;) {
    spinlock_t& lock = schedule_lock(cpu);
    spin_lock(lock);
    if (&lock == &schedule_lock(cpu)) return lock;
    spin_unlock(lock);
  }
}

spinlock_t* pcpu_schedule_trylock(unsigned cpu) {
  spinlock_t& lock = schedule_lock(cpu);
  if (!spin_trylock(lock)) return nullptr;
  if (&lock == &schedule_lock(cpu)) return &lock;
  spin_unlock(lock);
  return nullptr;
}

std::uint32_t NOW() {
  return per_cpu_schedule_data(gl_this_cpu()).now;
}

[[gnu::noinline]] void timer_softirq_action() {
  const unsigned cpu = gl_this_cpu();
  schedule_data& sd = per_cpu_schedule_data(cpu);
  ++sd.now;
  if (scheduler_of_run().tick != nullptr) scheduler_of_run().tick(cpu);
  if (sd.s_timer_expires == 0 || sd.now < sd.s_timer_expires) return;
  sd.s_timer_expires = 0;
  raise_softirq(Softirq::kSchedule);
}

void vcpu_runstate_change(vcpu& v, RunState state) {
  GL_ASSERT(v.runstate != state);
  vcpu_urgent_count_update(v);
  v.runstate = state;
}

[[gnu::noinline]] void schedule() {
  const unsigned cpu = gl_this_cpu();
  vcpu& prev = current_vcpu();
  gl_irq_disable();
  spinlock_t& lock = pcpu_schedule_lock(cpu);
  vcpu& next = scheduler_of_run().do_schedule(cpu);
  per_cpu_schedule_data(cpu).curr = &next;
  set_s_timer(cpu, next);
  if (&prev != &next) {
    GL_ASSERT(prev.runstate == RunState::kRunning);
    vcpu_runstate_change(prev, runstate_of_prev(prev));
    GL_ASSERT(next.runstate != RunState::kRunning);
    vcpu_runstate_change(next, RunState::kRunning);
    GL_ASSERT(peek(next.is_running) == 0);
    next.is_running.store(1, std::memory_order_relaxed);
  }
  CHECK_SCHEDULE_LOCK(lock);
  spin_unlock(lock);
  gl_irq_enable();
  if (&prev != &next) context_switch(prev, next);
}
