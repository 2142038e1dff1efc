// Cpupools (xen/common/cpupool.c): which pcpus a domain may use; and what the core does when that changes:
// cpu_disable_scheduler and sched_move_domain of schedule.c.
//
// Both wait for pcpus or stop domains, so toolstacks do them one at a time, under a lock that they only try for.
//
// May include: engine/hook, the standard library, this target.
#pragma once

#include <atomic>
#include <cstdint>

#include "targets/xen_vcpu_migration/vcpu.h"

struct cpupool {
  std::atomic<cpumask_t> cpu_valid;
  std::uint32_t cpupool_id;
};

// REQUIRES: called from setup.
void cpupools_init();

inline constexpr unsigned kPools = 2;
// Any number names a pool. The domains begin in the first one; parameter pool1_cpus says how many pcpus the other has.
cpupool& cpupool_by_number(unsigned number);
// All pcpus of this run.
cpumask_t cpumask_all();
// The pcpus of the pool of v's domain; of an idle vcpu, its own.
cpumask_t cpupool_domain_cpumask(const vcpu& v);
// The pcpus of the pool that has `cpu`, 0 if none has.
cpumask_t cpupool_online_cpumask(unsigned cpu);

// Takes `cpu` out of its pool and sends away who runs there. Does nothing if the pool has domains and no other pcpu, or
// if a vcpu is pinned to it by an override.
void cpupool_unassign_cpu(unsigned cpu);
// Gives `cpu`, if it has no pool, to `pool`.
void cpupool_assign_cpu(cpupool& pool, unsigned cpu);
// Moves the domain to `pool`, if that has pcpus. Stops the domain for a while. REQUIRES: current is not of `d`.
void sched_move_domain(domain& d, cpupool& pool);

// The toolstack lock (domctl_lock, sysctl_lock): who does not get it gives up and leaves the hypervisor, as a hypercall
// that is tried again later. So a pcpu that waits for another's vcpu to stop never waits for one that waits as well.
[[nodiscard]] bool domctl_lock_acquire();
void domctl_lock_release();
