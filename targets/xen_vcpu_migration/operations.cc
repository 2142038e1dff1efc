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

void set_soft_affinity(Arguments arguments) {
  const Hypercall hypercall;
  vcpu_set_soft_affinity(vcpu_by_number(arguments[0]), arguments[1] & cpumask_all());
}

void pin_override(Arguments arguments) {
  const Hypercall hypercall;
  vcpu_pin_override(vcpu_by_number(arguments[0]), arguments[1] % gl_cpu_count());
}

void end_override(Arguments arguments) {
  const Hypercall hypercall;
  vcpu_end_override(vcpu_by_number(arguments[0]));
}

// A toolstack pauses another domain's vcpus, at most once each.
void pause(Arguments arguments) {
  const Hypercall hypercall;
  vcpu& v = vcpu_by_number(arguments[0]);
  if (&v == &current_vcpu() || !domctl_lock_acquire()) return;
  if (!v.controller_paused) vcpu_pause(v);
  v.controller_paused = true;
  domctl_lock_release();
}

void unpause(Arguments arguments) {
  const Hypercall hypercall;
  vcpu& v = vcpu_by_number(arguments[0]);
  if (!domctl_lock_acquire()) return;
  if (v.controller_paused) vcpu_unpause(v);
  v.controller_paused = false;
  domctl_lock_release();
}

void unassign_cpu(Arguments arguments) {
  const Hypercall hypercall;
  if (!domctl_lock_acquire()) return;
  cpupool_unassign_cpu(arguments[0] % gl_cpu_count());
  domctl_lock_release();
}

void assign_cpu(Arguments arguments) {
  const Hypercall hypercall;
  if (!domctl_lock_acquire()) return;
  cpupool_assign_cpu(cpupool_by_number(arguments[1]), arguments[0] % gl_cpu_count());
  domctl_lock_release();
}

void move_domain(Arguments arguments) {
  const Hypercall hypercall;
  domain& d = domain_by_number(arguments[0]);
  if (current_vcpu().owner == &d || !domctl_lock_acquire()) return;
  sched_move_domain(d, cpupool_by_number(arguments[1]));
  domctl_lock_release();
}

void sched_yield(Arguments) {
  const Hypercall hypercall;
  if (!is_idle_vcpu(current_vcpu())) vcpu_yield();
}

void sched_block(Arguments) {
  const Hypercall hypercall;
  if (!is_idle_vcpu(current_vcpu())) vcpu_block();
}

void sched_poll(Arguments) {
  const Hypercall hypercall;
  if (!is_idle_vcpu(current_vcpu())) do_poll();
}

void evtchn_send(Arguments arguments) {
  const Hypercall hypercall;
  evtchn_set_pending(vcpu_by_number(arguments[0]));
}

constexpr gl_range kVcpu = {"vcpu", 0, kVcpusMax - 1};
constexpr gl_range kCpu = {"cpu", 0, kCpusMax - 1};
constexpr gl_range kPool = {"pool", 0, kPools - 1};
constexpr gl_range kMask = {"mask", 1, (1u << kCpusMax) - 1};

}  // namespace

const gl_operation_entry kOperations[] = {
    {"set_hard_affinity", set_hard_affinity, {kVcpu, kMask}},
    {"force_reschedule", force_reschedule, {kVcpu}},
    {"yield", sched_yield, {}},
    {"block", sched_block, {}},
    {"poll", sched_poll, {}},
    {"evtchn_send", evtchn_send, {kVcpu}},
    {"set_soft_affinity", set_soft_affinity, {kVcpu, kMask}},
    {"pin_override", pin_override, {kVcpu, kCpu}},
    {"end_override", end_override, {kVcpu}},
    {"pause", pause, {kVcpu}},
    {"unpause", unpause, {kVcpu}},
    {"cpupool_unassign_cpu", unassign_cpu, {kCpu}},
    {"cpupool_assign_cpu", assign_cpu, {kCpu, kPool}},
    {"sched_move_domain", move_domain, {{"domain", 0, kDomains - 1}, kPool}},
    {},
};

void migrate_entity(unsigned entity, unsigned cpu) {
  const bool from_guest = interrupt_entry();
  gl_irq_enable();
  vcpu_set_hard_affinity(vcpu_by_number(entity), cpumask_of(cpu));
  gl_irq_disable();
  interrupt_exit(from_guest);
}
