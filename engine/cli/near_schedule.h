// Looks for the nearest schedule with which a failing run passes: one decision left out, or one point earlier or later.
// Of those that pass, the one whose run parts last from the failing run. explain/near_pass.h tells it.
//
// May include: base, model, decode, explain.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "engine/cli/session.h"
#include "engine/explain/near_pass.h"

namespace gridlock {

// So many candidates are run, the last decisions' first, and no more once the runs together passed so many points: a
// minimal repro has few of both.
inline constexpr std::size_t kNearRunsMax = 300;
inline constexpr std::uint64_t kNearPointsMax = 10'000'000;

// Nothing if none of the candidates passes. A candidate may kill the process: to be called in a child. REQUIRES:
// `failing` is legal.
[[nodiscard]] std::optional<NearChange> find_near_pass(Session& session, const Scenario& failing);

}  // namespace gridlock
