// What a run on real cores showed, in words: its verdict, and where each cpu stood.
//
// May include: base, model, judge, threads.
#pragma once

#include <string>

#include "engine/model/run_view.h"
#include "engine/model/verdict.h"
#include "engine/threads/threads_machine.h"

namespace gridlock {

// The verdict as the judge names it, with a summary that claims no proof. REQUIRES: the run did not complete.
[[nodiscard]] Verdict verdict_of(const ThreadsRun& run, const SiteNames& names);

// A paragraph a cpu: what it does, what is pending, its contexts with their frames, which words it reads and what they
// hold. Of a race: both accesses with their frames. To be called in the process of the run.
[[nodiscard]] std::string describe_state(const ThreadsRun& run, const gl_target& target, const SiteNames& names);

}  // namespace gridlock
