// Moving tasks between run queues: what takes the lock of another cpu's run queue, in the middle of schedule() or in
// the SCHED softirq. Linux 3.6, kernel/sched/fair.c, with one scheduling domain of all cpus.
//
// May include: engine/hook, the standard library, this target.
#pragma once

#include "targets/xen_pv_spinlock/sched.h"

// Pulls a task to this cpu, which is about to go idle. Drops and takes again the lock of `this_queue`, with interrupts
// disabled throughout. REQUIRES: called from schedule().
void idle_balance(rq& this_queue);

// The handler of SCHED_SOFTIRQ.
void run_rebalance_domains();

// Asks the first idle cpu other than this one to balance, by an interrupt that raises SCHED_SOFTIRQ there.
void nohz_balancer_kick();
// On the cpu that was asked, in the interrupt: true if it is to raise SCHED_SOFTIRQ.
bool got_nohz_idle_kick();
