// What `consume` orders: for a strand and a memory block, what was known to whoever published the pointer to the block.
// Ordered is what the strand does inside the block, and nothing else.
//
// May include: base.
#pragma once

#include <cstdint>

#include "engine/judge/race/clock_pool.h"
#include "engine/judge/race/reserved.h"

namespace gridlock::race {

class Dependencies {
 public:
  // Entries of one run; what finds no room is told to the caller.
  static constexpr std::uint32_t kEntriesMax = std::uint32_t{1} << 16;

  // ERRORS: address space is short.
  [[nodiscard]] Result<void> map() { return entries_.map(kEntriesMax); }
  // `run` is another number than that of the run before.
  void begin_run(std::uint32_t run) {
    used_ = 0;
    run_ = run;
  }

  // The clock of (strand, block), or nullptr. Blocks are named by their first address.
  [[nodiscard]] const ClockId* find(std::uint32_t strand, std::uint64_t block) {
    Entry* const entry = slot(strand, block);
    return entry == nullptr || entry->run != run_ ? nullptr : &entry->clock;
  }
  // Adds an entry. False if there is no room. REQUIRES: find() finds none.
  [[nodiscard]] bool add(std::uint32_t strand, std::uint64_t block, ClockId clock) {
    Entry* const entry = slot(strand, block);
    if (entry == nullptr || used_ == kEntriesMax / 2) return false;
    ++used_;
    *entry = {run_, strand, block, clock};
    return true;
  }

 private:
  struct Entry {
    std::uint32_t run;
    std::uint32_t strand;
    std::uint64_t block;
    ClockId clock;
  };

  // The entry of (strand, block), or the free one where it would be.
  [[nodiscard]] Entry* slot(std::uint32_t strand, std::uint64_t block) {
    std::uint64_t at = ((block >> 4) * 0x9e3779b97f4a7c15 + strand * 0xbf58476d1ce4e5b9) >> 32;
    for (std::uint32_t tries = 0; tries < kEntriesMax; ++tries, ++at) {
      Entry& entry = entries_[at & (kEntriesMax - 1)];
      if (entry.run != run_ || (entry.strand == strand && entry.block == block)) return &entry;
    }
    return nullptr;
  }

  Reserved<Entry> entries_;
  std::uint32_t used_ = 0;
  std::uint32_t run_ = 0;
};

}  // namespace gridlock::race
