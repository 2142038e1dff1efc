// Strands, checks and what is recorded of each access; edges are in edges.cc.
//
// May include: base.
#include "engine/judge/race/race_judge.h"

#include "engine/base/check.h"

namespace gridlock::race {

Result<void> RaceJudge::initialise(Region arena, std::size_t block_distance_bytes, Region stacks,
                                   std::size_t stack_distance_bytes, Listener& listener,
                                   std::array<Region, 2> statics) {
  listener_ = &listener;
  stack_distance_bytes_ = stack_distance_bytes;
  if (auto done = shadow_.map(arena, stacks, statics); !done) return done;
  if (auto done = pools_.clocks.map(); !done) return done;
  if (auto done = pools_.sets.map(); !done) return done;
  if (auto done = blocks_.map(arena, block_distance_bytes); !done) return done;
  return dependencies_.map();
}

void RaceJudge::begin_run(bool plain_points) {
  plain_points_ = plain_points;
  shadow_.begin_run();
  pools_.clocks.begin_run();
  pools_.sets.begin_run();
  blocks_.begin_run();
  dependencies_.begin_run(shadow_.run());
  current_ = nullptr;
  strand_count_ = 0;
  has_handlers_ = race_found_ = exhausted_ = false;
  last_address_ = last_bytes_ = 0;
}

void RaceJudge::watch(std::uint32_t cpu, std::uint32_t depth, std::uint32_t number) {
  Strand& watched = strand(cpu, depth);
  watched.watched = number;
  watched.is_special = number != 0 || plain_points_;
}

void RaceJudge::make_strand(Strand& strand, std::uint32_t cpu, std::uint32_t depth) {
  strand = {.run = shadow_.run(), .id = strand_count_++, .cpu = cpu, .depth = depth};
  strand.stack_lowest = UINT64_MAX;
  strand.is_special = plain_points_;
  by_id_[strand.id] = &strand;
  pools_.clocks.add_strand(strand.id);
  strand.clock = new_clock();
  pools_.clocks.clear(strand.clock);
  pools_.clocks.at(strand.clock, strand.id) = UINT32_MAX;
  strand.first_known = pools_.clocks.first_group(strand.clock);
  has_handlers_ |= depth != 0;
}

ClockId RaceJudge::new_clock() {
  const ClockId clock = pools_.clocks.allocate();
  exhausted_ |= clock == 0;
  return clock;
}

// ---- memory ----

void RaceJudge::block_closed(std::uint64_t begin, std::size_t bytes) {
  Block* const block = blocks_.below(begin);
  GRIDLOCK_CHECK(block != nullptr && block->begin == begin);
  blocks_.close(*block);
  for (std::uint64_t at = begin; at < begin + bytes; at += 8) {
    Granule& granule = shadow_.in_arena(at);
    shadow_.refresh(granule);
  }
}

Granule* RaceJudge::granule_slow(const Access& access, std::uint64_t frame) {
  Granule* granule = nullptr;
  if (shadow_.arena().contains(access.address)) {
    granule = &checked_in_arena(access);
  } else if (shadow_.stacks().contains(access.address)) {
    granule = &checked_in_stacks(access, frame);
  } else if (shadow_.in_statics(access.address)) {
    granule = &shadow_.of_static(access.address);
    if (granule->run != shadow_.run()) shadow_.refresh(*granule);
  } else if (is_atomic(access.kind)) {
    granule = shadow_.elsewhere(access.address);
  } else {
    return nullptr;
  }
  if (granule != nullptr && shadow_.fit(*granule, access.address & 7, access.bytes, pools_)) return granule;
  exhausted_ = true;
  return nullptr;
}

Granule& RaceJudge::checked_in_arena(const Access& access) {
  const Block* const block = blocks_.below(access.address);
  const bool is_inside =
      block != nullptr && block->is_alive && access.address + access.bytes <= block->begin + block->bytes;
  if (!is_inside) bad_access(access);
  Granule& granule = shadow_.in_arena(access.address);
  if (granule.run != shadow_.run()) shadow_.refresh(granule);
  return granule;
}

Granule& RaceJudge::checked_in_stacks(const Access& access, std::uint64_t frame) {
  const bool is_own = (access.address - shadow_.stacks().base) / stack_distance_bytes_ == current_->cpu;
  if (is_own && access.address < frame) {
    listener_->memory_fault(MemoryFault::kStackUseAfterReturn, is_write(access.kind), access.address, access.bytes);
  }
  if (is_own && access.address < current_->stack_lowest) current_->stack_lowest = access.address;
  Granule& granule = shadow_.in_stacks(access.address);
  if (granule.run != shadow_.run()) shadow_.refresh(granule);
  return granule;
}

void RaceJudge::bad_access(const Access& access) {
  const Block* const block = blocks_.below(access.address);
  const bool in_freed = block != nullptr && !block->is_alive && access.address < block->begin + block->bytes;
  listener_->memory_fault(in_freed ? MemoryFault::kUseAfterFree : MemoryFault::kOutOfBounds, is_write(access.kind),
                          access.address, access.bytes);
}

// What is left of the cpu's own dead frames must not be taken for variables of the frames that come to lie there.
void RaceJudge::forget_stack(std::uint64_t from, std::uint64_t to) {
  for (std::uint64_t at = from & ~std::uint64_t{7}; at < to; at += 8) shadow_.in_stacks(at).run = 0;
}

// What was known of the dead blocks was forgotten when they died.
std::uint64_t RaceJudge::block_reopened(std::size_t bytes, std::size_t align) {
  return blocks_.reopen(bytes, align);
}

// ---- accesses ----

void RaceJudge::require_each(Accesses earlier, AccessKind earlier_kind, const Access& now) {
  if (!is_shared(earlier)) {
    conflict(earlier, earlier_kind, now);
    return;
  }
  pools_.sets.for_each(earlier, [&](Epoch access) {
    if (!is_ordered(access)) conflict(access, earlier_kind, now);
    return !race_found_;
  });
}

void RaceJudge::conflict(Epoch earlier, AccessKind earlier_kind, const Access& now) {
  if (race_found_ || is_ordered_by_dependency(earlier, now.address)) return;
  race_found_ = true;
  listener_->race_found({.first = {strand_of(earlier), number_of(earlier), earlier_kind},
                         .second = {current_->id, current_->number, now.kind},
                         .address = now.address,
                         .bytes = now.bytes});
}

void RaceJudge::record_shared(Accesses& accesses) {
  if (is_shared(accesses)) {
    exhausted_ |= !pools_.sets.put(accesses, now());
  } else {
    const Accesses both = pools_.sets.share(accesses, now());
    exhausted_ |= both == 0;
    if (both != 0) accesses = both;
  }
}

void RaceJudge::plain_read(std::uint64_t address, std::uint64_t bytes, std::uint64_t frame) {
  next_access(address, bytes);
  each_cell({AccessKind::kPlainRead, address, bytes}, frame, [this](Cell& cell, const Access& access) {
    require(cell.plain_write, AccessKind::kPlainWrite, access);
    require(cell.atomic_writes, AccessKind::kAtomicWrite, access);
    record(cell.plain_reads);
  });
  if (current_->has_dependencies && bytes == 8) follow_pointer(address);
}

void RaceJudge::plain_write(std::uint64_t address, std::uint64_t bytes, std::uint64_t frame) {
  next_access(address, bytes);
  each_cell({AccessKind::kPlainWrite, address, bytes}, frame, [this](Cell& cell, const Access& access) {
    require(cell.plain_write, AccessKind::kPlainWrite, access);
    require(cell.plain_reads, AccessKind::kPlainRead, access);
    require(cell.atomic_writes, AccessKind::kAtomicWrite, access);
    require(cell.atomic_reads, AccessKind::kAtomicRead, access);
    for (const Accesses shared : {cell.plain_reads, cell.atomic_writes, cell.atomic_reads}) {
      pools_.sets.give_back(shared);
    }
    cell.plain_write = now();
    cell.plain_reads = cell.atomic_writes = cell.atomic_reads = 0;
    cell.head = cell.last_store = 0;
  });
}

// An acquire is itself ordered after the release that it reads from, and what it reads from some of its bytes it knows
// at all of them: so each access first takes and then is judged.
void RaceJudge::atomic_load(std::uint64_t address, std::uint64_t bytes, Order order, std::uint64_t frame) {
  next_access(address, bytes);
  each_cell(
      {AccessKind::kAtomicRead, address, bytes}, frame, [this, order](Cell& cell) { take(cell, order); },
      [this](Cell& cell, const Access& access) {
        require(cell.plain_write, AccessKind::kPlainWrite, access);
        record(cell.atomic_reads);
      });
}

void RaceJudge::atomic_store(std::uint64_t address, std::uint64_t bytes, Order order, std::uint64_t frame) {
  next_access(address, bytes);
  each_cell({AccessKind::kAtomicWrite, address, bytes}, frame, [this, order](Cell& cell, const Access& access) {
    require(cell.plain_write, AccessKind::kPlainWrite, access);
    require(cell.plain_reads, AccessKind::kPlainRead, access);
    record(cell.atomic_writes);
    if (releases(order)) {
      publish(cell);
    } else {
      cell.head = 0;
      if (current_->has_fence) publish_fence(cell);
    }
    cell.last_store = now();
  });
}

void RaceJudge::atomic_rmw(std::uint64_t address, std::uint64_t bytes, Order order, std::uint64_t frame) {
  next_access(address, bytes);
  each_cell(
      {AccessKind::kAtomicWrite, address, bytes}, frame, [this, order](Cell& cell) { take(cell, order); },
      [this, order](Cell& cell, const Access& access) {
        require(cell.plain_write, AccessKind::kPlainWrite, access);
        require(cell.plain_reads, AccessKind::kPlainRead, access);
        record(cell.atomic_writes);
        if (releases(order)) {
          publish_along(cell);
        } else if (current_->has_fence) {
          publish_fence(cell);
        }
        cell.last_store = now();
      });
}

void RaceJudge::volatile_read(std::uint64_t address, std::uint64_t bytes, std::uint64_t frame) {
  atomic_load(address, bytes, __ATOMIC_RELAXED, frame);
  if (bytes == 8 && address % 8 == 0 && shadow_.arena().contains(address)) {
    const std::uint64_t pointer = *reinterpret_cast<const volatile std::uint64_t*>(address);
    if (shadow_.arena().contains(pointer)) {
      each_cell({AccessKind::kAtomicRead, address, bytes}, frame,
                [this, pointer](Cell& cell, const Access&) { consume(cell, pointer); });
    }
  }
  if (current_->has_dependencies && bytes == 8) follow_pointer(address);
}

}  // namespace gridlock::race
