#include "engine/campaign/share.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "engine/base/prng.h"

namespace gridlock::campaign {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::Ge;
using ::testing::Gt;
using ::testing::Le;
using ::testing::Lt;

constexpr store::UnixMs kBegin = 1'700'000'000'000;

// A service of one job: stints follow each other, each bringing what `yield_of` says.
template <typename YieldOf>
std::vector<Turn> simulate(TimeShare& share, std::size_t turns, store::UnixMs& now, const YieldOf& yield_of) {
  std::vector<Turn> taken;
  while (taken.size() < turns) {
    const auto turn = share.next(now);
    if (!turn) {
      now += 1000;
      continue;
    }
    taken.push_back(*turn);
    now += static_cast<store::UnixMs>(turn->seconds * 1000);
    share.ended(turn->campaign, yield_of(*turn), now);
  }
  return taken;
}

std::vector<double> seconds_by_campaign(const std::vector<Turn>& turns, std::size_t campaigns) {
  std::vector<double> seconds(campaigns);
  for (const Turn& turn : turns) seconds[turn.campaign] += turn.seconds;
  return seconds;
}

StintYield nothing(const Turn& turn) {
  return {.cpu_seconds = turn.seconds};
}

std::vector<ShareEntry> equals(std::size_t count) {
  return std::vector<ShareEntry>(count, ShareEntry{.ran_before = true, .last_end = kBegin});
}

TEST(TimeShare, TheFirstPassGoesByRankInShortStints) {
  std::vector<ShareEntry> entries(5);
  const std::uint32_t ranks[] = {7, 0, 5, 1, 6};
  for (std::size_t i = 0; i < entries.size(); ++i) entries[i].rank = ranks[i];
  TimeShare share(entries, 1);
  store::UnixMs now = kBegin;
  const auto turns = simulate(share, 5, now, nothing);
  std::vector<std::size_t> order;
  for (const Turn& turn : turns) order.push_back(turn.campaign);
  EXPECT_THAT(order, ElementsAre(1U, 3U, 2U, 4U, 0U));
  EXPECT_THAT(turns[0].seconds, Eq(ShareLimits{}.first_rank_stint_seconds));
  EXPECT_THAT(turns[4].seconds, Eq(ShareLimits{}.first_stint_seconds));
}

TEST(TimeShare, BehindTheFirstRanksHalfOfTheTimeIsThatOfWhatHasNeverRun) {
  constexpr std::size_t kUrgent = 4;
  std::vector<ShareEntry> entries(200);
  for (std::size_t i = 0; i < entries.size(); ++i) entries[i].rank = i < kUrgent ? 7 : 8;
  TimeShare share(entries, 1);
  store::UnixMs now = kBegin;
  for (const Turn& turn : simulate(share, kUrgent, now, nothing)) EXPECT_THAT(turn.campaign, Lt(kUrgent));
  std::vector<bool> has_run(entries.size());
  double to_fresh = 0;
  double to_others = 0;
  for (const Turn& turn : simulate(share, 100, now, nothing)) {
    const bool is_fresh = turn.campaign >= kUrgent && !has_run[turn.campaign];
    (is_fresh ? to_fresh : to_others) += turn.seconds;
    has_run[turn.campaign] = true;
  }
  const double longest = ShareLimits{}.stint_seconds_max;
  EXPECT_THAT(to_fresh, AllOf(Gt(longest), Ge(to_others - longest), Le(to_others + longest)));
  for (const Turn& turn : simulate(share, 600, now, nothing)) has_run[turn.campaign] = true;
  EXPECT_EQ(std::count(has_run.begin() + kUrgent, has_run.end(), false), 0);
}

TEST(TimeShare, StintsGrowUpToTheirLimit) {
  TimeShare share(equals(1), 1);
  store::UnixMs now = kBegin;
  const auto turns = simulate(share, 10, now, nothing);
  EXPECT_TRUE(std::ranges::is_sorted(turns, {}, &Turn::seconds));
  EXPECT_THAT(turns.back().seconds, Eq(ShareLimits{}.stint_seconds_max));
}

TEST(TimeShare, NobodyRunsTwiceAtATime) {
  TimeShare share(equals(2), 1);
  const auto first = share.next(kBegin);
  const auto second = share.next(kBegin);
  ASSERT_TRUE(first && second);
  EXPECT_NE(first->campaign, second->campaign);
  EXPECT_FALSE(share.next(kBegin).has_value());
}

TEST(TimeShare, SameSeedSameTurns) {
  const auto order = [](std::uint64_t seed) {
    TimeShare share(equals(20), seed);
    store::UnixMs now = kBegin;
    std::vector<std::size_t> taken;
    for (const Turn& turn : simulate(share, 60, now, nothing)) taken.push_back(turn.campaign);
    return taken;
  };
  EXPECT_THAT(order(7), Eq(order(7)));
  EXPECT_NE(order(7), order(8));
}

TEST(TimeShare, EqualsGetEqualTime) {
  TimeShare share(equals(10), 3);
  store::UnixMs now = kBegin;
  const auto seconds = seconds_by_campaign(simulate(share, 1000, now, nothing), 10);
  const double mean = std::accumulate(seconds.begin(), seconds.end(), 0.0) / 10;
  EXPECT_THAT(seconds, Each(AllOf(Ge(0.8 * mean), Le(1.2 * mean))));
}

TEST(TimeShare, MostTimeGoesToWhatPaysAndNobodyStarves) {
  TimeShare share(equals(20), 3);
  store::UnixMs now = kBegin;
  // Campaign 5 finds 200 features in each minute, the others none.
  const auto turns = simulate(share, 2000, now, [](const Turn& turn) {
    return StintYield{.cpu_seconds = turn.seconds,
                      .new_features = turn.campaign == 5 ? static_cast<std::uint64_t>(turn.seconds * 200 / 60) : 0};
  });
  const auto seconds = seconds_by_campaign(turns, 20);
  for (std::size_t i = 0; i < seconds.size(); ++i) {
    if (i != 5) EXPECT_THAT(seconds[5], Gt(3 * seconds[i])) << i;
    EXPECT_THAT(seconds[i], Gt(0.01 * std::accumulate(seconds.begin(), seconds.end(), 0.0))) << i;
  }
}

TEST(TimeShare, WhatNoLongerPaysIsForgotten) {
  TimeShare share(equals(2), 3);
  store::UnixMs now = kBegin;
  simulate(share, 50, now, [](const Turn& turn) {
    return StintYield{.cpu_seconds = turn.seconds, .new_features = turn.campaign == 0 ? 1000U : 0U};
  });
  const double then = share.features_an_hour(0, now);
  simulate(share, 500, now, nothing);
  EXPECT_THAT(share.features_an_hour(0, now), Lt(then / 100));
  const auto seconds = seconds_by_campaign(simulate(share, 400, now, nothing), 2);
  EXPECT_THAT(seconds[0], Lt(1.5 * seconds[1]));
}

TEST(TimeShare, WeightsCountAndNoWeightPauses) {
  auto entries = equals(10);
  entries[2].weight = 5;
  entries[9].weight = 0;
  TimeShare share(entries, 3);
  store::UnixMs now = kBegin;
  const auto seconds = seconds_by_campaign(simulate(share, 2000, now, nothing), 10);
  EXPECT_THAT(seconds[2], Gt(2 * seconds[1]));
  EXPECT_THAT(seconds[9], Eq(0));
  share.set_weight(9, 1);
  EXPECT_THAT(seconds_by_campaign(simulate(share, 100, now, nothing), 10)[9], Gt(0));
}

TEST(TimeShare, AKnownBugGetsASmallShareOnceItIsFound) {
  auto entries = equals(10);
  for (std::size_t i = 0; i < 5; ++i) entries[i].known_broken = true;
  TimeShare share(entries, 3);
  store::UnixMs now = kBegin;
  const auto turns = simulate(share, 2000, now, [](const Turn& turn) {
    return StintYield{.cpu_seconds = turn.seconds, .known_findings = turn.campaign < 5 ? 1U : 0U};
  });
  const auto seconds = seconds_by_campaign(turns, 10);
  EXPECT_THAT(*std::ranges::max_element(seconds.begin(), seconds.begin() + 5),
              Lt(*std::ranges::min_element(seconds.begin() + 5, seconds.end()) / 2));
  EXPECT_THAT(seconds, Each(Gt(0)));
}

TEST(TimeShare, UnaskedEndsBackOffFurtherEachTime) {
  TimeShare share(equals(1), 1);
  store::UnixMs now = kBegin;
  std::vector<store::UnixMs> waited;
  for (int i = 0; i < 12; ++i) {
    const store::UnixMs since = now;
    const auto turn = simulate(share, 1, now, [](const Turn&) { return StintYield{.unasked_end = true}; })[0];
    waited.push_back(now - since - static_cast<store::UnixMs>(turn.seconds * 1000));
  }
  EXPECT_THAT(waited[0], Eq(0));
  EXPECT_THAT(waited[1], Eq(10'000));
  EXPECT_THAT(waited[2], Eq(20'000));
  EXPECT_THAT(waited.back(), Eq(3600'000));
  simulate(share, 1, now, nothing);
  EXPECT_FALSE(share.backs_off(0, now)) << "an end in good order ends it";
}

TEST(TimeShare, AClockThatJumpsStarvesNobody) {
  TimeShare share(equals(8), 3);
  store::UnixMs now = kBegin;
  Prng prng(5);
  std::map<std::size_t, int> turns;
  for (int i = 0; i < 400; ++i) {
    for (const Turn& turn : simulate(share, 1, now, nothing)) ++turns[turn.campaign];
    if (prng.chance(1, 10)) now += prng.chance(1, 2) ? 86'400'000 : -86'400'000;
  }
  EXPECT_THAT(turns.size(), Eq(8U));
  for (const auto& [campaign, count] : turns) EXPECT_THAT(count, Ge(5)) << campaign;
}

TEST(TimeShare, ABackOffEndsThoughTheClockWentBack) {
  TimeShare share(equals(1), 1);
  store::UnixMs now = kBegin;
  simulate(share, 1, now, [](const Turn&) { return StintYield{.unasked_end = true}; });
  EXPECT_TRUE(share.backs_off(0, now));
  EXPECT_FALSE(share.backs_off(0, now - 86'400'000));
}

}  // namespace
}  // namespace gridlock::campaign
