#include "engine/campaign/canary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/campaign/loop_watch.h"

namespace gridlock::campaign {
namespace {

using std::chrono::milliseconds;
using ::testing::Eq;
using ::testing::HasSubstr;

constexpr store::UnixMs kTime = 1'700'000'000'000;
constexpr milliseconds kHour{3600'000};

TEST(Canary, IsDueAtTheStartThenEachHourWithTheNextEngine) {
  Canary canary({}, std::nullopt);
  milliseconds now{5};
  for (const char* engine : {"builtin", "libfuzzer", "afl", "builtin"}) {
    ASSERT_TRUE(canary.due(now, kTime));
    const CampaignKey key = canary.begin();
    EXPECT_THAT(key, Eq(CampaignKey{"demo-deadlock", "mutex", engine, "none"}));
    EXPECT_FALSE(canary.due(now, kTime)) << "it runs";
    canary.ended(true, now, kTime);
    EXPECT_FALSE(canary.due(now + kHour - milliseconds(1), kTime));
    now += kHour;
  }
}

TEST(Canary, OneThatIsNotFoundIsToldAndTriedAgainSoonWithTheSameEngine) {
  Canary canary({}, kTime - 30'000);
  EXPECT_TRUE(canary.status(kTime).ok);
  static_cast<void>(canary.begin());
  canary.ended(false, milliseconds(0), kTime);
  EXPECT_FALSE(canary.status(kTime).ok);
  EXPECT_THAT(canary.status(kTime).text, Eq("not found by builtin in 60 s; found 30 s ago"));
  EXPECT_TRUE(canary.due(milliseconds(300'000), kTime));
  EXPECT_THAT(canary.begin().engine, Eq("builtin"));
  canary.ended(true, milliseconds(301'000), kTime + 301'000);
  EXPECT_TRUE(canary.status(kTime + 301'000).ok);
}

TEST(Canary, OneThatIsOldIsNotWell) {
  Canary canary({}, kTime);
  EXPECT_TRUE(canary.status(kTime + 2 * kHour.count()).ok);
  EXPECT_FALSE(canary.status(kTime + 2 * kHour.count() + 1000).ok);
  EXPECT_THAT(canary.status(kTime + 3 * kHour.count()).text, HasSubstr("3 h ago"));
  EXPECT_THAT(canary.status(kTime - 5000).age_seconds, Eq(0)) << "a clock that went back";
}

TEST(Canary, AfterAJumpOfTheWallClockItIsDueAtOnceAndNotForEver) {
  constexpr store::UnixMs kYear = 365 * 24 * kHour.count();
  for (const store::UnixMs jump : {kYear, -kYear}) {
    Canary canary({}, std::nullopt);
    static_cast<void>(canary.begin());
    canary.ended(true, milliseconds(0), kTime);
    const milliseconds now{1000};
    EXPECT_FALSE(canary.due(now, kTime + 1000));
    ASSERT_TRUE(canary.due(now, kTime + jump)) << jump;
    static_cast<void>(canary.begin());
    EXPECT_FALSE(canary.due(now, kTime + jump)) << "it runs";
    canary.ended(true, now, kTime + jump);
    EXPECT_FALSE(canary.due(now, kTime + jump)) << "found by the clock as it is now";
    EXPECT_TRUE(canary.status(kTime + jump).ok);
  }
}

TEST(Canary, OneThatIsNotFoundAfterAJumpIsNotTriedWithoutPause) {
  Canary canary({}, kTime);
  static_cast<void>(canary.begin());
  canary.ended(false, milliseconds(0), kTime);
  EXPECT_FALSE(canary.due(milliseconds(1000), kTime + 10 * kHour.count()));
  EXPECT_TRUE(canary.due(milliseconds(300'000), kTime + 10 * kHour.count()));
}

TEST(Canary, BeforeTheFirstAttemptNothingIsWrong) {
  const Canary canary({}, std::nullopt);
  EXPECT_TRUE(canary.status(kTime).ok);
  EXPECT_FALSE(canary.status(kTime).last_found.has_value());
  EXPECT_THAT(canary.status(kTime).text, Eq("looked for"));
}

// A clock that goes where it is told.
class HandClock final : public Clock {
 public:
  [[nodiscard]] store::UnixMs now() const override { return kTime; }
  [[nodiscard]] milliseconds steady() const override { return milliseconds(steady_.load()); }
  std::atomic<std::int64_t> steady_ = 0;
};

TEST(LoopWatch, TellsOfALoopThatStandsStillAndOfNoOther) {
  HandClock clock;
  std::mutex mutex;
  std::condition_variable told;
  bool stalled = false;
  LoopWatch watch(clock, milliseconds(5), [&] {
    const std::lock_guard lock(mutex);
    stalled = true;
    told.notify_all();
  });
  watch.start();
  clock.steady_ = 5;
  EXPECT_THAT(watch.age(), Eq(milliseconds(5)));
  watch.beat();
  EXPECT_THAT(watch.age(), Eq(milliseconds(0)));
  std::unique_lock lock(mutex);
  EXPECT_FALSE(stalled);
  clock.steady_ = 11;
  told.wait(lock, [&] { return stalled; });
  lock.unlock();
  watch.stop();
}

TEST(LoopWatch, OneThatWasStoppedTellsNothing) {
  HandClock clock;
  LoopWatch watch(clock, milliseconds(1), [] { FAIL(); });
  watch.start();
  watch.stop();
  clock.steady_ = 1000;
}

}  // namespace
}  // namespace gridlock::campaign
