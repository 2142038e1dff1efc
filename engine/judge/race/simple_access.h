// The race judge's simple paths: what most accesses need, in the hook itself and without a call. Each checks all that
// the out-of-line path would, and does nothing where that could find or change more than who was there last.
//
// For the hooks of engine/abi, and for tests. May include: base.
#pragma once

#include "engine/judge/race/race_judge.h"

namespace gridlock::race {

[[gnu::always_inline]] inline bool RaceJudge::plain_read_is_simple(std::uint64_t address, std::uint64_t bytes) {
  Strand& strand = *current_;
  Granule& granule = shadow_.in_arena(address);
  if (!is_simple(granule, address, bytes)) [[unlikely]]
    return false;
  Cell& cell = shadow_.cell_at(granule, address & 7);
  const bool simple =
      knows(strand, cell.plain_write) && knows(strand, cell.atomic_writes) && has_room(strand, cell.plain_reads);
  if (simple) [[likely]] {
    note_in(cell.plain_reads, note_simple(address, bytes));
  }
  return simple;
}

[[gnu::always_inline]] inline bool RaceJudge::plain_write_is_simple(std::uint64_t address, std::uint64_t bytes) {
  Strand& strand = *current_;
  Granule& granule = shadow_.in_arena(address);
  if (!is_simple(granule, address, bytes)) [[unlikely]]
    return false;
  Cell& cell = shadow_.cell_at(granule, address & 7);
  const bool simple = knows(strand, cell.plain_write) && knows(strand, cell.plain_reads) &&
                      (cell.atomic_writes | cell.atomic_reads) == 0;
  if (simple) [[likely]] {
    cell.plain_write = note_simple(address, bytes);
    cell.plain_reads = 0;
  }
  return simple;
}

[[gnu::always_inline]] inline bool RaceJudge::atomic_load_is_simple(std::uint64_t address, std::uint64_t bytes) {
  Strand& strand = *current_;
  Granule& granule = shadow_.in_arena(address);
  if (!is_simple(granule, address, bytes)) [[unlikely]]
    return false;
  Cell& cell = shadow_.cell_at(granule, address & 7);
  const bool simple = knows(strand, cell.plain_write) && has_room(strand, cell.atomic_reads) &&
                      knows(strand, cell.head) && knows(strand, cell.last_store);
  if (simple) [[likely]] {
    note_in(cell.atomic_reads, note_simple(address, bytes));
  }
  return simple;
}

[[gnu::always_inline]] inline bool RaceJudge::atomic_write_is_simple(std::uint64_t address, std::uint64_t bytes,
                                                                     Order order, bool is_rmw) {
  Strand& strand = *current_;
  Granule& granule = shadow_.in_arena(address);
  if (!is_simple(granule, address, bytes)) [[unlikely]]
    return false;
  Cell& cell = shadow_.cell_at(granule, address & 7);
  const bool publishes = releases(order);
  const bool simple = knows(strand, cell.plain_write) && knows(strand, cell.plain_reads) &&
                      has_room(strand, cell.atomic_writes) && knows(strand, cell.head) &&
                      knows(strand, cell.last_store) &&
                      (publishes ? cell.clock != 0 && pools_.clocks.groups() == 1 : !strand.has_fence);
  if (!simple) [[unlikely]]
    return false;
  const Epoch now = note_simple(address, bytes);
  note_in(cell.atomic_writes, now);
  cell.last_store = now;
  if (publishes) {
    cell.head = now;
    pools_.clocks.copy_first_group(cell.clock, strand.clock);
    pools_.clocks.first_group(cell.clock)[strand.id] = strand.number;
  } else if (!is_rmw) {
    cell.head = 0;
  }
  return true;
}

}  // namespace gridlock::race
