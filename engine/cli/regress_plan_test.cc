#include "engine/cli/regress_plan.h"

#include <gtest/gtest.h>

#include <set>
#include <utility>

#include "engine/cli/death.h"

namespace gridlock {
namespace {

constexpr std::string_view kAll[] = {"plain", "tsan", "asan"};

std::vector<ReplayFile> files(std::size_t count, std::initializer_list<std::size_t> stalling = {}) {
  std::vector<ReplayFile> list(count);
  for (const std::size_t file : stalling) list[file].input.repro.signature = kNoPointSignature;
  return list;
}

TEST(RegressPlan, EachFileIsInOneBatchOfEachFlavour) {
  const auto list = files(50, {3, 49});
  std::set<std::pair<std::string_view, std::size_t>> seen;
  std::size_t count = 0;
  for (const auto& batch : plan_batches(list, kAll)) {
    EXPECT_FALSE(batch.files.empty());
    EXPECT_LE(batch.files.size(), kFilesInBatchMax);
    for (const std::size_t file : batch.files) seen.emplace(batch.flavour, file);
    count += batch.files.size();
  }
  EXPECT_EQ(count, 150u);
  EXPECT_EQ(seen.size(), 150u);
}

TEST(RegressPlan, WhatStallsComesFirstAndAlone) {
  const auto list = files(5, {4});
  const auto batches = plan_batches(list, kAll);
  ASSERT_EQ(batches.size(), 6u);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(batches[i].files, std::vector<std::size_t>{4});
  EXPECT_EQ(batches[3].flavour, "tsan");
  EXPECT_EQ(batches[3].files, (std::vector<std::size_t>{0, 1, 2, 3}));
}

TEST(RegressPlan, OneFlavourAloneOrNoFile) {
  constexpr std::string_view kOne[] = {"asan"};
  const auto list = files(2, {0});
  for (const auto& batch : plan_batches(list, kOne)) EXPECT_EQ(batch.flavour, "asan");
  EXPECT_TRUE(plan_batches({}, kAll).empty());
}

}  // namespace
}  // namespace gridlock
