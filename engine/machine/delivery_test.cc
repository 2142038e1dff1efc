// Nested handlers, migration requests, limits of waits, cpus made in a run, invariants at points.
#include <gtest/gtest.h>

#include <algorithm>

#include "engine/machine/cpu.h"
#include "engine/machine/machine_fixture.h"

namespace gridlock {
namespace {

using DeliveryTest = MachineFixture;

std::vector<Directive> interrupts_at(std::uint32_t point, std::uint32_t count) {
  std::vector<Directive> all;
  for (std::uint32_t vector = 0; vector < count; ++vector) all.push_back(interrupt(0, point, vector));
  return all;
}

TEST_F(DeliveryTest, HandlersNestUpToTheLimitAndTheRestComesLater) {
  const std::uint32_t raised = kNestingMax + 2;
  const RunView& view = run("delivery", {"work 3; expect_handled " + std::to_string(raised) + " 8"},
                            interrupts_at(2, raised), {.trace = true});
  ASSERT_EQ(view.end, RunEnd::kCompleted) << view.failure->what;
  EXPECT_EQ(view.interrupts_raised, raised);
  EXPECT_EQ(view.interrupts_taken, raised);
  std::uint32_t deepest = 0;
  for (const Step& step : view.trace->steps) deepest = std::max<std::uint32_t>(deepest, step.depth);
  EXPECT_EQ(deepest, kNestingMax);
}

// A directive names a point by the number that its step has in the trace.
TEST_F(DeliveryTest, AStepKeepsTheNumberOfItsPointWhileHandlersCountOn) {
  const RunView& view = run("delivery", {"work 3"}, {interrupt(0, 2, 10)}, {.trace = true});
  std::vector<std::uint32_t> numbers;
  for (const Step& step : view.trace->steps) {
    if (is_point(step.kind) && step.kind != StepKind::kIdle) numbers.push_back(step.point.value());
  }
  EXPECT_EQ(numbers, (std::vector<std::uint32_t>{1, 3, 2, 4}));
}

TEST_F(DeliveryTest, TheLowestVectorGoesFirst) {
  const RunView& view = run("delivery", {"work 2"}, {interrupt(0, 1, 10), interrupt(0, 1, 3)}, {.trace = true});
  const auto entered = steps_of_kind(view, StepKind::kIrqEnter);
  ASSERT_EQ(entered.size(), 2u);
  EXPECT_EQ(entered[0].a, 3u);
  EXPECT_EQ(entered[1].a, 10u);
}

TEST_F(DeliveryTest, RaisingWhatIsPendingDoesNothing) {
  const RunView& view = run("delivery", {"disabled_work"}, {interrupt(0, 2, 10), interrupt(0, 2, 10)});
  EXPECT_EQ(view.interrupts_raised, 1u);
  EXPECT_EQ(view.interrupts_taken, 1u);
}

TEST_F(DeliveryTest, AnOperationMustLeaveInterruptsEnabled) {
  const RunView& view = run("delivery", {"leave_disabled"});
  ASSERT_EQ(view.end, RunEnd::kAssertion);
  EXPECT_EQ(view.failure->what, "an operation returned with interrupts disabled");
}

TEST_F(DeliveryTest, AMigrationRequestRunsTheTargetsCallback) {
  const RunView& view = run("delivery", {"work 2; expect_migrated 1 1 2"}, {migrate(0, 2, 1, 2)}, {.trace = true});
  ASSERT_EQ(view.end, RunEnd::kCompleted) << view.failure->what;
  EXPECT_EQ(view.migrations_taken, 1u);
  const auto entered = steps_of_kind(view, StepKind::kMigrateEnter);
  ASSERT_EQ(entered.size(), 1u);
  EXPECT_EQ(entered[0].a, 1u);
  EXPECT_EQ(entered[0].b, 2u);
  EXPECT_EQ(steps_of_kind(view, StepKind::kMigrateExit).size(), 1u);
}

TEST_F(DeliveryTest, AMigrationRequestWaitsForInterrupts) {
  const RunView& view = run("delivery", {"disabled_work; expect_migrated 1 0 0"}, {migrate(0, 1, 0, 0)});
  EXPECT_EQ(view.end, RunEnd::kCompleted) << view.failure->what;
}

TEST_F(DeliveryTest, OfTooManyMigrationRequestsTheLastAreDropped) {
  const std::vector<Directive> ten(10, migrate(0, 2, 0, 0));
  const RunView& view = run("delivery", {"disabled_work; expect_migrated 8 0 0"}, ten);
  EXPECT_EQ(view.end, RunEnd::kCompleted) << view.failure->what;
  EXPECT_EQ(view.migrations_taken, 8u);
  EXPECT_EQ(view.migrations_dropped, 2u);
  EXPECT_EQ(view.migrations_pending, 0u);
}

TEST_F(DeliveryTest, AMigrationRequestMayWaitWhenTheRunEnds) {
  // The second disabled_work fails where it finds that a migration has been.
  const RunView& view = run("delivery", {"disabled_work; disabled_work"}, {migrate(0, 2, 0, 0), migrate(0, 8, 0, 0)});
  EXPECT_EQ(view.end, RunEnd::kAssertion);
  EXPECT_EQ(view.migrations_taken, 1u);
  EXPECT_EQ(view.migrations_pending, 1u);
}

TEST_F(DeliveryTest, AWaitWithALimitEndsWhenItsTimeHasPassed) {
  EXPECT_EQ(run("delivery", {"wait_out 1000 0"}).end, RunEnd::kCompleted);
  EXPECT_EQ(run("delivery", {"wait_out 1000 1; wait_out 5 1", "wait_out 2000 0", "work 100"}).end, RunEnd::kCompleted);
}

TEST_F(DeliveryTest, AWaitWithALimitEndsEarlyWhenItsConditionHolds) {
  EXPECT_EQ(run("delivery", {"wait_ready 100000", "work 20; make_ready"}).end, RunEnd::kCompleted);
  EXPECT_EQ(run("delivery", {"make_ready; wait_ready 1"}).end, RunEnd::kCompleted);
}

TEST_F(DeliveryTest, AHandlerInsideAPlainWaitDoesNotCountAsItsEnd) {
  const RunView& view = run("delivery", {"wait_out 1000 0"}, {interrupt(0, 2, 10)});
  EXPECT_EQ(view.end, RunEnd::kCompleted) << view.failure->what;
  EXPECT_EQ(view.interrupts_taken, 1u);
}

TEST_F(DeliveryTest, AnInterruptEndsAWaitThatSaysSo) {
  const RunView& view = run("delivery", {"wait_interrupted 100000"}, {interrupt(0, 1, 10)});
  EXPECT_EQ(view.end, RunEnd::kCompleted) << view.failure->what;
}

TEST_F(DeliveryTest, ADisabledInterruptEndsABlockAndIsTakenAtTheEnableEdge) {
  const RunView& view = run("delivery", {"block_with_interrupt_pending"}, {interrupt(0, 1, 10)});
  EXPECT_EQ(view.end, RunEnd::kCompleted) << view.failure->what;
}

TEST_F(DeliveryTest, AConditionMayReadTheClock) {
  const RunView& view = run("delivery", {"wait_by_clock 50"});
  EXPECT_EQ(view.end, RunEnd::kCompleted);
  EXPECT_LT(view.points, 1'000u);
}

TEST_F(DeliveryTest, CreatedCpusRunAndAreWaitedFor) {
  for (const char* how : {"create 1 0", "create 20 0", "create 20 1"}) {
    const RunView& view = run("delivery", {how, "work 5"});
    EXPECT_EQ(view.end, std::string(how) == "create 20 0" ? RunEnd::kDataRace : RunEnd::kCompleted) << how;
  }
}

TEST_F(DeliveryTest, SixtyFourCpusInOneRunAreTheLimit) {
  EXPECT_EQ(run("delivery", {"create 63 1"}).end, RunEnd::kCompleted);
  const RunView& view = run("delivery", {"create 64 1"});
  ASSERT_EQ(view.end, RunEnd::kAssertion);
  EXPECT_EQ(view.failure->what, "more than 64 cpus in one run");
}

TEST_F(DeliveryTest, WhatTheCreatorWritesLaterRacesWithTheCreatedCpu) {
  const RunView& view = run("delivery", {"create_and_race"}, {demote(0, 1)});
  EXPECT_EQ(view.end, RunEnd::kDataRace);
}

using InvariantTest = MachineFixture;

TEST_F(InvariantTest, ABrokenWindowOutsideTheLockIsSeenAtAPoint) {
  const RunView& view = run("invariants", {"change_both 0"});
  ASSERT_EQ(view.end, RunEnd::kInvariant);
  EXPECT_EQ(view.failure->what, "halves-equal");
  EXPECT_EQ(view.failure->cpu, CpuId(0));
  EXPECT_FALSE(view.failure->frames.empty());
  EXPECT_EQ(view.cpus[0].points.value(), 2u);
}

TEST_F(InvariantTest, ABrokenWindowInsideTheLockIsNone) {
  const std::vector<std::string> programs = {"change_both 1; change_both 1", "change_both 1"};
  EXPECT_EQ(run("invariants", programs).end, RunEnd::kCompleted);
  EXPECT_EQ(run("invariants", programs, {demote(0, 2), demote(1, 1), demote(0, 3)}).end, RunEnd::kCompleted);
}

TEST_F(InvariantTest, ChecksLeaveTheScheduleAsItIs) {
  const std::vector<std::string> programs = {"change_both 1; change_both 1", "change_both 1; work 3"};
  const std::vector<Directive> directives = {demote(0, 3), demote(1, 2)};
  const Trace checked = *run("invariants", programs, directives, {.trace = true}).trace;
  const RunView& unchecked = run("invariants_at_rest", programs, directives, {.trace = true});
  EXPECT_EQ(first_difference(checked, *unchecked.trace), -1);
}

TEST_F(InvariantTest, AtRestABrokenInvariantIsFoundWhereNoPointSawIt) {
  EXPECT_EQ(run("invariants_at_rest", {"change_both 0"}).end, RunEnd::kCompleted);
  const RunView& view = run("invariants_at_rest", {"change_left"});
  ASSERT_EQ(view.end, RunEnd::kInvariant);
  EXPECT_EQ(view.failure->what, "halves-equal");
}

}  // namespace
}  // namespace gridlock
