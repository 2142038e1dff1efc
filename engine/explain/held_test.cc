// What a cpu held: must-hold and must-say-nothing lists of equal standing.
#include "engine/explain/held.h"

#include <gtest/gtest.h>

#include "engine/explain/fake_traced_run.h"

namespace gridlock {
namespace {

using enum StepKind;

constexpr std::uint64_t kLock = 0x40;

class HeldTest : public testing::Test {
 protected:
  HeldTest() { run_.at(0, {"f"}); }
  // Of cpu 0, at a step that is added to the end.
  Held held() {
    run_.at(0, {"f"}).event(kRelax);
    return held_at(run_.trace.steps, run_.trace.steps.size() - 1);
  }
  bool holds() { return !held().locks.empty(); }

  FakeTracedRun run_;
};

TEST_F(HeldTest, AnAcquiringExchangeThatFoundZeroTakesALock) {
  run_.xchg(kLock, 0, 1, __ATOMIC_ACQUIRE);
  const Held now = held();
  ASSERT_EQ(now.locks.size(), 1U);
  EXPECT_EQ(now.locks[0].offset, kLock);
  EXPECT_EQ(now.locks[0].taken, 0U);
}

TEST_F(HeldTest, ACompareExchangeAndABitLockTakeOne) {
  run_.rmw(kCompareExchange, kLock, 0, 1, __ATOMIC_ACQUIRE).rmw(kFetchOr, 0x48, 0, 2, __ATOMIC_SEQ_CST);
  EXPECT_EQ(held().locks.size(), 2U);
}

TEST_F(HeldTest, WhatOthersAddToTheWordLeavesItHeld) {
  run_.rmw(kCompareExchange, kLock, 0, 1, __ATOMIC_ACQUIRE);
  run_.at(1, {"g"}).rmw(kFetchOr, kLock, 1, 0x101, __ATOMIC_ACQUIRE);
  EXPECT_TRUE(holds());
}

TEST_F(HeldTest, AStoreByTheHolderReleases) {
  run_.xchg(kLock, 0, 1, __ATOMIC_ACQUIRE).store(kLock, 1, 0, __ATOMIC_RELEASE);
  EXPECT_FALSE(holds());
}

TEST_F(HeldTest, AZeroByAnotherReleases) {
  run_.xchg(kLock, 0, 1, __ATOMIC_ACQUIRE);
  run_.at(1, {"g"}).store(kLock, 1, 0);
  EXPECT_FALSE(holds());
}

TEST_F(HeldTest, AFailedTryTakesNothing) {
  run_.xchg(kLock, 1, 1, __ATOMIC_ACQUIRE).rmw(kCompareExchange, kLock, 1, 1, __ATOMIC_ACQUIRE);
  EXPECT_FALSE(holds());
}

TEST_F(HeldTest, ARelaxedExchangeTakesNothing) {
  run_.xchg(kLock, 0, 1);
  EXPECT_FALSE(holds());
}

TEST_F(HeldTest, TheTicketOfATicketLockIsNoLock) {
  run_.rmw(kFetchAdd, kLock, 0, 1, __ATOMIC_ACQUIRE).load(kLock + 4, 0, __ATOMIC_ACQUIRE);
  run_.store(kLock + 4, 0, 1, __ATOMIC_RELEASE).rmw(kFetchAdd, kLock, 1, 2, __ATOMIC_ACQUIRE);
  EXPECT_FALSE(holds());
}

TEST_F(HeldTest, ACountThatSomebodyUndoesWithAReleaseIsALock) {
  run_.at(1, {"reader"}).rmw(kFetchAdd, kLock, 0, 1, __ATOMIC_ACQUIRE).rmw(kFetchSub, kLock, 1, 0, __ATOMIC_RELEASE);
  run_.at(0, {"f"}).rmw(kFetchAdd, kLock, 0, 1, __ATOMIC_ACQUIRE);
  EXPECT_TRUE(holds());
}

TEST_F(HeldTest, TheLocksOfAnotherCpuAreNotHeld) {
  run_.at(1, {"g"}).xchg(kLock, 0, 1, __ATOMIC_ACQUIRE);
  EXPECT_FALSE(holds());
}

TEST_F(HeldTest, InterruptsFollowTheFlagAndTheHandlers) {
  EXPECT_TRUE(held().irqs_enabled);
  run_.event(kIrqDisable);
  EXPECT_FALSE(held().irqs_enabled);
  run_.event(kIrqEnable);
  EXPECT_TRUE(held().irqs_enabled);
  run_.event(kIrqEnter);
  EXPECT_FALSE(held().irqs_enabled);
  run_.event(kIrqExit).event(kSoftirqEnter);
  EXPECT_TRUE(held().irqs_enabled);
}

// A handler that is taken right where interrupts are enabled is told before the enabling.
TEST_F(HeldTest, BehindAHandlerInterruptsAreEnabled) {
  run_.event(kIrqDisable).event(kIrqEnter).event(kIrqExit);
  EXPECT_TRUE(held().irqs_enabled);
}

TEST_F(HeldTest, AWordThatItsTakerGivesBackIsEvidentlyALock) {
  run_.xchg(kLock, 0, 1, __ATOMIC_ACQUIRE).store(kLock, 1, 0, __ATOMIC_RELEASE).xchg(kLock, 0, 1, __ATOMIC_ACQUIRE);
  const auto locks = evident_locks(run_.trace.steps);
  ASSERT_EQ(locks.size(), 2U);
  EXPECT_EQ(locks[0].given, 1U);
  EXPECT_FALSE(locks[1].given.has_value());
}

TEST_F(HeldTest, AWordThatAnotherTriesToTakeIsEvidentlyALock) {
  run_.xchg(kLock, 0, 1, __ATOMIC_ACQUIRE);
  run_.at(1, {"g"}).xchg(kLock, 1, 1, __ATOMIC_ACQUIRE).event(kRelax).xchg(kLock, 1, 1, __ATOMIC_ACQUIRE);
  EXPECT_EQ(evident_locks(run_.trace.steps).size(), 1U);
}

TEST_F(HeldTest, AWordThatAnotherLooksAtUntilItIsFreeIsEvidentlyALock) {
  run_.xchg(kLock, 0, 1, __ATOMIC_ACQUIRE);
  run_.at(1, {"g"}).xchg(kLock, 1, 1, __ATOMIC_ACQUIRE);
  // What others do meanwhile is no matter.
  run_.at(0, {"f"}).store(0x80, 0, 1);
  run_.at(1, {"g"}).event(kRelax).load(kLock, 1);
  EXPECT_EQ(evident_locks(run_.trace.steps).size(), 1U);
}

TEST_F(HeldTest, AFailedCompareExchangeIsEvidenceWhateverComesNext) {
  run_.rmw(kCompareExchange, kLock, 0, 1, __ATOMIC_ACQUIRE);
  run_.at(1, {"g"}).rmw(kCompareExchange, kLock, 1, 1, __ATOMIC_ACQUIRE).store(0x80, 0, 1);
  EXPECT_EQ(evident_locks(run_.trace.steps).size(), 1U);
}

// The state of a thing, not its lock.
TEST_F(HeldTest, AWordThatItsTakerOnlyChangesFurtherIsNoLock) {
  run_.rmw(kCompareExchange, kLock, 0, 2, __ATOMIC_SEQ_CST).rmw(kFetchAdd, kLock, 2, 6, __ATOMIC_SEQ_CST);
  EXPECT_TRUE(evident_locks(run_.trace.steps).empty());
  run_.xchg(kLock + 8, 0, 2, __ATOMIC_ACQUIRE).store(kLock + 8, 2, 4, __ATOMIC_RELEASE);
  EXPECT_EQ(evident_locks(run_.trace.steps).size(), 1U);
}

// Who finds an event pending already has nothing more to do with it.
TEST_F(HeldTest, AFlagThatAnotherFindsSetAndLeavesIsNoLock) {
  run_.xchg(kLock, 0, 1, __ATOMIC_SEQ_CST);
  run_.at(1, {"g"}).xchg(kLock, 1, 1, __ATOMIC_SEQ_CST).load(0x80, 0);
  run_.xchg(kLock, 1, 1, __ATOMIC_SEQ_CST).event(kOperationEnd).load(kLock, 1);
  EXPECT_TRUE(evident_locks(run_.trace.steps).empty());
}

TEST_F(HeldTest, ABitThatAnotherFindsSetAndLeavesIsNoLock) {
  run_.rmw(kFetchOr, kLock, 0, 1, __ATOMIC_SEQ_CST);
  run_.at(1, {"g"}).rmw(kFetchOr, kLock, 1, 1, __ATOMIC_SEQ_CST).store(0x80, 0, 1);
  EXPECT_TRUE(evident_locks(run_.trace.steps).empty());
}

TEST_F(HeldTest, ABitThatAnotherTriesToSetUntilItSucceedsIsEvidentlyALock) {
  run_.rmw(kFetchOr, kLock, 0, 1, __ATOMIC_SEQ_CST);
  run_.at(1, {"g"}).rmw(kFetchOr, kLock, 1, 1, __ATOMIC_SEQ_CST).rmw(kFetchOr, kLock, 1, 1, __ATOMIC_SEQ_CST);
  EXPECT_EQ(evident_locks(run_.trace.steps).size(), 1U);
}

TEST_F(HeldTest, AFlagThatIsTakenByExchangeIsNoLock) {
  run_.xchg(kLock, 0, 1, __ATOMIC_SEQ_CST).xchg(kLock, 1, 0, __ATOMIC_SEQ_CST).xchg(kLock, 0, 1, __ATOMIC_SEQ_CST);
  EXPECT_TRUE(evident_locks(run_.trace.steps).empty());
}

TEST_F(HeldTest, AFlagThatAnotherClearsIsNoLock) {
  // That its setter cleared it once itself makes it none.
  run_.xchg(kLock, 0, 1, __ATOMIC_SEQ_CST).store(kLock, 1, 0, __ATOMIC_RELEASE).xchg(kLock, 0, 1, __ATOMIC_SEQ_CST);
  run_.at(1, {"g"}).store(kLock, 1, 0, __ATOMIC_RELEASE);
  EXPECT_TRUE(evident_locks(run_.trace.steps).empty());
}

TEST_F(HeldTest, WhatTheHarnessTellsNestsForAReader) {
  run_.step({.kind = kLockAcquired, .address = kLock}).step({.kind = kLockAcquired, .address = kLock});
  run_.step({.kind = kLockReleased, .address = kLock});
  const auto locks = told_locks(run_.trace.steps);
  ASSERT_EQ(locks.size(), 2U);
  EXPECT_FALSE(locks[0].given.has_value());
  EXPECT_EQ(locks[1].given, 2U);
}

}  // namespace
}  // namespace gridlock
