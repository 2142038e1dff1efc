// `gridlock fuzz --machine threads`: the parent. Keeps a worker running on real cores (threads_worker.h), has what it
// sees tried on fibers (threads_retry.h), and files the rest as seen.
//
//     seen --retry on fibers--> a bug      --minimize--> .repro       reproduced: an ordinary finding
//          |                    the judge says: ordered               counted, no finding
//          +--> nothing         --100 more runs on cores--> .seen.txt "seen on real cores, k of n"
//
// Apart from the supervisor of the other engines, whose workers confirm and minimize by themselves and survive what
// they find.
//
// May include: all that cli includes.
#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/cli/child_process.h"
#include "engine/cli/finding_desk.h"
#include "engine/cli/progress.h"
#include "engine/cli/seen_report.h"
#include "engine/cli/status_writer.h"
#include "engine/cli/threads_retry.h"

namespace gridlock {

// Runs that say how often a sighting comes again, and how long they may take: a hang costs a fraction of a second each.
inline constexpr std::uint32_t kSeenAgainRuns = 100;
inline constexpr double kSeenAgainSecondsMax = 30;

class ThreadsFuzzer {
 public:
  // All references outlive the fuzzer. `status`: what somebody watches, if anybody does.
  ThreadsFuzzer(Tools tools, const Target& target, std::uint32_t variant, const FuzzOptions& options,
                std::vector<Scenario> corpus, SharedRunPage& worker_page, RunPage& triage_page,
                StatusWriter* status = nullptr);

  // Until the budget is used up, enough is found, or an interrupt arrives. ERRORS: as Supervisor::run.
  [[nodiscard]] Result<void> run();

  [[nodiscard]] const std::vector<ReportedFinding>& findings() const { return desk_.findings(); }
  [[nodiscard]] const RunPage& page() const { return *page_; }
  // ThreadSanitizer's reports of accesses that the exact judge calls ordered, by place.
  [[nodiscard]] std::uint64_t ordered_reports() const { return ordered_reports_; }
  [[nodiscard]] double elapsed_seconds() const;

 private:
  [[nodiscard]] Result<void> start_worker();
  [[nodiscard]] Result<void> hear(const nlohmann::json& message);
  [[nodiscard]] Result<void> bury_worker(bool stalled);
  [[nodiscard]] Result<void> pursue(const CoreSighting& sighting);
  [[nodiscard]] Result<void> accept_reproduced(const RetryResult::Reproduction& bug, const Sighting& sighting);
  [[nodiscard]] Result<SeenAgain> see_again(const CoreSighting& sighting);
  [[nodiscard]] Sighting sighting_now(const std::vector<std::uint8_t>& input) const;
  [[nodiscard]] bool is_over() const;
  void check_budget();
  void show_status(bool is_last);

  Tools tools_;
  const Target& target_;
  std::uint32_t variant_;
  const FuzzOptions& options_;
  std::vector<Scenario> corpus_;
  SharedRunPage& page_;
  RunPage& triage_page_;
  StatusWriter* status_;
  FindingDesk desk_;
  Progress progress_;
  std::optional<ChildProcess> worker_;
  std::optional<StallWatch> watch_;
  std::uint32_t incarnation_ = 0;
  std::set<std::string> known_;  // signatures that have been dealt with
  std::uint64_t ordered_reports_ = 0;
  std::uint32_t outside_kills_ = 0;
  std::chrono::steady_clock::time_point start_;
};

}  // namespace gridlock
