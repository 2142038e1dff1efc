// The machine on small instrumented targets; the same tests in every flavour.
#include "engine/machine/machine.h"

#include <gtest/gtest.h>

#include <cstring>

#include "engine/machine/test_targets/test_targets.h"
#include "engine/strategy/strategies.h"

namespace gridlock {
namespace {

const gl_target& target_named(const char* name) {
  for (const gl_target* const* target = machine_test_targets; *target != nullptr; ++target) {
    if (std::strcmp((*target)->name, name) == 0) return **target;
  }
  ADD_FAILURE() << "no test target " << name;
  return **machine_test_targets;
}

class MachineTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto created = Machine::create();
    ASSERT_TRUE(created.has_value()) << created.error().message();
    machine_ = std::move(*created);
  }
  static void TearDownTestSuite() { machine_.reset(); }

  // A scenario in one line: cpu programs as lists of (operation, first argument).
  static Scenario scenario(std::vector<std::vector<std::pair<std::uint32_t, std::uint32_t>>> programs,
                           std::vector<Directive> directives = {}) {
    Scenario result;
    for (std::uint32_t cpu = 0; cpu < programs.size(); ++cpu) {
      result.start_order.push_back(CpuId(cpu));
      auto& calls = result.programs.emplace_back();
      for (const auto& [operation, argument] : programs[cpu]) {
        calls.push_back({.operation = OperationId(operation), .arguments = {argument}});
      }
    }
    result.directives = std::move(directives);
    return result;
  }
  static Directive demote(std::uint32_t cpu, std::uint32_t point) { return {CpuId(cpu), PointIndex(point)}; }
  static Directive interrupt(std::uint32_t cpu, std::uint32_t point, std::uint32_t vector) {
    return {CpuId(cpu), PointIndex(point), Action::kInterrupt, vector, 0};
  }

  const RunView& run(const char* target, const Scenario& what, RunOptions options = {}) {
    strategy_ = make_strategy("directed", {});
    return machine_->run(target_named(target), what, *strategy_, options);
  }

  static std::unique_ptr<Machine> machine_;
  std::unique_ptr<Strategy> strategy_;
};

std::unique_ptr<Machine> MachineTest::machine_;

TEST_F(MachineTest, TicketLockCompletes) {
  const Scenario three = scenario({{{0, 0}, {0, 0}, {0, 0}}, {{0, 0}, {0, 0}, {0, 0}}, {{0, 0}, {0, 0}, {0, 0}}});
  const RunView& view = run("ticket", three);
  EXPECT_EQ(view.end, RunEnd::kCompleted);
  EXPECT_GE(view.points, 27u);
}

TEST_F(MachineTest, WhatSetupAccessesIsNoPoint) {
  const RunView& view = run("ticket", scenario({{{0, 0}}}));
  EXPECT_EQ(view.cpus[0].points, PointIndex(4));  // next, owner, owner, idle
  EXPECT_EQ(view.points, 4u);
}

// Each cpu is sent back at its first point, and cpus 0 and 1 once more when their turn comes.
TEST_F(MachineTest, ACpuThatIsOnlySentBackAgainIsNotEntered) {
  const std::vector<Directive> demotes = {demote(0, 1), demote(1, 1), demote(2, 1), demote(0, 1), demote(1, 1)};
  const RunView& view = run("ticket", scenario({{{0, 0}}, {{0, 0}}, {{0, 0}}}, demotes));
  EXPECT_EQ(view.end, RunEnd::kCompleted);
  EXPECT_EQ(std::vector(view.directives.begin(), view.directives.end()), demotes);
  EXPECT_EQ(view.switches, 4u);  // to 1 and 2 to start, and back to 0 and 1 when 2 has ended
}

TEST_F(MachineTest, ADemoteInTheCriticalSectionMakesTheOthersSpinAndComeBack) {
  const Scenario two = scenario({{{0, 0}}, {{0, 0}}}, {demote(0, 3)});
  const RunView& view = run("ticket", two);
  EXPECT_EQ(view.end, RunEnd::kCompleted);
  EXPECT_GE(view.switches, 3u);
}

TEST_F(MachineTest, TwoLocksInTwoOrdersHangAndTheRecordedScheduleRepeatsIt) {
  const Scenario two = scenario({{{0, 0}}, {{0, 1}}}, {demote(0, 2)});
  const RunView& view = run("abba", two);
  ASSERT_EQ(view.end, RunEnd::kSelfLoops);
  EXPECT_EQ(view.cpus[0].activity, CpuActivity::kSpinning);
  EXPECT_EQ(view.cpus[1].activity, CpuActivity::kSpinning);
  EXPECT_EQ(view.directives.size(), 1u);
  EXPECT_FALSE(view.cpus[0].watches.empty());
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(run("abba", two).end, RunEnd::kSelfLoops);
}

TEST_F(MachineTest, ALostWakeupIsProvenAndOnlyUnderItsSchedule) {
  EXPECT_EQ(run("lost_wakeup", scenario({{{0, 0}}, {{1, 0}}})).end, RunEnd::kCompleted);
  const RunView& view = run("lost_wakeup", scenario({{{0, 0}}, {{1, 0}}}, {demote(0, 2)}));
  ASSERT_EQ(view.end, RunEnd::kSelfLoops);
  EXPECT_EQ(view.cpus[0].activity, CpuActivity::kWaiting);
  EXPECT_EQ(view.cpus[1].activity, CpuActivity::kIdle);
}

TEST_F(MachineTest, ASpinWithoutAHintIsAHangIfNobodyEndsIt) {
  EXPECT_EQ(run("spin_forever", scenario({{{0, 0}}})).end, RunEnd::kSelfLoops);
  EXPECT_EQ(run("spin_forever", scenario({{{0, 0}}, {{1, 0}}})).end, RunEnd::kSelfLoops);
}

TEST_F(MachineTest, ASpinThatSomebodyEndsIsNone) {
  EXPECT_EQ(run("spin_forever", scenario({{{0, 0}}, {{2, 0}}})).end, RunEnd::kCompleted);
}

TEST_F(MachineTest, ALongButFiniteLoopIsNoHang) {
  EXPECT_EQ(run("spin_forever", scenario({{{1, 20'000}}, {{1, 20'000}}})).end, RunEnd::kCompleted);
}

TEST_F(MachineTest, PollingUnderALockIsNoHangWhileSomebodyCanFinish) {
  EXPECT_EQ(run("polling", scenario({{{0, 0}}, {{1, 0}}})).end, RunEnd::kCompleted);
  EXPECT_EQ(run("polling", scenario({{{0, 0}}, {{0, 0}}, {{1, 0}}})).end, RunEnd::kCompleted);
}

TEST_F(MachineTest, PollingUnderALockForWhatNobodyDoesIsALivelock) {
  EXPECT_EQ(run("polling", scenario({{{0, 0}}})).end, RunEnd::kChangingCycle);
}

TEST_F(MachineTest, TwoCpusThatUndoEachOthersWorkAreALivelock) {
  EXPECT_EQ(run("livelock", scenario({{{0, 0}}, {{0, 1}}})).end, RunEnd::kChangingCycle);
}

TEST_F(MachineTest, AnInterruptIsTakenAtItsPointAndItsSoftirqAfterIt) {
  const RunView& view = run("irq", scenario({{{0, 0}}}, {interrupt(0, 1, 0)}), {.trace = true});
  EXPECT_EQ(view.end, RunEnd::kCompleted);
  EXPECT_EQ(view.interrupts_taken, 1u);
  std::vector<StepKind> kinds;
  for (const Step& step : view.trace->steps) {
    if (step.kind == StepKind::kIrqEnter || step.kind == StepKind::kIrqExit || step.kind == StepKind::kSoftirqEnter ||
        step.kind == StepKind::kSoftirqExit || (step.kind == StepKind::kFetchAdd && step.depth == 0)) {
      kinds.push_back(step.kind);
    }
  }
  const std::vector<StepKind> expected = {StepKind::kIrqEnter,    StepKind::kIrqExit,  StepKind::kSoftirqEnter,
                                          StepKind::kSoftirqExit, StepKind::kFetchAdd, StepKind::kFetchAdd,
                                          StepKind::kFetchAdd};
  EXPECT_EQ(kinds, expected);
}

TEST_F(MachineTest, AnInterruptWhileDisabledIsTakenAtTheEnableEdge) {
  const RunView& view = run("irq", scenario({{{0, 0}}}, {interrupt(0, 2, 0)}), {.trace = true});
  EXPECT_EQ(view.interrupts_taken, 1u);
  for (std::size_t i = 0; i + 1 < view.trace->steps.size(); ++i) {
    if (view.trace->steps[i].kind == StepKind::kIrqEnter) {
      EXPECT_EQ(view.trace->steps[i].point.value(), 3u);
    }
  }
}

TEST_F(MachineTest, AnIpiEndsAWaitThroughItsHandler) {
  EXPECT_EQ(run("irq", scenario({{{1, 0}}, {{2, 0}}})).end, RunEnd::kCompleted);
  EXPECT_EQ(run("irq", scenario({{{1, 0}}})).end, RunEnd::kSelfLoops);
}

TEST_F(MachineTest, ADeferredIpiComesWhenNothingElseCanHappen) {
  const Scenario deferred = scenario({{{1, 0}}, {{2, 0}}}, {{CpuId(0), PointIndex(1), Action::kDefer, 1, 60'000}});
  EXPECT_EQ(run("irq", deferred).end, RunEnd::kCompleted);
}

TEST_F(MachineTest, AFalseAssertionEndsTheRunWithItsText) {
  const RunView& view = run("assertion", scenario({{{0, 0}}, {{0, 0}}}));
  ASSERT_EQ(view.end, RunEnd::kAssertion);
  EXPECT_EQ(view.failure->what, "state->word.fetch_add(1) == 0");
  EXPECT_FALSE(view.failure->frames.empty());
}

TEST_F(MachineTest, ARaceBetweenCpusIsFoundEveryTime) {
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(run("race", scenario({{{0, 0}}, {{0, 0}}})).end, RunEnd::kDataRace) << i;
  }
}

TEST_F(MachineTest, ARaceBetweenATaskAndAHandlerOverItIsSeenUnlessInterruptsAreOff) {
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(run("irq", scenario({{{3, 0}}}, {interrupt(0, 2, 2)})).end, RunEnd::kDataRace) << i;
    ASSERT_EQ(run("irq", scenario({{{3, 1}}}, {interrupt(0, 2, 2)})).end, RunEnd::kCompleted) << i;
  }
}

TEST_F(MachineTest, TheTraceIsTheSameEveryTime) {
  const Scenario two = scenario({{{0, 0}, {0, 0}}, {{0, 0}}}, {demote(0, 3), demote(1, 2)});
  const Trace first = *run("ticket", two, {.trace = true}).trace;
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(first_difference(first, *run("ticket", two, {.trace = true}).trace), -1);
  }
}

TEST_F(MachineTest, SixtyFourCpusFinish) {
  std::vector<std::vector<std::pair<std::uint32_t, std::uint32_t>>> programs(64, {{0, 0}, {0, 0}});
  EXPECT_EQ(run("ticket", scenario(programs)).end, RunEnd::kCompleted);
}

TEST_F(MachineTest, ADoubleFreeIsAMemoryError) {
  const RunView& view = run("use_after_free", scenario({{{0, 2}}}));
  ASSERT_EQ(view.end, RunEnd::kMemoryError);
  EXPECT_EQ(view.failure->what, "double-free");
}

TEST_F(MachineTest, EveryStrategysRunReplaysFromItsRecordedDirectives) {
  const Scenario base = scenario({{{0, 0}, {0, 0}}, {{0, 0}, {0, 0}}, {{0, 0}, {0, 0}}});
  for (const std::string_view name : strategy_names()) {
    auto strategy = make_strategy(name, {.seed = 7});
    for (int i = 0; i < 200; ++i) {
      const RunView& original = machine_->run(target_named("ticket"), base, *strategy, {.trace = true});
      const Trace trace = *original.trace;
      Scenario recorded = base;
      recorded.directives.assign(original.directives.begin(), original.directives.end());
      const RunView& replayed = run("ticket", recorded, {.trace = true});
      ASSERT_EQ(first_difference(trace, *replayed.trace), -1) << name << " run " << i;
    }
  }
}

}  // namespace
}  // namespace gridlock
