#include "engine/cli/minimizer.h"

#include <gtest/gtest.h>

#include "engine/cli/fake_machine.h"
#include "engine/reduce/reduce.h"

namespace gridlock {
namespace {

// Three cpus with two calls each and many directives, of which one matters.
Scenario large_scenario(std::uint32_t operation) {
  Scenario scenario = fake_scenario(operation);
  scenario.programs.push_back({{OperationId(FakeMachine::kWork), {}}});
  for (auto& program : scenario.programs) program.push_back({OperationId(FakeMachine::kWork), {}});
  scenario.start_order = {CpuId(2), CpuId(0), CpuId(1)};
  for (std::uint32_t point = 1; point <= 8; ++point) {
    scenario.directives.push_back({CpuId(0), PointIndex(point), Action::kDemote, 0, 0});
  }
  return scenario;
}

const StopRequest kNever = [] { return false; };

class MinimizerTest : public testing::Test {
 protected:
  Minimized minimize(const Scenario& original, const StopRequest& stop = kNever) {
    ChildRunner runner(bench_.tools(), bench_.target, 0, *bench_.page);
    const Verdict verdict = runner.run(original).value().verdict;
    return minimize_in_children(runner, original, verdict, stop).value();
  }
  FakeBench bench_;
};

TEST_F(MinimizerTest, AHangShrinksToItsOneDirective) {
  const Minimized minimized = minimize(large_scenario(FakeMachine::kStick));
  EXPECT_EQ(minimized.scenario.directives.size(), 1u);
  EXPECT_EQ(minimized.scenario.cpu_count(), 2u);
  EXPECT_TRUE(minimized.one_minimal);
  EXPECT_EQ(minimized.verdict.kind, VerdictKind::kHang);
}

TEST_F(MinimizerTest, ACrashShrinksByForks) {
  const Minimized minimized = minimize(large_scenario(FakeMachine::kCrash));
  EXPECT_EQ(minimized.scenario.directives.size(), 1u);
  EXPECT_EQ(minimized.verdict.kind, VerdictKind::kCrash);
  EXPECT_EQ(bench_.machine.runs(), 0u);
}

TEST_F(MinimizerTest, AMemoryErrorThatKillsNobodyShrinksInOneProcess) {
  bench_.target = fake_target(1 + FakeMachine::kMisuse);
  const Minimized minimized = minimize(large_scenario(FakeMachine::kMisuse));
  EXPECT_EQ(minimized.scenario.directives.size(), 1u);
  EXPECT_EQ(minimized.verdict.signature, "memory-error use-after-free: f3<f4");
  EXPECT_EQ(minimized.reproduced, 100u);
}

TEST_F(MinimizerTest, WhatAChildFoundComesBackFromItsMessage) {
  Minimized minimized = minimize(large_scenario(FakeMachine::kStick));
  minimized.evidence = {7, "write: #0 f (x.cc:1)\n"};
  const Minimized again = minimized_from_message(to_message(minimized, bench_.target.schema), bench_.target.schema);
  EXPECT_EQ(again.scenario, minimized.scenario);
  EXPECT_EQ(again.verdict, minimized.verdict);
  EXPECT_EQ(again.reproduced, minimized.reproduced);
  EXPECT_EQ(again.trials, minimized.trials);
  EXPECT_EQ(again.evidence, minimized.evidence);
}

TEST_F(MinimizerTest, TheMinimalScenarioIsConfirmedAHundredTimes) {
  const Minimized minimized = minimize(large_scenario(FakeMachine::kStick));
  EXPECT_EQ(minimized.confirmations, 100u);
  EXPECT_EQ(minimized.reproduced, 100u);
}

TEST_F(MinimizerTest, AStopGivesTheBestSoFarAndItStillShowsTheBug) {
  int asked = 0;
  const Scenario original = large_scenario(FakeMachine::kCrash);
  const Minimized minimized = minimize(original, [&] { return ++asked > 10; });
  EXPECT_FALSE(minimized.one_minimal);
  EXPECT_EQ(minimized.reproduced, minimized.confirmations);
  EXPECT_LE(size_of(minimized.scenario), size_of(original));
}

TEST_F(MinimizerTest, HereAndInAChildGiveTheSame) {
  const Scenario original = large_scenario(FakeMachine::kStick);
  Session session = bench_.session();
  const Verdict verdict = session.replay(original).verdict;
  EXPECT_EQ(minimize_here(session, original, verdict, kNever).scenario, minimize(original).scenario);
}

}  // namespace
}  // namespace gridlock
