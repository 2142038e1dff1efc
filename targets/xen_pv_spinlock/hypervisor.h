// Xen's side of blocking: event channels, SCHEDOP_poll and the two ways in which a polling virtual CPU wakes up.
//
//     running --do_poll--> VPF_blocked, poll_mask bit, poll_evtchn = port --+
//        ^                                                                  |
//        +-- (a) the port becomes pending: evtchn_check_pollers ------------+
//        +-- (b) the upcall becomes pending, masked or not: vcpu_unblock ---+
//
// The interrupts of Gridlock's cpu stand for the upcall: gl_irq_pending() is evtchn_upcall_pending, gl_irqs_disabled()
// is evtchn_upcall_mask. Hypervisor code is not interrupted by upcalls, so it runs with them disabled.
//
// May include: engine/hook, the standard library, this target. Knows nothing of locks and of Linux.
#pragma once

#include <atomic>
#include <cstdint>

#include "targets/xen_pv_spinlock/variant.h"

// Bound ports are 1 .. kCpusMax; 0 and below mean "any" in poll_evtchn, as in Xen.
using evtchn_port_t = std::int32_t;
inline constexpr unsigned kPortsMax = kCpusMax + 1;

inline constexpr std::uint32_t VPF_blocked = 1;

struct vcpu {
  std::atomic<std::uint32_t> pause_flags;
  std::atomic<evtchn_port_t> poll_evtchn;  // -1: polls, port not yet published; 0: does not poll
  std::uint32_t vcpu_id;
};

struct domain {
  vcpu vcpus[kCpusMax];
  std::atomic<std::uint32_t> poll_mask;                 // bit per vcpu that polls
  std::atomic<std::uint8_t> evtchn_pending[kPortsMax];  // the shared page: guests read and write it as well
};

// Allocates the domain of this run. REQUIRES: called from setup.
void create_domain();

// The domain of this run.
domain& this_domain();
vcpu& this_vcpu();

// SCHEDOP_poll of `v`, the calling vcpu, for one port without a timeout. True if the vcpu blocks when the hypercall
// ends, until vcpu_is_runnable; false if the port is pending or an upcall is deliverable. REQUIRES: interrupts
// disabled, for the hypervisor's sake; `guest_takes_upcalls` says what the guest has.
[[nodiscard]] bool do_poll(vcpu& v, evtchn_port_t port, bool guest_takes_upcalls);

// True unless the vcpu, whose address is passed, is blocked. For gl_wait.
bool vcpu_is_runnable(void* v);

// Ends the blocking of `v`, whoever asks first; polling ends with it.
void vcpu_unblock(vcpu& v);

// EVTCHNOP_send: makes the port pending and wakes who polls it. The ports of this target are permanently masked, so
// there is no upcall.
void evtchn_set_pending(evtchn_port_t port);
