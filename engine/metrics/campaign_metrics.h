// What one campaign adds to the service's metrics, fed by snapshots of its child's status page.
//
// May include: base, model; prometheus-cpp by families.h.
#pragma once

#include <array>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "engine/metrics/families.h"
#include "engine/model/status_counts.h"

namespace gridlock::metrics {

struct CampaignLabels {
  std::string target;
  std::string variant;
  std::string engine;
  std::string sanitizer;
  auto operator<=>(const CampaignLabels&) const = default;
};

// The families that campaigns feed. What every campaign of a target and sanitizer shares is summed over variants and
// engines, which keeps the page at a third of its size.
class CampaignFamilies {
 public:
  explicit CampaignFamilies(Families& families);

 private:
  friend class CampaignMetrics;
  CounterFamily& runs_;
  CounterFamily& points_;
  CounterFamily& inconclusive_;
  GaugeFamily& features_;
  GaugeFamily& code_edges_;
  GaugeFamily& workers_up_;
  CounterFamily& worker_restarts_;
  CounterFamily& switches_;
  CounterFamily& interrupts_injected_;
  CounterFamily& interrupts_taken_;
  CounterFamily& migrations_;
  CounterFamily& unconfirmed_;
  CounterFamily& ordered_reports_;
  HistogramFamily& run_duration_;
  HistogramFamily& run_points_;
  CounterFamily& restarts_;
};

// Bucket i of a status page's histogram holds integers below 4^(i + 1); the first ones are joined, as no run takes less
// than a microsecond. Upper bounds in seconds, rising; the page's last bucket is the one above all.
inline constexpr std::size_t kDurationBucketsJoined = 5;  // below 1.024 us
[[nodiscard]] std::vector<double> run_duration_bounds();
// The same in points. Prometheus' bounds are inclusive, and points are integers: 3, 15, 63, ...
[[nodiscard]] std::vector<double> run_points_bounds();

// Thread safe. One child at a time feeds it.
class CampaignMetrics {
 public:
  CampaignMetrics(CampaignFamilies& families, const CampaignLabels& labels);
  CampaignMetrics(const CampaignMetrics&) = delete;
  CampaignMetrics& operator=(const CampaignMetrics&) = delete;

  // A child begins, with a page of zeros: what it counts is added to what was counted before.
  void begin_stint();
  // Adds what `now` has more than the snapshots of this stint before it had. A field that went back (a damaged page)
  // adds nothing until it is beyond its highest value. Returns true if more interleaving features are known than ever.
  bool advance(const StatusCounts& now);
  // The child has ended, and its last snapshot has been told.
  void end_stint();
  // It ended although nobody asked for it, and will be started again. `reason`: as Stint::end_reason of the store.
  void count_restart(std::string_view reason);

 private:
  void advance_histograms(const StatusCounts& now);

  CampaignFamilies& families_;
  const CampaignLabels labels_;
  prometheus::Counter& runs_;
  prometheus::Counter& points_;
  prometheus::Counter& inconclusive_;
  prometheus::Gauge& features_;
  prometheus::Gauge& code_edges_;
  prometheus::Gauge& workers_up_;
  prometheus::Counter& worker_restarts_;
  prometheus::Counter& switches_;
  prometheus::Counter& interrupts_injected_;
  prometheus::Counter& interrupts_taken_;
  prometheus::Counter& migrations_taken_;
  prometheus::Counter& migrations_dropped_;
  prometheus::Counter& migrations_pending_;
  prometheus::Counter& unconfirmed_;
  prometheus::Counter& ordered_reports_;
  prometheus::Histogram& run_duration_;
  prometheus::Histogram& run_points_;
  std::mutex mutex_;
  StatusCounts before_;  // the highest of each count in this stint; guarded by mutex_
};

}  // namespace gridlock::metrics
