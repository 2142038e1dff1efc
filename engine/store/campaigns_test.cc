#include <gmock/gmock.h>

#include <limits>

#include "engine/store/store_fixture.h"

namespace gridlock::store {
namespace {

using testing::ElementsAre;
using testing::Field;

class CampaignsTest : public StoreTest {
 protected:
  Campaign only() { return must(store().campaigns()).at(0); }
  StintId begin() { return must(store().begin_stint(campaign(), build(), kNow)); }
  void progress(StintId stint, std::uint64_t runs, std::uint64_t features = 0, UnixMs time = kNow) {
    must(store().record_progress(
        {.stint = stint, .time = time, .runs = runs, .points = runs * 10, .cpu_seconds = 1, .features = features}));
  }
};

TEST_F(CampaignsTest, ACampaignIsMadeOnce) {
  EXPECT_EQ(campaign(), campaign());
  EXPECT_NE(campaign("lock", "afl"), campaign());
  EXPECT_EQ(must(store().campaigns()).size(), 2U);
}

TEST_F(CampaignsTest, WhatStintsDoIsSummedUp) {
  const StintId first = begin();
  progress(first, 100);
  progress(first, 150);
  const StintId second = begin();
  progress(second, 7);
  EXPECT_EQ(only().runs, 157U);
  EXPECT_EQ(only().points, 1570U);
  EXPECT_EQ(only().cpu_seconds, 2);
  EXPECT_THAT(must(store().stints(campaign(), 10)), ElementsAre(Field(&Stint::runs, 7U), Field(&Stint::runs, 150U)));
}

TEST_F(CampaignsTest, CountsAndTimesNeverGoBack) {
  const StintId stint = begin();
  progress(stint, 100, 50, kNow);
  progress(stint, 90, 40, kNow - 5000);
  EXPECT_EQ(only().runs, 100U);
  EXPECT_EQ(only().features, 50U);
  EXPECT_EQ(only().last_run, kNow);
  EXPECT_EQ(only().last_new_feature, kNow);
  progress(stint, 110, 50, kNow + 5000);
  EXPECT_EQ(only().last_run, kNow + 5000);
  EXPECT_EQ(only().last_new_feature, kNow);
}

TEST_F(CampaignsTest, ACountThatIsTooLargeIsTheLargest) {
  progress(begin(), std::numeric_limits<std::uint64_t>::max() / 10);
  EXPECT_EQ(only().runs, std::numeric_limits<std::uint64_t>::max() / 10);
  must(store().record_progress({.stint = begin(), .runs = std::numeric_limits<std::uint64_t>::max()}));
  EXPECT_GE(only().runs, static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()));
}

TEST_F(CampaignsTest, OnlyEndsThatNobodyAskedForAreRestarts) {
  for (const char* reason : {"time", "killed", "crash", "hung", "memory", "garbage", "server-ended"}) {
    must(store().end_stint(begin(), reason, kNow));
  }
  EXPECT_EQ(only().restarts, 4U);
}

TEST_F(CampaignsTest, AStintEndsOnce) {
  const StintId stint = begin();
  must(store().end_stint(stint, "crash", kNow + 5));
  must(store().end_stint(stint, "hung", kNow + 10));
  EXPECT_EQ(only().restarts, 1U);
  EXPECT_THAT(must(store().stints(campaign(), 1)),
              ElementsAre(testing::AllOf(Field(&Stint::end, kNow + 5), Field(&Stint::end_reason, "crash"))));
}

TEST_F(CampaignsTest, AStintDoesNotEndBeforeItBegan) {
  must(store().end_stint(begin(), "time", kNow - 60'000));
  EXPECT_EQ(must(store().stints(campaign(), 1)).at(0).end, kNow);
}

TEST_F(CampaignsTest, StintsThatADeadServerLeftAreClosed) {
  must(store().end_stint(begin(), "time", kNow + 1));
  begin();
  reopen();
  must(store().close_open_stints(kNow + 2));
  EXPECT_THAT(must(store().stints(campaign(), 10)),
              ElementsAre(Field(&Stint::end_reason, "server-ended"), Field(&Stint::end_reason, "time")));
}

TEST_F(CampaignsTest, WhatDoesNotExistIsAnError) {
  EXPECT_FALSE(store().begin_stint(CampaignId(99), build(), kNow).has_value());
  EXPECT_FALSE(store().record_progress({.stint = StintId(99)}).has_value());
  EXPECT_FALSE(store().set_weight(CampaignId(99), 1).has_value());
  EXPECT_FALSE(store().set_weight(campaign(), -1).has_value());
  EXPECT_FALSE(store().set_weight(campaign(), std::numeric_limits<double>::quiet_NaN()).has_value());
}

TEST_F(CampaignsTest, AWeightIsKept) {
  must(store().set_weight(campaign(), 0));
  EXPECT_EQ(only().weight, 0);
}

TEST_F(CampaignsTest, OneSampleAMinuteIsKept) {
  constexpr UnixMs kMinute = 60'000;
  const UnixMs start = kNow / kMinute * kMinute;
  for (UnixMs time = start; time < start + 3 * kMinute; time += kMinute / 4) {
    must(store().record_features("lock", {.time = time, .features = static_cast<std::uint64_t>(time - start)}));
  }
  // The clock went back.
  must(store().record_features("lock", {.time = start, .features = 1}));
  const auto samples = must(store().features("lock", 0));
  ASSERT_EQ(samples.size(), 3U);
  EXPECT_EQ(samples[0].features, static_cast<std::uint64_t>(kMinute * 3 / 4));
  EXPECT_LT(samples[0].time, samples[1].time);
  EXPECT_LT(samples[1].time, samples[2].time);
  EXPECT_EQ(must(store().features("lock", start + kMinute)).size(), 2U);
  EXPECT_TRUE(must(store().features("other", 0)).empty());
}

TEST_F(CampaignsTest, OfHoursThatAreLongAgoOneSampleIsKept) {
  constexpr UnixMs kHour = 3'600'000;
  constexpr int kHours = 60;
  const UnixMs start = kNow / kHour * kHour;
  must(store().record_features("other", {.time = start, .features = 1}));
  must(store().record_features("other", {.time = start + kHour / 3, .features = 2}));
  for (UnixMs time = start; time <= start + kHours * kHour; time += kHour / 3) {
    must(store().record_features("lock", {.time = time, .features = static_cast<std::uint64_t>(time - start)}));
  }
  const auto samples = must(store().features("lock", 0));
  constexpr std::size_t kOldHours = kHours - 24;
  ASSERT_EQ(samples.size(), kOldHours + 24 * 3 + 1);
  for (std::size_t hour = 0; hour < kOldHours; ++hour) {
    EXPECT_EQ(samples[hour].time, start + static_cast<UnixMs>(hour) * kHour + kHour / 3 * 2);
  }
  EXPECT_EQ(samples[kOldHours].time, start + static_cast<UnixMs>(kOldHours) * kHour);
  EXPECT_EQ(must(store().features("other", 0)).size(), 2U);
}

}  // namespace
}  // namespace gridlock::store
