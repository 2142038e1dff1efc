// One strand: the task of a cpu or its handlers of one nesting level. See race_judge.h.
//
// May include: base.
#pragma once

#include <cstdint>

#include "engine/judge/race/clock_pool.h"

namespace gridlock::race {

using StrandId = std::uint32_t;  // dense, from 0, in order of first appearance in a run

struct Strand {
  std::uint32_t run = 0;  // of which run the rest is
  StrandId id = 0;
  std::uint32_t cpu = 0;
  std::uint32_t depth = 0;
  std::uint32_t number = 0;   // of its latest access, fence or other event that others can be ordered after
  std::uint32_t watched = 0;  // the number to tell the listener of; 0: none
  // What it knows: the numbers of other strands' accesses that happened before. Its own entry is UINT32_MAX: everything
  // it did itself is ordered, so checks need not tell it apart. Copies for others get `number` there.
  ClockId clock = 0;
  ClockId at_fence = 0;  // what it knew at its last release fence; valid if has_fence
  ClockId read = 0;      // what its relaxed loads read; valid if has_read
  bool has_fence = false;
  bool has_read = false;
  bool has_dependencies = false;
  bool is_special = false;               // its accesses are watched, or it has dependencies: no simple path
  std::uint32_t* first_known = nullptr;  // the first group of `clock`
  ClockId carried = 0;             // what its dependencies order for it in places, all of it; valid if has_dependencies
  std::uint32_t fence_number = 0;  // its number at the fence
  // What it learned covers its own accesses up to here: they came back from whom it released to.
  std::uint32_t returned = 0;
  std::uint32_t published = 0;     // its number when interrupts of its cpu were last enabled
  std::uint64_t stack_lowest = 0;  // the lowest address of its cpu's stack that it accessed
  std::uint64_t stack_begin = 0;   // where the frames of a handler begin
};

}  // namespace gridlock::race
