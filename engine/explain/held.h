// What a cpu held at a step, as far as a trace shows it: whether it took interrupts, and which locks.
//
// A lock is inferred, never told: a word that the cpu changed by an acquiring read-modify-write which took it (an
// exchange, compare-exchange or fetch_or that found 0), and that neither it has changed nor anybody has set to 0 since.
// A count (fetch_add, fetch_sub) is a lock only if the trace shows somebody undo the same step with a release; so the
// tickets of a ticket lock, which only grow, are never taken for one. What cannot be inferred is left out.
//
// May include: base, model. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/model/trace.h"

namespace gridlock {

struct HeldLock {
  std::uint64_t offset = 0;  // of the word, in the arena
  std::size_t taken = 0;     // at this step
};

struct Held {
  bool irqs_enabled = true;
  std::vector<HeldLock> locks;  // in the order in which they were taken
};

// A stretch of a trace in which a cpu held a lock.
struct LockSpan {
  CpuId cpu;
  std::uint64_t offset = 0;          // of the lock, in the arena
  std::size_t taken = 0;             // at this step
  std::optional<std::size_t> given;  // back at this step; nothing: held to the end
};

// All stretches of the trace, in the order in which they begin: inferred from lock words.
[[nodiscard]] std::vector<LockSpan> inferred_locks(const std::vector<Step>& steps);
// Of these, what the trace shows to be a lock and not a flag that somebody set: who took the word gives it back himself
// at some time, or another cpu tries in vain to take it. Who exchanges 1 for 1 or sets a bit that is set tries in vain
// only if it stays at the word. No count is a lock, a bit only if another cpu tried, and no word that another cpu than
// its taker gives back.
[[nodiscard]] std::vector<LockSpan> evident_locks(const std::vector<Step>& steps);
// The same as the harness tells it; empty if it tells nothing. The offset is that of what the harness calls the lock.
[[nodiscard]] std::vector<LockSpan> told_locks(const std::vector<Step>& steps);

// Of the cpu of step `at`, just before that step.
[[nodiscard]] Held held_at(const std::vector<Step>& steps, std::size_t at);

}  // namespace gridlock
