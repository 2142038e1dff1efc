// See lock_edges.h.
//
// May include: base, model.
#include "engine/judge/lock_edges.h"

#include <algorithm>
#include <array>

#include "engine/judge/lock_order.h"

namespace gridlock {
namespace {

using Uses = std::vector<LockUse>;

bool is_read(LockMode mode) {
  return mode != LockMode::kExclusive;
}

// All that the cpu holds once the moment is over.
Uses held_after(const LockMoment& moment) {
  Uses uses(moment.held_before().begin(), moment.held_before().end());
  if (moment.takes) uses.push_back(moment.use);
  return uses;
}

// A handler comes in over a task or a softirq, a softirq over a task. Over another handler that enabled its interrupts
// too, but not over itself: its vector is masked while it runs.
bool comes_over(const LockMoment& handler, const LockMoment& below) {
  if (!handler.comes_any_time || !below.irqs_enabled || handler.cpu != below.cpu) return false;
  if (handler.context == ContextView::Kind::kSoftirq) return below.context == ContextView::Kind::kTask;
  return handler.context != below.context || handler.number != below.number;
}

bool add(std::vector<LockEdge>& edges, LockEdge edge) {
  if (edges.size() == kLockEdgesMax) return false;
  edges.push_back(std::move(edge));
  return true;
}

void add_real(std::vector<LockEdge>& edges, const LockMoment& moment) {
  const std::span<const LockUse> held = moment.held_before();
  for (const LockUse& use : held) {
    if (!add(edges, {.wants = &moment, .held = use, .uses = {held.begin(), held.end()}})) return;
  }
}

void add_by_interrupt(std::vector<LockEdge>& edges, const LockMoment& handler, const LockMoment& below) {
  if (!comes_over(handler, below)) return;
  const Uses held = held_after(below);
  Uses uses = held;
  // What the handler holds of its own; what it interrupted in this run is not what it interrupts now.
  for (const LockUse& use : handler.held_before()) {
    if (use.depth >= handler.depth) uses.push_back(use);
  }
  for (const LockUse& use : held) {
    if (!add(edges, {.wants = &handler, .interrupted = &below, .held = use, .uses = uses})) return;
  }
}

// True if what a cpu does in its era comes before what the other does in its own.
bool is_before(std::span<const LockSync> syncs, CpuId from, std::uint32_t from_era, CpuId to, std::uint32_t to_era) {
  if (from == to) return false;
  std::array<std::uint32_t, kCpusMax> reached;  // by cpu: from this era on
  reached.fill(UINT32_MAX);
  reached[from.value()] = from_era;
  // Creations and ends form a forest: a round for each sync reaches all there is to reach.
  for (std::size_t round = 0; round < syncs.size(); ++round) {
    bool changed = false;
    for (const LockSync& sync : syncs) {
      const bool follows = reached[sync.from.value()] <= sync.from_era && sync.to_era < reached[sync.to.value()];
      if (!follows) continue;
      reached[sync.to.value()] = sync.to_era;
      changed = true;
    }
    if (!changed) break;
  }
  return reached[to.value()] <= to_era;
}

bool is_concurrent(const LockGraph& graph, CpuId left, std::uint32_t left_era, CpuId right, std::uint32_t right_era) {
  if (left == right) return false;
  return !is_before(graph.syncs, left, left_era, right, right_era) &&
         !is_before(graph.syncs, right, right_era, left, left_era);
}

bool can_hold_both(std::span<const LockUse> left, std::span<const LockUse> right) {
  return std::none_of(left.begin(), left.end(), [&](const LockUse& mine) {
    return std::any_of(right.begin(), right.end(), [&](const LockUse& other) {
      return mine.lock == other.lock && !(is_read(mine.mode) && is_read(other.mode));
    });
  });
}

}  // namespace

Blocking blocking(LockMode wanted, LockMode held) {
  if (!is_read(wanted) || !is_read(held)) return Blocking::kAlways;
  return wanted == LockMode::kShared ? Blocking::kWithWriter : Blocking::kNever;
}

std::vector<LockEdge> edges_of(const LockGraph& graph) {
  std::vector<LockEdge> edges;
  for (const LockMoment& moment : graph.moments) {
    if (!moment.takes || !moment.may_wait) continue;
    add_real(edges, moment);
    if (moment.depth == 0) continue;
    for (const LockMoment& below : graph.moments) add_by_interrupt(edges, moment, below);
  }
  return edges;
}

bool can_meet(const LockGraph& graph, const LockEdge& left, const LockEdge& right) {
  return is_concurrent(graph, left.cpu(), left.era(), right.cpu(), right.era()) && can_hold_both(left.uses, right.uses);
}

bool has_writer_beside(const LockGraph& graph, std::span<const LockEdge* const> edges, std::uint32_t lock) {
  return std::any_of(graph.moments.begin(), graph.moments.end(), [&](const LockMoment& moment) {
    const bool writes = moment.takes && moment.may_wait && moment.use.lock == lock && !is_read(moment.use.mode);
    return writes && std::all_of(edges.begin(), edges.end(), [&](const LockEdge* edge) {
             return is_concurrent(graph, moment.cpu, moment.era, edge->cpu(), edge->era()) &&
                    can_hold_both(moment.held_before(), edge->uses);
           });
  });
}

}  // namespace gridlock
