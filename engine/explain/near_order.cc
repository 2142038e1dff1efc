// The search for the way that lacks least; see near_order.h.
//
// May include: base, model.
#include "engine/explain/near_order.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "engine/explain/step_kinds.h"
#include "engine/explain/words.h"

namespace gridlock {
namespace {

// A context of a cpu: what happens in it happens in program order.
using Strand = std::pair<std::uint32_t, std::uint32_t>;  // cpu, depth

Strand strand_of(const Step& step) {
  return {step.cpu.value(), step.depth};
}

bool releases(const Step& step) {
  return step.order == __ATOMIC_RELEASE || step.order == __ATOMIC_ACQ_REL || step.order == __ATOMIC_SEQ_CST;
}

// A compare-exchange that fails has an order of its own, which the trace does not tell: it never counts as an acquire.
bool acquires(const Step& step) {
  if (step.kind == StepKind::kCompareExchange && !step.changed) return false;
  return step.order == __ATOMIC_ACQUIRE || step.order == __ATOMIC_ACQ_REL || step.order == __ATOMIC_SEQ_CST;
}

bool fences(const Step& step, bool release) {
  return step.kind == StepKind::kFence && (release ? releases(step) : acquires(step));
}

// A way from the first access to where one stands.
struct Way {
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
  std::uint32_t lacks = kNone;  // sides that do not order; kNone: there is no way
  std::uint32_t hops = 0;
  std::int32_t last_hop = -1;  // in Search::hops_

  [[nodiscard]] bool exists() const { return lacks != kNone; }
};

// Takes the better of the two; of equals the later one, which is `other`.
void improve(Way& way, const Way& other) {
  if (other.exists() && std::pair(other.lacks, other.hops) <= std::pair(way.lacks, way.hops)) way = other;
}

class Search {
 public:
  explicit Search(const std::vector<Step>& steps) : steps_(steps) {}

  // The steps [from, to) are gone through; the way begins in the context of step `from`.
  Way run(std::size_t from, std::size_t to, const Strand& goal) {
    strands_[strand_of(steps_[from])].now = {.lacks = 0};
    for (std::size_t at = from; at < to; ++at) pass(at);
    return strands_[goal].now;
  }

  [[nodiscard]] std::vector<Hop> hops_of(const Way& way) const {
    std::vector<Hop> hops;
    for (std::int32_t i = way.last_hop; i >= 0; i = hops_[static_cast<std::size_t>(i)].before) {
      hops.push_back(hops_[static_cast<std::size_t>(i)].hop);
    }
    std::reverse(hops.begin(), hops.end());
    return hops;
  }

 private:
  struct LinkedHop {
    Hop hop;
    std::int32_t before;  // the hop before it; -1: none
  };
  struct Context {
    Way now;
    Way at_enable;  // when it last enabled interrupts, or returned: what the cpu's other contexts are ordered after
    Way at_release_fence;
    std::size_t release_fence = 0;
    bool is_irqs_off = false;
    Way at_acquire_fence;  // what an acquire fence gives, by the relaxed reads so far
  };
  // What a byte carries to whom reads it.
  struct Carried {
    Way way;  // with what the store lacks
    Hop hop;  // store side
    Strand head{};
    Strand writer{};  // who stored last
    Way writer_way;
  };

  void pass(std::size_t at) {
    const Step& step = steps_[at];
    Context& me = strands_[strand_of(step)];
    if (enters_handler(step.kind) || step.kind == StepKind::kIrqDisable) take_from_own_cpu(step, me);
    if (leaves_handler(step.kind) || step.kind == StepKind::kIrqEnable) me.at_enable = me.now;
    if (step.kind == StepKind::kIrqEnable || step.kind == StepKind::kIrqDisable) {
      me.is_irqs_off = step.kind == StepKind::kIrqDisable;
    }
    pass_message(step, me);
    if (fences(step, false)) improve_by_acquire_fence(at, me);
    if (fences(step, true)) {
      me.at_release_fence = me.now;
      me.release_fence = at;
    }
    if (reads_memory(step)) read(at, me);
    const bool is_failed = step.kind == StepKind::kCompareExchange && !step.changed;
    if (writes_memory(step) && !is_failed) write(at, me);
  }

  void take_from_own_cpu(const Step& step, Context& me) {
    for (auto& [strand, other] : strands_) {
      if (strand.first != step.cpu.value() || strand.second == step.depth) continue;
      // A handler that is taken right where interrupts are enabled is told before the enabling.
      if (std::exchange(other.is_irqs_off, false)) other.at_enable = other.now;
      improve(me.now, other.at_enable);
    }
  }

  void pass_message(const Step& step, Context& me) {
    const std::uint32_t cpu = step.cpu.value();
    if (step.kind == StepKind::kIpiSend) improve(messages_[{StepKind::kIrqEnter, step.a, step.b}], me.now);
    if (step.kind == StepKind::kSoftirqRaise) improve(messages_[{StepKind::kSoftirqEnter, cpu, step.a}], me.now);
    if (step.kind == StepKind::kCpuCreate) improve(strands_[{step.a, 0}].now, me.now);
    if (step.kind != StepKind::kIrqEnter && step.kind != StepKind::kSoftirqEnter) return;
    const auto message = messages_.find({step.kind, cpu, step.a});
    if (message == messages_.end()) return;
    improve(me.now, message->second);
    messages_.erase(message);
  }

  void improve_by_acquire_fence(std::size_t at, Context& me) {
    Way& way = me.at_acquire_fence;
    if (way.exists()) hops_[static_cast<std::size_t>(way.last_hop)].hop.acquire_fence = at;
    improve(me.now, way);
    way = {};
  }

  void read(std::size_t at, Context& me) {
    const Step& step = steps_[at];
    for (std::uint64_t byte = step.address; touches(step, byte); ++byte) {
      const auto found = memory_.find(byte);
      if (found == memory_.end()) continue;
      const Carried& carried = found->second;
      // Within one cpu the order of the access does not matter: interrupts are precise.
      if (carried.writer.first == step.cpu.value()) improve(me.now, carried.writer_way);
      if (!carried.way.exists() || carried.head == strand_of(step)) continue;
      const bool does_acquire = acquires(step);
      Way by_own_order = carried.way;
      if (!does_acquire) ++by_own_order.lacks;
      take_hop(at, carried, by_own_order, does_acquire, me.now);
      if (!does_acquire) take_hop(at, carried, carried.way, true, me.at_acquire_fence);
    }
  }

  // Improves `way` by the hop from the store to the read `at`. `by` is the way to the read, this hop not counted.
  void take_hop(std::size_t at, const Carried& carried, Way by, bool does_acquire, Way& way) {
    ++by.hops;
    if (std::pair(by.lacks, by.hops) > std::pair(way.lacks, way.hops)) return;
    Hop hop = carried.hop;
    hop.read = at;
    hop.acquires = does_acquire;
    hops_.push_back({hop, carried.way.last_hop});
    by.last_hop = static_cast<std::int32_t>(hops_.size()) - 1;
    way = by;
  }

  void write(std::size_t at, Context& me) {
    const Step& step = steps_[at];
    const Strand writer = strand_of(step);
    Carried own{.way = me.now, .hop = {.store = at, .releases = releases(step)}, .head = writer};
    if (own.way.exists() && !own.hop.releases) ++own.way.lacks;
    const Way& by_fence = me.at_release_fence;
    if (!own.hop.releases && by_fence.exists() && by_fence.lacks <= own.way.lacks) {
      own.way = by_fence;
      own.hop.releases = true;
      own.hop.release_fence = me.release_fence;
    }
    for (std::uint64_t byte = step.address; touches(step, byte); ++byte) {
      Carried& carried = memory_[byte];
      // A read-modify-write carries on what the value carried before it.
      const bool keeps = reads_memory(step) && carried.way.lacks < own.way.lacks;
      if (!keeps) carried = own;
      carried.writer = writer;
      carried.writer_way = me.now;
    }
  }

  const std::vector<Step>& steps_;
  std::map<Strand, Context> strands_;
  std::unordered_map<std::uint64_t, Carried> memory_;  // by byte of the arena
  // Interrupts and softirqs on their way: kind of step that takes them, cpu, number.
  std::map<std::tuple<StepKind, std::uint32_t, std::uint32_t>, Way> messages_;
  std::vector<LinkedHop> hops_;
};

// The first step from `from` in direction `by` (1 or -1) that is such a fence, of the same context and operation.
std::optional<std::size_t> find_fence(const std::vector<Step>& steps, std::size_t from, std::ptrdiff_t by,
                                      bool release) {
  const Strand strand = strand_of(steps[from]);
  for (auto at = static_cast<std::ptrdiff_t>(from); at >= 0 && at < std::ssize(steps); at += by) {
    const Step& step = steps[static_cast<std::size_t>(at)];
    if (strand_of(step) != strand) continue;
    if (step.kind == StepKind::kOperationBegin || enters_handler(step.kind)) break;
    if (fences(step, release)) return static_cast<std::size_t>(at);
  }
  return std::nullopt;
}

// A release fence belongs between the first access and the store, an acquire fence between the read and the second.
void find_misplaced_fences(const std::vector<Step>& steps, std::size_t first, std::size_t second,
                           std::vector<Hop>& hops) {
  for (std::size_t i = 0; i < hops.size(); ++i) {
    Hop& hop = hops[i];
    if (!hop.releases) {
      hop.misplaced_release_fence = find_fence(steps, hop.store, 1, true);
      if (!hop.misplaced_release_fence && i == 0) hop.misplaced_release_fence = find_fence(steps, first, -1, true);
    }
    if (!hop.acquires) {
      hop.misplaced_acquire_fence = find_fence(steps, hop.read, -1, false);
      const bool is_last = i + 1 == hops.size();
      if (!hop.misplaced_acquire_fence && is_last) hop.misplaced_acquire_fence = find_fence(steps, second, 1, false);
    }
  }
}

}  // namespace

std::size_t step_of_access(const std::vector<Step>& steps, std::size_t racing) {
  const Step& access = steps[racing];
  constexpr std::uint32_t kAtomicFrom = 2;  // see StepKind::kRacingAccess
  if (access.b < kAtomicFrom) return racing;
  for (std::size_t at = racing; at-- > 0;) {
    if (strand_of(steps[at]) == strand_of(access) && is_point(steps[at].kind)) return at;
  }
  return racing;
}

std::vector<Hop> nearest_way(const std::vector<Step>& steps, std::size_t first, std::size_t second) {
  Search search(steps);
  const Way way = search.run(step_of_access(steps, first), step_of_access(steps, second), strand_of(steps[second]));
  std::vector<Hop> hops = search.hops_of(way);
  find_misplaced_fences(steps, first, second, hops);
  return hops;
}

}  // namespace gridlock
