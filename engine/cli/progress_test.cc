#include "engine/cli/progress.h"

#include <gtest/gtest.h>

#include <limits>

namespace gridlock {
namespace {

TEST(Progress, TheLineNamesRunsRatesFindingsAndTime) {
  EXPECT_EQ(progress_line({.runs = 1'234'567, .points = 90'000'000, .findings = 1, .seconds = 12}),
            "runs 1,234,567 (102.9k/s)  points 7.5M/s  findings 1  12s");
}

TEST(Progress, TheLineFitsInEightyColumnsWhateverTheNumbers) {
  const auto most = std::numeric_limits<std::uint64_t>::max();
  EXPECT_LE(progress_line({most, most, most, 1e12}).size(), 80u);
  EXPECT_LE(progress_line({most, most, most, 0}).size(), 80u);
  EXPECT_EQ(progress_line({}), "runs 0 (0/s)  points 0/s  findings 0  0s");
}

TEST(Progress, NumbersAreShort) {
  EXPECT_EQ(short_number(0), "0");
  EXPECT_EQ(short_number(999), "999");
  EXPECT_EQ(short_number(999.96), "1.0k");
  EXPECT_EQ(short_number(104'900), "104.9k");
  EXPECT_EQ(short_number(7.5e6), "7.5M");
}

TEST(Progress, NumbersAreGroupedAndCounted) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(1234567), "1,234,567");
  EXPECT_EQ(counted(1, "run"), "1 run");
  EXPECT_EQ(counted(0, "run"), "0 runs");
  EXPECT_EQ(counted(1000, "run"), "1,000 runs");
}

TEST(Progress, PlainLinesComeAfterOneSecondAndThenEverMoreRarely) {
  ProgressSchedule schedule(false);
  std::vector<int> lines;
  for (int second = 0; second <= 300; ++second) {
    if (schedule.due(second)) lines.push_back(second);
  }
  EXPECT_EQ(lines, (std::vector<int>{1, 3, 7, 15, 31, 63, 123, 183, 243}));
}

TEST(Progress, TerminalLinesComeFiveTimesASecond) {
  ProgressSchedule schedule(true);
  int lines = 0;
  for (int tick = 0; tick < 1024; ++tick) lines += schedule.due(tick / 128.0) ? 1 : 0;
  EXPECT_GE(lines, 35);
  EXPECT_LE(lines, 40);
}

}  // namespace
}  // namespace gridlock
