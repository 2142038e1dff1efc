// See shadow.h. May include: base.
#include "engine/judge/race/shadow.h"

namespace gridlock::race {

Result<void> Shadow::map(Region arena, Region stacks, std::array<Region, 2> statics) {
  arena_ = arena;
  stacks_ = stacks;
  statics_ = statics;
  for (std::size_t i = 0; i < statics.size(); ++i) {
    if (statics[i].bytes == 0) continue;
    if (auto done = static_granules_[i].map(statics[i].bytes / 8); !done) return done;
  }
  if (auto done = arena_granules_.map(arena.bytes / 8); !done) return done;
  if (auto done = stack_granules_.map(stacks.bytes / 8); !done) return done;
  if (auto done = other_granules_.map(kOtherGranulesMax); !done) return done;
  if (auto done = other_keys_.map(kOtherGranulesMax); !done) return done;
  return cells_.map(kCellsMax);
}

// Open addressing; a slot whose granule is of an earlier run is free. Addresses decide where an entry lies and nothing
// else, so a run does not depend on them.
Granule* Shadow::elsewhere(std::uint64_t address) {
  const std::uint64_t key = address >> 3;
  std::uint64_t at = (key * 0x9e3779b97f4a7c15) >> 32;
  for (std::uint32_t tries = 0; tries < kOtherGranulesMax; ++tries, ++at) {
    const std::uint64_t slot = at & (kOtherGranulesMax - 1);
    Granule& granule = other_granules_[slot];
    if (granule.run == run_ && other_keys_[slot] != key) continue;
    if (granule.run != run_) {
      if (other_used_ == kOtherGranulesMax / 2) return nullptr;
      ++other_used_;
      other_keys_[slot] = key;
      refresh(granule);
    }
    return &granule;
  }
  return nullptr;
}

bool Shadow::fit(Granule& granule, std::uint64_t offset, std::uint64_t bytes, Pools& pools) {
  if (granule.length_at(offset) == bytes) return true;
  if (!cut(granule, offset, pools) || !cut(granule, offset + bytes, pools)) return false;
  // What is left between the stretches becomes stretches too.
  for (std::uint64_t at = offset; at < offset + bytes;) {
    std::uint64_t length = granule.length_at(at);
    if (length == 0) {
      do {
        ++length;
      } while (at + length < offset + bytes && granule.length_at(at + length) == 0);
      if (!add_stretch(granule, at, length)) return false;
    }
    at += length;
  }
  return true;
}

// Makes a stretch that goes over `border` two.
bool Shadow::cut(Granule& granule, std::uint64_t border, Pools& pools) {
  for (std::uint64_t begin = 0; begin < border && begin < 8; ++begin) {
    const std::uint32_t length = granule.length_at(begin);
    if (begin + length <= border || length == 0) continue;
    if (!move_cells_out(granule)) return false;
    const auto first = static_cast<std::uint32_t>(border - begin);
    granule.lengths &= ~(std::uint32_t{15} << (begin * 4));
    granule.lengths |= first << (begin * 4) | (length - first) << (border * 4);
    Cell* const cells = &cells_[granule.others];
    return pools.clone(cells[begin], cells[border]);
  }
  return true;
}

// REQUIRES: nothing is there.
bool Shadow::add_stretch(Granule& granule, std::uint64_t offset, std::uint64_t bytes) {
  const bool is_first = granule.lengths == 0;
  if (!is_first && !move_cells_out(granule)) return false;
  granule.lengths |= static_cast<std::uint32_t>(bytes) << (offset * 4);
  cell_at(granule, offset) = {};
  return true;
}

bool Shadow::move_cells_out(Granule& granule) {
  if (granule.others != 0) return true;
  if (cells_used_ + 8 > kCellsMax) return false;
  std::uint64_t begin = 0;
  while (granule.length_at(begin) == 0) ++begin;
  granule.others = cells_used_;
  cells_used_ += 8;
  cells_[granule.others + begin] = granule.cell;
  return true;
}

}  // namespace gridlock::race
