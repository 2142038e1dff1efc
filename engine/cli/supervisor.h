// The parent of the fuzzing workers: keeps them running within the budget, takes their findings, makes findings out of
// their deaths, and stops them. What an interrupt leaves behind is complete: every finding is on disk when it is told.
//
// May include: all that cli includes.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/cli/child_process.h"
#include "engine/cli/finding_desk.h"
#include "engine/cli/known_bugs.h"
#include "engine/cli/launcher.h"
#include "engine/cli/progress.h"
#include "engine/cli/report.h"
#include "engine/cli/status_writer.h"

namespace gridlock {

// Deaths of a worker by somebody outside (the kernel's out-of-memory killer, a person), without a run in between,
// before the supervisor gives up.
inline constexpr std::uint32_t kOutsideKillsMax = 3;

struct FuzzTotals {
  std::uint64_t runs = 0;
  std::uint64_t points = 0;
  std::uint64_t switches = 0;
  std::uint64_t inconclusive = 0;
  std::uint64_t unconfirmed = 0;
  std::uint64_t differing = 0;
  std::uint64_t ordered_reports = 0;
};

class Supervisor {
 public:
  // All references outlive the supervisor. `triage_page` is for the children that judge what workers died of. `status`:
  // what somebody watches, if anybody does.
  Supervisor(Tools tools, const Target& target, std::uint32_t variant, const FuzzOptions& options, Launcher& launcher,
             RunPage& triage_page, StatusWriter* status = nullptr);

  // Fuzzes until the budget is used up, enough is found, or an interrupt arrives. ERRORS: workers that cannot be
  // started or that somebody keeps killing, files that cannot be written.
  [[nodiscard]] Result<void> run();

  [[nodiscard]] const std::vector<ReportedFinding>& findings() const { return desk_.findings(); }
  [[nodiscard]] FuzzTotals totals() const;
  [[nodiscard]] double elapsed_seconds() const;

 private:
  // A bug that a worker is confirming and minimizing.
  struct Suspicion {
    Verdict verdict;
    Sighting sighting;
  };
  struct Worker {
    SharedRunPage page;
    std::optional<ChildProcess> process;
    std::optional<StallWatch> watch;
    std::optional<Suspicion> suspicion;
    std::uint32_t incarnation = 0;
    bool stalled = false;
    std::uint64_t runs_before = 0;         // what its page counted when it was started last
    std::uint32_t ends_without_a_run = 0;  // in a row, by somebody outside
  };

  Result<void> create_workers();
  Result<void> gather_if_due();
  Result<void> start(std::uint32_t number);
  Result<void> attend();
  Result<void> attend(std::uint32_t number);
  void wait_for_news() const;
  Result<void> hear(Worker& worker, const nlohmann::json& message);
  Result<void> answer(Worker& worker, const nlohmann::json& message);
  static void forget_run(Worker& worker);
  Result<void> bury(std::uint32_t number);
  Result<void> examine_death(Worker& worker, const ChildDeath& death);
  Result<void> note_outside_end(Worker& worker, const std::string& how);
  Result<void> pursue(const Scenario& scenario, const Verdict& verdict, const Sighting& sighting);
  Result<void> accept(const Minimized& minimized, const Sighting& sighting);
  void check_budget();
  void show_status(bool is_last);
  void stop_all(StopLevel level);
  [[nodiscard]] bool may_start_again(const Worker& worker) const;
  [[nodiscard]] Sighting sighting_now(std::vector<std::uint8_t> input) const;
  [[nodiscard]] Result<std::optional<Verdict>> verdict_of_death(Worker& worker, const ChildDeath& death,
                                                                const Scenario& scenario);

  Tools tools_;
  const Target& target_;
  std::uint32_t variant_;
  const FuzzOptions& options_;
  Launcher& launcher_;
  RunPage& triage_page_;
  StatusWriter* status_;
  FindingDesk desk_;
  KnownBugs known_;
  Progress progress_;
  std::vector<Worker> workers_;
  std::chrono::steady_clock::time_point start_;
  std::chrono::steady_clock::time_point gathered_;  // when it was last asked for
  StopLevel stop_ = StopLevel::kGoOn;
  std::uint64_t unconfirmed_ = 0;  // deaths that did not come again
};

// The share of worker `worker` in `runs`; the shares of all add up to `runs`.
[[nodiscard]] std::uint64_t share_of_runs(std::uint64_t runs, std::uint32_t jobs, std::uint32_t worker);

}  // namespace gridlock
