// The nearest schedule with which a failing run passes, as far as one changed decision goes: what it changes, and what
// happens then from where the two runs part. Whoever can run things finds it (engine/cli/near_schedule.h); here it is
// told.
//
// May include: base, model. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/explain/explain.h"
#include "engine/explain/words.h"

namespace gridlock {

// So many rows of the passing run are told, the first of them before the runs part.
inline constexpr std::size_t kNearRowsBefore = 3;
inline constexpr std::size_t kNearRowsMax = 60;

// One decision of a schedule, left out or moved.
struct NearChange {
  std::size_t directive = 0;      // index in the failing scenario's directives
  std::int32_t points_later = 0;  // 0: it is left out
  bool operator==(const NearChange&) const = default;
};

struct NearStep {
  std::size_t step = 0;  // index in the passing run's trace
  CpuId cpu;
  Place where;
  std::string text;
};

struct NearPass {
  std::string text;      // one sentence
  std::size_t parts_at;  // index of the first step, in either trace, that is not the same
  std::vector<std::string> directives;
  std::vector<NearStep> steps;
};

// The scenario with the change made. REQUIRES: the directive is there. A point below 1 makes the result illegal.
[[nodiscard]] Scenario changed(const Scenario& scenario, const NearChange& change);

// `passing` is the run of `changed(failing_scenario, change)`; both have traces.
[[nodiscard]] NearPass tell_near_pass(const Scenario& failing_scenario, const Trace& failing, const NearChange& change,
                                      const ExplainInput& passing);

}  // namespace gridlock
