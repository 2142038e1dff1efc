// Virtual cpus and domains, as the scheduling core sees them (struct vcpu of Xen 4.10, xen/include/xen/sched.h).
//
//     runnable     no pause flag is set, and neither the vcpu nor its domain is paused
//     curr         schedule() of some pcpu chose it last
//     is_running   curr, or on its way out: from schedule() dropping its lock to context_saved() of the *next* switch a
//                  vcpu is not curr any more and its state is still on that pcpu. This is the scheduling tail.
//
// What is under the schedule lock is under that of the pcpu that `processor` names, and moves with it.
//
// May include: engine/hook, the standard library, this target.
#pragma once

#include <atomic>
#include <bit>
#include <cstdint>

#include "targets/xen_vcpu_migration/variant.h"

using cpumask_t = std::uint32_t;

inline constexpr cpumask_t cpumask_of(unsigned cpu) {
  return cpumask_t{1} << cpu;
}
inline constexpr bool cpumask_test_cpu(unsigned cpu, cpumask_t mask) {
  return (mask >> cpu & 1) != 0;
}
// REQUIRES: mask is not empty.
inline constexpr unsigned cpumask_first(cpumask_t mask) {
  return static_cast<unsigned>(std::countr_zero(mask));
}
// The first one behind `cpu`, in a circle. REQUIRES: mask is not empty.
inline constexpr unsigned cpumask_cycle(unsigned cpu, cpumask_t mask) {
  const cpumask_t behind = mask & ~((cpumask_of(cpu) << 1) - 1);
  return cpumask_first(behind != 0 ? behind : mask);
}

// Bits of vcpu::pause_flags. They change atomically and often without any lock.
inline constexpr std::uint32_t VPF_blocked = 1u << 0;
inline constexpr std::uint32_t VPF_migrating = 1u << 3;
inline constexpr std::uint32_t VPF_parked = 1u << 8;

// Values of vcpu::runstate, in Xen's order: from blocked on, a wakeup makes it runnable.
enum class RunState : std::uint8_t { kRunning = 0, kRunnable = 1, kBlocked = 2, kOffline = 3 };

struct vcpu;
struct cpupool;

// A link of a run queue; the head of a queue has no vcpu. Linked to itself: not queued.
struct runq_elem {
  runq_elem* next;
  runq_elem* prev;
  vcpu* owner;
};

struct domain {
  std::atomic<std::int32_t> pause_count;
  std::atomic<cpupool*> pool;
  std::atomic<std::uint32_t> poll_mask;         // bit per vcpu that polls
  std::atomic<cpumask_t> domain_dirty_cpumask;  // the pcpus that hold registers of its vcpus
  std::uint32_t domain_id;
};

struct vcpu {
  // Written under the schedule lock, read without. Acquire and release are for who changes it under the old lock alone
  // (sched_move_domain): on x86 every load and store is one.
  std::atomic<std::uint32_t> processor;
  std::atomic<std::uint32_t> pause_flags;
  std::atomic<std::int32_t> pause_count;
  std::atomic<std::uint8_t> is_running;
  std::atomic<cpumask_t> vcpu_dirty_cpumask;        // the pcpu that holds its registers
  std::atomic<std::uint8_t> evtchn_upcall_pending;  // the shared page: an event waits for the guest
  std::atomic<std::int32_t> poll_evtchn;            // the port that it polls; 0 for none
  std::atomic<bool> affinity_broken;                // pinned for a while; written under the schedule lock
  bool controller_paused;                           // by a toolstack; under its lock
  // Under the schedule lock.
  RunState runstate;
  bool is_urgent;  // blocked in a poll
  cpumask_t cpu_hard_affinity;
  cpumask_t cpu_soft_affinity;
  cpumask_t cpu_hard_affinity_saved;
  void* sched_priv;
  // Constant.
  domain* owner;  // nullptr: an idle vcpu
  std::uint32_t vcpu_id;
};

inline bool is_idle_vcpu(const vcpu& v) {
  return v.owner == nullptr;
}

inline bool test_flag(const vcpu& v, std::uint32_t flag) {
  return (v.pause_flags.load() & flag) != 0;
}
inline void set_flag(vcpu& v, std::uint32_t flag) {
  v.pause_flags.fetch_or(flag);
}
// True if the flag was set.
inline bool test_and_clear_flag(vcpu& v, std::uint32_t flag) {
  return (v.pause_flags.fetch_and(~flag) & flag) != 0;
}

// Allocates the domains and their vcpus, without a place in any scheduler. REQUIRES: called from setup.
void create_domains();

unsigned vcpu_count();
// Any number names a vcpu: modulo the number of vcpus.
vcpu& vcpu_by_number(unsigned number);
inline constexpr unsigned kDomains = 2;
// Any number names a domain.
domain& domain_by_number(unsigned number);

bool vcpu_runnable(const vcpu& v);
