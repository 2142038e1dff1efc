// What counts as the same trace, and the names of steps.
#include "engine/model/trace.h"

#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <set>
#include <string>

namespace gridlock {
namespace {

Step a_store() {
  Step step;
  step.kind = StepKind::kStore;
  step.width_bytes = 4;
  step.cpu = CpuId(1);
  step.point = PointIndex(7);
  step.address = 0x40;
  step.before = 1;
  step.after = 2;
  step.frames[0] = 0x1234;
  return step;
}

// Three steps of which the middle one is changed by `change` on the right-hand side.
std::int64_t difference_after(const std::function<void(Step&)>& change, bool on_stack = false) {
  Trace left{.steps = {a_store(), a_store(), a_store()}, .names = {}};
  for (Step& step : left.steps) step.stack_address = on_stack;
  Trace right = left;
  change(right.steps[1]);
  EXPECT_EQ(first_difference(left, right), first_difference(right, left));
  return first_difference(left, right);
}

TEST(FirstDifference, EveryFieldOfAStepCounts) {
  const std::function<void(Step&)> changes[] = {
      [](Step& s) { s.kind = StepKind::kExchange; },
      [](Step& s) { s.width_bytes = 8; },
      [](Step& s) { s.depth = 1; },
      [](Step& s) { s.changed = true; },
      [](Step& s) { s.stack_address = true; },
      [](Step& s) { s.cpu = CpuId(0); },
      [](Step& s) { s.point = PointIndex(8); },
      [](Step& s) { s.address = 0x48; },
      [](Step& s) { s.before = 9; },
      [](Step& s) { s.after = 9; },
      [](Step& s) { s.a = 1; },
      [](Step& s) { s.b = 1; },
  };
  for (std::size_t i = 0; i < std::size(changes); ++i) EXPECT_EQ(difference_after(changes[i]), 1) << "change " << i;
}

TEST(FirstDifference, CallChainsAndStackAddressesDoNotCount) {
  EXPECT_EQ(difference_after([](Step& s) { s.frames[0] = 0x9999; }), -1);
  EXPECT_EQ(difference_after([](Step& s) { s.address = 0x48; }, /*on_stack=*/true), -1);
}

TEST(FirstDifference, AShorterTraceDiffersWhereItEnds) {
  const Trace shorter{.steps = {a_store()}, .names = {}};
  const Trace longer{.steps = {a_store(), a_store()}, .names = {}};
  EXPECT_EQ(first_difference(shorter, longer), 1);
  EXPECT_EQ(first_difference(longer, shorter), 1);
  EXPECT_EQ(first_difference({}, shorter), 0);
}

TEST(FirstDifference, EqualTracesDoNotDiffer) {
  const Trace trace{.steps = {a_store(), a_store()}, .names = {}};
  EXPECT_EQ(first_difference(trace, trace), -1);
  EXPECT_EQ(first_difference({}, {}), -1);
}

TEST(StepKind, EveryKindHasANameOfItsOwn) {
  std::set<std::string> names;
  for (int kind = 0; kind <= static_cast<int>(StepKind::kRacingAccess); ++kind) {
    const char* name = step_kind_name(static_cast<StepKind>(kind));
    EXPECT_GT(std::strlen(name), 0u);
    EXPECT_TRUE(names.insert(name).second) << name << " is used twice";
  }
  EXPECT_EQ(std::string("compare-exchange"), step_kind_name(StepKind::kCompareExchange));
  EXPECT_EQ(std::string("wait-inside"), step_kind_name(StepKind::kWaitInside));
}

TEST(StepKind, ThePointsAreTheKindsUpToIdle) {
  EXPECT_TRUE(is_point(StepKind::kLoad));
  EXPECT_TRUE(is_point(StepKind::kIdle));
  EXPECT_FALSE(is_point(StepKind::kFence));
  EXPECT_FALSE(is_point(StepKind::kNote));
}

}  // namespace
}  // namespace gridlock
