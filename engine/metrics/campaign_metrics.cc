#include "engine/metrics/campaign_metrics.h"

#include <algorithm>
#include <cstdint>

namespace gridlock::metrics {
namespace {

const std::vector<std::string> kCampaign = {"target", "variant", "engine", "sanitizer"};
const std::vector<std::string> kTarget = {"target", "sanitizer"};
constexpr double kNanosecondsPerSecond = 1e9;

// 4^(i + 1), what bucket i is below.
constexpr std::uint64_t bucket_end(std::size_t i) {
  return std::uint64_t{1} << (2 * (i + 1));
}

// What `now` has more than the highest value so far, which becomes at least `now`.
std::uint64_t growth(std::uint64_t now, std::uint64_t& highest) {
  if (now <= highest) return 0;
  const std::uint64_t grown = now - highest;
  highest = now;
  return grown;
}

void grow(prometheus::Counter& counter, std::uint64_t now, std::uint64_t& highest) {
  if (const std::uint64_t grown = growth(now, highest); grown != 0) counter.Increment(static_cast<double>(grown));
}

using PageBuckets = std::array<std::uint64_t, kStatusBuckets>;

// The growth of the page's buckets, the first `joined` of them in one.
std::vector<double> bucket_growth(const PageBuckets& now, PageBuckets& highest, std::size_t joined) {
  std::vector<double> increments(kStatusBuckets - joined + 1, 0.0);
  for (std::size_t i = 0; i < kStatusBuckets; ++i) {
    increments[i < joined ? 0 : i - joined + 1] += static_cast<double>(growth(now[i], highest[i]));
  }
  return increments;
}

}  // namespace

std::vector<double> run_duration_bounds() {
  std::vector<double> bounds;
  for (std::size_t i = kDurationBucketsJoined - 1; i + 1 < kStatusBuckets; ++i) {
    bounds.push_back(static_cast<double>(bucket_end(i)) / kNanosecondsPerSecond);
  }
  return bounds;
}

std::vector<double> run_points_bounds() {
  std::vector<double> bounds;
  for (std::size_t i = 0; i + 1 < kStatusBuckets; ++i) bounds.push_back(static_cast<double>(bucket_end(i) - 1));
  return bounds;
}

CampaignFamilies::CampaignFamilies(Families& families)
    : runs_(families.counter({"gridlock_runs_total", "Runs of the search.", kCampaign})),
      points_(families.counter({"gridlock_points_total", "Points that runs passed.", kCampaign})),
      inconclusive_(families.counter(
          {"gridlock_inconclusive_runs_total", "Runs that reached the point limit with nothing proven.", kCampaign})),
      features_(families.gauge({"gridlock_interleaving_features",
                                "Interleaving features that are known, the most that any child has seen.", kCampaign},
                               Kept::kYes)),
      code_edges_(families.gauge(
          {"gridlock_code_edges",
           "Code edges that the campaign's newest child has reached, 0 if its engine counts none.", kCampaign})),
      workers_up_(families.gauge({"gridlock_workers_up", "Workers that are fuzzing now.", kCampaign})),
      worker_restarts_(families.counter(
          {"gridlock_worker_restarts_total", "Workers that a child started again after they had died.", kTarget})),
      switches_(families.counter({"gridlock_context_switches_total", "Switches between virtual CPUs.", kTarget})),
      interrupts_injected_(
          families.counter({"gridlock_interrupts_injected_total", "Interrupts that were raised.", kTarget})),
      interrupts_taken_(families.counter({"gridlock_interrupts_taken_total", "Interrupts that were taken.", kTarget})),
      migrations_(families.counter(
          {"gridlock_migrations_total",
           "Requests of a migration: taken, dropped when too many wait, or pending at the end of the run.",
           {"target", "sanitizer", "outcome"}})),
      unconfirmed_(families.counter({"gridlock_unconfirmed_reports_total",
                                     "Runs with a bug that did not repeat, so that nothing was filed.", kTarget})),
      ordered_reports_(families.counter(
          {"gridlock_ordered_race_reports_total", "ThreadSanitizer's reports of accesses that are ordered.", kTarget})),
      run_duration_(
          families.histogram({"gridlock_run_duration_seconds", "Wall time of a run.", kTarget}, run_duration_bounds())),
      run_points_(
          families.histogram({"gridlock_run_points", "Points that a run passed.", kTarget}, run_points_bounds())),
      restarts_(families.counter({"gridlock_campaign_restarts_total",
                                  "Children that ended although nobody asked for it, by why.",
                                  {"target", "engine", "reason"}})) {}

CampaignMetrics::CampaignMetrics(CampaignFamilies& families, const CampaignLabels& labels)
    : families_(families),
      labels_(labels),
      runs_(families.runs_.with({labels.target, labels.variant, labels.engine, labels.sanitizer})),
      points_(families.points_.with({labels.target, labels.variant, labels.engine, labels.sanitizer})),
      inconclusive_(families.inconclusive_.with({labels.target, labels.variant, labels.engine, labels.sanitizer})),
      features_(families.features_.with({labels.target, labels.variant, labels.engine, labels.sanitizer})),
      code_edges_(families.code_edges_.with({labels.target, labels.variant, labels.engine, labels.sanitizer})),
      workers_up_(families.workers_up_.with({labels.target, labels.variant, labels.engine, labels.sanitizer})),
      worker_restarts_(families.worker_restarts_.with({labels.target, labels.sanitizer})),
      switches_(families.switches_.with({labels.target, labels.sanitizer})),
      interrupts_injected_(families.interrupts_injected_.with({labels.target, labels.sanitizer})),
      interrupts_taken_(families.interrupts_taken_.with({labels.target, labels.sanitizer})),
      migrations_taken_(families.migrations_.with({labels.target, labels.sanitizer, "taken"})),
      migrations_dropped_(families.migrations_.with({labels.target, labels.sanitizer, "dropped"})),
      migrations_pending_(families.migrations_.with({labels.target, labels.sanitizer, "pending"})),
      unconfirmed_(families.unconfirmed_.with({labels.target, labels.sanitizer})),
      ordered_reports_(families.ordered_reports_.with({labels.target, labels.sanitizer})),
      run_duration_(families.run_duration_.with({labels.target, labels.sanitizer})),
      run_points_(families.run_points_.with({labels.target, labels.sanitizer})) {}

void CampaignMetrics::begin_stint() {
  const std::lock_guard lock(mutex_);
  before_ = {};
}

bool CampaignMetrics::advance(const StatusCounts& now) {
  const std::lock_guard lock(mutex_);
  advance_histograms(now);
  grow(runs_, now.runs, before_.runs);
  grow(points_, now.points, before_.points);
  grow(inconclusive_, now.inconclusive, before_.inconclusive);
  grow(worker_restarts_, now.worker_restarts, before_.worker_restarts);
  grow(switches_, now.switches, before_.switches);
  grow(interrupts_injected_, now.interrupts_raised, before_.interrupts_raised);
  grow(interrupts_taken_, now.interrupts_taken, before_.interrupts_taken);
  grow(migrations_taken_, now.migrations_taken, before_.migrations_taken);
  grow(migrations_dropped_, now.migrations_dropped, before_.migrations_dropped);
  grow(migrations_pending_, now.migrations_pending, before_.migrations_pending);
  grow(unconfirmed_, now.unconfirmed, before_.unconfirmed);
  grow(ordered_reports_, now.ordered_reports, before_.ordered_reports);
  workers_up_.Set(static_cast<double>(now.workers_up));
  code_edges_.Set(static_cast<double>(now.code_edges));
  const auto features = static_cast<double>(now.features);
  if (features <= features_.Value()) return false;
  features_.Set(features);
  return true;
}

void CampaignMetrics::advance_histograms(const StatusCounts& now) {
  const auto nanoseconds = static_cast<double>(growth(now.run_nanoseconds, before_.run_nanoseconds));
  const auto durations =
      bucket_growth(now.run_nanoseconds_buckets, before_.run_nanoseconds_buckets, kDurationBucketsJoined);
  run_duration_.ObserveMultiple(durations, nanoseconds / kNanosecondsPerSecond);
  // Of the points of runs the page keeps no second sum: they are the points.
  const std::uint64_t points = now.points > before_.points ? now.points - before_.points : 0;
  run_points_.ObserveMultiple(bucket_growth(now.run_points_buckets, before_.run_points_buckets, 1),
                              static_cast<double>(points));
}

void CampaignMetrics::end_stint() {
  const std::lock_guard lock(mutex_);
  workers_up_.Set(0);
}

void CampaignMetrics::count_restart(std::string_view reason) {
  families_.restarts_.with({labels_.target, labels_.engine, reason}).Increment();
}

}  // namespace gridlock::metrics
