// What was seen on real cores, tried on fibers: in the order in which it was recorded, in orders near that one, with
// the same program and interrupts under PCT, and then with the same program under any schedule. A bug that shows there
// is an ordinary one, proven and with a schedule.
//
// May include: base, model, decode, strategy, judge.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/cli/child_runner.h"
#include "engine/cli/threads_worker.h"

namespace gridlock {

// Runs of one retry. Of those near the recorded order the first follows it exactly, then two thirds do with a growing
// blur and interrupts some points earlier or later. The rest search: a second or two, where a sighting took many.
inline constexpr std::uint32_t kRetryRunsNear = 200;
inline constexpr std::uint32_t kRetryRuns = 20'200;

struct RetryResult {
  // With the schedule that showed it, and the verdict of that run: any bug counts, because one on real cores may have
  // hidden another that came before it.
  struct Reproduction {
    Scenario scenario;
    Verdict verdict;
  };
  std::optional<Reproduction> reproduction;
  // ThreadSanitizer reported the same race on fibers, and the exact judge says that the accesses are ordered.
  bool is_ordered = false;
};

// ERRORS: as ChildRunner.
[[nodiscard]] Result<RetryResult> retry_on_fibers(ChildRunner& runner, const CoreSighting& sighting);

}  // namespace gridlock
