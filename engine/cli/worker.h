// The builtin engine's fuzzing loop, in a process of its own: generates, runs, judges; confirms and minimizes what it
// finds and hands it to the parent.
//
// Messages to the parent, in this order for each bug:
//   {"found": VERDICT, "input": BYTES}               as found; the parent minimizes it should this worker die now
//   {"lost": true}                                   it did not come again when its schedule was replayed
//   {"finding": MINIMIZED, "input": BYTES, "runs"}   minimal; the worker then waits for the reply
//
// May include: base, model, decode, strategy, judge, reduce.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/cli/known_bugs.h"
#include "engine/cli/session.h"
#include "engine/cli/wire.h"

namespace gridlock {

struct WorkerOptions {
  std::uint64_t seed = 1;  // this worker's own: derive_seed
  std::string strategy = "directed";
  std::vector<Scenario> corpus;  // this worker's share, without what the page says is used
  KnownBugs known;               // not to be reported again
  bool twice = false;            // compare two traced runs of every scenario
};

// Returns when the page says stop or its run budget is used up.
void fuzz_in_this_process(Session& session, const Channel& channel, WorkerOptions options);

}  // namespace gridlock
