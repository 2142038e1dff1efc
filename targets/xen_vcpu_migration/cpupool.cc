// Cpupools; see cpupool.h.
//
// May include: engine/hook, the standard library, this target.
#include "targets/xen_vcpu_migration/cpupool.h"

#include "engine/hook/gridlock.h"

namespace {

cpupool* pools;

}  // namespace

void cpupools_init() {
  pools = static_cast<cpupool*>(gl_alloc(sizeof(cpupool), alignof(cpupool)));
  cpupool0().cpu_valid.store(cpumask_all(), std::memory_order_relaxed);
  gl_name(&cpupool0().cpu_valid, sizeof(cpupool0().cpu_valid), "cpupool0.cpu_valid");
}

cpupool& cpupool0() {
  return *pools;
}

cpumask_t cpumask_all() {
  return (cpumask_t{1} << gl_cpu_count()) - 1;
}

cpumask_t cpupool_domain_cpumask(const vcpu& v) {
  if (is_idle_vcpu(v)) return cpumask_of(v.processor.load(std::memory_order_relaxed));
  return v.owner->pool.load(std::memory_order_acquire)->cpu_valid.load(std::memory_order_relaxed);
}

cpumask_t cpupool_online_cpumask(unsigned cpu) {
  const cpumask_t valid = cpupool0().cpu_valid.load(std::memory_order_relaxed);
  return cpumask_test_cpu(cpu, valid) ? valid : 0;
}
