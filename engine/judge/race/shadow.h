// Shadow memory: where the cells of an address are. The arena, the stacks and the writable sections of a program under
// test are found by plain indexing; other memory (a harness's statics, the heap) by a table, and only what synchronises
// is kept of it.
//
//     address / 8 --> granule: 64 bytes for 8 bytes of memory, cut into the stretches that accesses have had so far
//
//         byte        0   1   2   3   4   5   6   7
//         lengths     2   0   2   0   4   0   0   0      of the stretch that begins there; 0: none does
//         cells       [ cell  ][ cell  ][   cell    ]    one a stretch: the first in the granule itself, and as soon as
//                                                        there are more, all of them beside it
//
// An access that is one stretch has one cell, whatever its neighbours are. One that is not cuts the stretches at its
// own borders, and has then a cell for each of its parts: mixed sizes on one word are exact to the byte. A granule of
// an earlier run is empty: its stamp says so, and nothing is wiped between runs.
//
// May include: base.
#pragma once

#include <array>
#include <cstdint>

#include "engine/judge/race/cell.h"
#include "engine/judge/race/reserved.h"

namespace gridlock::race {

struct Granule {
  std::uint32_t run;      // of which run the rest is
  std::uint32_t lengths;  // four bits a byte, lowest first
  Cell cell;              // if `others` is 0: of the only stretch
  std::uint32_t others;   // 0, or where the cells of all stretches are: cell i of the stretch that begins at byte i

  // In bytes, of the stretch that begins at `offset`; 0 if none does.
  [[nodiscard]] std::uint32_t length_at(std::uint64_t offset) const { return lengths >> (offset * 4) & 15; }
};

// A range of addresses with shadow.
struct Region {
  std::uint64_t base = 0;
  std::uint64_t bytes = 0;
  [[nodiscard]] bool contains(std::uint64_t address) const { return address - base < bytes; }
};

class Shadow {
 public:
  // Of granules with several stretches, eight each.
  static constexpr std::uint32_t kCellsMax = std::uint32_t{1} << 22;
  // Of memory without a place of its own; a power of two.
  static constexpr std::uint32_t kOtherGranulesMax = std::uint32_t{1} << 14;

  // ERRORS: address space is short. `statics`: two regions of a program under test, ascending; empty if there are none.
  [[nodiscard]] Result<void> map(Region arena, Region stacks, std::array<Region, 2> statics);

  void begin_run() {
    cells_used_ = 8;
    other_used_ = 0;
    ++run_;
    if (run_ == 0) run_ = 1;  // after four billion runs a granule of the first could be taken for fresh
  }
  [[nodiscard]] std::uint32_t run() const { return run_; }

  [[nodiscard]] const Region& arena() const { return arena_; }
  [[nodiscard]] const Region& stacks() const { return stacks_; }
  [[nodiscard]] bool in_statics(std::uint64_t address) const {
    return statics_[0].contains(address) || statics_[1].contains(address);
  }
  // REQUIRES: arena().contains(address).
  [[nodiscard]] Granule& in_arena(std::uint64_t address) { return arena_granules_[(address - arena_.base) >> 3]; }
  // REQUIRES: stacks().contains(address).
  [[nodiscard]] Granule& in_stacks(std::uint64_t address) { return stack_granules_[(address - stacks_.base) >> 3]; }
  // REQUIRES: in_statics(address).
  [[nodiscard]] Granule& of_static(std::uint64_t address) {
    const bool is_first = statics_[0].contains(address);
    return (is_first ? static_granules_[0] : static_granules_[1])[(address - statics_[is_first ? 0 : 1].base) >> 3];
  }
  // Of any other address; nullptr if the table is full.
  [[nodiscard]] Granule* elsewhere(std::uint64_t address);

  // Empties a granule, of an earlier run or of this.
  void refresh(Granule& granule) const {
    granule.run = run_;
    granule.lengths = 0;
    granule.others = 0;
  }

  // True if [offset, offset + bytes) is one stretch of the granule, in this run.
  [[nodiscard, gnu::always_inline]] bool is_stretch(const Granule& granule, std::uint64_t offset,
                                                    std::uint64_t bytes) const {
    return granule.run == run_ && granule.length_at(offset) == bytes;
  }
  // Makes [offset, offset + bytes) a row of whole stretches. False if there is no room for cells.
  // REQUIRES: the granule is of this run.
  [[nodiscard]] bool fit(Granule& granule, std::uint64_t offset, std::uint64_t bytes, Pools& pools);

  // The cell of the stretch that begins at `offset`. REQUIRES: one does.
  [[nodiscard, gnu::always_inline]] Cell& cell_at(Granule& granule, std::uint64_t offset) {
    return granule.others == 0 ? granule.cell : cells_[granule.others + offset];
  }
  // Calls visit(cell) for the cells of [offset, offset + bytes). REQUIRES: fit().
  template <typename Visit>
  void for_each_cell(Granule& granule, std::uint64_t offset, std::uint64_t bytes, Visit visit) {
    for (std::uint64_t at = offset; at < offset + bytes; at += granule.length_at(at)) visit(cell_at(granule, at));
  }

 private:
  [[nodiscard]] bool cut(Granule& granule, std::uint64_t border, Pools& pools);
  [[nodiscard]] bool add_stretch(Granule& granule, std::uint64_t offset, std::uint64_t bytes);
  [[nodiscard]] bool move_cells_out(Granule& granule);

  Region arena_, stacks_;
  std::array<Region, 2> statics_;
  Reserved<Granule> arena_granules_, stack_granules_, other_granules_;
  Reserved<Granule> static_granules_[2];
  Reserved<std::uint64_t> other_keys_;
  Reserved<Cell> cells_;
  std::uint32_t cells_used_ = 8;
  std::uint32_t other_used_ = 0;
  std::uint32_t run_ = 0;
};

}  // namespace gridlock::race
