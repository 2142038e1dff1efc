#include "engine/metrics/families.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <thread>

namespace gridlock::metrics {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Three families as a service would have them, twice in a test: before and after a restart.
struct Service {
  Families families;
  CounterFamily& runs = families.counter({"runs_total", "Runs.", {"target", "engine"}});
  GaugeFamily& mark = families.gauge({"mark", "A mark.", {"target"}}, Kept::kYes);
  GaugeFamily& now = families.gauge({"now", "Of this moment.", {}});
  HistogramFamily& seconds = families.histogram({"run_seconds", "Times.", {"target"}}, {1, 10, 100});
};

std::vector<Total> totals_of(const Service& service) {
  return service.families.totals();
}

TEST(Families, ShowEachFamilyByNameAlsoWithoutAMetric) {
  const Service service;
  std::vector<std::string> names;
  for (const auto& family : service.families.collect()) names.push_back(family.name);
  EXPECT_THAT(names, ElementsAre("mark", "now", "run_seconds", "runs_total"));
}

TEST(Families, MetricsStandInTheOrderOfTheirLabels) {
  Service service;
  for (const char* target : {"c", "a", "b"}) service.mark.with({target}).Set(1);
  std::vector<std::string> targets;
  const auto families = service.families.collect();
  for (const auto& metric : families[0].metric) targets.push_back(metric.label[0].value);
  EXPECT_THAT(targets, ElementsAre("a", "b", "c"));
}

TEST(Families, TheSameLabelsAreTheSameMetric) {
  Service service;
  EXPECT_EQ(&service.runs.with({"a", "b"}), &service.runs.with({"a", "b"}));
  EXPECT_NE(&service.runs.with({"a", "b"}), &service.runs.with({"b", "a"}));
}

TEST(Families, WhatIsBeyondTheLimitIsCountedAsOther) {
  Families families;
  CounterFamily& family = families.counter({"x_total", "X.", {"a", "b"}, 2});
  family.with({"1", "1"}).Increment();
  family.with({"2", "2"}).Increment();
  family.with({"3", "3"}).Increment();
  family.with({"4", "4"}).Increment();
  family.with({"2", "2"}).Increment();  // known before the limit was reached
  EXPECT_THAT(families.totals(), UnorderedElementsAre(Total{"x_total", "a=1,b=1", 1}, Total{"x_total", "a=2,b=2", 2},
                                                      Total{"x_total", "a=other,b=other", 2}));
}

TEST(Families, ManyThreadsThatAskForNewLabelsStayWithinTheLimit) {
  constexpr std::size_t kLimit = 50;
  constexpr int kThreads = 4;
  constexpr int kEach = 500;
  Families families;
  CounterFamily& family = families.counter({"x_total", "X.", {"a"}, kLimit});
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < kEach; ++i) family.with({std::to_string((i * 7 + thread) % 100)}).Increment();
    });
  }
  threads.clear();
  const auto totals = families.totals();
  EXPECT_EQ(totals.size(), kLimit + 1);
  double sum = 0;
  for (const Total& total : totals) sum += total.value;
  EXPECT_EQ(sum, kThreads * kEach);
}

TEST(Totals, AreCountersHistogramsAndMarksThatAreNotZero) {
  Service service;
  EXPECT_THAT(totals_of(service), IsEmpty());
  service.runs.with({"a", "afl"}).Increment(5);
  service.runs.with({"b", "afl"});
  service.mark.with({"a"}).Set(7);
  service.now.with({}).Set(9);
  service.seconds.with({"a"}).Observe(5);
  service.seconds.with({"a"}).Observe(500);
  EXPECT_THAT(totals_of(service),
              UnorderedElementsAre(
                  Total{"runs_total", "engine=afl,target=a", 5}, Total{"mark", "target=a", 7},
                  Total{"run_seconds_sum", "target=a", 505}, Total{"run_seconds_bucket", "le=1,target=a", 0},
                  Total{"run_seconds_bucket", "le=10,target=a", 1}, Total{"run_seconds_bucket", "le=100,target=a", 1},
                  Total{"run_seconds_bucket", "le=inf,target=a", 2}));
}

TEST(Totals, SurviveARestartWithHostileLabels) {
  Service before;
  before.runs.with({"a,b=c%\n\"", "\xff\xfe"}).Increment(3);
  before.runs.with({"a", "b"}).Increment(9007199254740991.0);
  before.mark.with({"a"}).Set(0.1);
  for (const double value : {0.5, 1.0, 3.0, 99.0, 1e6}) before.seconds.with({"x"}).Observe(value);
  Service after;
  EXPECT_EQ(after.families.restore(totals_of(before)), 0u);
  EXPECT_EQ(totals_of(after), totals_of(before));
  after.runs.with({"a,b=c%\n\"", "\xff\xfe"}).Increment(1);
  after.seconds.with({"x"}).Observe(50);
  EXPECT_EQ(after.runs.with({"a,b=c%\n\"", "\xff\xfe"}).Value(), 4);
  EXPECT_EQ(after.seconds.with({"x"}).Collect().histogram.sample_count, 6u);
}

TEST(Totals, AMarkIsRaisedAndNeverLowered) {
  Service service;
  service.mark.with({"a"}).Set(10);
  EXPECT_EQ(service.families.restore(std::vector<Total>{{"mark", "target=a", 3}}), 0u);
  EXPECT_EQ(service.mark.with({"a"}).Value(), 10);
}

TEST(Totals, RowsThatAreNoTotalsAreLeftOutAndCounted) {
  const double nan = std::nan("");
  const std::vector<Total> rows = {
      {"gone_total", "target=a", 1},
      {"runs_total", "target=a", 1},
      {"runs_total", "engine=b,target=a,x=y", 1},
      {"runs_total", "engine=b,other=a", 1},
      {"runs_total", "engine", 1},
      {"runs_total", "engine=b,target=a", -1},
      {"runs_total", "engine=b,target=a", nan},
      {"runs_total", "engine=b,target=a", kInfinity},
      {"now", "", 4},
      {"run_seconds", "target=a", 1},
      {"run_seconds_count", "target=a", 1},
      {"run_seconds_bucket", "target=a", 1},
      {"run_seconds_bucket", "le=,target=a", 1},
      {"run_seconds_bucket", "le=x1,target=a", 1},
      {"run_seconds_bucket", "le=nan,target=a", 1},
      {"run_seconds_bucket", "le=1", 1},
      {"run_seconds_sum", "", 1},
  };
  Service service;
  EXPECT_EQ(service.families.restore(rows), rows.size());
  EXPECT_THAT(totals_of(service), IsEmpty());
}

TEST(Totals, ASumWithoutItsCountsIsNotTaken) {
  Service service;
  service.families.restore(std::vector<Total>{{"run_seconds_sum", "target=a", 9}});
  service.families.restore(
      std::vector<Total>{{"run_seconds_sum", "target=a", 9}, {"run_seconds_bucket", "le=1,target=a", 2}});
  const auto histogram = service.seconds.with({"a"}).Collect().histogram;
  EXPECT_EQ(histogram.sample_count, 2u);
  EXPECT_EQ(histogram.sample_sum, 0);
}

TEST(BucketIncrements, OfTheSameBoundsAreTheDifferences) {
  const KeptHistogram kept{{{1, 2}, {10, 2}, {100, 7}, {kInfinity, 9}}, 0};
  EXPECT_THAT(bucket_increments(kept, std::vector<double>{1, 10, 100}), ElementsAre(2, 0, 5, 2));
}

TEST(BucketIncrements, LeaveOutCountsThatAreNoCounts) {
  const KeptHistogram kept{{{1, 5}, {10, 2}, {50, -1}, {100, std::nan("")}, {kInfinity, 6}}, 0};
  EXPECT_THAT(bucket_increments(kept, std::vector<double>{1, 10, 100}), ElementsAre(5, 0, 0, 1));
}

// An oracle that keeps every value: with other bounds, a bucket never claims more than is sure, and nothing is lost.
TEST(BucketIncrements, WithOtherBoundsNothingIsLostAndNothingClaimedThatIsNotSo) {
  std::mt19937 random(3);
  const auto bounds = [&] {
    std::vector<double> made;
    for (double bound = 0; made.size() < 1 + random() % 6;) made.push_back(bound += 1 + random() % 20);
    return made;
  };
  for (int round = 0; round < 1000; ++round) {
    const std::vector<double> old_bounds = bounds();
    const std::vector<double> new_bounds = bounds();
    std::vector<double> values(random() % 30);
    for (double& value : values) value = random() % 100;
    const auto up_to = [&](double bound) {
      return std::ranges::count_if(values, [&](double v) { return v <= bound; });
    };
    KeptHistogram kept;
    for (const double bound : old_bounds) kept.cumulative[bound] = static_cast<double>(up_to(bound));
    kept.cumulative[kInfinity] = static_cast<double>(values.size());
    double below = 0;
    const std::vector<double> increments = bucket_increments(kept, new_bounds);
    for (std::size_t i = 0; i < new_bounds.size(); ++i) {
      below += increments[i];
      ASSERT_LE(below, static_cast<double>(up_to(new_bounds[i])));
      if (kept.cumulative.contains(new_bounds[i])) ASSERT_EQ(below, static_cast<double>(up_to(new_bounds[i])));
    }
    ASSERT_EQ(below + increments.back(), static_cast<double>(values.size()));
  }
}

}  // namespace
}  // namespace gridlock::metrics
