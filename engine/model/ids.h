// The integers of the design's vocabulary, each its own type.
//
// May include: base.
#pragma once

#include <cstdint>

#include "engine/base/strong_id.h"

namespace gridlock {

// A virtual CPU, 0 to kCpusMax - 1.
using CpuId = StrongId<struct CpuTag>;
// The n-th point of one cpu, counted from 1 in the order that cpu passes them.
using PointIndex = StrongId<struct PointTag>;
// An entry of the target's operation table.
using OperationId = StrongId<struct OperationTag>;

inline constexpr std::uint32_t kCpusMax = 64;

// A place in the code: the return address of a call into the hook, minus the load address of the program, so that it
// does not change from run to run of one build. 0 is "no place".
using Site = std::uint64_t;

}  // namespace gridlock
