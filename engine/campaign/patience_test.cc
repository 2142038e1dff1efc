// When a child is hung and when it only waits for a processor: both directions of each limit.
#include "engine/campaign/patience.h"

#include <gtest/gtest.h>

namespace gridlock::campaign {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A child that is looked at once a second, as the loop does.
class PatienceTest : public testing::Test {
 protected:
  // Seconds pass, of which the child waits for a processor in the first `waited`; with a heart that beats or not.
  void pass(int all, int waited = 0, bool beats = false) {
    for (int second = 0; second < all; ++second) {
      now_ += seconds(1);
      waited_ += second < waited ? 1 : 0;
      if (beats) ++heartbeat_;
      patience_.look(heartbeat_ == 0 ? std::nullopt : std::optional(heartbeat_), waited_, now_);
    }
  }
  void begin() { pass(1, 0, true); }
  [[nodiscard]] bool hung() const { return patience_.is_over(); }

  milliseconds now_{5'000'000};
  double waited_ = 0;
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
  waited_ += 3600;
  pass(30);
  EXPECT_FALSE(hung());
  pass(2);  // the first of these seconds was forgiven
  EXPECT_TRUE(hung());
}

TEST_F(PatienceTest, AProcessThatEndsTakesItsWaitingAlongAndGivesNoTimeBack) {
  begin();
  pass(20, 20);
  waited_ = 0;  // another process is the one that waited longest
  pass(10, 10);
  EXPECT_FALSE(hung());  // 10 count, as nobody has waited for longer than the one that is gone
  pass(20);
  EXPECT_FALSE(hung());
  pass(1);
  EXPECT_TRUE(hung());
}

TEST_F(PatienceTest, ABeatEndsTheStandstillAndNothingIsForgivenForTheTimeBeforeIt) {
  begin();
  pass(29);
  now_ += milliseconds(1900);
  waited_ += 1.9;
  ++heartbeat_;
  patience_.look(heartbeat_, waited_, now_);
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
