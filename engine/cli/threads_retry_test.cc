// What was seen on real cores becomes an ordinary bug where fibers show it, and a report where they do not.
#include "engine/cli/threads_retry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/cli/fake_machine.h"
#include "engine/cli/seen_report.h"
#include "engine/decode/decode.h"

namespace gridlock {
namespace {

class ThreadsRetryTest : public testing::Test {
 protected:
  // Cpu 0 is recorded behind cpu 1, so that cpu 1 is sent back while it still has wishes.
  CoreSighting sighting(FakeMachine::Operation operation) {
    CoreSighting made{.verdict = {VerdictKind::kAssertion, "assertion x: f", "x fails"},
                      .scenario = fake_scenario(operation)};
    for (int i = 0; i < 64; ++i) made.order.push_back({CpuId(0), 0, false});
    made.input = encode(made.scenario, bench_.target.schema);
    made.state = "cpu 0 computes\n";
    return made;
  }
  RetryResult retry(const CoreSighting& sighting, std::uint32_t variant = 0) {
    ChildRunner runner(bench_.tools(), bench_.target, variant, *bench_.page);
    const auto result = retry_on_fibers(runner, sighting);
    EXPECT_TRUE(result.has_value());
    return result.value_or(RetryResult{});
  }
  FakeBench bench_;
};

TEST_F(ThreadsRetryTest, ABugThatFibersShowHasAScheduleThatReplays) {
  const auto bug = retry(sighting(FakeMachine::kStick)).reproduction;
  ASSERT_TRUE(bug.has_value());
  EXPECT_EQ(bug->verdict.kind, VerdictKind::kHang);
  ChildRunner runner(bench_.tools(), bench_.target, 0, *bench_.page);
  EXPECT_EQ(runner.run(bug->scenario)->verdict, bug->verdict);
}

TEST_F(ThreadsRetryTest, ABugThatEndsTheProcessIsReproducedToo) {
  const auto bug = retry(sighting(FakeMachine::kCrash)).reproduction;
  ASSERT_TRUE(bug.has_value());
  EXPECT_EQ(bug->verdict.kind, VerdictKind::kCrash);
}

TEST_F(ThreadsRetryTest, WhatFibersDoNotShowIsNotReproduced) {
  const RetryResult result = retry(sighting(FakeMachine::kStick), 1);
  EXPECT_FALSE(result.reproduction.has_value());
  EXPECT_FALSE(result.is_ordered);
}

TEST_F(ThreadsRetryTest, ASightingComesWholeOverTheChannel) {
  const CoreSighting sent = sighting(FakeMachine::kStick);
  const CoreSighting got = core_sighting_from_message(to_message(sent, bench_.target.schema), bench_.target.schema);
  EXPECT_EQ(got.verdict, sent.verdict);
  EXPECT_EQ(got.scenario, sent.scenario);
  EXPECT_EQ(got.input, sent.input);
  EXPECT_EQ(got.order, sent.order);
  EXPECT_EQ(got.state, sent.state);
}

TEST_F(ThreadsRetryTest, TheReportSaysHowOftenAndClaimsNoMore) {
  const std::string text = seen_report(sighting(FakeMachine::kStick), {3, 100}, bench_.target, 0);
  EXPECT_THAT(text, testing::HasSubstr("not reproduced on fibers"));
  EXPECT_THAT(text, testing::HasSubstr("in 3 of 100 more runs"));
  EXPECT_THAT(text, testing::HasSubstr("cpu 0 computes"));
}

}  // namespace
}  // namespace gridlock
