// What AFL++ sees of a run: a place of its map for each counter of the code under test that was ever touched, and one
// for each feature of an interleaving. Which place that is differs from one fork server to another.
//
// The targets' objects are those of the libFuzzer program: they count in memory of their own (-fsanitize=
// fuzzer-no-link), which AFL++ knows nothing of. So this takes the place of the sanitizer's runtime, asks AFL++'s for
// room in its map as if it were instrumented code, and copies what is not zero after each run. Nothing is compiled a
// third time, and the engine's own code never shows.
//
// May include: base, feedback, cli (run_page).
#pragma once

#include <span>

#include "engine/cli/run_page.h"
#include "engine/feedback/interleaving_map.h"

namespace gridlock {

// Clears the counters of the code under test.
void forget_coverage();

// Adds the counters of the code under test and the features of the run to AFL++'s map, marks in `edges` which counters
// these were, and clears them.
void publish_coverage(std::span<const feedback::Feature> features, SeenSet<kCodeEdgesMax>& edges);

}  // namespace gridlock
