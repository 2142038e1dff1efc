// The edges of a lock graph, "holds X and waits for Y", and which of them can be at the same time. What the rules mean
// is said in lock_order.h.
//
// May include: base, model. Pure; borrows the graph.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/model/lock_graph.h"

namespace gridlock {

struct LockEdge {
  const LockMoment* wants = nullptr;  // when the wanted lock was taken
  // By interrupt: the moment that the handler of `wants` comes in at. Else nullptr.
  const LockMoment* interrupted = nullptr;
  LockUse held;               // what the next in a cycle waits for
  std::vector<LockUse> uses;  // all that the cpu holds while it waits, `held` among it
  // And what it held when it took those, though it may have given that back since: what keeps it apart from others.
  std::vector<LockUse> gates;

  [[nodiscard]] std::uint32_t from() const { return held.lock; }
  [[nodiscard]] std::uint32_t to() const { return wants->use.lock; }
  [[nodiscard]] CpuId cpu() const { return wants->cpu; }
  // The era of what it holds; a handler that comes at any time has none.
  [[nodiscard]] std::uint32_t era() const { return (interrupted != nullptr ? interrupted : wants)->era; }
};

// How one who wants a lock fares with one who holds it.
enum class Blocking : std::uint8_t { kNever, kWithWriter, kAlways };
[[nodiscard]] Blocking blocking(LockMode wanted, LockMode held);

// False if no lock can be in a cycle, whoever takes it how and when: nearly every run. Costs no allocation, a fraction
// of what the edges cost.
[[nodiscard]] bool may_have_cycle(const LockGraph& graph);

[[nodiscard]] std::vector<LockEdge> edges_of(const LockGraph& graph);

// True if two cpus can be there at the same time: neither comes before the other by a creation or an end, and no lock
// is in both hands that only one can have.
[[nodiscard]] bool can_meet(const LockGraph& graph, const LockEdge& left, const LockEdge& right);

// A moment at which another cpu takes `lock` as a writer and may have to wait for it while all the edges are held.
[[nodiscard]] bool has_writer_beside(const LockGraph& graph, std::span<const LockEdge* const> edges,
                                     std::uint32_t lock);

}  // namespace gridlock
