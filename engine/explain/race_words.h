// The words for a data race: both accesses with what their cpus held and did, and the edge that is missing; for a
// report of ThreadSanitizer that is no finding of the exact judge, what to look at.
//
// May include: base, model. Pure.
#pragma once

#include <string>
#include <vector>

#include "engine/explain/ending.h"
#include "engine/explain/explain.h"
#include "engine/explain/words.h"

namespace gridlock {

// REQUIRES: input.run->race is set.
[[nodiscard]] std::vector<Stand> race_stands(const ExplainInput& input, const Words& words);

// The missing edge in one or a few sentences, without indentation; empty if the run is no data race with a trace.
[[nodiscard]] std::vector<std::string> missing_edge(const ExplainInput& input, const Words& words);

}  // namespace gridlock
