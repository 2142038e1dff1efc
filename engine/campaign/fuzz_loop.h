// The loop that keeps the fuzzers running: starts stints by the share of time, watches them, takes in what they drop,
// writes down how far they are. One thread owns it.
//
// May include: base, model, store, metrics, campaign.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/campaign/canary.h"
#include "engine/campaign/clock.h"
#include "engine/campaign/data_folder.h"
#include "engine/campaign/intake.h"
#include "engine/campaign/plan.h"
#include "engine/campaign/share.h"
#include "engine/campaign/stint.h"
#include "engine/metrics/service_metrics.h"
#include "engine/store/store.h"

namespace gridlock::campaign {

struct FuzzLoopOptions {
  std::filesystem::path programs;
  std::uint32_t jobs = 2;
  std::uint64_t seed = 1;
  ShareLimits share;
  StintLimits stint;
  CanaryLimits canary;
};

enum class WorkerState : std::uint8_t { kStarting = 0, kRunning = 1, kBackingOff = 2 };

struct WorkerStatus {
  CampaignKey key;
  pid_t pid = 0;  // 0: backing off
  store::UnixMs since = 0;
  std::uint64_t runs = 0;
  double runs_per_second = 0;
  std::uint64_t features = 0;
  WorkerState state = WorkerState::kStarting;
};

struct FuzzLoopStatus {
  std::vector<WorkerStatus> workers;
  CanaryStatus canary;
};

class FuzzLoop {
 public:
  // All references outlive it. ERRORS: the store.
  [[nodiscard]] static Result<std::unique_ptr<FuzzLoop>> create(store::Store& store, metrics::ServiceMetrics& metrics,
                                                                const Clock& clock, Intake& intake, DataFolder data,
                                                                std::vector<PlannedCampaign> plan, store::BuildId build,
                                                                const FuzzLoopOptions& options);

  // One round: what there is to do, then waits for news, at most a fifth of a second. `wake`: a descriptor that ends
  // the wait when it can be read; -1: none.
  void turn(int wake);
  // Ends all stints, in good order where they do it in time, and takes in what they have dropped.
  void finish();
  [[nodiscard]] FuzzLoopStatus status() const;
  // Targets whose corpus may have changed since the last call.
  [[nodiscard]] std::set<std::string> take_fuzzed_targets() { return std::exchange(fuzzed_targets_, {}); }

 private:
  struct Campaign {
    PlannedCampaign plan;
    std::optional<store::CampaignId> id;  // nothing: it has never run
    std::uint64_t features = 0;           // the most that any stint knew
  };
  struct Running {
    std::optional<std::size_t> campaign;  // index; nothing: the canary
    Stint stint;
    metrics::CampaignMetrics& metrics;
    std::chrono::milliseconds begin;
    std::chrono::milliseconds recorded;
    Taken taken;
    // For the rate: what was counted when, some seconds ago.
    std::chrono::milliseconds rate_at;
    std::uint64_t rate_runs = 0;
    double runs_per_second = 0;
  };
  FuzzLoop(store::Store& store, metrics::ServiceMetrics& metrics, const Clock& clock, Intake& intake, DataFolder data,
           std::vector<Campaign> campaigns, TimeShare share, Canary canary, store::BuildId build,
           const FuzzLoopOptions& options);

  void start_what_is_due();
  [[nodiscard]] Result<void> start_canary();
  [[nodiscard]] Result<void> start_campaign(const Turn& turn);
  [[nodiscard]] Result<void> start(std::optional<std::size_t> campaign, const CampaignKey& key,
                                   std::optional<store::CampaignId>& id, StintOrder order);
  void look_after_all(std::chrono::milliseconds now);
  void look_after(Running& running, const ProcessTable& processes, std::chrono::milliseconds now);
  void take_in(Running& running, std::chrono::milliseconds now);
  void record(Running& running, std::chrono::milliseconds now);
  void bury_the_dead();
  void bury(Running& running, StintEnd end);
  void take_in_leftovers();
  void follow_weights();
  void wait(int wake) const;
  // Logs an error of the store, not more often than once a minute, and counts it.
  void note(const Error& error);

  store::Store& store_;
  metrics::ServiceMetrics& metrics_;
  const Clock& clock_;
  Intake& intake_;
  DataFolder data_;
  std::vector<Campaign> campaigns_;
  TimeShare share_;
  Canary canary_;
  std::optional<store::CampaignId> canary_ids_[std::size(kEngines)];
  store::BuildId build_;
  FuzzLoopOptions options_;
  std::vector<std::unique_ptr<Running>> running_;
  std::set<std::string> fuzzed_targets_;
  std::map<std::string, std::uint64_t> runs_of_target_;
  std::map<std::string, std::uint64_t> features_of_target_;
  std::optional<std::chrono::milliseconds> looked_at_;
  std::optional<std::chrono::milliseconds> kept_house_at_;
  std::optional<std::chrono::milliseconds> noted_at_;
  std::chrono::milliseconds start_again_at_{0};  // after a start that failed
};

}  // namespace gridlock::campaign
