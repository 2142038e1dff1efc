// Walks the frames of a thread's stack by its frame pointers, for reports.
//
// May include: base, model, machine.
#pragma once

#include <cstdint>

#include "engine/machine/raw_race.h"
#include "engine/model/ids.h"

namespace gridlock {

// The sites above the engine function with this frame pointer, innermost first, up to the frame `boundary`; at most
// `frames_max`. Reads nothing outside [frame_pointer, boundary): the chain may be garbage. Async-signal safe.
inline std::uint32_t walk_frames(const void* frame_pointer, std::uint64_t boundary, std::uint64_t load_bias,
                                 Site* frames, std::uint32_t frames_max = kFailureFramesMax) {
  auto frame = reinterpret_cast<std::uint64_t>(frame_pointer);
  std::uint32_t count = 0;
  while (count < frames_max && frame % 8 == 0 && frame < boundary) {
    const auto* const words = reinterpret_cast<const std::uint64_t*>(frame);
    // The function that returns into the frame at the boundary, the engine's own, was the outermost of the target.
    if (count > 0 && words[0] == boundary) break;
    frames[count++] = words[1] - load_bias;
    if (words[0] <= frame) break;
    frame = words[0];
  }
  return count;
}

}  // namespace gridlock
