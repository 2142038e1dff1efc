// The service's metrics: every family of `/metrics` is made here, with its labels and its help. docs and rules name
// them; dashboard/prometheus/ and dashboard/grafana/ use them, and ci/test-metrics holds all three together.
//
// Thread safe. Clocks are the caller's: times are unix seconds. What a caller gives as a label is cleaned and its
// number of values bounded (labels.h, families.h).
//
// May include: base, model; prometheus-cpp by families.h.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/metrics/campaign_metrics.h"
#include "engine/metrics/families.h"
#include "engine/metrics/process_metrics.h"
#include "engine/metrics/totals.h"
#include "engine/model/verdict.h"

namespace gridlock::metrics {

inline constexpr std::size_t kCampaignsMax = 65'536;  // that are told apart; more are a defect of the plan
inline constexpr std::size_t kRoutesMax = 64;         // classes of routes, of the HTTP metrics
inline constexpr std::size_t kRequestCodesMax = 512;  // (route class, code)

// How the replays of a repro, by the program that found it, went: all gave the finding's verdict and signature, none
// did, or some. Re-tests with other builds or variants are not meant: they may differ.
enum class ReplayResult : std::uint8_t { kSame, kDifferent, kFlaky };

class ServiceMetrics {
 public:
  ServiceMetrics(std::string_view version, std::string_view build_digest);

  // Everything, in Prometheus' text format 0.0.4, with the process's own metrics. In a fixed order.
  [[nodiscard]] std::string render() const;
  inline static constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

  // What survives a restart; see Families.
  [[nodiscard]] std::vector<Total> totals() const { return families_.totals(); }
  std::size_t restore(std::span<const Total> totals) { return families_.restore(totals); }

  // The campaign's own metrics, made if new. Lives as long as this; keep it.
  CampaignMetrics& campaign(const CampaignLabels& labels);

  // -- Campaigns and corpora
  void set_workers_max(std::uint64_t workers) { workers_max_.Set(static_cast<double>(workers)); }
  void set_corpus(std::string_view target, std::uint64_t entries, std::uint64_t bytes);
  // Marks that only rise; an earlier time is ignored.
  void saw_new_feature(std::string_view target, double unix_seconds);
  void saw_canary(double unix_seconds);
  // The canary's age from which on something is wrong.
  void set_canary_limit(double seconds) { canary_limit_.Set(seconds); }
  // The loop that starts and watches children has gone round.
  void saw_turn(double unix_seconds) { last_turn_.Set(unix_seconds); }

  // -- Findings
  void count_finding(std::string_view target, VerdictKind kind, bool is_new);
  void set_open_findings(std::string_view state, std::uint64_t findings);
  void count_replays(std::string_view target, ReplayResult result);
  // `to` of `from` decisions were left. REQUIRES: to <= from; from == 0 counts as nothing removed.
  void observe_minimisation(double seconds, std::uint64_t from, std::uint64_t to);
  void set_oldest_untriaged_age(double seconds) { oldest_untriaged_.Set(seconds); }  // 0: none waits
  void count_rejected_repro() { rejected_.Increment(); }

  // -- Store
  void set_disk(const DiskSpace& space);
  void count_store_write_failure() { store_write_failures_.Increment(); }

  // -- HTTP. `route`: a class such as "page" or "read", never a path as it was sent.
  void observe_request(std::string_view route, int code, double seconds);

 private:
  struct RequestMetrics {
    prometheus::Counter* count;
    prometheus::Histogram* duration;
  };
  RequestMetrics request_metrics(std::string_view route, int code);
  // Series whose first increase an alert must see are there at zero before it: Prometheus sees no increase in a series
  // that begins with 1.
  void prepare_target(const std::string& target);

  Families families_;
  CampaignFamilies campaign_families_{families_};
  CounterFamily& findings_;
  CounterFamily& replays_;
  GaugeFamily& open_findings_;
  GaugeFamily& corpus_entries_;
  GaugeFamily& corpus_bytes_;
  GaugeFamily& last_new_feature_;
  CounterFamily& requests_;
  HistogramFamily& request_duration_;
  prometheus::Gauge& workers_max_;
  prometheus::Gauge& canary_last_found_;
  prometheus::Gauge& canary_limit_;
  prometheus::Gauge& last_turn_;
  prometheus::Gauge& oldest_untriaged_;
  prometheus::Counter& rejected_;
  prometheus::Histogram& minimisation_duration_;
  prometheus::Histogram& minimisation_ratio_;
  prometheus::Gauge& disk_free_;
  prometheus::Gauge& disk_size_;
  prometheus::Counter& store_write_failures_;

  std::mutex mutex_;
  std::map<CampaignLabels, std::unique_ptr<CampaignMetrics>> campaigns_;  // guarded by mutex_
  // What requests need, so that none of them looks a family up: guarded by mutex_requests_.
  std::mutex mutex_requests_;
  std::map<std::pair<std::string, int>, RequestMetrics, std::less<>> request_metrics_;
};

}  // namespace gridlock::metrics
