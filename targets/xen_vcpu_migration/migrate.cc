// Migration of vcpus: what commit 9a36de17c16d ("xen/schedule: Fix races in vcpu migration", 2018) changed.
//
// An initiator may not move a vcpu that runs, so it marks it with VPF_migrating, has it stop, and then either moves it
// or leaves that to context_saved() on the pcpu where it ran. Who clears the flag has the job.
//
//     historic   lock, set the flag, unlock | test it, lock, sleep, unlock | vcpu_migrate
//     fixed      lock, set the flag, sleep, unlock                         | vcpu_migrate
//
// In the historic form "the flag is set" does not say that the vcpu is off its run queue, and the flag that
// vcpu_migrate clears may be that of another initiator, who has not put it to sleep yet.
//
// May include: engine/hook, the standard library, this target.
#include "targets/xen_vcpu_migration/cpupool.h"
#include "targets/xen_vcpu_migration/invariants.h"
#include "targets/xen_vcpu_migration/schedule.h"

namespace {

spinlock_t& schedule_lock(unsigned cpu) {
  return *per_cpu_schedule_data(cpu).schedule_lock.load(std::memory_order_relaxed);
}

bool is_in_pool(unsigned cpu, const vcpu& v) {
  return cpumask_test_cpu(cpu, cpupool_domain_cpumask(v));
}

// True if `v` stands still and the caller is who moves it. REQUIRES: the schedule lock of `v`.
bool takes_the_job(vcpu& v) {
  if (!finish_rechecks_under_the_locks()) {
    test_and_clear_flag(v, VPF_migrating);
    return true;
  }
  return v.is_running.load(std::memory_order_acquire) == 0 && test_and_clear_flag(v, VPF_migrating);
}

// A power saving governor reads how many vcpus poll on a pcpu; they go along. REQUIRES: the schedule lock of `v`.
void move_urgent_count(const vcpu& v, unsigned old_cpu, unsigned new_cpu) {
  if (!v.is_urgent || old_cpu == new_cpu) return;
  per_cpu_schedule_data(new_cpu).urgent_count.fetch_add(1, std::memory_order_relaxed);
  per_cpu_schedule_data(old_cpu).urgent_count.fetch_sub(1, std::memory_order_relaxed);
}

// REQUIRES: the schedule locks of v's pcpu and of new_cpu.
[[gnu::noinline]] void vcpu_move_locked(vcpu& v, unsigned new_cpu) {
  const unsigned old_cpu = v.processor.load(std::memory_order_relaxed);
  if (scheduler_of_run().migrate != nullptr) {
    scheduler_of_run().migrate(v, new_cpu);
  } else {
    v.processor.store(new_cpu, std::memory_order_relaxed);
  }
  // Where it is now: a policy may put the move off.
  move_urgent_count(v, old_cpu, v.processor.load(std::memory_order_relaxed));
}

struct LockedPair {
  spinlock_t& old_lock;
  spinlock_t& new_lock;
  unsigned new_cpu;
};

// Takes the locks of v's pcpu and of the one where its scheduler wants it. The choice needs the first lock and is what
// the second one depends on, so it is made anew until the locks held are those of the pcpus chosen.
LockedPair lock_both_cpus(vcpu& v) {
  unsigned old_cpu = v.processor.load(std::memory_order_relaxed);
  unsigned new_cpu = old_cpu;
  bool pick_called = false;
  for (;;) {
    spinlock_t& old_lock = schedule_lock(old_cpu);
    spinlock_t& new_lock = schedule_lock(new_cpu);
    const auto is_locked = [&] { return &new_lock == &schedule_lock(new_cpu) && is_in_pool(new_cpu, v); };
    sched_spin_lock_double(old_lock, new_lock);
    old_cpu = v.processor.load(std::memory_order_acquire);
    if (&old_lock == &schedule_lock(old_cpu)) {
      const bool still_good = pick_called && cpumask_test_cpu(new_cpu, v.cpu_hard_affinity) && is_locked();
      if (still_good) return {old_lock, new_lock, new_cpu};
      new_cpu = scheduler_of_run().pick_cpu(v);
      if (is_locked()) return {old_lock, new_lock, new_cpu};
      pick_called = true;
    } else {
      pick_called = false;
    }
    sched_spin_unlock_double(old_lock, new_lock);
  }
}

}  // namespace

[[gnu::noinline]] void vcpu_migrate(vcpu& v) {
  // Whoever clears is_running looks at the flag afterwards, so what is not done here is done there.
  if (flag_and_sleep_are_one_step()) {
    if (v.is_running.load(std::memory_order_acquire) != 0 || !test_flag(v, VPF_migrating)) return;
  }
  const unsigned long flags = gl_irq_save();
  const LockedPair pair = lock_both_cpus(v);
  const bool moves = takes_the_job(v);
  if (moves) vcpu_move_locked(v, pair.new_cpu);
  CHECK_SCHEDULE_LOCK(pair.old_lock);
  CHECK_SCHEDULE_LOCK(pair.new_lock);
  sched_spin_unlock_double(pair.old_lock, pair.new_lock);
  gl_irq_restore(flags);
  if (moves) vcpu_wake(v);
}

void vcpu_migrate_start(vcpu& v) {
  set_flag(v, VPF_migrating);
  if (!flag_and_sleep_are_one_step()) return;
  if (start_takes_off_the_queue() || v.is_running.load(std::memory_order_relaxed) != 0) vcpu_sleep_nosync_locked(v);
}

[[gnu::noinline]] void vcpu_migrate_unlocked(vcpu& v) {
  if (!flag_and_sleep_are_one_step()) {
    if (!test_flag(v, VPF_migrating)) return;
    vcpu_sleep_nosync(v);
  }
  vcpu_migrate(v);
}

[[gnu::noinline]] void vcpu_set_affinity(vcpu& v, cpumask_t affinity, cpumask_t& which) {
  unsigned long flags = 0;
  spinlock_t& lock = vcpu_schedule_lock_irqsave(v, flags);
  const bool legal = !v.affinity_broken.load(std::memory_order_relaxed) && (affinity & cpupool_domain_cpumask(v)) != 0;
  if (legal) {
    which = affinity;
    vcpu_migrate_start(v);
  }
  if (set_affinity_finishes_before_unlock()) vcpu_migrate(v);
  vcpu_schedule_unlock_irqrestore(lock, flags, v);
  if (set_affinity_finishes()) vcpu_migrate_unlocked(v);
}

void vcpu_set_hard_affinity(vcpu& v, cpumask_t affinity) {
  vcpu_set_affinity(v, affinity, v.cpu_hard_affinity);
}

void vcpu_set_soft_affinity(vcpu& v, cpumask_t affinity) {
  vcpu_set_affinity(v, affinity, v.cpu_soft_affinity);
}

[[gnu::noinline]] void vcpu_pin_override(vcpu& v, int cpu) {
  unsigned long flags = 0;
  spinlock_t& lock = vcpu_schedule_lock_irqsave(v, flags);
  const bool is_broken = v.affinity_broken.load(std::memory_order_relaxed);
  if (cpu < 0 && is_broken) {
    const bool usable = (v.cpu_hard_affinity_saved & cpupool_domain_cpumask(v)) != 0;
    v.cpu_hard_affinity = usable ? v.cpu_hard_affinity_saved : cpumask_all();
    v.affinity_broken.store(false, std::memory_order_relaxed);
    vcpu_migrate_start(v);
  } else if (cpu >= 0 && !is_broken && is_in_pool(static_cast<unsigned>(cpu), v)) {
    v.cpu_hard_affinity_saved = v.cpu_hard_affinity;
    v.affinity_broken.store(true, std::memory_order_relaxed);
    v.cpu_hard_affinity = cpumask_of(static_cast<unsigned>(cpu));
    vcpu_migrate_start(v);
  }
  vcpu_schedule_unlock_irqrestore(lock, flags, v);
  vcpu_migrate_unlocked(v);
}

[[gnu::noinline]] void vcpu_force_reschedule(vcpu& v) {
  unsigned long flags = 0;
  spinlock_t& lock = vcpu_schedule_lock_irqsave(v, flags);
  if (v.is_running.load(std::memory_order_relaxed) != 0) vcpu_migrate_start(v);
  vcpu_schedule_unlock_irqrestore(lock, flags, v);
  vcpu_migrate_unlocked(v);
}
