// Sleeping and waking of vcpus; see schedule.h.
//
// May include: engine/hook, the standard library, this target.
#include "targets/xen_vcpu_migration/schedule.h"
#include "targets/xen_vcpu_migration/softirq.h"

[[gnu::noinline]] void vcpu_sleep_nosync_locked(vcpu& v) {
  if (vcpu_runnable(v)) return;
  if (v.runstate == RunState::kRunnable) vcpu_runstate_change(v, RunState::kOffline);
  scheduler_of_run().sleep(v);
}

[[gnu::noinline]] void vcpu_sleep_nosync(vcpu& v) {
  unsigned long flags = 0;
  spinlock_t& lock = vcpu_schedule_lock_irqsave(v, flags);
  vcpu_sleep_nosync_locked(v);
  vcpu_schedule_unlock_irqrestore(lock, flags, v);
}

[[gnu::noinline]] void vcpu_sleep_sync(vcpu& v) {
  vcpu_sleep_nosync(v);
  while (!vcpu_runnable(v) && v.is_running.load(std::memory_order_acquire) != 0) gl_cpu_relax();
}

[[gnu::noinline]] void vcpu_wake(vcpu& v) {
  unsigned long flags = 0;
  spinlock_t& lock = vcpu_schedule_lock_irqsave(v, flags);
  if (vcpu_runnable(v)) {
    if (v.runstate >= RunState::kBlocked) vcpu_runstate_change(v, RunState::kRunnable);
    scheduler_of_run().wake(v);
  } else if (!test_flag(v, VPF_blocked) && v.runstate == RunState::kBlocked) {
    vcpu_runstate_change(v, RunState::kOffline);
  }
  vcpu_schedule_unlock_irqrestore(lock, flags, v);
}

[[gnu::noinline]] void vcpu_unblock(vcpu& v) {
  if (!test_and_clear_flag(v, VPF_blocked)) return;
  // The poll ends with the block, and a poll that has begun since then ends as well.
  if (v.poll_evtchn.load() != 0) {
    v.poll_evtchn.store(0);
    const std::uint32_t bit = std::uint32_t{1} << v.vcpu_id;
    if ((v.owner->poll_mask.fetch_and(~bit) & bit) != 0) test_and_clear_flag(v, VPF_blocked);
  }
  vcpu_wake(v);
}

// The flags first, then the event, as a sender has them the other way round.
[[gnu::noinline]] void do_poll() {
  vcpu& v = current_vcpu();
  set_flag(v, VPF_blocked);
  v.poll_evtchn.store(kPolledPort);
  v.owner->poll_mask.fetch_or(std::uint32_t{1} << v.vcpu_id);
  if (v.evtchn_upcall_pending.exchange(0) == 0) {
    raise_softirq(Softirq::kSchedule);
    return;
  }
  if ((v.owner->poll_mask.fetch_and(~(std::uint32_t{1} << v.vcpu_id)) >> v.vcpu_id & 1) != 0) v.poll_evtchn.store(0);
  test_and_clear_flag(v, VPF_blocked);
}

[[gnu::noinline]] void evtchn_set_pending(vcpu& v) {
  if (v.evtchn_upcall_pending.exchange(1) == 0) vcpu_unblock(v);
}

// An event that comes before the flag is set is seen here; one that comes later finds the flag.
[[gnu::noinline]] void vcpu_block() {
  vcpu& v = current_vcpu();
  set_flag(v, VPF_blocked);
  if (v.evtchn_upcall_pending.exchange(0) != 0) {
    test_and_clear_flag(v, VPF_blocked);
  } else {
    raise_softirq(Softirq::kSchedule);
  }
}

[[gnu::noinline]] void vcpu_yield() {
  vcpu& v = current_vcpu();
  unsigned long flags = 0;
  spinlock_t& lock = vcpu_schedule_lock_irqsave(v, flags);
  scheduler_of_run().yield(v);
  vcpu_schedule_unlock_irqrestore(lock, flags, v);
  raise_softirq(Softirq::kSchedule);
}

[[gnu::noinline]] void vcpu_pause_nosync(vcpu& v) {
  v.pause_count.fetch_add(1);
  vcpu_sleep_nosync(v);
}

[[gnu::noinline]] void vcpu_pause(vcpu& v) {
  v.pause_count.fetch_add(1);
  vcpu_sleep_sync(v);
}

[[gnu::noinline]] void vcpu_unpause(vcpu& v) {
  if (v.pause_count.fetch_sub(1) == 1) vcpu_wake(v);
}
