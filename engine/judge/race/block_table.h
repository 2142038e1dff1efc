// The target's memory blocks of a run, by address: which bytes may be accessed. The arena hands out ascending
// addresses, and one twice only when it would run out, so a freed block stays known for what it was as long as can be.
//
// May include: base.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/judge/race/reserved.h"
#include "engine/judge/race/shadow.h"

namespace gridlock::race {

struct Block {
  std::uint64_t begin;
  std::uint64_t bytes;
  bool is_alive;
};

class BlockTable {
 public:
  // Blocks begin at least `distance_bytes` apart; that many bytes lie in front of each. ERRORS: address space is short.
  [[nodiscard]] Result<void> map(Region arena, std::size_t distance_bytes) {
    end_ = arena.base + arena.bytes;
    distance_bytes_ = distance_bytes;
    return blocks_.map(arena.bytes / distance_bytes + 1);
  }
  void begin_run() {
    count_ = 0;
    cursor_ = 0;
    dead_ = 0;
  }

  // REQUIRES: `begin` is above every block so far.
  void open(std::uint64_t begin, std::size_t bytes) { blocks_[count_++] = {begin, bytes, true}; }

  // A block that was open is dead from now on.
  void close(Block& block) {
    block.is_alive = false;
    ++dead_;
  }

  // A block in the room of dead ones, the lowest first and then round about; 0 if none has the room. Dead blocks next
  // to each other become one, which is then known as the first of them.
  [[nodiscard]] std::uint64_t reopen(std::size_t bytes, std::size_t align) {
    if (dead_ == 0) return 0;
    if (const std::uint64_t found = find_room(bytes, align)) return found;
    merge_dead();
    return find_room(bytes, align);
  }

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
  // How far the block at `at` could reach.
  [[nodiscard]] std::uint64_t room_end(std::size_t at) {
    return at + 1 < count_ ? blocks_[at + 1].begin - distance_bytes_ : end_;
  }

  [[nodiscard]] std::uint64_t find_room(std::size_t bytes, std::size_t align) {
    for (std::size_t tries = 0; tries < count_; ++tries, ++cursor_) {
      if (cursor_ >= count_) cursor_ = 0;
      Block& block = blocks_[cursor_];
      if (block.is_alive) continue;
      const std::uint64_t begin = (block.begin + align - 1) & ~(std::uint64_t{align} - 1);
      const std::uint64_t end = room_end(cursor_);
      if (begin > end || bytes > end - begin) continue;
      block = {begin, bytes, true};
      --dead_;
      leave_rest(end);
      return begin;
    }
    return 0;
  }

  // What the block at the cursor does not need of its room is a dead block of its own, if it is worth the move.
  void leave_rest(std::uint64_t end) {
    constexpr std::size_t kWorthBytes = 1024;
    const Block block = blocks_[cursor_];
    const std::uint64_t rest = (block.begin + block.bytes + distance_bytes_ + 15) & ~std::uint64_t{15};
    if (rest + kWorthBytes > end) return;
    for (std::size_t at = count_++; at > cursor_ + 1; --at) blocks_[at] = blocks_[at - 1];
    blocks_[cursor_ + 1] = {rest, end - rest, false};
    ++dead_;
  }

  void merge_dead() {
    std::size_t kept = 0;
    for (std::size_t at = 0; at < count_; ++at) {
      if (kept > 0 && !blocks_[at].is_alive && !blocks_[kept - 1].is_alive) {
        --dead_;
      } else {
        blocks_[kept++] = blocks_[at];
      }
    }
    count_ = kept;
    cursor_ = 0;
    for (std::size_t at = 0; at < count_; ++at) {
      if (!blocks_[at].is_alive) blocks_[at].bytes = room_end(at) - blocks_[at].begin;
    }
  }

  Reserved<Block> blocks_;
  std::size_t count_ = 0;
  std::size_t dead_ = 0;
  std::size_t cursor_ = 0;  // where room is looked for next
  std::uint64_t end_ = 0;   // of the arena
  std::size_t distance_bytes_ = 0;
};

}  // namespace gridlock::race
