// After how many points the machine does something that nobody decided.
//
// May include: machine.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/machine/spin_observation.h"

namespace gridlock {

// A cpu that runs this long while others could is sent to the back: nobody starves, whatever the schedule. Long enough
// for a spin budget of 1,024 iterations of two points.
inline constexpr std::uint32_t kSoloPointsMax = 4096;
// The same in the second fair order of a livelock's proof; a prime, so that it falls elsewhere in every loop.
inline constexpr std::uint32_t kSoloPointsSecondOrder = 61;
// After this many points without a decision the machine looks for a livelock.
inline constexpr std::uint64_t kLivelockAfterPoints = 16'384;
// A proof of a hang runs each stuck cpu until it is stuck again, at most this often.
inline constexpr std::uint32_t kProbeRoundsMax = 6;

// A cpu that runs this long without a spin hint is looked at for a spin; then ever less often.
inline constexpr std::uint32_t kObserveAfterPoints = 32;
// How far the first observation goes; each next one twice as far, up to 64 times.
inline constexpr std::uint32_t kObservePointsFirst = 16;
static_assert(kObservePointsFirst << 6 == SpinObservation::kPointsMax);
// Steps a trace has room for before it grows.
inline constexpr std::size_t kTraceStepsReserved = 4096;

}  // namespace gridlock
