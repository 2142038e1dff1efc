// Xen's softirqs and the border between guest and hypervisor (xen/common/softirq.c, the exit path of entry.S).
//
// The hypervisor is not preemptive: whatever raises a softirq, it runs when this pcpu leaves for the guest, never in
// the middle of a hypercall or of another softirq. So these are not Gridlock's softirqs, which run whenever the
// outermost interrupt handler returns.
//
//     guest --hypercall / interrupt--> hypervisor --all softirqs done, interrupts off--> guest
//
// May include: engine/hook, the standard library, this target.
#pragma once

#include "engine/hook/gridlock.h"

// In the order in which they run.
enum class Softirq : unsigned { kTimer = 0, kSchedule = 1 };
// Indices of the vectors in the target's table.
enum class Vector : unsigned { kTimer = 0, kEventCheck = 1 };

// REQUIRES: called from setup.
void softirq_init();

void raise_softirq(Softirq number);
// On `cpu`, which gets an interrupt if it is another one and does not know yet.
void cpu_raise_softirq(unsigned cpu, Softirq number);

// The two sides of a hypercall. What is pending is done on the way out.
void enter_hypervisor();
void leave_hypervisor();

// Interrupt handlers.
void apic_timer_interrupt();
void event_check_interrupt();
// Around the work of any other handler: it may have hit a guest or the hypervisor.
bool interrupt_entry();
void interrupt_exit(bool from_guest);
