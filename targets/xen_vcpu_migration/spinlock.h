// Xen's spinlock (xen/common/spinlock.c, 4.6 and later): a ticket lock, with the interrupt flag handled around it and
// the check that only the holder lets go.
//
//     tail  the next ticket to hand out; lock takes one and waits until `head` shows it
//     head  the ticket that is served; unlock moves it on
//
// A schedule lock is taken from any context, so always with interrupts disabled.
//
// May include: engine/hook, the standard library, this target. Knows nothing of what the locks guard.
#pragma once

#include <atomic>
#include <cstdint>

struct spinlock_t {
  std::atomic<std::uint16_t> tail;
  std::atomic<std::uint16_t> head;
  // The holder + 1; 0 for none. Written by the holder alone, so that a lock held twice is a data race as well.
  std::uint32_t owner;
};

// Names the words of `lock` in traces. REQUIRES: called from setup.
void name_lock(const spinlock_t& lock, const char* name, unsigned index);

void spin_lock(spinlock_t& lock);
[[nodiscard]] bool spin_trylock(spinlock_t& lock);
void spin_unlock(spinlock_t& lock);

// Returns the flags for spin_unlock_irqrestore.
[[nodiscard]] unsigned long spin_lock_irqsave(spinlock_t& lock);
void spin_unlock_irqrestore(spinlock_t& lock, unsigned long flags);

// For assertions: this cpu holds the lock.
bool spin_is_mine(const spinlock_t& lock);
// For checks and traces: the cpu that holds the lock, kNoOwner if nobody does.
inline constexpr std::uint32_t kNoOwner = UINT32_MAX;
std::uint32_t spin_owner(const spinlock_t& lock);
