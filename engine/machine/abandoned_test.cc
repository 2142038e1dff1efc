// What a hang leaves behind: contexts given up in the middle of calls. Later runs are right, and memory stays flat.
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "engine/machine/machine_fixture.h"

namespace gridlock {
namespace {

using AbandonedTest = MachineFixture;

std::uint64_t resident_bytes() {
  std::uint64_t total_pages = 0, resident_pages = 0;
  std::ifstream("/proc/self/statm") >> total_pages >> resident_pages;
  return resident_pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

// Each run gives up two tasks, one of them below a handler that waits.
TEST_F(AbandonedTest, TenThousandHangsLeaveTheMachineRightAndItsMemoryFlat) {
  constexpr int kHangs = 10'000, kWarmUp = 1'000;
  constexpr std::uint64_t kGrowthMax = std::uint64_t{8} << 20;
  const Scenario hang =
      make_scenario("proofs", {"wait_flag", "spin_on_two_words", "nothing"}, {interrupt(0, 1, 1), demote(1, 2)});
  const Scenario fine = make_scenario("proofs", {"wait_flag", "set", "spin_flag"}, {demote(1, 1)});
  const Trace expected = *run("proofs", fine, {.trace = true}).trace;
  std::uint64_t warm = 0;
  for (int i = 0; i < kHangs; ++i) {
    if (i == kWarmUp) warm = resident_bytes();
    ASSERT_EQ(run("proofs", hang).end, RunEnd::kSelfLoops) << i;
  }
  EXPECT_LT(resident_bytes(), warm + kGrowthMax);
  const RunView& after = run("proofs", fine, {.trace = true});
  EXPECT_EQ(after.end, RunEnd::kCompleted);
  EXPECT_EQ(first_difference(expected, *after.trace), -1);
}

TEST_F(AbandonedTest, AFailedAssertionInTheMiddleOfCallsLeavesTheMachineRight) {
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(run("assertion", {"first", "first"}).end, RunEnd::kAssertion) << i;
    ASSERT_EQ(run("ticket", {"section", "section"}, {demote(0, 2)}).end, RunEnd::kCompleted) << i;
  }
}

TEST_F(AbandonedTest, ARaceIsStillReportedAfterHangs) {
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(run("proofs", {"wait_never", "spin_on_two_words"}).end, RunEnd::kSelfLoops) << i;
    ASSERT_EQ(run("race", {"write", "write"}).end, RunEnd::kDataRace) << i;
  }
}

}  // namespace
}  // namespace gridlock
