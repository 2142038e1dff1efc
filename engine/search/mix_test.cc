// The mix: what pays comes most, nothing is forgotten for good.
#include "engine/search/mix.h"

#include <gtest/gtest.h>

#include <vector>

namespace gridlock {
namespace {

constexpr int kChoices = 20'000;

std::vector<double> shares(const Mix& mix, std::size_t ways, auto possible) {
  Prng prng(1);
  std::vector<double> shares(ways, 0);
  for (int i = 0; i < kChoices; ++i) shares[mix.choose(prng, possible)] += 1.0 / kChoices;
  return shares;
}

bool always(std::size_t) {
  return true;
}

TEST(Mix, BeforeAnythingIsKnownAllWaysAreAlike) {
  const Mix mix(4);
  for (const double share : shares(mix, 4, always)) EXPECT_NEAR(share, 0.25, 0.02);
}

TEST(Mix, WhatPaysComesMoreOftenAndTheRestKeepsItsShare) {
  Mix mix(4);
  for (int i = 0; i < 50; ++i) {
    for (std::size_t way = 0; way < 4; ++way) mix.learn(way, way == 2 ? 10 : 0, 5'000);
  }
  const auto found = shares(mix, 4, always);
  EXPECT_GT(found[2], 0.7);
  for (const std::size_t way : {0u, 1u, 3u}) EXPECT_GT(found[way], 0.05);
}

TEST(Mix, PayCountsForItsCost) {
  Mix mix(2);
  for (int i = 0; i < 50; ++i) {
    mix.learn(0, 10, 50'000);
    mix.learn(1, 5, 5'000);
  }
  EXPECT_GT(mix.value(1), mix.value(0));
}

TEST(Mix, WhatNoLongerPaysIsForgotten) {
  Mix mix(2);
  for (int i = 0; i < 200; ++i) mix.learn(0, 10, 5'000);
  for (int i = 0; i < 2'000; ++i) mix.learn(0, 0, 5'000);
  for (int i = 0; i < 20; ++i) mix.learn(1, 1, 5'000);
  EXPECT_GT(mix.value(1), mix.value(0));
}

TEST(Mix, OnlyWhatIsPossibleIsChosen) {
  Mix mix(4);
  mix.learn(0, 1'000, 1);
  const auto found = shares(mix, 4, [](std::size_t way) { return way % 2 == 1; });
  EXPECT_EQ(found[0], 0);
  EXPECT_EQ(found[2], 0);
  EXPECT_NEAR(found[1], 0.5, 0.02);
}

}  // namespace
}  // namespace gridlock
