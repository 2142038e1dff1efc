// Cpupools (xen/common/cpupool.c): which pcpus a domain may use.
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

cpupool& cpupool0();
// All pcpus of this run.
cpumask_t cpumask_all();
// The pcpus of the pool of v's domain; of an idle vcpu, its own.
cpumask_t cpupool_domain_cpumask(const vcpu& v);
// The pcpus of the pool that has `cpu`, 0 if none has.
cpumask_t cpupool_online_cpumask(unsigned cpu);
