// What one run looked like, point by point: what a mutation of its schedule aims at. Lighter than a trace: no call
// chains, no values, no events.
//
// Values only. May include: base.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/model/ids.h"
#include "engine/model/trace.h"

namespace gridlock {

// One point that a cpu passed.
struct PointNote {
  Site site = 0;             // where the code under test stands; 0: in the engine (the idle loop)
  std::uint32_t object = 0;  // the word that the access goes to: arena offset / 8 + 1; 0: no access, or to a stack
  StepKind kind = StepKind::kLoad;
  std::uint8_t depth = 0;     // nested contexts: 0 task, 1 a handler over it, ...
  bool writes = false;        // may write: stores, read-modify-writes, compare-exchanges
  bool irqs_enabled = false;  // an interrupt that is raised here is taken here
  bool operator==(const PointNote&) const = default;
};

struct RunProfile {
  // [cpu][point - 1]. A cpu's later points are missing if it passed more than kProfilePointsMax.
  std::vector<std::vector<PointNote>> cpus;
  // By cpu: the point before the first point of each operation that was begun, as CpuView::operation_starts.
  std::vector<std::vector<std::uint32_t>> operation_starts;
};

inline constexpr std::uint32_t kProfilePointsMax = 4096;  // of one cpu

}  // namespace gridlock
