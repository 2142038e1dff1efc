// The target's memory blocks of a run, by address: which bytes may be accessed. The arena hands out ascending addresses
// and never one twice in a run, so a freed block stays known for what it was.
//
// May include: base.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/judge/race/reserved.h"

namespace gridlock::race {

struct Block {
  std::uint64_t begin;
  std::uint64_t bytes;
  bool is_alive;
};

class BlockTable {
 public:
  // `blocks_max`: as many as the arena can hold. ERRORS: address space is short.
  [[nodiscard]] Result<void> map(std::size_t blocks_max) { return blocks_.map(blocks_max); }
  void begin_run() { count_ = 0; }

  // REQUIRES: `begin` is above every block so far.
  void open(std::uint64_t begin, std::size_t bytes) { blocks_[count_++] = {begin, bytes, true}; }

  // The block with the greatest begin that is not above `address`; nullptr if there is none. It need not contain it.
  [[nodiscard]] Block* below(std::uint64_t address) {
    std::size_t low = 0, high = count_;
    while (low < high) {
      const std::size_t middle = (low + high) / 2;
      if (blocks_[middle].begin <= address) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low == 0 ? nullptr : &blocks_[low - 1];
  }

 private:
  Reserved<Block> blocks_;
  std::size_t count_ = 0;
};

}  // namespace gridlock::race
