// The campaigns as a whole: the fuzzing loop in one thread, triage and upkeep in another, and a watch over the loop.
//
//     auto digest = programs_digest(programs);
//     store.record_build, ServiceMetrics metrics(version, *digest) ...
//     auto orchestrator = Orchestrator::create(store, metrics, clock, announce, options);
//     (*orchestrator)->start();  ...  (*orchestrator)->stop();
//
// May include: base, model, store, metrics, campaign.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "engine/base/error.h"
#include "engine/campaign/announce.h"
#include "engine/campaign/canary.h"
#include "engine/campaign/clock.h"
#include "engine/campaign/fuzz_loop.h"
#include "engine/campaign/loop_watch.h"
#include "engine/campaign/plan.h"
#include "engine/campaign/upkeep.h"
#include "engine/metrics/service_metrics.h"
#include "engine/store/store.h"

namespace gridlock::campaign {

struct OrchestratorOptions {
  FuzzLoopOptions loop;  // with the folder of the programs
  PlanFilter filter;
  std::string build_digest;  // programs_digest() of that folder
  std::string version;
  std::chrono::milliseconds loop_stands_still = kLoopStandsStill;
};

struct OrchestratorStatus {
  std::vector<WorkerStatus> workers;
  std::uint32_t workers_max = 0;
  CanaryStatus canary;
  std::map<std::string, double> runs_per_second;  // by target
  std::chrono::milliseconds loop_age{0};          // since the loop went round last
};

class Orchestrator {
 public:
  // Asks the programs what there is, writes it into the store, closes what a dead server left open. References outlive
  // it; `announce` is called from its threads. ERRORS: the programs, the filter, the store, the data folder.
  [[nodiscard]] static Result<std::unique_ptr<Orchestrator>> create(store::Store& store,
                                                                    metrics::ServiceMetrics& metrics,
                                                                    const Clock& clock, Announce announce,
                                                                    const OrchestratorOptions& options);
  // As stop().
  ~Orchestrator();

  // To be called once. If the loop stands still for too long, the process is aborted with a message.
  void start();
  // Ends all children and both threads, within the time of grace of children and the limit of one answer of the store.
  // What was dropped until then is in the store. May be called twice.
  void stop();

  // Thread safe.
  [[nodiscard]] OrchestratorStatus status() const;
  [[nodiscard]] const store::Build& build() const { return build_; }

 private:
  struct Parts;
  Orchestrator(std::unique_ptr<Parts> parts, store::Build build, const OrchestratorOptions& options);
  void fuzz(const std::stop_token& stop);
  void keep_up(const std::stop_token& stop);
  void publish(FuzzLoopStatus status);

  std::unique_ptr<Parts> parts_;
  store::Build build_;
  OrchestratorOptions options_;
  int wake_ = -1;  // eventfd: ends the loop's wait
  mutable std::mutex mutex_;
  FuzzLoopStatus status_;  // guarded by mutex_
  LoopWatch watch_;
  std::jthread fuzzing_;
  std::jthread upkeep_;
};

}  // namespace gridlock::campaign
