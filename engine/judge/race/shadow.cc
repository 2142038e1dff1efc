// See shadow.h. May include: base.
#include "engine/judge/race/shadow.h"

namespace gridlock::race {

Result<void> Shadow::map(Region arena, Region stacks) {
  arena_ = arena;
  stacks_ = stacks;
  if (auto done = arena_granules_.map(arena.bytes / 8); !done) return done;
  if (auto done = stack_granules_.map(stacks.bytes / 8); !done) return done;
  if (auto done = other_granules_.map(kOtherGranulesMax); !done) return done;
  if (auto done = other_keys_.map(kOtherGranulesMax); !done) return done;
  return split_cells_.map(kSplitCellsMax);
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
      refresh(granule, 8);
    }
    return &granule;
  }
  return nullptr;
}

bool Shadow::fit(Granule& granule, std::uint64_t offset, std::uint64_t bytes, Pools& pools) {
  const std::uint16_t shape = shape_of(offset, bytes);
  if (granule.shape == shape) return true;
  if (granule.shape == 0) {
    granule.shape = shape;
    granule.cell = {};
    return true;
  }
  // The largest unit that both borders of both stretches fall on.
  auto borders = static_cast<std::uint32_t>(offset | bytes | 4);
  if (granule.shape == Granule::kSplit) {
    if ((borders & (granule.unit - 1u)) == 0) return true;
    borders |= granule.unit;
  } else {
    borders |= static_cast<std::uint32_t>(granule.shape >> 8) | (granule.shape & 0xffu);
  }
  return split(granule, borders & -borders, pools);
}

bool Shadow::split(Granule& granule, std::uint32_t unit, Pools& pools) {
  const std::uint32_t count = 8 / unit;
  if (split_cells_used_ + count > kSplitCellsMax) return false;
  const std::uint32_t first = split_cells_used_;
  split_cells_used_ += count;
  const bool was_split = granule.shape == Granule::kSplit;
  const std::uint32_t begin = was_split ? 0 : granule.shape >> 8;
  const std::uint32_t end = was_split ? 8 : begin + (granule.shape & 0xffu);
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t at = i * unit;
    Cell& cell = split_cells_[first + i];
    cell = {};
    if (at < begin || at >= end) continue;
    const Cell& whole = was_split ? split_cells_[granule.first_cell + at / granule.unit] : granule.cell;
    if (!pools.clone(whole, cell)) return false;
  }
  granule.shape = Granule::kSplit;
  granule.unit = static_cast<std::uint8_t>(unit);
  granule.first_cell = first;
  return true;
}

}  // namespace gridlock::race
