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

// A hypercall, or an interrupt that has work for the hypervisor.
class Hypercall {
 public:
  Hypercall() { enter_hypervisor(); }
  ~Hypercall() { leave_hypervisor(); }
};

void set_hard_affinity(Arguments arguments) {
  const Hypercall hypercall;
  vcpu_set_hard_affinity(vcpu_by_number(arguments[0]), arguments[1] & cpumask_all());
}

void force_reschedule(Arguments arguments) {
  const Hypercall hypercall;
  vcpu_force_reschedule(vcpu_by_number(arguments[0]));
}

void sched_yield(Arguments) {
  const Hypercall hypercall;
  if (!is_idle_vcpu(current_vcpu())) vcpu_yield();
}

void sched_block(Arguments) {
  const Hypercall hypercall;
  if (!is_idle_vcpu(current_vcpu())) vcpu_block();
}

void evtchn_send(Arguments arguments) {
  const Hypercall hypercall;
  vcpu& v = vcpu_by_number(arguments[0]);
  if (v.evtchn_upcall_pending.exchange(1) == 0) vcpu_unblock(v);
}

constexpr gl_range kVcpu = {"vcpu", 0, kVcpusMax - 1};
constexpr gl_range kMask = {"mask", 1, (1u << kCpusMax) - 1};

}  // namespace

const gl_operation_entry kOperations[] = {
    {"set_hard_affinity", set_hard_affinity, {kVcpu, kMask}},
    {"force_reschedule", force_reschedule, {kVcpu}},
    {"yield", sched_yield, {}},
    {"block", sched_block, {}},
    {"evtchn_send", evtchn_send, {kVcpu}},
    {},
};

void migrate_entity(unsigned entity, unsigned cpu) {
  const bool from_guest = interrupt_entry();
  gl_irq_enable();
  vcpu_set_hard_affinity(vcpu_by_number(entity), cpumask_of(cpu));
  gl_irq_disable();
  interrupt_exit(from_guest);
}
