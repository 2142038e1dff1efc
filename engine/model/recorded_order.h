// The order in which the cpus of a run passed their points, as it was seen from outside: what strategy/recorded.h tries
// to follow.
//
// Values only. May include: base.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/model/ids.h"

namespace gridlock {

struct RecordedPoint {
  CpuId cpu;
  std::uint64_t address = 0;  // of the access that followed; 0: none
  bool is_write = false;
  bool operator==(const RecordedPoint&) const = default;
};

using RecordedOrder = std::vector<RecordedPoint>;

}  // namespace gridlock
