// Whole endings of data races, as a person reads them.
#include "engine/explain/race_words.h"

#include <gtest/gtest.h>

#include "engine/explain/fake_traced_run.h"

namespace gridlock {
namespace {

using enum StepKind;
using Lines = std::vector<std::string>;

constexpr std::uint64_t kFlag = 0x40;
constexpr std::uint64_t kData = 0x80;

class RaceWordsTest : public testing::Test {
 protected:
  RaceWordsTest() {
    run_.trace.names = {{kFlag, 4, "ready"}, {0x50, 4, "a.lock"}, {0x58, 4, "b.lock"}, {kData, 8, "message"}};
  }

  std::vector<Stand> stands() {
    const ExplainInput& input = run_.input();
    return race_stands(input, Words(input));
  }
  Lines edge() {
    const ExplainInput& input = run_.input();
    return missing_edge(input, Words(input));
  }

  FakeTracedRun run_;
};

TEST_F(RaceWordsTest, EachSideSaysWhereItIsWhatItHoldsAndWhatItDid) {
  run_.at(0, {"lock", "send"}).xchg(0x50, 0, 1, __ATOMIC_ACQUIRE);
  run_.at(0, {"send"}).event(kIrqDisable).racing(0, true, kData).event(kRelax).store(kFlag, 0, 1);
  run_.at(1, {"receive", "poll"}).load(kFlag, 1).racing(1, false, kData);
  const std::vector<Stand> told = stands();
  ASSERT_EQ(told.size(), 3U);
  EXPECT_EQ(told[0].heading, "first: cpu 0, in the task, plain write of message, 4 bytes");
  EXPECT_EQ(told[0].lines, (Lines{"in send (code.cc:2)", "interrupts are disabled",
                                  "holds a.lock, taken at step 1 in lock (code.cc:1)", "before it",
                                  "  step 1: xchg a.lock 0 -> 1 (acquire) in lock (code.cc:1)",
                                  "  step 2: disables irqs in send (code.cc:2)", "behind it",
                                  "  step 5: store ready 0 -> 1 (relaxed) in send (code.cc:2)"}));
  EXPECT_EQ(told[1].heading, "second: cpu 1, in the task, plain read of message, 4 bytes");
  EXPECT_EQ(told[1].lines, (Lines{"in receive (code.cc:3)", "called from poll (code.cc:4)", "interrupts are enabled",
                                  "before it", "  step 6: load ready = 1 (relaxed) in receive (code.cc:3)"}));
  EXPECT_EQ(told[2].heading, "the missing edge");
}

TEST_F(RaceWordsTest, ARelaxedFlagNeedsReleaseAndAcquire) {
  run_.at(0, {"send"}).racing(0, true, kData).store(kFlag, 0, 1);
  run_.at(1, {"receive"}).load(kFlag, 1).racing(1, false, kData);
  EXPECT_EQ(edge(), (Lines{"cpu 0: store ready 0 -> 1 (relaxed) at step 2 in send (code.cc:1), after its access",
                           "  needs release, or a release fence between the access and it",
                           "cpu 1: load ready = 1 (relaxed) at step 3 in receive (code.cc:2), which reads that value, "
                           "before its access",
                           "  needs acquire, or an acquire fence between it and the access"}));
}

TEST_F(RaceWordsTest, FencesAreNamedWhereTheyStand) {
  run_.at(0, {"send"}).racing(0, true, kData).store(kFlag, 0, 1).fence(__ATOMIC_RELEASE);
  run_.at(1, {"receive"}).load(kFlag, 1).fence(__ATOMIC_ACQUIRE).racing(1, false, kData);
  const Lines told = edge();
  EXPECT_EQ(told.at(2), "  the fence at step 3 in send (code.cc:1) stands behind it, where it does not order them");
  EXPECT_EQ(told.at(4), "  acquired by the fence at step 5 in receive (code.cc:2)");
}

TEST_F(RaceWordsTest, WithoutCommunicationNothingConnectsThem) {
  run_.at(0, {"f"}).racing(0, true, kData);
  run_.at(1, {"g"}).racing(1, true, kData);
  EXPECT_EQ(edge(), (Lines{"nothing that cpu 0 wrote after its access was read by cpu 1 before its own: no lock and no "
                           "release/acquire pair connects them"}));
}

TEST_F(RaceWordsTest, DifferentLocksAreNamed) {
  run_.at(0, {"f"}).xchg(0x50, 0, 1, __ATOMIC_ACQUIRE).racing(0, true, kData);
  run_.at(1, {"g"}).xchg(0x58, 0, 1, __ATOMIC_ACQUIRE).racing(1, true, kData);
  EXPECT_EQ(edge().back(), "cpu 0 holds a.lock, cpu 1 holds b.lock: different locks, which order nothing");
}

TEST_F(RaceWordsTest, ALockOfOneSideAloneIsNamed) {
  run_.at(0, {"f"}).xchg(0x50, 0, 1, __ATOMIC_ACQUIRE).racing(0, true, kData);
  run_.at(1, {"g"}).racing(1, true, kData);
  EXPECT_EQ(edge().back(), "cpu 0 holds a.lock: no lock that the other is seen to hold");
}

TEST_F(RaceWordsTest, AHandlerComesBetweenWhereInterruptsAreEnabled) {
  run_.at(0, {"count"}).racing(0, true, kData);
  run_.at(0, {"timer"}).event(kIrqEnter).racing(1, true, kData);
  EXPECT_EQ(edge(), (Lines{"the handler can come between: interrupts are enabled at the plain write in count "
                           "(code.cc:1)"}));
  EXPECT_EQ(stands().at(1).heading, "second: cpu 0, in an interrupt handler, plain write of message, 4 bytes");
}

TEST_F(RaceWordsTest, AfterTheHandlerItIsTheTasksAccessThatLetItCome) {
  run_.at(0, {"timer"}).event(kIrqEnter).racing(0, true, kData).event(kIrqExit);
  run_.at(0, {"count"}).racing(1, true, kData);
  EXPECT_EQ(edge(), (Lines{"the handler can come between: interrupts are enabled at the plain write in count "
                           "(code.cc:2)"}));
}

TEST_F(RaceWordsTest, WhatTheConditionOfAWaitReadConnectsToo) {
  run_.at(0, {"f"}).racing(0, true, kData).store(kFlag, 0, 1);
  run_.at(1, {"is_ready"}).step({.kind = kWaitRead, .address = kFlag, .before = 1, .after = 1});
  run_.trace.steps.back().width_bytes = 4;
  run_.at(1, {"g"}).event(kWaitDone).racing(1, true, kData);
  EXPECT_EQ(edge().at(2),
            "cpu 1: finds ready = 1 (relaxed) at step 3 in is_ready (code.cc:2), which reads that value, "
            "before its access");
}

TEST_F(RaceWordsTest, AFailedCompareExchangeIsNotAccusedOfItsOrder) {
  run_.at(0, {"f"}).racing(0, true, kData).store(kFlag, 0, 1, __ATOMIC_RELEASE);
  run_.at(1, {"g"}).rmw(kCompareExchange, kFlag, 1, 1, __ATOMIC_ACQUIRE).racing(1, true, kData);
  EXPECT_EQ(edge().back(), "  it failed, and so acquires only if its order for failure does");
}

TEST_F(RaceWordsTest, WithoutATraceBothAccessesAreToldAllTheSame) {
  run_.at(0, {"f"}).racing(0, true, kData);
  run_.at(1, {"g"}).racing(1, false, kData);
  run_.trace.steps.clear();
  ASSERT_EQ(stands().size(), 2U);
  EXPECT_EQ(stands()[1].lines, (Lines{"in g (code.cc:2)"}));
  EXPECT_TRUE(edge().empty());
}

TEST_F(RaceWordsTest, ThreadSanitizersAgreementIsTold) {
  run_.at(0, {"f"}).racing(0, true, kData);
  run_.at(1, {"g"}).racing(1, true, kData);
  run_.report.sanitizer_agrees = true;
  EXPECT_EQ(stands().back().lines.back(), "ThreadSanitizer reports this race too");
}

TEST_F(RaceWordsTest, AReportThatTheJudgeCannotExplainSaysWhatToLookAt) {
  run_.at(0, {"f"}).racing(0, true, kData);
  run_.at(1, {"g"}).racing(1, true, kData);
  run_.end = RunEnd::kSanitizerReport;
  const std::vector<Stand> told = stands();
  ASSERT_EQ(told.size(), 3U);
  EXPECT_EQ(told[0].heading, "a plain write, as ThreadSanitizer sees it");
  EXPECT_EQ(told[2].heading, "what to look at");
}

}  // namespace
}  // namespace gridlock
