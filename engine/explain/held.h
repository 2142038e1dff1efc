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

// Of the cpu of step `at`, just before that step.
[[nodiscard]] Held held_at(const std::vector<Step>& steps, std::size_t at);

}  // namespace gridlock
