// Vectors and softirqs of the target, and their handlers but for the block device's (blkfront.h). A handler starts with
// interrupts disabled; softirqs run with them enabled when the outermost handler of the cpu returns.
//
// May include: engine/hook, the standard library, this target.
#pragma once

// Indices in the target's table.
enum class Vector : unsigned { kTimer = 0, kBlkif = 1, kReschedule = 2 };
enum class Softirq : unsigned { kSched = 0 };

// Sends the reschedule interrupt.
void smp_send_reschedule(unsigned cpu);

// Asks for a reschedule if other tasks wait for this cpu, and raises SCHED_SOFTIRQ.
void xen_timer_interrupt();

// Its arrival is the message: need_resched was set before it was sent. Raises SCHED_SOFTIRQ on an idle cpu that was
// asked to balance.
void xen_reschedule_interrupt();
