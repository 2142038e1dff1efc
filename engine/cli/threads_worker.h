// The fuzzing loop on real cores, in a process of its own: generates, runs, and tells its parent what it sees. What has
// gone wrong on one thread leaves the others where they are, so most things that are seen end the process.
//
// Messages to the parent:
//   {"seen": SIGHTING}     something new; the worker waits for the reply, or ends at once if its threads are stuck
//   {"again": SIGNATURE}   a bug that is known has ended the process
//
// May include: base, model, decode, judge, threads.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "engine/cli/run_page.h"
#include "engine/cli/session.h"
#include "engine/cli/wire.h"
#include "engine/model/recorded_order.h"

namespace gridlock {

// Something that was seen on real cores, with all that is known of how it came about.
struct CoreSighting {
  Verdict verdict;
  Scenario scenario;                // its directives: the interrupts that arrived, and no demotes
  std::vector<std::uint8_t> input;  // as it was run
  RecordedOrder order;              // empty after a crash
  std::string state;                // where each cpu stood, for a person; empty if nobody looked
};

[[nodiscard]] nlohmann::json to_message(const CoreSighting& sighting, const TargetSchema& schema);
[[nodiscard]] CoreSighting core_sighting_from_message(const nlohmann::json& message, const TargetSchema& schema);

struct ThreadsWorkerOptions {
  std::uint64_t seed = 1;
  std::vector<Scenario> corpus;  // to start from
  std::set<std::string> known;   // signatures
};

// Returns when the page says stop or its run budget is used up. Ends the process where threads are stuck.
void fuzz_on_threads(Tools tools, const Target& target, std::uint32_t variant, RunPage& page, const Channel& channel,
                     ThreadsWorkerOptions options);

// Runs one scenario up to `times` times, each with delays of its own, and tells the signature of each run, "" for none:
// {"signatures": [..]}. Ends early, with what was told so far, at the first run that leaves threads stuck.
void repeat_on_threads(Tools tools, const Target& target, std::uint32_t variant, RunPage& page, const Channel& channel,
                       const Scenario& scenario, std::uint32_t times, std::uint64_t seed);

}  // namespace gridlock
