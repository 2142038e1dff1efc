#include "engine/search/feature_counts.h"

#include <gtest/gtest.h>

#include <memory>

namespace gridlock {
namespace {

TEST(FeatureCounts, ARunIsWorthMoreTheRarerWhatItReached) {
  const auto counts = std::make_unique<FeatureCounts>();
  const std::vector<feedback::Feature> one = {1}, both = {1, 2};
  EXPECT_EQ(counts->add(one).novel, 1u);
  EXPECT_DOUBLE_EQ(counts->add(one).rarity, 0.5);
  const auto worth = counts->add(both);
  EXPECT_EQ(worth.novel, 1u);
  EXPECT_DOUBLE_EQ(worth.rarity, 1.0 + 1.0 / 3);
  EXPECT_EQ(counts->runs(1), 3u);
  EXPECT_EQ(counts->seen().size(), 2u);
}

TEST(FeatureCounts, WhatEveryRunReachesIsWorthNothing) {
  const auto counts = std::make_unique<FeatureCounts>();
  const std::vector<feedback::Feature> one = {1};
  for (int i = 0; i < 300; ++i) static_cast<void>(counts->add(one));
  EXPECT_EQ(counts->add(one).rarity, 0);
}

}  // namespace
}  // namespace gridlock
