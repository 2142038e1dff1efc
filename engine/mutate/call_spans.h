// How directives hang on the program. A directive names the n-th point of a cpu: once an operation in front of it is
// gone, or longer, the same place in the code has another number. What a run's profile tells of where operations begin
// is enough to let directives follow. (engine/reduce keeps them in place while it removes many operations at once; here
// it is one, put in, taken out or moved.)
//
// May include: base, model.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/model/run_profile.h"
#include "engine/model/scenario.h"
#include "engine/mutate/profile_places.h"

namespace gridlock {

// An entry of a program.
struct CallPlace {
  std::uint32_t cpu = 0;
  std::uint32_t index = 0;
};

// The points of an operation: after the `before`-th and up to the `last`-th of its cpu.
struct CallSpan {
  std::uint32_t before = 0;
  std::uint32_t last = 0;
  [[nodiscard]] std::uint32_t points() const { return last - before; }
  [[nodiscard]] bool contains(PointIndex point) const { return point.value() > before && point.value() <= last; }
};

// The span of an operation that the run began; the last one that a cpu began extends to the last point of that cpu.
// Nothing without a profile.
[[nodiscard]] std::optional<CallSpan> span_of(const RunProfile* profile, CallPlace place);

// How many points a call of this operation is likely to take: as many as the first one that the run shows from begin to
// end. Nothing if it shows none.
[[nodiscard]] std::optional<std::uint32_t> likely_points(const RunProfile* profile, const Scenario& scenario,
                                                         OperationId operation);

// Directives of a cpu from this point on move by so many points. True if there are any and `by` is not 0.
bool move_from(Scenario& scenario, Place from, std::int64_t by);

// Directives inside the span go.
void drop_inside(Scenario& scenario, std::uint32_t cpu, const CallSpan& span);

}  // namespace gridlock
