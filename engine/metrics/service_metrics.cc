#include "engine/metrics/service_metrics.h"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <sstream>

#include "engine/base/check.h"

namespace gridlock::metrics {
namespace {

const std::vector<double> kMinimisationSeconds = {0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300};
const std::vector<double> kMinimisationRatios = {0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1};
// 0.1 is there exactly: it is what the pages promise.
const std::vector<double> kRequestSeconds = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5};
constexpr int kCodeMin = 100;
constexpr int kCodeMax = 599;

std::string_view replay_result_name(ReplayResult result) {
  switch (result) {
    case ReplayResult::kSame:
      return "same";
    case ReplayResult::kDifferent:
      return "different";
    case ReplayResult::kFlaky:
      return "flaky";
  }
  GRIDLOCK_CHECK(false);
}

std::string_view novelty(bool is_new) {
  return is_new ? "new" : "known";
}

void raise(prometheus::Gauge& mark, double value) {
  if (value > mark.Value()) mark.Set(value);
}

}  // namespace

ServiceMetrics::ServiceMetrics(std::string_view version, std::string_view build_digest)
    : findings_(families_.counter({"gridlock_findings_total",
                                   "Bugs that children reported, by verdict and by whether it was the first time.",
                                   {"target", "kind", "novelty"}})),
      replays_(families_.counter({"gridlock_replays_total",
                                  "Repros that were replayed by the program that found them, by whether all replays "
                                  "gave the finding (same), none (different) or some (flaky).",
                                  {"target", "result"}})),
      open_findings_(
          families_.gauge({"gridlock_open_findings", "Findings by triage state, canaries left out.", {"state"}})),
      corpus_entries_(families_.gauge({"gridlock_corpus_entries", "Kept inputs.", {"target"}})),
      corpus_bytes_(families_.gauge({"gridlock_corpus_size_bytes", "Size of the kept inputs.", {"target"}})),
      last_new_feature_(families_.gauge({"gridlock_last_new_feature_timestamp_seconds",
                                         "When a run last reached an interleaving that was new.",
                                         {"target"}},
                                        Kept::kYes)),
      requests_(families_.counter({"gridlock_http_requests_total",
                                   "HTTP requests by class of route and status code.",
                                   {"route", "code"},
                                   kRequestCodesMax})),
      request_duration_(families_.histogram({"gridlock_http_request_duration_seconds",
                                             "Time from a request to the end of its answer.",
                                             {"route"},
                                             kRoutesMax},
                                            kRequestSeconds)),
      workers_max_(families_.gauge({"gridlock_workers_max", "Children that may run at a time.", {}}).with({})),
      canary_last_found_(families_
                             .gauge({"gridlock_canary_last_found_timestamp_seconds",
                                     "When the bug that is always there was last found; 0: never.",
                                     {}},
                                    Kept::kYes)
                             .with({})),
      canary_limit_(families_
                        .gauge({"gridlock_canary_age_limit_seconds",
                                "Age of the canary's last finding from which on it is stale.",
                                {}})
                        .with({})),
      last_turn_(families_
                     .gauge({"gridlock_loop_last_turn_timestamp_seconds",
                             "When the loop that watches the children last went round.",
                             {}})
                     .with({})),
      oldest_untriaged_(families_
                            .gauge({"gridlock_oldest_untriaged_finding_age_seconds",
                                    "Age of the oldest finding that waits for its triage; 0: none waits.",
                                    {}})
                            .with({})),
      rejected_(
          families_
              .counter({"gridlock_rejected_repros_total", "Repros that could not be triaged and were put aside.", {}})
              .with({})),
      minimisation_duration_(
          families_
              .histogram(
                  {"gridlock_minimisation_duration_seconds", "Time that shrinking a finding's schedule took.", {}},
                  kMinimisationSeconds)
              .with({})),
      minimisation_ratio_(families_
                              .histogram({"gridlock_minimisation_ratio",
                                          "Decisions that were left, of those that the schedule had when found.",
                                          {}},
                                         kMinimisationRatios)
                              .with({})),
      disk_free_(families_.gauge({"gridlock_data_disk_free_bytes", "Room on the data folder's disk.", {}}).with({})),
      disk_size_(families_.gauge({"gridlock_data_disk_size_bytes", "Size of the data folder's disk.", {}}).with({})),
      store_write_failures_(
          families_
              .counter({"gridlock_store_write_failures_total", "Writes that the store could not make durable.", {}})
              .with({})) {
  families_.gauge({"gridlock_build_info", "1, with what runs as labels.", {"version", "digest"}})
      .with({version, build_digest})
      .Set(1);
}

std::string ServiceMetrics::render() const {
  std::vector<prometheus::MetricFamily> families = families_.collect();
  std::ranges::move(process_families(), std::back_inserter(families));
  std::ostringstream text;
  prometheus::TextSerializer().Serialize(text, families);
  return std::move(text).str();
}

CampaignMetrics& ServiceMetrics::campaign(const CampaignLabels& labels) {
  const std::lock_guard lock(mutex_);
  const auto found = campaigns_.find(labels);
  if (found != campaigns_.end()) return *found->second;
  GRIDLOCK_CHECK(campaigns_.size() < kCampaignsMax);
  prepare_target(labels.target);
  auto made = std::make_unique<CampaignMetrics>(campaign_families_, labels);
  return *campaigns_.emplace(labels, std::move(made)).first->second;
}

void ServiceMetrics::prepare_target(const std::string& target) {
  for (const auto result : {ReplayResult::kSame, ReplayResult::kDifferent, ReplayResult::kFlaky}) {
    replays_.with({target, replay_result_name(result)});
  }
  for (const std::string_view name : verdict_names()) {
    if (!is_bug(*verdict_from_name(name))) continue;
    for (const bool is_new : {true, false}) findings_.with({target, name, novelty(is_new)});
  }
}

void ServiceMetrics::set_corpus(std::string_view target, std::uint64_t entries, std::uint64_t bytes) {
  corpus_entries_.with({target}).Set(static_cast<double>(entries));
  corpus_bytes_.with({target}).Set(static_cast<double>(bytes));
}

void ServiceMetrics::saw_new_feature(std::string_view target, double unix_seconds) {
  raise(last_new_feature_.with({target}), unix_seconds);
}

void ServiceMetrics::saw_canary(double unix_seconds) {
  raise(canary_last_found_, unix_seconds);
}

void ServiceMetrics::count_finding(std::string_view target, VerdictKind kind, bool is_new) {
  findings_.with({target, verdict_name(kind), novelty(is_new)}).Increment();
}

void ServiceMetrics::set_open_findings(std::string_view state, std::uint64_t findings) {
  open_findings_.with({state}).Set(static_cast<double>(findings));
}

void ServiceMetrics::count_replays(std::string_view target, ReplayResult result) {
  replays_.with({target, replay_result_name(result)}).Increment();
}

void ServiceMetrics::observe_minimisation(double seconds, std::uint64_t from, std::uint64_t to) {
  minimisation_duration_.Observe(seconds);
  minimisation_ratio_.Observe(from == 0 ? 1 : static_cast<double>(to) / static_cast<double>(from));
}

void ServiceMetrics::set_disk(const DiskSpace& space) {
  disk_free_.Set(space.free_bytes);
  disk_size_.Set(space.size_bytes);
}

ServiceMetrics::RequestMetrics ServiceMetrics::request_metrics(std::string_view route, int code) {
  const std::lock_guard lock(mutex_requests_);
  const std::pair key(std::string(route), code);
  if (const auto found = request_metrics_.find(key); found != request_metrics_.end()) return found->second;
  const std::string code_name = code < kCodeMin || code > kCodeMax ? std::string(kOtherLabel) : std::to_string(code);
  const RequestMetrics made{&requests_.with({route, code_name}), &request_duration_.with({route})};
  if (request_metrics_.size() < kRequestCodesMax) request_metrics_.emplace(key, made);
  return made;
}

void ServiceMetrics::observe_request(std::string_view route, int code, double seconds) {
  const RequestMetrics metrics = request_metrics(route, code);
  metrics.count->Increment();
  metrics.duration->Observe(seconds);
}

}  // namespace gridlock::metrics
