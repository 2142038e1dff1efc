#include "engine/cli/serve_seams.h"

#include <fmt/format.h>

#include <cstdio>
#include <exception>

namespace gridlock {
namespace {

dashboard::LiveWorker::State state_of(campaign::WorkerState state) {
  switch (state) {
    case campaign::WorkerState::kStarting:
      return dashboard::LiveWorker::State::kStarting;
    case campaign::WorkerState::kRunning:
      return dashboard::LiveWorker::State::kRunning;
    case campaign::WorkerState::kBackingOff:
      return dashboard::LiveWorker::State::kBackingOff;
  }
}

}  // namespace

CampaignsLive::CampaignsLive(const campaign::Orchestrator& campaigns, std::span<const Target> targets)
    : campaigns_(campaigns) {
  for (const Target& target : targets) summaries_.emplace(target.schema.name, target.schema.summary);
}

std::vector<dashboard::LiveWorker> CampaignsLive::workers() const {
  std::vector<dashboard::LiveWorker> shown;
  for (const auto& worker : campaigns_.status().workers) {
    shown.push_back({.target = worker.key.target,
                     .variant = worker.key.variant,
                     .engine = worker.key.engine,
                     .sanitizer = worker.key.sanitizer,
                     .pid = worker.pid,
                     .since = worker.since,
                     .runs = worker.runs,
                     .runs_per_second = worker.runs_per_second,
                     .features = worker.features,
                     .state = state_of(worker.state)});
  }
  return shown;
}

std::uint32_t CampaignsLive::workers_max() const {
  return campaigns_.status().workers_max;
}

dashboard::LiveCanary CampaignsLive::canary() const {
  const auto canary = campaigns_.status().canary;
  return {.ok = canary.ok,
          .last_found = canary.last_found,
          .limit_seconds = static_cast<std::int64_t>(canary.limit_seconds)};
}

double CampaignsLive::runs_per_second(std::string_view target) const {
  const auto rates = campaigns_.status().runs_per_second;
  const auto found = rates.find(std::string(target));
  return found == rates.end() ? 0 : found->second;
}

std::string CampaignsLive::summary(std::string_view target) const {
  const auto found = summaries_.find(target);
  return found == summaries_.end() ? "" : found->second;
}

void RequestCounter::observe(dashboard::RouteClass route, int status, double seconds) noexcept {
  try {
    metrics_.observe_request(dashboard::route_class_name(route), status, seconds);
  } catch (const std::exception&) {
    // An answer that is not counted is still an answer.
  }
}

void Herald::tell(store::FindingId id) {
  server_->announce(id);
  const auto finding = store_.finding(id);
  if (!finding || !*finding || !(*finding)->triaged || (*finding)->is_canary) return;
  const std::lock_guard lock(mutex_);
  if (!printed_.insert((*finding)->key).second) return;
  fmt::print("{} in {} {}: {}\n  {}findings/{}\n", verdict_name((*finding)->verdict), (*finding)->target,
             (*finding)->variant, (*finding)->title, server_->url(), (*finding)->key);
  std::fflush(stdout);
}

}  // namespace gridlock
