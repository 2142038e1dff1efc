// What a cpu can be told to execute: system calls and kernel paths by the kernel's names. Each is legal in any state
// with any argument, runs in task context and ends with interrupts enabled.
//
// May include: engine/hook, the standard library, this target.
#pragma once

#include "engine/hook/gridlock.h"

// Allocates what operations alone use. REQUIRES: called from setup, after sched_init.
void operations_init();

// For the target's table; ends with an entry without a name.
extern const gl_operation_entry kOperations[];

// For checks.
struct raw_spinlock_t;
const raw_spinlock_t& inode_lock();
