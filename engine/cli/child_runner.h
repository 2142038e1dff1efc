// Runs scenarios of one variant in child processes, so that a crash, a sanitizer's death or a run that never reaches a
// point is a verdict like any other.
//
// May include: base, model, decode, machine, judge.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "engine/base/error.h"
#include "engine/cli/child_process.h"
#include "engine/cli/run_page.h"
#include "engine/cli/session.h"

namespace gridlock {

// What is left of a run when its process is gone.
struct Outcome {
  Verdict verdict;
  std::uint64_t points = 0;
  std::vector<std::vector<std::uint32_t>> operation_starts;  // by cpu; empty after a crash
  EvidenceCount evidence = {};                               // of this one run
  std::uint64_t ordered_reports = 0;                         // of ThreadSanitizer
};

[[nodiscard]] Outcome outcome_of(const Judged& judged, const Scenario& scenario);

class ChildRunner {
 public:
  // All arguments but `limits` outlive the runner.
  ChildRunner(Tools tools, const Target& target, std::uint32_t variant, RunPage& page, RunLimits limits = {})
      : tools_(tools), target_(target), variant_(variant), page_(page), limits_(limits) {}

  // ERRORS, of all functions here: no process could be started, or somebody outside killed it. A defect in Gridlock
  // ends this process with its own exit code.
  [[nodiscard]] Result<Outcome> run(const Scenario& scenario);
  // `times` runs, as many as possible in one process: a state that leaks from run to run would show.
  [[nodiscard]] Result<std::vector<Outcome>> run_repeatedly(const Scenario& scenario, std::uint32_t times);

  // Calls `work` with a session in a child. The messages that it sent; `verdict` is set if it died.
  struct Work {
    std::vector<nlohmann::json> messages;
    std::optional<Verdict> died;
  };
  [[nodiscard]] Result<Work> call(const std::function<void(Session&, const Channel&)>& work);

  [[nodiscard]] const Target& target() const { return target_; }
  [[nodiscard]] std::uint32_t variant() const { return variant_; }
  [[nodiscard]] RunPage& page() { return page_; }
  void set_limits(RunLimits limits) { limits_ = limits; }

 private:
  Tools tools_;
  const Target& target_;
  std::uint32_t variant_;
  RunPage& page_;
  RunLimits limits_;
};

}  // namespace gridlock
