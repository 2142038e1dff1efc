// Linux's side of Xen's event channels; see events.h. Linux reads and writes pending bits in the shared page itself;
// only blocking and sending are hypercalls.
//
// May include: engine/hook, the standard library, this target.
#include "targets/xen_pv_spinlock/events.h"

#include "engine/hook/gridlock.h"
#include "targets/xen_pv_spinlock/hypervisor.h"

namespace {

// Linux maps irqs to event channels through a table; here the two numbers are the same.
evtchn_port_t evtchn_from_irq(kicker_irq_t irq) {
  return irq;
}

std::atomic<std::uint8_t>& pending_bit(kicker_irq_t irq) {
  return this_domain().evtchn_pending[evtchn_from_irq(irq)];
}

}  // namespace

kicker_irq_t xen_bind_kicker_irq(unsigned cpu) {
  const kicker_irq_t irq = static_cast<kicker_irq_t>(cpu) + 1;
  gl_name(&pending_bit(irq), sizeof(std::uint8_t), "evtchn_pending[%u]", cpu);
  return irq;
}

[[gnu::noinline]] void xen_clear_irq_pending(kicker_irq_t irq) {
  pending_bit(irq).exchange(0);
}

[[gnu::noinline]] void xen_set_irq_pending(kicker_irq_t irq) {
  pending_bit(irq).exchange(1);
}

[[gnu::noinline]] bool xen_test_irq_pending(kicker_irq_t irq) {
  return pending_bit(irq).load() != 0;
}

// A hypercall: no upcall reaches the guest before it ends, so a handler that the wait lets in runs right after the
// vcpu is unblocked and before this function returns. Wake path (b) is an edge: an upcall that the guest has masked and
// that was pending before cannot become pending again, so then only the port ends the wait.
[[gnu::noinline]] void xen_poll_irq(kicker_irq_t irq) {
  const bool upcall_was_pending = gl_irq_pending();
  const unsigned long guest_flags = gl_irq_save();
  const bool guest_takes_upcalls = guest_flags != 0;
  vcpu& v = this_vcpu();
  if (do_poll(v, evtchn_from_irq(irq), guest_takes_upcalls)) {
    const bool no_edge_can_come = upcall_was_pending && !guest_takes_upcalls;
    gl_wait(vcpu_is_runnable, &v, no_edge_can_come ? GL_WAIT_PLAIN : GL_WAIT_IRQ_ENDS);
    vcpu_unblock(v);
  }
  gl_irq_restore(guest_flags);
}

// A hypercall too. A handler in the middle of it could wait for a lock while the vcpu that is being unblocked is not
// yet.
[[gnu::noinline]] void xen_send_kick(kicker_irq_t irq) {
  const unsigned long guest_flags = gl_irq_save();
  evtchn_set_pending(evtchn_from_irq(irq));
  gl_irq_restore(guest_flags);
}
