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

bool can_hold_both(std::span<const LockUse> left, std::span<const LockUse> right) {
  return std::none_of(left.begin(), left.end(), [&](const LockUse& mine) {
    return std::any_of(right.begin(), right.end(), [&](const LockUse& other) {
      return mine.lock == other.lock && !(is_read(mine.mode) && is_read(other.mode));
    });
  });
}

// Collects the edges of a graph.
class Edges {
 public:
  explicit Edges(const LockGraph& graph) : graph_(graph) {}

  std::vector<LockEdge> collect() {
    for (const LockMoment& moment : graph_.moments) {
      if (!moment.takes || !moment.may_wait) continue;
      const std::span<const LockUse> held = moment.held_before();
      add({.wants = &moment, .uses = {held.begin(), held.end()}}, held);
      if (moment.depth == 0) continue;
      for (const LockMoment& below : graph_.moments) add_by_interrupt(moment, below);
    }
    return std::move(edges_);
  }

 private:
  // One for each lock of `held`.
  void add(LockEdge edge, std::span<const LockUse> held) {
    if (held.empty()) return;
    edge.gates = gates_of(edge.uses);
    for (const LockUse& use : held) {
      if (edges_.size() == kLockEdgesMax) return;
      edge.held = use;
      edges_.push_back(edge);
    }
  }

  void add_by_interrupt(const LockMoment& handler, const LockMoment& below) {
    if (!comes_over(handler, below)) return;
    const Uses held = held_after(below);
    Uses own;
    // What it interrupted in this run is not what it interrupts now.
    for (const LockUse& use : handler.held_before()) {
      if (use.depth >= handler.depth) own.push_back(use);
    }
    // A handler does not get so far over a task that holds what it took on the way: there it waits, or its try fails.
    if (!can_hold_both(held, own)) return;
    LockEdge edge{.wants = &handler, .interrupted = &below, .uses = held};
    edge.uses.insert(edge.uses.end(), own.begin(), own.end());
    add(std::move(edge), held);
  }

  [[nodiscard]] Uses gates_of(const Uses& uses) const {
    Uses gates = uses;
    for (const LockUse& use : uses) {
      if (use.taken >= graph_.moments.size()) continue;
      for (const LockUse& around : graph_.moments[use.taken].held_before()) {
        const bool is_known = std::any_of(gates.begin(), gates.end(), [&](const LockUse& gate) {
          return gate.lock == around.lock && gate.mode == around.mode;
        });
        if (!is_known) gates.push_back(around);
      }
    }
    return gates;
  }

  const LockGraph& graph_;
  std::vector<LockEdge> edges_;
};

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

}  // namespace

Blocking blocking(LockMode wanted, LockMode held) {
  if (!is_read(wanted) || !is_read(held)) return Blocking::kAlways;
  return wanted == LockMode::kShared ? Blocking::kWithWriter : Blocking::kNever;
}

bool may_have_cycle(const LockGraph& graph) {
  constexpr std::size_t kBits = 64;
  if (graph.locks.size() > kBits) return true;
  const auto bit = [](const LockUse& use) { return std::uint64_t{1} << use.lock; };
  std::array<std::uint64_t, kCpusMax> open{};  // by cpu: the locks that it held with interrupts enabled
  for (const LockMoment& moment : graph.moments) {
    if (!moment.irqs_enabled) continue;
    std::uint64_t& held = open[moment.cpu.value()];
    if (moment.takes) held |= bit(moment.use);
    for (const LockUse& use : moment.held_before()) held |= bit(use);
  }
  std::array<std::uint64_t, kBits> before{};  // by lock: what somebody held who waited for it
  for (const LockMoment& moment : graph.moments) {
    if (!moment.takes || !moment.may_wait) continue;
    std::uint64_t& held = before[moment.use.lock];
    for (const LockUse& use : moment.held_before()) held |= bit(use);
    if (moment.depth != 0) held |= open[moment.cpu.value()];
  }
  // Takes away the locks that nothing left comes before. What stays is in a cycle or behind one.
  std::uint64_t left = 0;
  for (std::size_t lock = 0; lock < graph.locks.size(); ++lock) left |= std::uint64_t{before[lock] != 0} << lock;
  for (std::uint64_t last = 0; left != last;) {
    last = left;
    for (std::size_t lock = 0; lock < graph.locks.size(); ++lock) {
      if ((before[lock] & left) == 0) left &= ~(std::uint64_t{1} << lock);
    }
  }
  return left != 0;
}

std::vector<LockEdge> edges_of(const LockGraph& graph) {
  return Edges(graph).collect();
}

bool can_meet(const LockGraph& graph, const LockEdge& left, const LockEdge& right) {
  return is_concurrent(graph, left.cpu(), left.era(), right.cpu(), right.era()) &&
         can_hold_both(left.gates, right.uses) && can_hold_both(left.uses, right.gates);
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
