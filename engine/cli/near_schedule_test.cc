#include "engine/cli/near_schedule.h"

#include <gtest/gtest.h>

#include "engine/cli/fake_machine.h"

namespace gridlock {
namespace {

TEST(NearSchedule, LeavingOutTheDecisionThatMattersIsFound) {
  FakeBench bench;
  Session session = bench.session();
  const Scenario failing = fake_scenario(FakeMachine::kStick);
  ASSERT_EQ(session.replay(failing).verdict.kind, VerdictKind::kHang);
  EXPECT_EQ(find_near_pass(session, failing), (NearChange{0, 0}));
}

TEST(NearSchedule, WhereEveryCandidateFailsNothingIsFound) {
  FakeBench bench;
  Session session = bench.session();
  Scenario failing = fake_scenario(FakeMachine::kStick);
  failing.directives.push_back(failing.directives.front());
  failing.directives.back().point = PointIndex(3);
  EXPECT_EQ(find_near_pass(session, failing), std::nullopt);
}

TEST(NearSchedule, ALongScheduleTakesABoundedNumberOfRuns) {
  FakeBench bench;
  Session session = bench.session();
  Scenario failing = fake_scenario(FakeMachine::kStick);
  failing.directives.assign(1000, failing.directives.front());
  const std::uint64_t before = bench.machine.runs();
  EXPECT_EQ(find_near_pass(session, failing), std::nullopt);
  EXPECT_LE(bench.machine.runs() - before, kNearRunsMax + 1);
}

}  // namespace
}  // namespace gridlock
