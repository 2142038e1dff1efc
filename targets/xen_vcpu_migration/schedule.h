// The scheduling core of Xen 4.10 (xen/common/schedule.c): who may change what a vcpu's scheduler knows about it, and
// in which order.
//
// A schedule lock is named by a pointer of the pcpu, and a vcpu's lock is that of the pcpu in v.processor. Both may
// change until the lock is held, so taking it is a loop. Order: two schedule locks by address; a pcpu that holds one
// for itself only tries for another's.
//
// sleep.cc:   vcpu_sleep_*, vcpu_wake, blocking and pausing
// migrate.cc: vcpu_migrate and who asks for it
//
// May include: engine/hook, the standard library, this target. Knows nothing of any policy: scheduler.h.
#pragma once

#include <atomic>
#include <cstdint>

#include "targets/xen_vcpu_migration/scheduler.h"
#include "targets/xen_vcpu_migration/spinlock.h"
#include "targets/xen_vcpu_migration/vcpu.h"

struct schedule_data {
  std::atomic<spinlock_t*> schedule_lock;
  spinlock_t own_lock;
  vcpu* curr;  // under the schedule lock; its own pcpu, which alone writes it, also reads it without
  vcpu idle;
  std::atomic<std::uint32_t> urgent_count;
  // Of the pcpu itself, in the hypervisor.
  std::uint32_t now;
  std::uint32_t s_timer_expires;  // 0: not armed
};

// Builds pcpus with idle vcpus, runs the first vcpus on a pcpu each and queues the others on pcpu 0. REQUIRES: called
// from setup, after create_domains and cpupools_init.
void scheduler_init();

schedule_data& per_cpu_schedule_data(unsigned cpu);
const scheduler& scheduler_of_run();
// REQUIRES: the schedule lock of `cpu`, or `cpu` is this one.
vcpu& curr_on_cpu(unsigned cpu);
vcpu& current_vcpu();

// The schedule lock of `v`, held; interrupts are disabled then.
[[nodiscard]] spinlock_t& vcpu_schedule_lock_irqsave(const vcpu& v, unsigned long& flags);
void vcpu_schedule_unlock_irqrestore(spinlock_t& lock, unsigned long flags, const vcpu& v);
// Both locks, the lower address first; once if they are the same. REQUIRES: interrupts disabled.
void sched_spin_lock_double(spinlock_t& a, spinlock_t& b);
void sched_spin_unlock_double(spinlock_t& a, spinlock_t& b);
// The schedule lock of `cpu`; the second one gives up if it is taken. REQUIRES: interrupts disabled.
[[nodiscard]] spinlock_t& pcpu_schedule_lock(unsigned cpu);
[[nodiscard]] spinlock_t* pcpu_schedule_trylock(unsigned cpu);

// The SCHEDULE softirq: chooses who runs here next and switches to it.
void schedule();

// The TIMER softirq: the tick of the scheduler, and the end of curr's time slice.
void timer_softirq_action();
// The time of this pcpu, in ticks.
std::uint32_t NOW();

// REQUIRES: the schedule lock of `v`.
void vcpu_runstate_change(vcpu& v, RunState state);

void vcpu_sleep_nosync_locked(vcpu& v);
void vcpu_sleep_nosync(vcpu& v);
// Also waits until `v` runs nowhere. REQUIRES: it is not this pcpu's curr, and nobody waits for this pcpu's curr.
void vcpu_sleep_sync(vcpu& v);
void vcpu_wake(vcpu& v);
void vcpu_unblock(vcpu& v);
// An event for `v`: it is up for delivery, and `v` no longer blocks.
void evtchn_set_pending(vcpu& v);
// Of the calling vcpu. It takes an event that waits for it instead of blocking.
void vcpu_block();
// SCHEDOP_poll: blocks, and counts as urgent. There is one port.
void do_poll();
inline constexpr std::int32_t kPolledPort = 1;
void vcpu_yield();
void vcpu_pause_nosync(vcpu& v);
void vcpu_pause(vcpu& v);
void vcpu_unpause(vcpu& v);

// Moves `v` where its scheduler wants it, if somebody asked for it, nobody has done it yet and `v` runs nowhere.
// vcpu_migrate_finish since 9a36de17c16d.
void vcpu_migrate(vcpu& v);
// The two halves of an initiator. REQUIRES: the schedule lock of `v`; the second one: no schedule lock.
void vcpu_migrate_start(vcpu& v);
void vcpu_migrate_unlocked(vcpu& v);
// Nothing changes if the affinity is overridden, or would have no pcpu of the pool.
void vcpu_set_hard_affinity(vcpu& v, cpumask_t affinity);
void vcpu_set_soft_affinity(vcpu& v, cpumask_t affinity);
// Pins `v` to `cpu` for a while; a negative one ends that.
void vcpu_pin_override(vcpu& v, int cpu);
void vcpu_force_reschedule(vcpu& v);
