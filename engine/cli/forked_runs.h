// Runs that each have a process of their own, for programs whose state one process cannot put back: a fork of this
// process makes the run and leaves what it says in memory that both share. What learns from runs (feedback, strategies)
// lives on here as if it had made them.
//
// May include: base, model, feedback, strategy, machine.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>

#include "engine/cli/run_archive.h"
#include "engine/cli/run_page.h"
#include "engine/machine/machine.h"
#include "engine/strategy/strategy.h"

namespace gridlock {

class ForkedRuns {
 public:
  // The page outlives this.
  explicit ForkedRuns(RunPage& page);
  ForkedRuns(const ForkedRuns&) = delete;
  ForkedRuns& operator=(const ForkedRuns&) = delete;
  ~ForkedRuns();

  // Calls `make` in a fork. A fork that dies takes this process with it, in the same way, so that whoever watches sees
  // what a run in this process would have shown. The view lives until the next call.
  [[nodiscard]] const RunView& run(const std::function<const RunView&()>& make, const Scenario& scenario,
                                   Strategy& strategy, const RunOptions& options);

 private:
  [[noreturn]] void run_as_child(const std::function<const RunView&()>& make, Strategy& strategy,
                                 const RunOptions& options);
  void take_over(const Scenario& scenario, Strategy& strategy, const RunOptions& options);

  RunPage& page_;
  std::span<std::byte> shared_;
  std::optional<OwnedView> returned_;
};

}  // namespace gridlock
