// What is remembered of a stretch of memory that has always been accessed as one: the accesses that a later one could
// race with, and the clock that an acquire takes from it.
//
// May include: base.
#pragma once

#include <cstdint>

#include "engine/judge/race/access_set.h"
#include "engine/judge/race/clock_pool.h"

namespace gridlock::race {

// All zero: nothing known. A plain write is ordered after everything before it, or it would have raced; so it makes
// everything before it superfluous (FastTrack, 3.2), and one epoch holds it. Everything else can be concurrent.
struct Cell {
  Accesses plain_write;  // never shared
  Accesses plain_reads;
  Accesses atomic_writes;
  Accesses atomic_reads;

  // The release sequence that the value in memory belongs to: what an acquire of it synchronises with.
  Epoch head;        // the release, or kManyHeads; 0: none, and `clock` holds nothing
  Epoch last_store;  // the atomic store or read-modify-write that wrote the value
  ClockId clock;     // what was known at the heads; 0: none was ever needed
};

// What cells refer to by number.
struct Pools {
  ClockPool clocks;
  AccessSets sets;

  // A cell that knows the same and shares nothing with the original. False if there is no room.
  [[nodiscard]] bool clone(const Cell& from, Cell& to) {
    to = from;
    for (Accesses Cell::* member : {&Cell::plain_reads, &Cell::atomic_writes, &Cell::atomic_reads}) {
      if (is_shared(from.*member) && !sets.clone(from.*member, to.*member)) return false;
    }
    to.clock = 0;
    if (from.head == 0) return true;
    to.clock = clocks.allocate();
    if (to.clock == 0) return false;
    clocks.copy(to.clock, from.clock);
    return true;
  }
};

// Several releases, none known to include the others: read-modify-writes that released without acquiring.
inline constexpr Epoch kManyHeads = ~Epoch{0};

}  // namespace gridlock::race
