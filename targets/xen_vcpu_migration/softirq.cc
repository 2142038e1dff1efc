// Softirqs; see softirq.h.
//
// May include: engine/hook, the standard library, this target.
#include "targets/xen_vcpu_migration/softirq.h"

#include <atomic>
#include <bit>
#include <cstdint>

#include "targets/xen_vcpu_migration/schedule.h"

namespace {

struct irq_cpustat {
  std::atomic<std::uint32_t> softirq_pending;
  // With interrupts disabled only, as the privilege level in the frame of an interrupt.
  bool in_hypervisor;
};

irq_cpustat* irq_stat;

irq_cpustat& this_irq_stat() {
  return irq_stat[gl_this_cpu()];
}

std::uint32_t bit_of(Softirq number) {
  return std::uint32_t{1} << static_cast<unsigned>(number);
}

void run_softirq(Softirq number) {
  switch (number) {
    case Softirq::kTimer:
      timer_softirq_action();
      return;
    case Softirq::kSchedule:
      schedule();
      return;
  }
}

bool softirqs_wait() {
  return this_irq_stat().softirq_pending.load(std::memory_order_relaxed) != 0;
}

// Lowest number first, one at a time, until none is left.
[[gnu::noinline]] void do_softirq() {
  std::atomic<std::uint32_t>& pending = this_irq_stat().softirq_pending;
  while (const std::uint32_t seen = pending.load(std::memory_order_acquire)) {
    const auto number = static_cast<Softirq>(std::countr_zero(seen));
    pending.fetch_and(~bit_of(number));
    run_softirq(number);
  }
}

// ENSURES: interrupts disabled, and nothing pending since they are.
void finish_softirqs() {
  gl_irq_disable();
  while (softirqs_wait()) {
    gl_irq_enable();
    do_softirq();
    gl_irq_disable();
  }
}

}  // namespace

void softirq_init() {
  irq_stat = static_cast<irq_cpustat*>(gl_alloc(kCpusMax * sizeof(irq_cpustat), alignof(irq_cpustat)));
  for (unsigned cpu = 0; cpu < gl_cpu_count(); ++cpu) {
    gl_name(&irq_stat[cpu].softirq_pending, sizeof(irq_stat[cpu].softirq_pending), "softirq_pending[%u]", cpu);
  }
}

void raise_softirq(Softirq number) {
  this_irq_stat().softirq_pending.fetch_or(bit_of(number));
}

[[gnu::noinline]] void cpu_raise_softirq(unsigned cpu, Softirq number) {
  const std::uint32_t before = irq_stat[cpu].softirq_pending.fetch_or(bit_of(number));
  if ((before & bit_of(number)) == 0 && cpu != gl_this_cpu()) {
    gl_send_ipi(cpu, static_cast<unsigned>(Vector::kEventCheck));
  }
}

void enter_hypervisor() {
  gl_irq_disable();
  this_irq_stat().in_hypervisor = true;
  gl_irq_enable();
}

[[gnu::noinline]] void leave_hypervisor() {
  finish_softirqs();
  this_irq_stat().in_hypervisor = false;
  gl_irq_enable();
}

bool interrupt_entry() {
  const bool from_guest = !this_irq_stat().in_hypervisor;
  this_irq_stat().in_hypervisor = true;
  return from_guest;
}

// The engine gives the interrupted code its interrupt flag back.
void interrupt_exit(bool from_guest) {
  if (!from_guest) return;
  finish_softirqs();
  this_irq_stat().in_hypervisor = false;
}

[[gnu::noinline]] void apic_timer_interrupt() {
  const bool from_guest = interrupt_entry();
  raise_softirq(Softirq::kTimer);
  interrupt_exit(from_guest);
}

// All it is for is the way out.
[[gnu::noinline]] void event_check_interrupt() {
  interrupt_exit(interrupt_entry());
}
