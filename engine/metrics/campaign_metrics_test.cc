#include "engine/metrics/campaign_metrics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <random>

namespace gridlock::metrics {
namespace {

const CampaignLabels kLabels = {"tas-lock", "as-given", "builtin", "none"};

class CampaignMetricsTest : public testing::Test {
 protected:
  // The value of the family's only metric; of a gauge or a counter.
  double value(const std::string& name) {
    for (const auto& family : families_.collect()) {
      if (family.name != name) continue;
      EXPECT_EQ(family.metric.size(), 1u) << name;
      const auto& metric = family.metric.at(0);
      return family.type == prometheus::MetricType::Counter ? metric.counter.value : metric.gauge.value;
    }
    ADD_FAILURE() << "no family " << name;
    return -1;
  }

  double migrations(const std::string& outcome) {
    for (const auto& family : families_.collect()) {
      if (family.name != "gridlock_migrations_total") continue;
      for (const auto& metric : family.metric) {
        const auto is_outcome = [&](const auto& label) { return label.name == "outcome" && label.value == outcome; };
        if (std::ranges::any_of(metric.label, is_outcome)) return metric.counter.value;
      }
    }
    ADD_FAILURE() << "no migrations " << outcome;
    return -1;
  }

  prometheus::ClientMetric::Histogram histogram(const std::string& name) {
    for (const auto& family : families_.collect()) {
      if (family.name == name) return family.metric.at(0).histogram;
    }
    ADD_FAILURE() << "no family " << name;
    return {};
  }

  Families families_;
  CampaignFamilies campaign_families_{families_};
  CampaignMetrics campaign_{campaign_families_, kLabels};
};

TEST_F(CampaignMetricsTest, WhatThePageCountsArrivesUnderItsName) {
  campaign_.begin_stint();
  campaign_.advance({.workers_up = 2,
                     .worker_restarts = 3,
                     .runs = 5,
                     .points = 7,
                     .switches = 11,
                     .interrupts_raised = 13,
                     .interrupts_taken = 17,
                     .migrations_taken = 19,
                     .migrations_dropped = 43,
                     .migrations_pending = 47,
                     .inconclusive = 23,
                     .unconfirmed = 29,
                     .ordered_reports = 31,
                     .features = 37,
                     .code_edges = 41});
  EXPECT_EQ(value("gridlock_workers_up"), 2);
  EXPECT_EQ(value("gridlock_worker_restarts_total"), 3);
  EXPECT_EQ(value("gridlock_runs_total"), 5);
  EXPECT_EQ(value("gridlock_points_total"), 7);
  EXPECT_EQ(value("gridlock_context_switches_total"), 11);
  EXPECT_EQ(value("gridlock_interrupts_injected_total"), 13);
  EXPECT_EQ(value("gridlock_interrupts_taken_total"), 17);
  EXPECT_EQ(migrations("taken"), 19);
  EXPECT_EQ(migrations("dropped"), 43);
  EXPECT_EQ(migrations("pending"), 47);
  EXPECT_EQ(value("gridlock_inconclusive_runs_total"), 23);
  EXPECT_EQ(value("gridlock_unconfirmed_reports_total"), 29);
  EXPECT_EQ(value("gridlock_ordered_race_reports_total"), 31);
  EXPECT_EQ(value("gridlock_interleaving_features"), 37);
  EXPECT_EQ(value("gridlock_code_edges"), 41);
}

TEST_F(CampaignMetricsTest, SnapshotsOfOneStintAddTheirGrowthAndANewStintBeginsAtZero) {
  campaign_.begin_stint();
  campaign_.advance({.runs = 10});
  campaign_.advance({.runs = 10});
  campaign_.advance({.runs = 25});
  EXPECT_EQ(value("gridlock_runs_total"), 25);
  campaign_.begin_stint();
  campaign_.advance({.runs = 4});
  EXPECT_EQ(value("gridlock_runs_total"), 29);
}

TEST_F(CampaignMetricsTest, APageThatGoesBackCountsNothingTwice) {
  campaign_.begin_stint();
  campaign_.advance({.runs = 10});
  campaign_.advance({.runs = 3});
  campaign_.advance({.runs = 10});
  EXPECT_EQ(value("gridlock_runs_total"), 10);
  campaign_.advance({.runs = 12});
  EXPECT_EQ(value("gridlock_runs_total"), 12);
}

TEST_F(CampaignMetricsTest, FeaturesAreTheMostOfAnyStintAndTheirRiseIsTold) {
  campaign_.begin_stint();
  EXPECT_TRUE(campaign_.advance({.features = 100}));
  EXPECT_FALSE(campaign_.advance({.features = 100}));
  campaign_.begin_stint();
  EXPECT_FALSE(campaign_.advance({.features = 60}));
  EXPECT_EQ(value("gridlock_interleaving_features"), 100);
  EXPECT_TRUE(campaign_.advance({.features = 101}));
  EXPECT_EQ(value("gridlock_interleaving_features"), 101);
}

TEST_F(CampaignMetricsTest, AfterAStintNoWorkerIsUp) {
  campaign_.begin_stint();
  campaign_.advance({.workers_up = 2});
  campaign_.end_stint();
  EXPECT_EQ(value("gridlock_workers_up"), 0);
}

TEST_F(CampaignMetricsTest, RestartsAreToldApartByReason) {
  campaign_.count_restart("hung");
  campaign_.count_restart("hung");
  campaign_.count_restart("memory");
  const std::vector<Total> expected = {
      {"gridlock_campaign_restarts_total", "engine=builtin,reason=hung,target=tas-lock", 2},
      {"gridlock_campaign_restarts_total", "engine=builtin,reason=memory,target=tas-lock", 1}};
  EXPECT_EQ(families_.totals(), expected);
}

// What the fuzzing process does with one run: the bucket that its value is below the end of.
std::size_t page_bucket(std::uint64_t value) {
  for (std::size_t i = 0; i + 1 < kStatusBuckets; ++i) {
    if (value < std::uint64_t{1} << (2 * (i + 1))) return i;
  }
  return kStatusBuckets - 1;
}

// The oracle keeps each run's value; the histogram must say of each bound how many are not above it.
TEST_F(CampaignMetricsTest, HistogramsSayWhatAListOfAllRunsSays) {
  std::mt19937_64 random(1);
  std::vector<std::uint64_t> nanoseconds, points;
  for (int stint = 0; stint < 5; ++stint) {
    campaign_.begin_stint();
    StatusCounts page;
    for (int run = 0; run < 200; ++run) {
      nanoseconds.push_back(random() >> (20 + random() % 40));
      points.push_back(run % 50 == 0 ? std::uint64_t{1} << (2 * (run / 50 + 1)) : random() >> (30 + random() % 30));
      ++page.runs;
      page.points += points.back();
      page.run_nanoseconds += nanoseconds.back();
      ++page.run_nanoseconds_buckets[page_bucket(nanoseconds.back())];
      ++page.run_points_buckets[page_bucket(points.back())];
      if (random() % 3 == 0) campaign_.advance(page);
    }
    campaign_.advance(page);
  }
  const auto check = [](const prometheus::ClientMetric::Histogram& histogram, const auto& values, double unit) {
    double sum = 0;
    for (const auto value : values) sum += static_cast<double>(value) * unit;
    EXPECT_EQ(histogram.sample_count, values.size());
    EXPECT_NEAR(histogram.sample_sum, sum, sum * 1e-9);
    for (const auto& bucket : histogram.bucket) {
      const auto within = std::ranges::count_if(
          values, [&](std::uint64_t value) { return static_cast<double>(value) * unit <= bucket.upper_bound; });
      EXPECT_EQ(bucket.cumulative_count, static_cast<std::uint64_t>(within)) << bucket.upper_bound;
    }
  };
  check(histogram("gridlock_run_duration_seconds"), nanoseconds, 1e-9);
  check(histogram("gridlock_run_points"), points, 1);
}

TEST(StatusBuckets, BoundsAreOnesThatAPersonCanRead) {
  const auto seconds = run_duration_bounds();
  EXPECT_EQ(seconds.front(), 1.024e-6);
  EXPECT_NEAR(seconds.back(), 1.07, 0.01);
  EXPECT_EQ(run_points_bounds().front(), 3);
  EXPECT_EQ(run_points_bounds().size(), kStatusBuckets - 1);
  EXPECT_TRUE(std::ranges::is_sorted(seconds));
}

}  // namespace
}  // namespace gridlock::metrics
