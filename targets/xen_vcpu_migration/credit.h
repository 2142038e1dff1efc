// Credit1 (xen/common/sched_credit.c of 4.10): a run queue a pcpu, sorted by priority, under the pcpu's own schedule
// lock; credits that running burns and a master tick gives out again; idle pcpus that take work from others.
//
//     BOOST  just woken with credits left: goes before all others until its next tick
//     UNDER  has credits left
//     OVER   has none left: such a vcpu runs only if no pcpu has better work
//     IDLE   the idle vcpus
//
// The list that insert and remove touch is where the element is; the lock held and nr_runnable are those of
// v.processor. Nothing but the core's invariant (I1) keeps the two together: Credit1 has no migrate hook.
//
// Lock order: the private lock of the scheduler, then schedule locks.
//
// credit.cc: queues, sleep and wake, who runs next. credit_tick.cc: credits. credit_balance.cc: stealing, tickling,
// choosing a pcpu.
//
// May include: engine/hook, the standard library, this target.
#pragma once

#include <atomic>
#include <cstdint>

#include "targets/xen_vcpu_migration/scheduler.h"
#include "targets/xen_vcpu_migration/spinlock.h"

// What running for a whole accounting period costs.
inline constexpr std::int32_t CSCHED_CREDITS_PER_ACCT = 300;

inline constexpr std::int32_t CSCHED_PRI_TS_BOOST = 0;
inline constexpr std::int32_t CSCHED_PRI_TS_UNDER = -1;
inline constexpr std::int32_t CSCHED_PRI_TS_OVER = -2;
inline constexpr std::int32_t CSCHED_PRI_IDLE = -64;

// Bits of csched_vcpu::flags.
inline constexpr std::uint32_t CSCHED_FLAG_VCPU_PARKED = 1u << 0;     // out of credits under a cap: paused
inline constexpr std::uint32_t CSCHED_FLAG_VCPU_YIELD = 1u << 1;      // behind one more when it is queued next
inline constexpr std::uint32_t CSCHED_FLAG_VCPU_MIGRATING = 1u << 2;  // no boost for the wakeup that ends a migration

struct csched_vcpu {
  runq_elem elem;
  // The tick changes them on the pcpu that runs the vcpu, without a lock.
  std::atomic<std::int32_t> pri;
  std::atomic<std::int32_t> credit;
  std::atomic<std::uint32_t> flags;
  std::atomic<std::uint8_t> active;  // in the accounting; written under the private lock
  std::uint32_t start_time;          // of the pcpu that runs it
};

struct csched_pcpu {
  runq_elem runq;
  std::atomic<std::uint32_t> nr_runnable;  // but the idle one; peers look at it without the lock
  std::uint32_t runq_sort_last;            // of the pcpu itself
};

struct csched_private {
  spinlock_t lock;
  std::atomic<cpumask_t> idlers;
  std::atomic<std::uint32_t> runq_sort;  // how many accountings there were
  vcpu* active[kVcpusMax];               // whose credits the master tick accounts; under the private lock
  csched_pcpu pcpus[kCpusMax];
  csched_vcpu idles[kCpusMax];
};

csched_private& csched_priv();
csched_vcpu& csched_of(const vcpu& v);
csched_pcpu& csched_pcpu_of(unsigned cpu);

// Takes off v's queue and out of the count of v's pcpu. REQUIRES: v's schedule lock; it is queued.
void csched_runq_remove(csched_vcpu& svc, const vcpu& v);

// Moves a queued vcpu to pcpu `to`, which takes it to run it at once. REQUIRES: both schedule locks.
void csched_move_runnable(csched_vcpu& svc, vcpu& v, unsigned to);

// credit_tick.cc
void csched_vcpu_remove(vcpu& v);
void csched_tick(unsigned cpu);
void csched_burn_credits(csched_vcpu& svc, std::uint32_t now);

// credit_balance.cc
unsigned csched_cpu_pick(vcpu& v);
// The same without a trace: _csched_cpu_pick.
unsigned csched_best_cpu(const vcpu& v);
// Sends a pcpu to look for `v`, which has just been queued.
void csched_runq_tickle(const vcpu& v);
// The vcpu to run next on `cpu`, taken off its queue: `best`, the first of cpu's own queue, or one of a peer that is
// worth more. REQUIRES: cpu's schedule lock.
vcpu& csched_load_balance(unsigned cpu, vcpu& best);
