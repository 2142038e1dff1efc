// Shadow memory: where the cell of an address is. The arena and the stacks are found by plain indexing; other memory
// (statics, the heap) by a table, and only what synchronises is kept of it.
//
//     address / 8 --> granule: 64 bytes for 8 bytes of memory
//                     whole: the one cell of the one stretch that was accessed so far, [shape)
//                     split: as soon as another stretch of the same 8 bytes is accessed: an own cell for each unit of
//                            4, 2 or 1 bytes; an access to several units goes over all of them
//
// So a variable costs one cell whatever its neighbours are, and mixed sizes on one word are exact to the byte. A
// granule of an earlier run is empty: its stamp says so, and nothing is wiped between runs.
//
// May include: base.
#pragma once

#include <cstdint>

#include "engine/judge/race/cell.h"
#include "engine/judge/race/reserved.h"

namespace gridlock::race {

struct Granule {
  static constexpr std::uint16_t kSplit = 0xffff;
  static constexpr std::uint16_t kDead = 0xfffe;  // freed, or no byte of it was ever handed out

  std::uint32_t run;      // of which run the rest is
  std::uint16_t shape;    // offset << 8 | bytes of the whole stretch, kSplit or kDead
  std::uint8_t unit;      // if split
  std::uint8_t readable;  // bytes from the start that may be accessed at all
  union {
    Cell cell;
    std::uint32_t first_cell;  // if split
  };
};
static_assert(sizeof(Granule) == 64);

// REQUIRES: offset + bytes <= 8.
[[nodiscard]] constexpr std::uint16_t shape_of(std::uint64_t offset, std::uint64_t bytes) {
  return static_cast<std::uint16_t>(offset << 8 | bytes);
}

// A range of addresses with shadow.
struct Region {
  std::uint64_t base = 0;
  std::uint64_t bytes = 0;
  [[nodiscard]] bool contains(std::uint64_t address) const { return address - base < bytes; }
};

class Shadow {
 public:
  static constexpr std::uint32_t kSplitCellsMax = std::uint32_t{1} << 21;
  // Of memory that is neither arena nor stack; a power of two.
  static constexpr std::uint32_t kOtherGranulesMax = std::uint32_t{1} << 14;

  // ERRORS: address space is short.
  [[nodiscard]] Result<void> map(Region arena, Region stacks);

  void begin_run() {
    split_cells_used_ = 1;
    other_used_ = 0;
    ++run_;
    if (run_ == 0) run_ = 1;  // after four billion runs a granule of the first could be taken for fresh
  }
  [[nodiscard]] std::uint32_t run() const { return run_; }

  [[nodiscard]] const Region& arena() const { return arena_; }
  [[nodiscard]] const Region& stacks() const { return stacks_; }
  // REQUIRES: arena().contains(address).
  [[nodiscard]] Granule& in_arena(std::uint64_t address) { return arena_granules_[(address - arena_.base) >> 3]; }
  // REQUIRES: stacks().contains(address).
  [[nodiscard]] Granule& in_stacks(std::uint64_t address) { return stack_granules_[(address - stacks_.base) >> 3]; }
  // Of any other address; nullptr if the table is full.
  [[nodiscard]] Granule* elsewhere(std::uint64_t address);

  // Makes a granule of an earlier run an empty one of this.
  void refresh(Granule& granule, std::uint32_t readable) const {
    granule.run = run_;
    granule.shape = 0;
    granule.readable = static_cast<std::uint8_t>(readable);
  }

  // Prepares the granule for an access to [offset, offset + bytes). False if there is no room for cells.
  // REQUIRES: it is of this run.
  [[nodiscard]] bool fit(Granule& granule, std::uint64_t offset, std::uint64_t bytes, Pools& pools);

  // Calls visit(cell) for the cells of [offset, offset + bytes). REQUIRES: fit().
  template <typename Visit>
  void for_each_cell(Granule& granule, std::uint64_t offset, std::uint64_t bytes, Visit visit) {
    if (granule.shape != Granule::kSplit) {
      visit(granule.cell);
      return;
    }
    Cell* const cells = &split_cells_[granule.first_cell];
    const std::uint32_t unit = granule.unit;
    for (std::uint64_t at = offset; at < offset + bytes; at += unit) visit(cells[at / unit]);
  }

 private:
  [[nodiscard]] bool split(Granule& granule, std::uint32_t unit, Pools& pools);

  Region arena_, stacks_;
  Reserved<Granule> arena_granules_, stack_granules_, other_granules_;
  Reserved<std::uint64_t> other_keys_;
  Reserved<Cell> split_cells_;
  std::uint32_t split_cells_used_ = 1;
  std::uint32_t other_used_ = 0;
  std::uint32_t run_ = 0;
};

}  // namespace gridlock::race
