// How a waiter of the ticket spinlock sleeps under Xen and is woken: arch/x86/xen/spinlock.c, and as much of
// SCHEDOP_poll as it takes.
//
// May include: engine/hook, the standard library, this target.
#pragma once

#include "targets/pv_ticket_lock/spinlock.h"

// Allocates what each cpu says of its waiting. REQUIRES: called from setup.
void xen_init_spinlocks();

// The calling cpu has waited too long for ticket `want`: sleeps until it may be its turn. Returns as well if not.
void __ticket_lock_spinning(arch_spinlock_t& lock, __ticket_t want);

// Wakes the cpu that sleeps for ticket `next`, if there is one. Uses the address of the lock alone.
void __ticket_unlock_kick(const arch_spinlock_t& lock, __ticket_t next);

// No cpu says that it waits. For checks.
bool no_cpu_waits();
