// The operations; see operations.h. Each is legal at any time on any pcpu, and ends with what is pending on the way out
// of the hypervisor.
//
// May include: engine/hook, the standard library, this target.
#include "targets/xen_vcpu_migration/operations.h"

#include "targets/xen_vcpu_migration/cpupool.h"
#include "targets/xen_vcpu_migration/schedule.h"
#include "targets/xen_vcpu_migration/softirq.h"

namespace {

using Arguments = const std::uint32_t[4];

// Arguments that name nothing.
constexpr std::uint32_t kNoCpu = kCpusMax;
constexpr std::uint32_t kNoPool = kPools;

// Any other number names a pcpu: modulo the number of pcpus.
int cpu_by_number(std::uint32_t number) {
  return static_cast<int>(number % gl_cpu_count());
}

// A hypercall, or an interrupt that has work for the hypervisor.
class Hypercall {
 public:
  Hypercall() { enter_hypervisor(); }
  ~Hypercall() { leave_hypervisor(); }
};

void set_affinity(Arguments arguments) {
  const Hypercall hypercall;
  vcpu& v = vcpu_by_number(arguments[0]);
  const cpumask_t mask = arguments[1] & cpumask_all();
  if (arguments[2] == 0) {
    vcpu_set_hard_affinity(v, mask);
  } else {
    vcpu_set_soft_affinity(v, mask);
  }
}

void pin_override(Arguments arguments) {
  const Hypercall hypercall;
  vcpu_pin_override(vcpu_by_number(arguments[0]), arguments[1] == kNoCpu ? -1 : cpu_by_number(arguments[1]));
}

void force_reschedule(Arguments arguments) {
  const Hypercall hypercall;
  vcpu_force_reschedule(vcpu_by_number(arguments[0]));
}

void sched_yield(Arguments) {
  const Hypercall hypercall;
  if (!is_idle_vcpu(current_vcpu())) vcpu_yield();
}

void sched_block(Arguments arguments) {
  const Hypercall hypercall;
  if (is_idle_vcpu(current_vcpu())) return;
  if (arguments[0] == 0) {
    vcpu_block();
  } else {
    do_poll();
  }
}

void evtchn_send(Arguments arguments) {
  const Hypercall hypercall;
  evtchn_set_pending(vcpu_by_number(arguments[0]));
}

// A toolstack pauses another vcpu than its own, at most once.
void set_paused(Arguments arguments) {
  const Hypercall hypercall;
  vcpu& v = vcpu_by_number(arguments[0]);
  const bool pause = arguments[1] != 0;
  if (&v == &current_vcpu() || !domctl_lock_acquire()) return;
  if (v.controller_paused != pause) {
    v.controller_paused = pause;
    if (pause) {
      vcpu_pause(v);
    } else {
      vcpu_unpause(v);
    }
  }
  domctl_lock_release();
}

void move_cpu(Arguments arguments) {
  const Hypercall hypercall;
  if (!domctl_lock_acquire()) return;
  const auto cpu = static_cast<unsigned>(cpu_by_number(arguments[0]));
  if (arguments[1] == kNoPool) {
    cpupool_unassign_cpu(cpu);
  } else {
    cpupool_assign_cpu(cpupool_by_number(arguments[1]), cpu);
  }
  domctl_lock_release();
}

void move_domain(Arguments arguments) {
  const Hypercall hypercall;
  domain& d = domain_by_number(arguments[0]);
  if (current_vcpu().owner == &d || !domctl_lock_acquire()) return;
  sched_move_domain(d, cpupool_by_number(arguments[1]));
  domctl_lock_release();
}

constexpr gl_range kVcpu = {"vcpu", 0, kVcpusMax - 1};
constexpr gl_range kCpu = {"cpu", 0, kCpusMax - 1};
constexpr gl_range kPool = {"pool", 0, kPools - 1};
constexpr gl_range kMask = {"mask", 1, (1u << kCpusMax) - 1};

}  // namespace

const gl_operation_entry kOperations[] = {
    {"set_affinity", set_affinity, {kVcpu, kMask, {"soft", 0, 1}}},
    {"pin_override", pin_override, {kVcpu, {"cpu_or_end", 0, kNoCpu}}},
    {"force_reschedule", force_reschedule, {kVcpu}},
    {"yield", sched_yield, {}},
    {"block", sched_block, {{"poll", 0, 1}}},
    {"evtchn_send", evtchn_send, {kVcpu}},
    {"set_paused", set_paused, {kVcpu, {"paused", 0, 1}}},
    {"move_cpu", move_cpu, {kCpu, {"pool_or_none", 0, kNoPool}}},
    {"move_domain", move_domain, {{"domain", 0, kDomains - 1}, kPool}},
    {},
};

void migrate_entity(unsigned entity, unsigned cpu) {
  const bool from_guest = interrupt_entry();
  vcpu_set_hard_affinity(vcpu_by_number(entity), cpumask_of(cpu));
  interrupt_exit(from_guest);
}
