// Domains and vcpus; see vcpu.h.
//
// May include: engine/hook, the standard library, this target.
#include "targets/xen_vcpu_migration/vcpu.h"

#include "targets/xen_vcpu_migration/cpupool.h"

namespace {

struct guests {
  domain domains[kDomains];
  vcpu vcpus[kVcpusMax];
};

guests* running_guests;

void name_vcpu(const vcpu& v) {
  gl_name(&v.processor, sizeof(v.processor), "v%u.processor", v.vcpu_id);
  gl_name(&v.pause_flags, sizeof(v.pause_flags), "v%u.pause_flags", v.vcpu_id);
  gl_name(&v.pause_count, sizeof(v.pause_count), "v%u.pause_count", v.vcpu_id);
  gl_name(&v.vcpu_dirty_cpumask, sizeof(v.vcpu_dirty_cpumask), "v%u.vcpu_dirty_cpumask", v.vcpu_id);
  gl_name(&v.is_running, sizeof(v.is_running), "v%u.is_running", v.vcpu_id);
  gl_name(&v.evtchn_upcall_pending, sizeof(v.evtchn_upcall_pending), "v%u.evtchn_upcall_pending", v.vcpu_id);
  gl_name(&v.runstate, sizeof(v.runstate), "v%u.runstate", v.vcpu_id);
  gl_name(&v.cpu_hard_affinity, sizeof(v.cpu_hard_affinity), "v%u.cpu_hard_affinity", v.vcpu_id);
}

}  // namespace

void create_domains() {
  running_guests = static_cast<guests*>(gl_alloc(sizeof(guests), alignof(guests)));
  for (unsigned number = 0; number < kDomains; ++number) {
    domain& d = running_guests->domains[number];
    d.domain_id = number;
    d.pool.store(&cpupool_by_number(0), std::memory_order_relaxed);
    gl_name(&d.pause_count, sizeof(d.pause_count), "d%u.pause_count", number);
    gl_name(&d.domain_dirty_cpumask, sizeof(d.domain_dirty_cpumask), "d%u.domain_dirty_cpumask", number);
    gl_name(&d.pool, sizeof(d.pool), "d%u.cpupool", number);
  }
  for (unsigned number = 0; number < vcpu_count(); ++number) {
    vcpu& v = running_guests->vcpus[number];
    v.vcpu_id = number;
    v.owner = &domain_by_number(number);
    v.runstate = RunState::kRunnable;
    v.cpu_hard_affinity = v.cpu_soft_affinity = cpumask_all();
    name_vcpu(v);
  }
}

unsigned vcpu_count() {
  return parameter(Parameter::kVcpus);
}

vcpu& vcpu_by_number(unsigned number) {
  return running_guests->vcpus[number % vcpu_count()];
}

domain& domain_by_number(unsigned number) {
  return running_guests->domains[number % kDomains];
}

bool vcpu_runnable(const vcpu& v) {
  if (v.pause_flags.load() != 0 || v.pause_count.load() != 0) return false;
  return is_idle_vcpu(v) || v.owner->pause_count.load() == 0;
}
