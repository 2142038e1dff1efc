// The ticket spinlock of Linux 3.12 to 4.1 with its two paravirtual hooks: a waiter that waited too long, and an unlock
// that finds that somebody did.
//
//     byte 0  head  the ticket that may hold the lock    in steps of TICKET_LOCK_INC
//     byte 1  tail  the ticket that is drawn next
//
// Bit 0 of head is TICKET_SLOWPATH_FLAG: somebody may sleep. Before d6abfdb2df97 it was bit 0 of tail.
//
// May include: engine/hook, the standard library, this target. Knows nothing of Xen.
#pragma once

#include <cstdint>

#include "engine/hook/oracles.h"

inline constexpr unsigned kCpusMax = 3;

// In the order of kVariants in harness.cc.
enum Variant : unsigned { kUnlockTouchesLate, kNestedPickup, kNestedAsks, kKickFirst, kSingleXadd };
// In the order of kParameters in harness.cc.
enum Parameter : unsigned { kSpinThreshold };

using __ticket_t = std::uint8_t;
using __ticketpair_t = std::uint16_t;
inline constexpr __ticket_t TICKET_LOCK_INC = 2;
inline constexpr __ticket_t TICKET_SLOWPATH_FLAG = 1;
inline constexpr unsigned TICKET_SHIFT = 8;

struct __raw_tickets {
  __ticket_t head;
  __ticket_t tail;
};

struct arch_spinlock_t {
  union {
    __ticketpair_t head_tail = 0;
    __raw_tickets tickets;
  };
  oracle::Fairness fairness{0};
};

void arch_spin_lock(arch_spinlock_t& lock);
void arch_spin_unlock(arch_spinlock_t& lock);

// Nobody holds it or has a ticket. For checks.
bool arch_spin_is_free(const arch_spinlock_t& lock);

// For the hook of a waiter: says that somebody may sleep, and looks whose turn it is.
void __ticket_enter_slowpath(arch_spinlock_t& lock);
bool ticket_is_served(const arch_spinlock_t& lock, __ticket_t want);
