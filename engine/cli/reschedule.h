// Looks for a smaller scenario with the same bug by drawing schedules anew. Shrinking only takes away; where a cpu or a
// directive is needed for the schedule at hand, another schedule of fewer cpus may do, and finding one takes some
// thousand runs.
//
// May include: base, model, decode, judge.
#pragma once

#include <functional>
#include <optional>

#include "engine/cli/session.h"
#include "engine/model/scenario.h"
#include "engine/model/verdict.h"

namespace gridlock {

// Schedules drawn for each smaller program.
inline constexpr std::uint32_t kRescheduleRuns = 4000;

// A scenario that shows the bug of `verdict` with a cpu less than `scenario`, or else with the same cpus and a
// directive less; nothing if none was found or `stop` said so. Deterministic. REQUIRES: no run of these programs kills
// the process.
[[nodiscard]] std::optional<Scenario> find_smaller_schedule(Session& session, const Scenario& scenario,
                                                            const Verdict& verdict, const std::function<bool()>& stop);

}  // namespace gridlock
