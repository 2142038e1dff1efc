// The builtin engine's fuzzing loop, in a process of its own: generates, runs, judges; confirms and minimizes what it
// finds and hands it to the parent.
//
// Messages to the parent, in this order for each bug:
//   {"found": VERDICT, "input": BYTES}               as found; the parent minimizes it should this worker die now
//   {"lost": true}                                   it did not come again when its schedule was replayed
//   {"failed": TEXT}                                 a file could not be written; the worker ends
//   {"finding": MINIMIZED, "input": BYTES, "runs"}   minimal; the worker then waits for the reply
//
// May include: base, model, decode, strategy, judge, reduce.
#pragma once

#include "engine/cli/known_bugs.h"
#include "engine/cli/searcher.h"
#include "engine/cli/session.h"
#include "engine/cli/wire.h"

namespace gridlock {

struct WorkerOptions {
  SearchOptions search;  // with a seed of this worker's own: derive_seed
  KnownBugs known;       // not to be reported again
  bool twice = false;    // compare two traced runs of every scenario
};

// Returns when the page says stop or its run budget is used up. ERRORS: what the search keeps cannot be written.
[[nodiscard]] Result<void> fuzz_in_this_process(Session& session, const Target& target, const Channel& channel,
                                                WorkerOptions options);

}  // namespace gridlock
