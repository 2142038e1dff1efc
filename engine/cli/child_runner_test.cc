#include "engine/cli/child_runner.h"

#include <gtest/gtest.h>

#include "engine/cli/death.h"
#include "engine/cli/fake_machine.h"

namespace gridlock {
namespace {

constexpr RunLimits kShortLimits{std::chrono::milliseconds(30), std::chrono::milliseconds(20),
                                 std::chrono::milliseconds(60'000)};

class ChildRunnerTest : public testing::Test {
 protected:
  ChildRunner runner(std::uint32_t variant = 0) { return {bench_.tools(), bench_.target, variant, *bench_.page}; }
  FakeBench bench_;
};

TEST_F(ChildRunnerTest, AnOutcomeComesBackFromTheChild) {
  const auto outcome = runner().run(fake_scenario(FakeMachine::kStick));
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(outcome->verdict.kind, VerdictKind::kHang);
  EXPECT_EQ(outcome->points, 2 * FakeMachine::kPointsPerCall);
  EXPECT_EQ(outcome->operation_starts, (std::vector<std::vector<std::uint32_t>>{{0}, {0}}));
  EXPECT_EQ(bench_.machine.runs(), 0u) << "the parent's machine has run nothing";
}

TEST_F(ChildRunnerTest, ACrashIsAVerdictEveryTime) {
  const auto outcomes = runner().run_repeatedly(fake_scenario(FakeMachine::kCrash), 3);
  ASSERT_TRUE(outcomes.has_value());
  ASSERT_EQ(outcomes->size(), 3u);
  for (const auto& outcome : *outcomes) EXPECT_EQ(outcome.verdict.kind, VerdictKind::kCrash);
}

TEST_F(ChildRunnerTest, ARunThatNeverEndsIsAHang) {
  ChildRunner quick = runner();
  quick.set_limits(kShortLimits);
  const auto outcome = quick.run(fake_scenario(FakeMachine::kSpin));
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(outcome->verdict.signature, kNoPointSignature);
}

TEST_F(ChildRunnerTest, TheFixedVariantIsOk) {
  for (const auto operation : {FakeMachine::kStick, FakeMachine::kCrash, FakeMachine::kSpin}) {
    EXPECT_EQ(runner(1).run(fake_scenario(operation))->verdict.kind, VerdictKind::kOk);
  }
}

TEST_F(ChildRunnerTest, RepeatedRunsShareOneProcessWhileTheyCan) {
  const auto work = runner().call([&](Session& session, const Channel& channel) {
    for (int i = 0; i < 3; ++i) static_cast<void>(session.replay(fake_scenario(FakeMachine::kWork)));
    channel.send(bench_.machine.runs());
  });
  ASSERT_TRUE(work.has_value());
  EXPECT_EQ(work->messages.front(), 3);
}

TEST_F(ChildRunnerTest, ABatchGivesItsOutcomesInOrderWhateverDiesInIt) {
  const Scenario stick = fake_scenario(FakeMachine::kStick);
  const Scenario crash = fake_scenario(FakeMachine::kCrash);
  const Scenario spin = fake_scenario(FakeMachine::kSpin);
  const Target& fake = bench_.target;
  const std::vector<BatchRun> runs = {{&fake, 0, &crash}, {&fake, 0, &stick}, {&fake, 1, &crash},
                                      {&fake, 0, &spin},  {&fake, 0, &crash}, {&fake, 1, &spin}};
  const auto outcomes = run_batch(bench_.tools(), runs, *bench_.page, kShortLimits);
  ASSERT_TRUE(outcomes.has_value());
  std::vector<VerdictKind> kinds;
  for (const auto& outcome : *outcomes) kinds.push_back(outcome.verdict.kind);
  EXPECT_EQ(kinds, (std::vector{VerdictKind::kCrash, VerdictKind::kHang, VerdictKind::kOk, VerdictKind::kHang,
                                VerdictKind::kCrash, VerdictKind::kOk}));
}

TEST_F(ChildRunnerTest, ARunThatBrokeMemoryLeavesItsProcessToItsRepetitions) {
  const Scenario misuse = fake_scenario(FakeMachine::kMisuse);
  const Scenario work = fake_scenario(FakeMachine::kWork);
  const Target fake = fake_target(1 + FakeMachine::kMisuse);
  const std::vector<BatchRun> runs = {{&fake, 0, &work}, {&fake, 0, &misuse}, {&fake, 0, &misuse}, {&fake, 0, &work}};
  const std::uint64_t before = bench_.page->heartbeat;
  const auto outcomes = run_batch(bench_.tools(), runs, *bench_.page);
  ASSERT_TRUE(outcomes.has_value());
  EXPECT_EQ(outcomes->at(2).verdict.kind, VerdictKind::kMemoryError);
  EXPECT_EQ(outcomes->at(3).verdict.kind, VerdictKind::kOk);
  EXPECT_EQ(bench_.page->heartbeat - before, 4u) << "no run is made twice";
}

TEST_F(ChildRunnerTest, ADefectEndsThisProcessWithItsOwnExitCode) {
  EXPECT_EXIT(static_cast<void>(runner().run(fake_scenario(FakeMachine::kExit))),
              testing::ExitedWithCode(kExitInternalDefect), "defect");
}

}  // namespace
}  // namespace gridlock
