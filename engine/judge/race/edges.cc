// What orders strands: releases and acquires through memory, fences, interrupts, messages, address dependencies.
//
// A strand's number is raised before everything that changes what it knows. So who knows of access n of a strand knows
// all that the strand knew at n, and one comparison tells that there is nothing to take.
//
// May include: base.
#include "engine/base/check.h"
#include "engine/judge/race/race_judge.h"

namespace gridlock::race {

// ---- through memory ----

namespace {
void raise(std::uint32_t& number, std::uint32_t to) {
  if (number < to) number = to;
}
}  // namespace

// `strand` is ordered after what `clock` knows. What comes back of its own is news to the handlers over it.
void RaceJudge::learn(Strand& strand, ClockId clock) {
  pools_.clocks.join(strand.clock, clock);
  raise(strand.returned, pools_.clocks.at(clock, strand.id));
}

// True if there is nothing to learn: all that was known at the head is known, or the strand is the head itself.
bool RaceJudge::is_learned(Epoch head) {
  return head == 0 || (head != kManyHeads && is_ordered(head));
}

// Of a load or read-modify-write that reads the value of `cell`.
void RaceJudge::take(const Cell& cell, Order order) {
  if (has_handlers_) take_from_own_cpu(cell);
  if (is_learned(cell.head)) return;
  if (acquires(order)) {
    learn(*current_, cell.clock);
    return;
  }
  // Until an acquire fence.
  if (!current_->has_read) {
    if (current_->read == 0) current_->read = new_clock();
    if (current_->read == 0) return;
    pools_.clocks.clear(current_->read);
    current_->has_read = true;
  }
  pools_.clocks.join(current_->read, cell.clock);
}

void RaceJudge::take_from_own_cpu(const Cell& cell) {
  if (cell.last_store == 0 || is_ordered(cell.last_store)) return;
  const Strand& writer = *by_id_[strand_of(cell.last_store)];
  if (writer.cpu == current_->cpu) inherit(*current_, writer, number_of(cell.last_store));
}

bool RaceJudge::has_clock(Cell& cell) {
  if (cell.clock == 0) cell.clock = new_clock();
  return cell.clock != 0;
}

// What the current strand knows, as others may learn it.
void RaceJudge::copy_known(ClockId to) {
  pools_.clocks.copy(to, current_->clock);
  finish_known(to);
}
void RaceJudge::join_known(ClockId to) {
  pools_.clocks.join(to, current_->clock);
  finish_known(to);
}
void RaceJudge::finish_known(ClockId to) {
  if (current_->has_dependencies) pools_.clocks.join(to, current_->carried);
  pools_.clocks.at(to, current_->id) = current_->number;
}

// A release store.
void RaceJudge::publish(Cell& cell) {
  if (!has_clock(cell)) return;
  copy_known(cell.clock);
  cell.head = now();
}

// A releasing read-modify-write: the sequences that the value belonged to go on.
void RaceJudge::publish_along(Cell& cell) {
  // After an acquire of many heads everything is known too, but no comparison tells: the join below is right anyway.
  if (is_learned(cell.head)) {
    publish(cell);
    return;
  }
  join_known(cell.clock);
  cell.head = kManyHeads;
}

// A relaxed store, or read-modify-write if cell.head != 0, behind a release fence.
void RaceJudge::publish_fence(Cell& cell) {
  if (!has_clock(cell)) return;
  if (cell.head == 0) {
    pools_.clocks.copy(cell.clock, current_->at_fence);
    cell.head = epoch(current_->id, current_->fence_number);
  } else {
    pools_.clocks.join(cell.clock, current_->at_fence);
    cell.head = kManyHeads;
  }
}

void RaceJudge::fence(Order order) {
  ++current_->number;
  if (acquires(order)) {
    if (current_->has_read) learn(*current_, current_->read);
    current_->has_read = false;
  }
  if (!releases(order)) return;
  if (current_->at_fence == 0) current_->at_fence = new_clock();
  if (current_->at_fence == 0) return;
  copy_known(current_->at_fence);
  current_->fence_number = current_->number;
  current_->has_fence = true;
}

// ---- between the contexts of one cpu ----

// `to` is ordered after the first `number` accesses of `from`, a strand of the same cpu, and knows what the cpu
// learned.
void RaceJudge::inherit(Strand& to, const Strand& from, std::uint32_t number) {
  std::uint32_t known = pools_.clocks.at(to.clock, from.id);
  raise(known, number);
  raise(known, from.returned);
  learn(to, from.clock);
  if (from.has_dependencies) learn(to, from.carried);
  // The other's clock has all of its own accesses, also those that nothing orders.
  pools_.clocks.at(to.clock, from.id) = known;
}

void RaceJudge::inherit_from_cpu(Strand& to) {
  if (!has_handlers_) return;
  ++to.number;
  for (std::uint32_t depth = 0; depth < kDepthsMax; ++depth) {
    const Strand& other = strands_[to.cpu * kDepthsMax + depth];
    if (other.run == shadow_.run() && &other != &to) inherit(to, other, other.published);
  }
}

void RaceJudge::handler_entered(std::uint64_t stack) {
  Strand& handler = *current_;
  handler.stack_begin = handler.stack_lowest = stack;
  for (std::uint32_t depth = 0; depth < handler.depth; ++depth) {
    Strand& below = strands_[handler.cpu * kDepthsMax + depth];
    if (below.run != shadow_.run() || below.stack_lowest >= stack) continue;
    forget_stack(below.stack_lowest, stack);
    below.stack_lowest = stack;
  }
  inherit_from_cpu(handler);
}

void RaceJudge::handler_left() {
  current_->published = current_->number;
  if (current_->stack_lowest < current_->stack_begin) forget_stack(current_->stack_lowest, current_->stack_begin);
}

// ---- messages ----

void RaceJudge::send(std::uint32_t number) {
  GRIDLOCK_CHECK(number < kObjectsMax);
  Object& object = objects_[number];
  if (object.run != shadow_.run()) object = {.run = shadow_.run()};
  if (object.clock == 0) object.clock = new_clock();
  if (object.clock == 0) return;
  if (object.is_empty) {
    copy_known(object.clock);
  } else {
    join_known(object.clock);
  }
  object.is_empty = false;
}

void RaceJudge::receive(std::uint32_t number, bool empties) {
  GRIDLOCK_CHECK(number < kObjectsMax);
  Object& object = objects_[number];
  if (object.run != shadow_.run() || object.is_empty) return;
  ++current_->number;
  learn(*current_, object.clock);
  object.is_empty = empties;
}

// ---- address dependencies ----

// A volatile read of `cell` found `pointer`.
void RaceJudge::consume(const Cell& cell, std::uint64_t pointer) {
  if (!is_learned(cell.head)) depend(pointer, cell.clock);
}

// A read at `address`: if that lies in a block reached by a dependency, the pointer there carries it on.
void RaceJudge::follow_pointer(std::uint64_t address) {
  if (!shadow_.arena().contains(address)) return;
  const Block* const block = blocks_.below(address);
  if (block == nullptr) return;
  const ClockId* const clock = dependencies_.find(current_->id, block->begin);
  if (clock != nullptr) depend(*reinterpret_cast<const volatile std::uint64_t*>(address), *clock);
}

void RaceJudge::depend(std::uint64_t pointer, ClockId clock) {
  if (!shadow_.arena().contains(pointer)) return;
  const Block* const block = blocks_.below(pointer);
  if (block == nullptr) return;
  carry(clock);
  if (const ClockId* const known = dependencies_.find(current_->id, block->begin)) {
    if (*known != clock) pools_.clocks.join(*known, clock);
    return;
  }
  const ClockId own = new_clock();
  if (own == 0) return;
  pools_.clocks.copy(own, clock);
  exhausted_ |= !dependencies_.add(current_->id, block->begin, own);
}

// The current strand's dependencies order it after `clock` in a block: elsewhere they don't, but whoever it releases
// to can rely on it.
void RaceJudge::carry(ClockId clock) {
  raise(current_->returned, pools_.clocks.at(clock, current_->id));
  if (!current_->has_dependencies) {
    if (current_->carried == 0) current_->carried = new_clock();
    if (current_->carried == 0) return;
    pools_.clocks.copy(current_->carried, clock);
    current_->has_dependencies = current_->is_special = true;
  } else {
    pools_.clocks.join(current_->carried, clock);
  }
}

bool RaceJudge::is_ordered_by_dependency(Epoch access, std::uint64_t address) {
  if (!current_->has_dependencies || !shadow_.arena().contains(address)) return false;
  const Block* const block = blocks_.below(address);
  const ClockId* const clock = block == nullptr ? nullptr : dependencies_.find(current_->id, block->begin);
  return clock != nullptr && number_of(access) <= pools_.clocks.at(*clock, strand_of(access));
}

}  // namespace gridlock::race
