// When a child is hung and when it only waits for a processor: both directions of each limit.
#include "engine/campaign/patience.h"

#include <gtest/gtest.h>

#include <vector>

namespace gridlock::campaign {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A child that is looked at once a second, as the loop does.
class PatienceTest : public testing::Test {
 protected:
  // Seconds pass, of which the child's first process waits for a processor in the first `waited`; with a heart that
  // beats or not.
  void pass(int all, int waited = 0, bool beats = false) {
    for (int second = 0; second < all; ++second) {
      if (second < waited) waits_.front().seconds += 1;
      if (beats) ++heartbeat_;
      look_after(seconds(1));
    }
  }
  void look_after(milliseconds time) {
    now_ += time;
    patience_.look(heartbeat_ == 0 ? std::nullopt : std::optional(heartbeat_), waits_, now_);
  }
  void begin() { pass(1, 0, true); }
  [[nodiscard]] bool hung() const { return patience_.is_over(); }

  milliseconds now_{5'000'000};
  std::vector<ProcessWait> waits_{{.name = {.pid = 1}}};
  std::uint64_t heartbeat_ = 0;
  Patience patience_{{.still = seconds(30), .silent = seconds(60), .overtime = seconds(30)}, 1000, now_};
};

TEST_F(PatienceTest, AHeartThatStandsStillIsHungAfterItsLimitAndNotBefore) {
  begin();
  pass(30);
  EXPECT_FALSE(hung());
  pass(1);
  EXPECT_TRUE(hung());
}

TEST_F(PatienceTest, WhileItWaitsForAProcessorItIsNotHung) {
  begin();
  pass(500, 500);
  EXPECT_FALSE(hung());
}

TEST_F(PatienceTest, WaitingIsForgivenOnceAndTheRestCounts) {
  begin();
  pass(40, 20);  // 20 of its own
  EXPECT_FALSE(hung());
  pass(10);
  EXPECT_FALSE(hung());
  pass(1);
  EXPECT_TRUE(hung());
}

TEST_F(PatienceTest, NoMoreIsForgivenThanTimeHasPassed) {
  begin();
  // One of its processes says that it has waited for an hour.
  waits_.front().seconds += 3600;
  pass(30);
  EXPECT_FALSE(hung());
  pass(2);  // the first of these seconds was forgiven
  EXPECT_TRUE(hung());
}

TEST_F(PatienceTest, AProcessThatEndsGivesNoTimeBackAndTheNextOneWaitsAsWell) {
  begin();
  pass(20, 20);
  waits_.front() = {.name = {.pid = 2}};
  pass(20, 20);
  waits_.front() = {.name = {.pid = 2, .start = 7}};  // its number again
  pass(20, 20);
  pass(30);
  EXPECT_FALSE(hung());
  pass(1);
  EXPECT_TRUE(hung());
}

TEST_F(PatienceTest, WhatProcessesWaitInTurnAddsUp) {
  begin();
  waits_.push_back({.name = {.pid = 2}});
  for (int second = 0; second < 500; ++second) {
    waits_.front().seconds += 0.5;
    waits_.back().seconds += 0.45;
    look_after(seconds(1));
  }
  EXPECT_FALSE(hung());  // 25 count
  pass(6);
  EXPECT_TRUE(hung());
}

TEST_F(PatienceTest, ABeatEndsTheStandstillAndNothingIsForgivenForTheTimeBeforeIt) {
  begin();
  pass(29);
  waits_.front().seconds += 1.9;
  ++heartbeat_;
  look_after(milliseconds(1900));
  pass(30);
  EXPECT_FALSE(hung());
  pass(1);
  EXPECT_TRUE(hung());
}

TEST_F(PatienceTest, OneThatShowsNoPageIsHungAfterItsOwnLimitLessWhatItWaited) {
  pass(60);
  EXPECT_FALSE(patience_.has_begun());
  EXPECT_FALSE(hung());
  pass(100, 100);
  EXPECT_FALSE(hung());
  pass(1);
  EXPECT_TRUE(hung());
}

TEST_F(PatienceTest, OneThatBeatsHasItsTimeAndOvertimeLessWhatItWaited) {
  pass(1030, 0, true);
  EXPECT_FALSE(hung());
  pass(50, 50, true);
  EXPECT_FALSE(hung());
  pass(1, 0, true);
  EXPECT_TRUE(hung());
}

}  // namespace
}  // namespace gridlock::campaign
