// What the service's parts are told of each other. The web server knows no campaigns and the campaigns no web server;
// here each sees the other through the interface that it asks for.
//
// May include: dashboard/server, campaign, metrics, store.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "dashboard/server/live_status.h"
#include "dashboard/server/request_observer.h"
#include "dashboard/server/server.h"
#include "engine/campaign/orchestrator.h"
#include "engine/cli/target_list.h"
#include "engine/metrics/service_metrics.h"
#include "engine/store/store.h"

namespace gridlock {

// What the pages show of the moment.
class CampaignsLive final : public dashboard::LiveStatus {
 public:
  // `campaigns` outlives it; `targets`: for their summaries.
  CampaignsLive(const campaign::Orchestrator& campaigns, std::span<const Target> targets);

  [[nodiscard]] std::vector<dashboard::LiveWorker> workers() const override;
  [[nodiscard]] std::uint32_t workers_max() const override;
  [[nodiscard]] dashboard::LiveCanary canary() const override;
  [[nodiscard]] double runs_per_second(std::string_view target) const override;
  [[nodiscard]] std::string summary(std::string_view target) const override;

 private:
  const campaign::Orchestrator& campaigns_;
  std::map<std::string, std::string, std::less<>> summaries_;
};

class RequestCounter final : public dashboard::RequestObserver {
 public:
  explicit RequestCounter(metrics::ServiceMetrics& metrics) : metrics_(metrics) {}
  void observe(dashboard::RouteClass route, int status, double seconds) noexcept override;

 private:
  metrics::ServiceMetrics& metrics_;
};

// Tells pages and terminal of findings. Thread safe.
class Herald {
 public:
  explicit Herald(const store::Store& store) : store_(store) {}
  // To be called once, before tell().
  void set_server(dashboard::Server& server) { server_ = &server; }
  // A finding is new or has changed. It is printed once, when there is a minimal repro to look at.
  void tell(store::FindingId finding);

 private:
  const store::Store& store_;
  dashboard::Server* server_ = nullptr;
  std::mutex mutex_;
  std::set<std::string> printed_;  // keys of findings of this life; guarded by mutex_
};

}  // namespace gridlock
