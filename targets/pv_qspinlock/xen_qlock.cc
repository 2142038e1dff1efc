// xen_qlock_wait() and its history; see xen_qlock.h. A kick sets the pending bit and is forgotten when it is cleared.
// So who clears must look at its byte afterwards, and must not clear what is meant for a waiter that it interrupts.
//
// May include: engine/hook, the standard library, this target.
#include "targets/pv_qspinlock/xen_qlock.h"

namespace {

// A locked instruction on x86 (test_and_clear_bit).
void xen_clear_irq_pending(xen_cpu& cpu) {
  cpu.evtchn_pending.exchange(0);
}

bool xen_test_irq_pending(const xen_cpu& cpu) {
  return cpu.evtchn_pending.load() != 0;
}

bool is_to_return(void* arg) {
  const xen_cpu& cpu = *static_cast<const xen_cpu*>(arg);
  return xen_test_irq_pending(cpu) || cpu.took_upcall.load() != 0;
}

// SCHEDOP_poll of a fully virtualised guest: ends when the port is pending, and behind an interrupt that the guest
// takes. One that came just before the hypercall does not end it.
[[gnu::noinline]] void xen_poll_irq(xen_cpu& cpu) {
  cpu.took_upcall.store(0);
  gl_wait(is_to_return, &cpu, GL_WAIT_PLAIN);
}

bool byte_is(std::uint8_t& byte, std::uint8_t val) {
  return __atomic_load_n(&byte, __ATOMIC_RELAXED) == val;
}

// 4.2 to 4.19, before 2ac2a7d4d9ff.
void wait_clear_first(xen_cpu& cpu, std::uint8_t& byte, std::uint8_t val) {
  xen_clear_irq_pending(cpu);
  if (byte_is(byte, val)) xen_poll_irq(cpu);
}

// What 2ac2a7d4d9ff made of it: a kick that is there ends the wait.
void wait_once(xen_cpu& cpu, std::uint8_t& byte, std::uint8_t val) {
  if (xen_test_irq_pending(cpu)) {
    xen_clear_irq_pending(cpu);
  } else if (byte_is(byte, val)) {
    xen_poll_irq(cpu);
  }
}

// d3132b3860f6: a nested wait leaves the bit set, so the outer one looks at its byte again.
void wait_nested(xen_cpu& cpu, std::uint8_t& byte, std::uint8_t val) {
  cpu.xen_qlock_wait_nest.fetch_add(1);
  if (cpu.xen_qlock_wait_nest.load(std::memory_order_relaxed) == 1 && xen_test_irq_pending(cpu)) {
    xen_clear_irq_pending(cpu);
  } else if (byte_is(byte, val)) {
    xen_poll_irq(cpu);
  }
  cpu.xen_qlock_wait_nest.fetch_sub(1);
}

[[gnu::noinline]] void xen_qlock_wait(std::uint8_t& byte, std::uint8_t val) {
  xen_cpu& cpu = xen_cpus[gl_this_cpu()];
  switch (gl_variant()) {
    case kClearFirst:
      return wait_clear_first(cpu, byte, val);
    case kNotNestable:
      return wait_once(cpu, byte, val);
    default:
      return wait_nested(cpu, byte, val);
  }
}

[[gnu::noinline]] void xen_qlock_kick(unsigned cpu) {
  xen_cpus[cpu].evtchn_pending.exchange(1);
}

}  // namespace

xen_cpu* xen_cpus;

void xen_end_upcall() {
  xen_cpus[gl_this_cpu()].took_upcall.store(1);
}

[[gnu::noinline]] void pv_wait(std::uint8_t& byte, std::uint8_t val) {
  xen_qlock_wait(byte, val);
}

[[gnu::noinline]] void pv_kick(unsigned cpu) {
  xen_qlock_kick(cpu);
}
