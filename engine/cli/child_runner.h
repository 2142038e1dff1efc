// Runs scenarios of one variant in child processes, so that a crash, a sanitizer's death or a run that never reaches a
// point is a verdict like any other.
//
// May include: base, model, decode, machine, judge.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
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
  std::vector<std::uint32_t> points_by_cpu;                  // of all cpus that there were; empty after a crash
  EvidenceCount evidence = {};                               // of this one run
  std::uint64_t ordered_reports = 0;                         // of ThreadSanitizer
};

[[nodiscard]] Outcome outcome_of(const Judged& judged, const Scenario& scenario);

// What became of work in a child: the messages that it sent; `died` is set if a run killed it.
struct ChildWork {
  std::vector<nlohmann::json> messages;
  std::optional<Verdict> died;
};

// One run of a batch. The pointers outlive it.
struct BatchRun {
  const Target* target = nullptr;
  std::uint32_t variant = 0;
  const Scenario* scenario = nullptr;
  bool shows_output = false;  // of a program
};

// The outcomes of the runs in their order, as many as possible in one process: a process that has begun is quick, and a
// state that leaks from run to run shows. A run that broke memory shares its process with none but its own repetitions.
// ERRORS: as ChildRunner.
[[nodiscard]] Result<std::vector<Outcome>> run_batch(Tools tools, std::span<const BatchRun> runs, RunPage& page,
                                                     RunLimits limits = {});

class ChildRunner {
 public:
  // All arguments but `limits` outlive the runner.
  ChildRunner(Tools tools, const Target& target, std::uint32_t variant, RunPage& page, RunLimits limits = {})
      : tools_(tools), target_(target), variant_(variant), page_(page), limits_(limits) {}

  // ERRORS, of all functions here: no process could be started, or somebody outside killed it. A defect in Gridlock
  // ends this process with its own exit code.
  [[nodiscard]] Result<Outcome> run(const Scenario& scenario);
  // `times` runs, as run_batch.
  [[nodiscard]] Result<std::vector<Outcome>> run_repeatedly(const Scenario& scenario, std::uint32_t times);

  // Calls `work` with a session in a child.
  [[nodiscard]] Result<ChildWork> call(const std::function<void(Session&, const Channel&)>& work);

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
