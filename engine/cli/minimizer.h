// From a scenario that shows a bug to the smallest one that does, with a measured reliability. Bugs that the engine
// itself finds (hangs, invariants, races, most memory errors) are shrunk in one process; what kills the process, by a
// fork for each candidate.
//
// May include: base, model, reduce, judge.
#pragma once

#include <cstdint>
#include <functional>

#include "engine/base/error.h"
#include "engine/cli/child_runner.h"
#include "engine/cli/session.h"
#include "engine/model/scenario.h"
#include "engine/model/verdict.h"

namespace gridlock {

// How often a minimal scenario is run again, in a row, before it is handed out.
inline constexpr std::uint32_t kConfirmations = 100;
// The same where each run costs seconds, because it never reaches a point.
inline constexpr std::uint32_t kConfirmationsNoPoint = 2;

// For another run of what has already computed for seconds without reaching a point. A run takes microseconds, and it
// is the processor's time that counts.
inline constexpr RunLimits kNoPointTrialLimits{.wall = std::chrono::milliseconds(100),
                                               .processor = std::chrono::milliseconds(80),
                                               .wall_asleep = std::chrono::milliseconds(5000)};

struct Minimized {
  Scenario scenario;
  Verdict verdict;               // of `scenario`; the same bug as the original's
  std::uint32_t reproduced = 0;  // of `confirmations`: the identical verdict
  std::uint32_t confirmations = 0;
  std::uint64_t trials = 0;
  bool one_minimal = false;     // no single cpu, operation or directive can go
  EvidenceCount evidence = {};  // of the confirmations
};

[[nodiscard]] nlohmann::json to_message(const Minimized& minimized, const TargetSchema& schema);
[[nodiscard]] Minimized minimized_from_message(const nlohmann::json& message, const TargetSchema& schema);

// True when the reduction is to end with the best so far.
using StopRequest = std::function<bool()>;

// REQUIRES: session.replay(original) gives `verdict`, which does not kill the process. A candidate that crashes all
// the same takes this process with it; its input is in the session's page.
[[nodiscard]] Minimized minimize_here(Session& session, const Scenario& original, const Verdict& verdict,
                                      const StopRequest& stop);

// The same for every kind of verdict, with the work done in children. ERRORS: as ChildRunner.
[[nodiscard]] Result<Minimized> minimize_in_children(ChildRunner& runner, const Scenario& original,
                                                     const Verdict& verdict, const StopRequest& stop);

}  // namespace gridlock
