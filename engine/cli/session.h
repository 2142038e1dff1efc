// Runs scenarios of one variant of one target in this process and judges them. What may crash goes through a
// ChildRunner (engine/cli/child_runner.h) instead.
//
// May include: base, model, decode, feedback, strategy, machine, judge.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "engine/cli/evidence.h"
#include "engine/cli/forked_runs.h"
#include "engine/cli/journal.h"
#include "engine/cli/program_output.h"
#include "engine/cli/run_page.h"
#include "engine/cli/target_list.h"
#include "engine/feedback/interleaving_map.h"
#include "engine/machine/machine.h"
#include "engine/model/run_view.h"
#include "engine/model/verdict.h"
#include "engine/strategy/strategy.h"

namespace gridlock {

// What every command that runs something works with. Borrowed: lives as long as the command.
struct Tools {
  Machine& machine;
  const SiteNames& names;
  bool forks = false;  // each run in a process of its own: of a program whose state one process cannot put back
};

// What a run is said to be; the view lives until the machine's next run.
struct Judged {
  Verdict verdict;
  const RunView& view;
  std::optional<Evidence> evidence;  // of the sanitizer of this flavour, where it looks for such a bug
};

class Session {
 public:
  // All arguments outlive the session. Publishes each run in `page`. `is_fresh`: this process has run nothing yet.
  Session(Tools tools, const Target& target, std::uint32_t variant, RunPage& page, bool is_fresh = true);

  // Runs with the scenario's own directives and nothing else. `interleavings`: gets the features of the run, if anybody
  // asks. REQUIRES: `scenario` is legal.
  [[nodiscard]] Judged replay(const Scenario& scenario, feedback::InterleavingMap* interleavings = nullptr);
  // The same and notes every point: the view has a profile.
  [[nodiscard]] Judged profile(const Scenario& scenario);
  // The same and records every step. `stop_at_step`: traps there; 0: never.
  [[nodiscard]] Judged trace(const Scenario& scenario, std::uint64_t stop_at_step = 0);
  // Runs with `strategy`, whose decisions are journaled in the page.
  [[nodiscard]] Judged explore(const Scenario& scenario, Strategy& strategy,
                               feedback::InterleavingMap* interleavings = nullptr);

  // What a program prints from now on is shown; before that it is thrown away.
  void show_output() { shows_output_ = true; }

  [[nodiscard]] const TargetSchema& schema() const { return target_.schema; }
  [[nodiscard]] RunPage& page() const { return page_; }
  [[nodiscard]] const SiteNames& names() const { return tools_.names; }

 private:
  [[nodiscard]] const RunView& run(const Scenario& scenario, Strategy& strategy, const RunOptions& options);
  void note_refusal(const RunView& view);
  [[nodiscard]] Judged execute(const Scenario& scenario, Strategy& strategy, Decider decider,
                               const RunOptions& options);

  Tools tools_;
  const Target& target_;
  std::uint32_t variant_;
  RunPage& page_;
  std::unique_ptr<Strategy> directed_;
  std::optional<ForkedRuns> forked_;
  std::optional<ProgramOutput> output_;
  bool shows_output_ = false;
  bool is_fresh_;  // no run has been made in this process
};

// By cpu of the scenario: how many points it passed. Cpus that the target created itself are left out.
[[nodiscard]] std::vector<std::uint32_t> points_by_cpu(const RunView& view, const Scenario& scenario);

// By cpu of the scenario: the point before each operation that it began.
[[nodiscard]] std::vector<std::vector<std::uint32_t>> operation_starts(const RunView& view, const Scenario& scenario);

// `scenario` with the schedule that the run really had. Replays to the same run by `directed`, whatever strategy drove.
[[nodiscard]] Scenario as_it_was(const Scenario& scenario, const RunView& view);

}  // namespace gridlock
