// Who accessed a location: nobody, one strand's latest access, or the latest access of each of several strands, which
// is only kept where none of them is known to have happened before another.
//
// An *epoch* names one access of a run: strand << 32 | number of the access among those of its strand, from 1. 0 is no
// access, and is ordered before everything.
//
// May include: base.
#pragma once

#include <cstdint>

#include "engine/judge/race/reserved.h"

namespace gridlock::race {

using Epoch = std::uint64_t;
[[nodiscard]] constexpr Epoch epoch(std::uint32_t strand, std::uint32_t number) {
  return Epoch{strand} << 32 | number;
}
[[nodiscard]] constexpr std::uint32_t strand_of(Epoch epoch) {
  return static_cast<std::uint32_t>(epoch >> 32);
}
[[nodiscard]] constexpr std::uint32_t number_of(Epoch epoch) {
  return static_cast<std::uint32_t>(epoch);
}

// An epoch, or kShared and the number of a set of them.
using Accesses = std::uint64_t;
inline constexpr Accesses kShared = std::uint64_t{1} << 63;
[[nodiscard]] constexpr bool is_shared(Accesses accesses) {
  return (accesses & kShared) != 0;
}

// The sets of a run.
class AccessSets {
 public:
  static constexpr std::uint32_t kNodesMax = std::uint32_t{1} << 18;

  // ERRORS: address space is short.
  [[nodiscard]] Result<void> map() { return nodes_.map(kNodesMax + 1); }
  void begin_run() {
    used_ = 0;
    free_ = 0;
  }

  // The set of two accesses of different strands; 0 (no access) if there is no room.
  [[nodiscard]] Accesses share(Epoch first, Epoch second) {
    const std::uint32_t node = allocate();
    if (node == 0) return 0;
    if (!put(kShared | node, first) || !put(kShared | node, second)) return 0;
    return kShared | node;
  }

  // Replaces what the strand of `access` has in the set, or adds it. False if there is no room.
  // REQUIRES: is_shared(set).
  bool put(Accesses set, Epoch access) {
    std::uint32_t strand = strand_of(access);
    Node* node = &nodes_[static_cast<std::uint32_t>(set)];
    for (; strand >= kNodeStrands; strand -= kNodeStrands) {
      if (node->next == 0) {
        node->next = allocate();
        if (node->next == 0) return false;
      }
      node = &nodes_[node->next];
    }
    node->present |= std::uint64_t{1} << strand;
    node->numbers[strand] = number_of(access);
    return true;
  }

  // put() where the strand is one of the first node's. REQUIRES: is_shared(set), strand < kNodeStrands.
  [[gnu::always_inline]] void put_in_first(Accesses set, std::uint32_t strand, std::uint32_t number) {
    Node& node = nodes_[static_cast<std::uint32_t>(set)];
    node.present |= std::uint64_t{1} << strand;
    node.numbers[strand] = number;
  }

  // A set of the same accesses. False if there is no room. REQUIRES: is_shared(from).
  [[nodiscard]] bool clone(Accesses from, Accesses& to) {
    const std::uint32_t node = allocate();
    if (node == 0) return false;
    to = kShared | node;
    bool fits = true;
    for_each(from, [&](Epoch access) { return fits = put(to, access); });
    return fits;
  }

  // Calls visit(epoch) for each access of the set, by strand, until it returns false.
  template <typename Visit>
  void for_each(Accesses set, Visit visit) {
    std::uint32_t base = 0;
    for (std::uint32_t at = static_cast<std::uint32_t>(set); at != 0; at = nodes_[at].next, base += kNodeStrands) {
      const Node& node = nodes_[at];
      for (std::uint64_t left = node.present; left != 0; left &= left - 1) {
        const auto strand = static_cast<std::uint32_t>(__builtin_ctzll(left));
        if (!visit(epoch(base + strand, node.numbers[strand]))) return;
      }
    }
  }

  // The set is not needed any more. Nothing if `accesses` is none.
  void give_back(Accesses accesses) {
    if (!is_shared(accesses)) return;
    std::uint32_t at = static_cast<std::uint32_t>(accesses);
    while (at != 0) {
      const std::uint32_t next = nodes_[at].next;
      nodes_[at].next = free_;
      free_ = at;
      at = next;
    }
  }

  // Strands that a set has room for before it grows.
  static constexpr std::uint32_t kNodeStrands = 64;

 private:
  // Strands 64 n to 64 n + 63 for the n-th node of a set.
  struct Node {
    std::uint64_t present;
    std::uint32_t next;  // 0: none
    std::uint32_t numbers[kNodeStrands];
  };

  // 0 if there is none left.
  std::uint32_t allocate() {
    std::uint32_t node = free_;
    if (node != 0) {
      free_ = nodes_[node].next;
    } else {
      if (used_ == kNodesMax) return 0;
      node = ++used_;
    }
    nodes_[node].present = 0;
    nodes_[node].next = 0;
    return node;
  }

  Reserved<Node> nodes_;
  std::uint32_t used_ = 0;
  std::uint32_t free_ = 0;
};

}  // namespace gridlock::race
