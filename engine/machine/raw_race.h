// What can be noted of a race or a failure in the middle of a run, on either machine: no allocation, no string.
//
// May include: model.
#pragma once

#include <cstdint>

#include "engine/model/run_view.h"

namespace gridlock {

// Of a stack, innermost first.
inline constexpr std::uint32_t kFailureFramesMax = 16;

struct RawRace {
  struct Access {
    bool is_write = false;
    bool is_atomic = false;
    std::uint32_t cpu = 0;
    std::uint32_t depth = 0;
    ContextView::Kind context = ContextView::Kind::kTask;
    std::uint32_t point = 0;
    std::uint32_t frame_count = 0;
    Site frames[kFailureFramesMax] = {};
  } accesses[2];
  std::uint64_t address = 0;
  std::uint64_t bytes = 0;
};

}  // namespace gridlock
