// Xen's side of blocking; see hypervisor.h. Bit operations on shared words are locked instructions on x86, hence
// sequentially consistent here.
//
// May include: engine/hook, the standard library, this target.
#include "targets/xen_pv_spinlock/hypervisor.h"

namespace {

domain* running_domain;

std::uint32_t vcpu_bit(const vcpu& v) {
  return std::uint32_t{1} << v.vcpu_id;
}

// Wake path (a). Whoever clears the poll_mask bit owns the wake, so two senders do not both unblock.
[[gnu::noinline]] void evtchn_check_pollers(evtchn_port_t port) {
  const std::uint32_t pollers = running_domain->poll_mask.load();
  for (unsigned id = 0; id < gl_cpu_count(); ++id) {
    vcpu& v = running_domain->vcpus[id];
    if ((pollers & vcpu_bit(v)) == 0) continue;
    const evtchn_port_t polled = v.poll_evtchn.load();
    if (polled > 0 && polled != port) continue;
    if ((running_domain->poll_mask.fetch_and(~vcpu_bit(v)) & vcpu_bit(v)) == 0) continue;
    v.poll_evtchn.store(0);
    vcpu_unblock(v);
  }
}

void stop_polling(vcpu& v) {
  v.poll_evtchn.store(0);
  running_domain->poll_mask.fetch_and(~vcpu_bit(v));
  v.pause_flags.fetch_and(~VPF_blocked);
}

}  // namespace

void create_domain() {
  running_domain = static_cast<domain*>(gl_alloc(sizeof(domain), alignof(domain)));
  gl_name(&running_domain->poll_mask, sizeof(running_domain->poll_mask), "poll_mask");
  for (unsigned id = 0; id < gl_cpu_count(); ++id) {
    vcpu& v = running_domain->vcpus[id];
    v.vcpu_id = id;
    gl_name(&v.pause_flags, sizeof(v.pause_flags), "pause_flags[%u]", id);
    gl_name(&v.poll_evtchn, sizeof(v.poll_evtchn), "poll_evtchn[%u]", id);
  }
}

domain& this_domain() {
  return *running_domain;
}
vcpu& this_vcpu() {
  return running_domain->vcpus[gl_this_cpu()];
}

// The port is looked at after the vcpu can be found by evtchn_check_pollers: a send between the two unblocks it.
[[gnu::noinline]] bool do_poll(vcpu& v, evtchn_port_t port, bool guest_takes_upcalls) {
  v.pause_flags.fetch_or(VPF_blocked);
  v.poll_evtchn.store(-1);
  running_domain->poll_mask.fetch_or(vcpu_bit(v));

  const bool event_is_deliverable = guest_takes_upcalls && gl_irq_pending();
  if (event_is_deliverable || running_domain->evtchn_pending[port].load() != 0) {
    stop_polling(v);
    return false;
  }
  v.poll_evtchn.store(port);
  return true;
}

bool vcpu_is_runnable(void* v) {
  return (static_cast<vcpu*>(v)->pause_flags.load() & VPF_blocked) == 0;
}

// The vcpu runs as soon as VPF_blocked is cleared and may poll anew before the rest of this function runs. Then the bit
// that it takes off the poll_mask is the new one, which no port finds any more: so the new poll ends as well.
[[gnu::noinline]] void vcpu_unblock(vcpu& v) {
  if ((v.pause_flags.fetch_and(~VPF_blocked) & VPF_blocked) == 0) return;
  if (v.poll_evtchn.load() == 0) return;
  v.poll_evtchn.store(0);
  if ((running_domain->poll_mask.fetch_and(~vcpu_bit(v)) & vcpu_bit(v)) != 0) v.pause_flags.fetch_and(~VPF_blocked);
}

[[gnu::noinline]] void evtchn_set_pending(evtchn_port_t port) {
  if (running_domain->evtchn_pending[port].exchange(1) != 0) return;
  evtchn_check_pollers(port);
}
