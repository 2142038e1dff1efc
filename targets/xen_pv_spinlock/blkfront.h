// The paravirtual block device as far as tasks wait for it: a ring of requests under io_lock and the interrupt that
// ends them. A task has at most one request under way.
//
// May include: engine/hook, the standard library, this target.
#pragma once

#include "targets/xen_pv_spinlock/sched.h"

// Allocates the device. REQUIRES: called from setup, after sched_init.
void blkfront_init();

// curr submits a request and sleeps until it has ended or somebody else wakes it. An idle cpu has nobody to sleep and
// only looks for a task to run. REQUIRES: task context, interrupts enabled.
void blkfront_io_schedule();

// Ends all requests that are under way and wakes who waits for them, all under io_lock, as the block layer does.
void blkif_interrupt();

// True if a request of `p` is under way. The others are for checks.
bool blkfront_is_busy(const task_struct& p);
const raw_spinlock_t& blkfront_io_lock();
