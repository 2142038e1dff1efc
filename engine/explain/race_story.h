// A data race as a trace tells it: what each side was doing and held, and the edge that is missing between them.
//
// May include: base, model. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "engine/explain/held.h"
#include "engine/explain/near_order.h"
#include "engine/model/run_view.h"

namespace gridlock {

// So many steps of its own are told before an access, and behind the first.
inline constexpr std::size_t kStepsAroundAccess = 3;

// All numbers are indices of steps.
struct RaceSide {
  std::size_t access = 0;  // kRacingAccess
  Held held;
  std::vector<std::size_t> before;  // the last steps of its context that say something, in order
  std::vector<std::size_t> after;   // the first ones behind the access; of the second access none
};

struct RaceStory {
  RaceSide first, second;  // in the order in which they happened
  bool is_same_cpu = false;
  // By other cpus: how the first access nearly came to be ordered before the second; empty if nothing connects them.
  std::vector<Hop> way;
};

// Nothing if the run ended in no data race, or has no trace of both accesses.
[[nodiscard]] std::optional<RaceStory> story_of_race(const RunView& run);

// The steps that a person would name when telling the race: both accesses and where their operations and handlers
// began, the locks, the way with its fences.
[[nodiscard]] std::vector<std::size_t> telling_steps(const RaceStory& story, const std::vector<Step>& steps);

}  // namespace gridlock
