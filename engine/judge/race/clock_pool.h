// Vector clocks, allocated by bumping a number and given up all at once. One entry a strand: the number of that
// strand's latest access that is known to have happened before.
//
// Clocks of a run grow when a strand appears (a handler is taken for the first time, a cpu is created). So a clock is
// stored in chunks of 16 strands, and the chunks of one group of strands lie side by side:
//
//     group 0   | clock 0: strands 0-15  | clock 1: strands 0-15  | clock 2: ...      one cache line each
//     group 1   | clock 0: strands 16-31 | clock 1: ...
//
// A run of up to 16 strands touches one line a clock; an operation costs one step for each group in use.
//
// May include: base.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/judge/race/reserved.h"

namespace gridlock::race {

// 64 cpus, each with a task and up to eight nested handlers.
inline constexpr std::uint32_t kStrandsMax = 64 * 9;

using ClockId = std::uint32_t;

class ClockPool {
 public:
  static constexpr std::uint32_t kGroupStrands = 16;
  static constexpr std::uint32_t kGroupsMax = kStrandsMax / kGroupStrands;
  // Clocks of one run: a few a strand, one an atomic object (or byte of it, where sizes are mixed).
  static constexpr std::uint32_t kClocksMax = std::uint32_t{1} << 18;

  // ERRORS: address space is short.
  [[nodiscard]] Result<void> map();

  void begin_run() {
    used_ = 1;
    groups_ = 0;
  }
  // From now on clocks have an entry for `strand`; those there are know nothing of it.
  void add_strand(std::uint32_t strand) {
    while (strand / kGroupStrands >= groups_) add_group();
  }
  // A new clock with undefined entries; 0, which is no clock, if there is none left.
  [[nodiscard]] ClockId allocate() { return used_ < kClocksMax ? used_++ : 0; }

  [[nodiscard]] std::uint32_t& at(ClockId clock, std::uint32_t strand) {
    return group(strand / kGroupStrands)[clock * kGroupStrands + strand % kGroupStrands];
  }
  // How many groups of strands there are, and the first one of a clock.
  [[nodiscard]] std::uint32_t groups() const { return groups_; }
  [[nodiscard]] std::uint32_t* first_group(ClockId clock) { return chunk(0, clock); }
  [[gnu::always_inline]] void copy_first_group(ClockId to_clock, ClockId from_clock) {
    std::uint32_t* const to = first_group(to_clock);
    const std::uint32_t* const from = first_group(from_clock);
    for (std::uint32_t i = 0; i < kGroupStrands; ++i) to[i] = from[i];
  }
  void clear(ClockId clock) {
    for (std::uint32_t g = 0; g < groups_; ++g) {
      std::uint32_t* const to = chunk(g, clock);
      for (std::uint32_t i = 0; i < kGroupStrands; ++i) to[i] = 0;
    }
  }
  void copy(ClockId to_clock, ClockId from_clock) {
    for (std::uint32_t g = 0; g < groups_; ++g) {
      std::uint32_t* const to = chunk(g, to_clock);
      const std::uint32_t* const from = chunk(g, from_clock);
      for (std::uint32_t i = 0; i < kGroupStrands; ++i) to[i] = from[i];
    }
  }
  // Each entry becomes the greater of the two.
  void join(ClockId to_clock, ClockId from_clock) {
    for (std::uint32_t g = 0; g < groups_; ++g) {
      std::uint32_t* const to = chunk(g, to_clock);
      const std::uint32_t* const from = chunk(g, from_clock);
      for (std::uint32_t i = 0; i < kGroupStrands; ++i) to[i] = to[i] < from[i] ? from[i] : to[i];
    }
  }

 private:
  [[nodiscard]] std::uint32_t* group(std::uint32_t number) { return groups_memory_.data() + number * kGroupEntries; }
  [[nodiscard]] std::uint32_t* chunk(std::uint32_t number, ClockId clock) {
    return group(number) + clock * kGroupStrands;
  }
  void add_group();

  static constexpr std::size_t kGroupEntries = std::size_t{kClocksMax} * kGroupStrands;
  Reserved<std::uint32_t> groups_memory_;
  std::uint32_t used_ = 1;
  std::uint32_t groups_ = 0;
};

}  // namespace gridlock::race
