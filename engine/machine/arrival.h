// What the access at a point is about to do: its kind, whether it reads and writes, and the values before and after,
// from the operands that the hook left in the registers.
//
// May include: model, machine.
#pragma once

#include <cstdint>

#include "engine/machine/gate.h"
#include "engine/model/trace.h"

namespace gridlock {

struct Arrival {
  StepKind kind;
  std::uint32_t width_bytes;  // as the hook tells it
  std::uint64_t address;      // 0: no access
  bool reads, writes;
  bool changes;                 // the memory will hold something else, or what it will hold is not known here
  std::uint64_t before, after;  // of an object the first eight bytes
};

// Reads the memory that the access is about: to be called on the cpu that is about to make it.
[[nodiscard]] Arrival describe(const PointFrame& frame);

}  // namespace gridlock
