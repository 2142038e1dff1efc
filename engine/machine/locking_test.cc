// How the machine feeds the order of locks: which handlers may come at any time, and what the lock watch knows of who
// holds what. What follows from it is tested in lock_order_test.cc.
//
// May include: base, model, hook, strategy, machine, machine/test_targets, judge.
#include <gtest/gtest.h>

#include <memory>

#include "engine/judge/fake_run_view.h"
#include "engine/judge/judge.h"
#include "engine/machine/lock_watch.h"
#include "engine/machine/machine_fixture.h"

namespace gridlock {
namespace {

// In the order of the target's vectors.
enum Vector : std::uint32_t { kDevice, kIpi, kRelay, kTicker, kNothing };

struct LockCase {
  const char* name;
  std::vector<std::string> programs;
  std::vector<Directive> directives;
  VerdictKind verdict;
};

class LockingTest : public MachineFixture, public testing::WithParamInterface<LockCase> {};

TEST_P(LockingTest, JudgedAsItMust) {
  const LockCase& expected = GetParam();
  const FakeNames names;
  EXPECT_EQ(judge(run("lock_orders", expected.programs, expected.directives), names).kind, expected.verdict);
}

const LockCase kCases[] = {
    {"Inversion", {"pair 0 1", "pair 1 0"}, {}, VerdictKind::kLockOrder},
    {"AnExternalInterrupt", {"lock 0"}, {interrupt(0, 1, kDevice)}, VerdictKind::kLockOrder},
    {"AnInterruptThatTheTaskMasks", {"lock_masked 0"}, {interrupt(0, 1, kDevice)}, VerdictKind::kOk},
    {"AnIpiThatAnotherCpuSends", {"lock 0", "send 0"}, {}, VerdictKind::kLockOrder},
    {"AnIpiThatAnotherCpuSendsUnderALock", {"lock 0", "send_under 1 0"}, {}, VerdictKind::kOk},
    {"AnIpiOfItsOwn", {"lock 0; send 0"}, {}, VerdictKind::kOk},
    {"AnIpiThatAnInterruptSends", {"lock 0"}, {interrupt(0, 1, kRelay)}, VerdictKind::kLockOrder},
    {"ASoftirqThatAnInterruptRaises", {"lock 0"}, {interrupt(0, 1, kTicker)}, VerdictKind::kLockOrder},
    {"ASoftirqThatTheTaskRaises", {"lock 0; raise"}, {interrupt(0, 2, kNothing)}, VerdictKind::kOk},
};
INSTANTIATE_TEST_SUITE_P(Locks, LockingTest, testing::ValuesIn(kCases),
                         [](const auto& info) { return info.param.name; });

class LockTraceTest : public MachineFixture {};

TEST_F(LockTraceTest, ATraceTellsWhoHasWhichLockAndTheVerdictIsTheSame) {
  const FakeNames names;
  const RunView& view = run("lock_orders", {"pair 0 1", "pair 1 0"}, {}, {.trace = true});
  const std::vector<Step> taken = steps_of_kind(view, StepKind::kLockAcquired);
  ASSERT_EQ(taken.size(), 4U);
  EXPECT_EQ(steps_of_kind(view, StepKind::kLockReleased).size(), 4U);
  EXPECT_EQ(taken[0].address, taken[3].address);
  EXPECT_EQ(taken[1].address, taken[2].address);
  const Verdict traced = judge(view, names);
  EXPECT_EQ(judge(run("lock_orders", {"pair 0 1", "pair 1 0"}), names), traced);
}

class LockWatchTest : public testing::Test {
 protected:
  void SetUp() override { watch_->begin_run(); }
  void acquire(std::uint32_t cpu, std::uint64_t offset, const char* name) {
    static_cast<void>(watch_->acquired({.cpu = cpu}, {.offset = offset, .name = name}, LockMode::kExclusive, false));
  }
  std::unique_ptr<LockWatch> watch_ = std::make_unique<LockWatch>();
};

TEST_F(LockWatchTest, TheHashIsOfTheNamesThatAreHeldAndNotOfTheirOrder) {
  acquire(0, 64, "A");
  const std::uint32_t of_a = watch_->held_hash(0);
  acquire(0, 128, "B");
  acquire(1, 192, "B");
  acquire(1, 256, "A");
  EXPECT_NE(watch_->held_hash(0), of_a);
  EXPECT_EQ(watch_->held_hash(0), watch_->held_hash(1));
  watch_->released(0, 128);
  EXPECT_EQ(watch_->held_hash(0), of_a);
  watch_->released(0, 64);
  EXPECT_EQ(watch_->held_hash(0), 0U);
}

TEST_F(LockWatchTest, AnotherCpuMayGiveALockBack) {
  acquire(0, 64, "A");
  watch_->released(1, 64);
  EXPECT_FALSE(watch_->holds_any(0));
  watch_->released(1, 64);
  watch_->released(1, 128);
}

TEST_F(LockWatchTest, ARunKnowsNothingOfTheOneBefore) {
  acquire(0, 64, "A");
  acquire(0, 128, "B");
  ASSERT_NE(watch_->graph(), nullptr);
  watch_->begin_run();
  EXPECT_FALSE(watch_->holds_any(0));
  EXPECT_EQ(watch_->held_hash(0), 0U);
  EXPECT_EQ(watch_->graph(), nullptr);
}

TEST_F(LockWatchTest, MoreThanFitsIsLeftOutAndSaid) {
  for (std::uint32_t lock = 0; lock <= kLocksMax; ++lock) {
    acquire(0, 64 * (lock + 1), "A");
    if (lock > 0) watch_->released(0, 64 * (lock + 1));
  }
  const LockGraph* const graph = watch_->graph();
  ASSERT_NE(graph, nullptr);
  EXPECT_TRUE(graph->truncated);
  EXPECT_EQ(graph->locks.size(), kLocksMax);
}

TEST_F(LockWatchTest, WhatLooksTheSameIsOneMoment) {
  for (int round = 0; round < 3; ++round) {
    acquire(0, 64, "A");
    acquire(0, 128, "B");
    watch_->released(0, 128);
    watch_->released(0, 64);
  }
  EXPECT_EQ(watch_->graph()->moments.size(), 2U);
}

}  // namespace
}  // namespace gridlock
