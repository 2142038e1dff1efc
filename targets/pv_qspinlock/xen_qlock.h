// How a waiter of a paravirtual queued spinlock halts under Xen and how it is kicked: an event channel of its own,
// permanently masked, of which only the pending bit is used.
//
// May include: engine/hook, the standard library. Knows nothing of locks.
#pragma once

#include <atomic>
#include <cstdint>

#include "targets/pv_qspinlock/pv_qspinlock.h"

struct xen_cpu {
  std::atomic<std::uint8_t> evtchn_pending{0};  // of the kicker's port, in the shared page
  std::atomic<std::uint8_t> took_upcall{0};     // since the last poll began: ends the poll
  std::atomic<std::uint32_t> xen_qlock_wait_nest{0};
};

// By cpu. REQUIRES: set before the first lock.
extern xen_cpu* xen_cpus;

// Halts this cpu as long as `byte` is `val` and nobody kicks it; may return early.
void pv_wait(std::uint8_t& byte, std::uint8_t val);
void pv_kick(unsigned cpu);

// The last thing that every interrupt handler does.
void xen_end_upcall();
