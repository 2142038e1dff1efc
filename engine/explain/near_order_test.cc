// Which communication comes closest to ordering two accesses, over traces written by hand: each test is a way to get
// message passing wrong, and one or two to get it right up to the last step.
#include "engine/explain/near_order.h"

#include <gtest/gtest.h>

#include "engine/explain/fake_traced_run.h"

namespace gridlock {
namespace {

constexpr std::uint64_t kFlag = 0x40;
constexpr std::uint64_t kOther = 0x50;
constexpr std::uint64_t kData = 0x80;

class NearOrderTest : public testing::Test {
 protected:
  std::vector<Hop> way() {
    std::size_t found[2] = {};
    for (std::size_t at = 0; at < run_.trace.steps.size(); ++at) {
      if (run_.trace.steps[at].kind == StepKind::kRacingAccess) found[run_.trace.steps[at].a] = at;
    }
    return nearest_way(run_.trace.steps, found[0], found[1]);
  }
  FakeTracedRun& writer() { return run_.at(0, {"send"}); }
  FakeTracedRun& reader() { return run_.at(1, {"receive"}); }

  FakeTracedRun run_;
};

TEST_F(NearOrderTest, ARelaxedStoreThatIsAcquiredLacksARelease) {
  writer().racing(0, true, kData).store(kFlag, 0, 1);
  reader().load(kFlag, 1, __ATOMIC_ACQUIRE).racing(1, false, kData);
  const std::vector<Hop> hops = way();
  ASSERT_EQ(hops.size(), 1U);
  EXPECT_EQ(hops[0].store, 1U);
  EXPECT_EQ(hops[0].read, 2U);
  EXPECT_FALSE(hops[0].releases);
  EXPECT_TRUE(hops[0].acquires);
}

TEST_F(NearOrderTest, AReleaseThatIsReadRelaxedLacksAnAcquire) {
  writer().racing(0, true, kData).store(kFlag, 0, 1, __ATOMIC_RELEASE);
  reader().load(kFlag, 1).racing(1, false, kData);
  const std::vector<Hop> hops = way();
  ASSERT_EQ(hops.size(), 1U);
  EXPECT_TRUE(hops[0].releases);
  EXPECT_FALSE(hops[0].acquires);
}

TEST_F(NearOrderTest, FencesOnTheRightSidesDoWhatTheAccessesDoNot) {
  writer().racing(0, true, kData).fence(__ATOMIC_RELEASE).store(kFlag, 0, 1);
  reader().load(kFlag, 1).racing(1, false, kData);
  EXPECT_EQ(way().at(0).release_fence, 1U);
  EXPECT_FALSE(way().at(0).acquires);
}

TEST_F(NearOrderTest, AnAcquireFenceBehindTheReadCompletesIt) {
  writer().racing(0, true, kData).store(kFlag, 0, 1);
  reader().load(kFlag, 1).fence(__ATOMIC_ACQUIRE).racing(1, false, kData);
  EXPECT_EQ(way().at(0).acquire_fence, 3U);
  EXPECT_TRUE(way().at(0).acquires);
  EXPECT_FALSE(way().at(0).releases);
}

TEST_F(NearOrderTest, AReleaseFenceBehindTheStoreIsNamedAsMisplaced) {
  writer().racing(0, true, kData).store(kFlag, 0, 1).fence(__ATOMIC_RELEASE);
  reader().load(kFlag, 1).fence(__ATOMIC_ACQUIRE).racing(1, false, kData);
  EXPECT_FALSE(way().at(0).releases);
  EXPECT_EQ(way().at(0).misplaced_release_fence, 2U);
}

TEST_F(NearOrderTest, AReleaseFenceBeforeTheAccessIsNamedAsMisplaced) {
  writer().fence(__ATOMIC_RELEASE).racing(0, true, kData).store(kFlag, 0, 1);
  reader().load(kFlag, 1, __ATOMIC_ACQUIRE).racing(1, false, kData);
  EXPECT_EQ(way().at(0).misplaced_release_fence, 0U);
}

TEST_F(NearOrderTest, AnAcquireFenceBeforeTheReadIsNamedAsMisplaced) {
  writer().racing(0, true, kData).store(kFlag, 0, 1, __ATOMIC_RELEASE);
  reader().fence(__ATOMIC_ACQUIRE).load(kFlag, 1).racing(1, false, kData);
  EXPECT_FALSE(way().at(0).acquires);
  EXPECT_EQ(way().at(0).misplaced_acquire_fence, 2U);
}

TEST_F(NearOrderTest, AFenceOfAnotherOperationIsNoMisplacedOne) {
  writer().fence(__ATOMIC_RELEASE).event(StepKind::kOperationBegin).racing(0, true, kData).store(kFlag, 0, 1);
  reader().load(kFlag, 1, __ATOMIC_ACQUIRE).racing(1, false, kData);
  EXPECT_EQ(way().at(0).misplaced_release_fence, std::nullopt);
}

TEST_F(NearOrderTest, WhatWasStoredBeforeTheAccessConnectsNothing) {
  writer().store(kFlag, 0, 1, __ATOMIC_RELEASE).racing(0, true, kData);
  reader().load(kFlag, 1, __ATOMIC_ACQUIRE).racing(1, false, kData);
  EXPECT_TRUE(way().empty());
}

TEST_F(NearOrderTest, AValueThatWasOverwrittenBeforeItWasReadConnectsNothing) {
  writer().racing(0, true, kData).store(kFlag, 0, 1, __ATOMIC_RELEASE);
  run_.at(2, {"reset"}).store(kFlag, 1, 0);
  reader().load(kFlag, 0, __ATOMIC_ACQUIRE).racing(1, false, kData);
  EXPECT_TRUE(way().empty());
}

TEST_F(NearOrderTest, AReadBehindTheSecondAccessConnectsNothing) {
  writer().racing(0, true, kData).store(kFlag, 0, 1, __ATOMIC_RELEASE);
  reader().racing(1, false, kData).load(kFlag, 1, __ATOMIC_ACQUIRE);
  EXPECT_TRUE(way().empty());
}

TEST_F(NearOrderTest, TheWordThatLacksLessIsChosenWhateverComesLast) {
  writer().racing(0, true, kData).store(kFlag, 0, 1, __ATOMIC_RELEASE).store(kOther, 0, 1);
  reader().load(kFlag, 1).load(kOther, 1).racing(1, false, kData);
  ASSERT_EQ(way().size(), 1U);
  EXPECT_EQ(way()[0].store, 1U);
}

TEST_F(NearOrderTest, OfEqualWordsTheLastReadIsChosen) {
  writer().racing(0, true, kData).store(kFlag, 0, 1).store(kOther, 0, 1);
  reader().load(kFlag, 1).load(kOther, 1).racing(1, false, kData);
  EXPECT_EQ(way().at(0).read, 4U);
}

TEST_F(NearOrderTest, AWayMayLeadThroughAThirdCpu) {
  writer().racing(0, true, kData).store(kFlag, 0, 1, __ATOMIC_RELEASE);
  run_.at(2, {"forward"}).load(kFlag, 1, __ATOMIC_ACQUIRE).store(kOther, 0, 1);
  reader().load(kOther, 1, __ATOMIC_ACQUIRE).racing(1, false, kData);
  const std::vector<Hop> hops = way();
  ASSERT_EQ(hops.size(), 2U);
  EXPECT_TRUE(hops[0].releases && hops[0].acquires);
  EXPECT_EQ(hops[1].store, 3U);
  EXPECT_FALSE(hops[1].releases);
  EXPECT_TRUE(hops[1].acquires);
}

TEST_F(NearOrderTest, AReadModifyWriteOfAnotherCarriesTheReleaseOn) {
  writer().racing(0, true, kData).store(kFlag, 0, 1, __ATOMIC_RELEASE);
  run_.at(2, {"count"}).rmw(StepKind::kFetchAdd, kFlag, 1, 2);
  reader().load(kFlag, 2).racing(1, false, kData);
  ASSERT_EQ(way().size(), 1U);
  EXPECT_EQ(way()[0].store, 1U);
  EXPECT_TRUE(way()[0].releases);
}

TEST_F(NearOrderTest, AFailedCompareExchangeIsNoAcquire) {
  writer().racing(0, true, kData).store(kFlag, 0, 1, __ATOMIC_RELEASE);
  reader().rmw(StepKind::kCompareExchange, kFlag, 1, 1, __ATOMIC_ACQUIRE).racing(1, false, kData);
  EXPECT_FALSE(way().at(0).acquires);
}

TEST_F(NearOrderTest, APartOfAWordThatIsReadConnectsToo) {
  writer().racing(0, true, kData).store(kFlag, 0, 1);
  reader().load(kFlag + 2, 0, __ATOMIC_ACQUIRE).racing(1, false, kData);
  EXPECT_EQ(way().size(), 1U);
}

TEST_F(NearOrderTest, AnInterruptThatWasSentCarriesTheWayOn) {
  writer().racing(0, true, kData).event(StepKind::kIpiSend, 2, 7);
  run_.at(2, {"handler"}).event(StepKind::kIrqEnter, 7).store(kFlag, 0, 1).event(StepKind::kIrqExit, 7);
  reader().load(kFlag, 1, __ATOMIC_ACQUIRE).racing(1, false, kData);
  ASSERT_EQ(way().size(), 1U);
  EXPECT_EQ(way()[0].store, 3U);
}

TEST_F(NearOrderTest, AHandlerIsOrderedAfterWhatItsCpuDidBeforeEnablingInterrupts) {
  writer().event(StepKind::kIrqDisable).racing(0, true, kData).event(StepKind::kIrqEnable);
  run_.at(0, {"handler"}).event(StepKind::kIrqEnter, 0).store(kFlag, 0, 1).event(StepKind::kIrqExit, 0);
  reader().load(kFlag, 1, __ATOMIC_ACQUIRE).racing(1, false, kData);
  EXPECT_EQ(way().size(), 1U);
}

TEST_F(NearOrderTest, AHandlerIsNotOrderedAfterWhatItInterrupted) {
  writer().racing(0, true, kData);
  run_.at(0, {"handler"}).event(StepKind::kIrqEnter, 0).store(kFlag, 0, 1).event(StepKind::kIrqExit, 0);
  reader().load(kFlag, 1, __ATOMIC_ACQUIRE).racing(1, false, kData);
  EXPECT_TRUE(way().empty());
}

TEST_F(NearOrderTest, AnAtomicAccessThatRacesCommunicatesItself) {
  writer().store(kData, 0, 1).racing(0, true, kData);
  run_.trace.steps.back().b = 3;  // an atomic write: the store before is the access
  reader().load(kData, 1, __ATOMIC_ACQUIRE).racing(1, true, kData);
  ASSERT_EQ(way().size(), 1U);
  EXPECT_EQ(way()[0].store, 0U);
  EXPECT_FALSE(way()[0].releases);
}

TEST_F(NearOrderTest, WhatTheSecondAccessItselfReadsComesTooLate) {
  writer().store(kData, 0, 1, __ATOMIC_RELEASE).racing(0, true, kData);
  run_.trace.steps.back().b = 3;
  reader().load(kData, 1, __ATOMIC_ACQUIRE).racing(1, false, kData);
  run_.trace.steps.back().b = 2;
  EXPECT_TRUE(way().empty());
}

}  // namespace
}  // namespace gridlock
