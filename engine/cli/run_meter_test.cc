#include "engine/cli/run_meter.h"

#include <gtest/gtest.h>

#include <limits>
#include <utility>

namespace gridlock {
namespace {

using std::chrono::nanoseconds;

TEST(RunMeter, ABucketHoldsWhatIsBelowItsPowerOfFour) {
  std::uint64_t bound = 4;
  for (std::size_t bucket = 0; bucket + 1 < kStatusBuckets; ++bucket, bound *= 4) {
    EXPECT_EQ(status_bucket(bound - 1), bucket);
    EXPECT_EQ(status_bucket(bound), bucket + 1);
  }
  EXPECT_EQ(status_bucket(0), 0u);
  EXPECT_EQ(status_bucket(std::numeric_limits<std::uint64_t>::max()), kStatusBuckets - 1);
}

TEST(RunMeter, CountsWhatARunWasAndHowLongItTook) {
  const auto page = std::move(SharedRunPage::create().value());
  const RunMeter::Clock::time_point start{};
  RunMeter meter(*page, start);
  RunView view;
  view.points = 20;
  view.switches = 3;
  view.interrupts_raised = 2;
  view.interrupts_taken = 1;
  view.migrations_taken = 4;
  view.migrations_dropped = 6;
  view.migrations_pending = 7;
  view.ordered_reports = 5;
  meter.note(view, start + nanoseconds(100));
  meter.note(view, start + nanoseconds(105));
  EXPECT_EQ(page->points.load(), 40u);
  EXPECT_EQ(page->switches.load(), 6u);
  EXPECT_EQ(page->interrupts_raised.load(), 4u);
  EXPECT_EQ(page->interrupts_taken.load(), 2u);
  EXPECT_EQ(page->migrations_taken.load(), 8u);
  EXPECT_EQ(page->migrations_dropped.load(), 12u);
  EXPECT_EQ(page->migrations_pending.load(), 14u);
  EXPECT_EQ(page->ordered_reports.load(), 10u);
  EXPECT_EQ(page->run_nanoseconds.load(), 105u);
  EXPECT_EQ(page->run_nanoseconds_buckets[status_bucket(100)].load(), 1u);
  EXPECT_EQ(page->run_nanoseconds_buckets[status_bucket(5)].load(), 1u);
  EXPECT_EQ(page->run_points_buckets[status_bucket(20)].load(), 2u);
}

TEST(RunMeter, WhatWasNoRunIsPartOfNone) {
  const auto page = std::move(SharedRunPage::create().value());
  const RunMeter::Clock::time_point start{};
  RunMeter meter(*page, start);
  meter.skip_to(start + nanoseconds(1'000'000));
  meter.note({}, start + nanoseconds(1'000'007));
  EXPECT_EQ(page->run_nanoseconds.load(), 7u);
}

}  // namespace
}  // namespace gridlock
