// Who waits for what, and who would have to change it, as a graph: the picture of a deadlock. Cpus and memory are its
// nodes.
//
//     cpu0 --spins on--> task[x].on_cpu --last changed by--> cpu1 --waits for--> kick_pending[1] --> cpu0
//
// From memory an edge goes to the cpu that has it as a lock (held.h); else to the stuck cpu that changed it last, if
// that is another one; else to each stuck cpu that is left: in a proven hang nobody else can change it. Where nobody is
// left, it goes to a node that says so. Of an order of locks the edges are those of the deadlock that can happen.
//
// May include: base, model. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/explain/explain.h"
#include "engine/explain/words.h"

namespace gridlock {

struct WaitNode {
  std::string id;    // "cpu0", "memory rq[0].lock", "nobody"
  std::string name;  // for people
  std::optional<CpuId> cpu;
};

struct WaitEdge {
  std::string from;  // ids
  std::string to;
  std::string text;
  bool in_cycle = false;
};

struct WaitGraph {
  std::vector<WaitNode> nodes;
  std::vector<WaitEdge> edges;
};

// Empty if nobody is stuck and no order of locks is told.
[[nodiscard]] WaitGraph waits_for(const ExplainInput& input, const Words& words);

}  // namespace gridlock
