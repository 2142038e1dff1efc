// Which runs are kept, which give way, and which are chosen to go on from.
#include "engine/search/kept_runs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "engine/feedback/interleaving_map.h"

namespace gridlock {
namespace {

using feedback::Feature;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A run of two cpus with that many demotes of cpu 0.
Scenario scenario_with(std::size_t directives) {
  Scenario scenario;
  scenario.programs.resize(2);
  scenario.start_order = {CpuId(0), CpuId(1)};
  for (std::uint32_t i = 0; i < directives; ++i) scenario.directives.push_back({CpuId(0), PointIndex(i + 1)});
  return scenario;
}

class KeptRunsTest : public testing::Test {
 protected:
  // True if the run was wanted; then it is kept.
  bool offer(std::size_t directives, std::vector<Feature> features, RunProfile profile = {}) {
    static_cast<void>(counts_->add(features));
    const Scenario scenario = scenario_with(directives);
    if (!runs_.wants(features, weight_of(scenario))) return false;
    runs_.keep(scenario, profile, features);
    return true;
  }

  KeptRuns runs_;
  std::unique_ptr<FeatureCounts> counts_ = std::make_unique<FeatureCounts>();
};

TEST_F(KeptRunsTest, TheFirstRunWithAFeatureIsKept) {
  EXPECT_TRUE(runs_.empty());
  EXPECT_TRUE(offer(8, {1, 2}));
  EXPECT_FALSE(offer(8, {1, 2}));
  EXPECT_TRUE(offer(8, {2, 3}));
  EXPECT_EQ(runs_.size(), 2u);
}

TEST_F(KeptRunsTest, AClearlySmallerRunTakesThePlaceOfAnother) {
  EXPECT_TRUE(offer(18, {1, 2}));  // weighs 20
  EXPECT_FALSE(offer(16, {1})) << "a little smaller is not worth a change";
  EXPECT_TRUE(offer(10, {1}));
  EXPECT_EQ(runs_.size(), 2u) << "feature 2 is still owned by the first";
  EXPECT_TRUE(offer(8, {2}));
  EXPECT_EQ(runs_.size(), 2u) << "nothing is left for the first";
}

TEST_F(KeptRunsTest, RunsWithRareFeaturesAreChosenMore) {
  EXPECT_TRUE(offer(4, {1}));
  EXPECT_TRUE(offer(5, {2}));
  for (int i = 0; i < 1'000; ++i) offer(4, {1});
  Prng prng(1);
  int rare = 0;
  constexpr int kChoices = 1'000;
  for (int i = 0; i < kChoices; ++i) rare += runs_.choose(prng, *counts_).scenario.directives.size() == 5 ? 1 : 0;
  EXPECT_GT(rare, kChoices * 3 / 4);
  EXPECT_LT(rare, kChoices) << "the others come too";
}

RunProfile profile_of(std::vector<std::vector<PointNote>> cpus) {
  return {.cpus = std::move(cpus), .operation_starts = {}};
}

TEST_F(KeptRunsTest, KnowsWhereARunPreempts) {
  const RunProfile profile = profile_of({{{.site = 11}, {.site = 22}, {.site = 11}}, {}});
  ASSERT_TRUE(offer(3, {1}, profile));
  Prng prng(1);
  EXPECT_THAT(runs_.choose(prng, *counts_).preempted, ElementsAre(11, 22));
}

TEST_F(KeptRunsTest, SharedIsAWordOfSeveralCpusThatOneWrites) {
  const auto read = [](Site site, std::uint32_t object) { return PointNote{.site = site, .object = object}; };
  const auto write = [](Site site, std::uint32_t object) {
    return PointNote{.site = site, .object = object, .kind = StepKind::kStore, .writes = true};
  };
  const RunProfile profile =
      profile_of({{write(1, 5), write(2, 6), read(3, 7)}, {read(4, 5), read(5, 7), {.site = 6, .object = 0}}});
  ASSERT_TRUE(offer(0, {1}, profile));
  Prng prng(1);
  const auto shared = shared_points(runs_.profile_of(runs_.choose(prng, *counts_)));
  ASSERT_EQ(shared.size(), 2u);
  EXPECT_EQ(shared[0].site, 1u);
  EXPECT_TRUE(shared[0].writes);
  EXPECT_FALSE(shared[0].reads);
  EXPECT_EQ(shared[1].site, 4u);
  EXPECT_EQ(shared[1].cpu, 1u);

  const auto pairs = rare_pairs(prng, runs_.profile_of(runs_.choose(prng, *counts_)), *counts_, 4);
  EXPECT_THAT(pairs, ElementsAre(ReadsFromPair{.write = 1, .read = 4}));
}

TEST_F(KeptRunsTest, ThePairThatFewRunsShowedIsWantedFirst) {
  const auto point = [](Site site) {
    return PointNote{.site = site, .object = 5, .kind = StepKind::kFetchAdd, .writes = true};
  };
  ASSERT_TRUE(offer(0, {1}, profile_of({{point(1)}, {point(2)}})));
  const Feature common = feedback::InterleavingMap::reads_from_other_cpu(1, 2);
  for (int i = 0; i < 100; ++i) static_cast<void>(counts_->add(std::vector<Feature>{common}));
  Prng prng(1);
  for (int i = 0; i < 20; ++i) {
    const auto pairs = rare_pairs(prng, runs_.profile_of(runs_.choose(prng, *counts_)), *counts_, 1);
    EXPECT_THAT(pairs, ElementsAre(ReadsFromPair{.write = 2, .read = 1}));
  }
}

TEST_F(KeptRunsTest, ARunWithoutSharedWordsWantsNoPair) {
  ASSERT_TRUE(offer(0, {1}));
  Prng prng(1);
  EXPECT_THAT(rare_pairs(prng, runs_.profile_of(runs_.choose(prng, *counts_)), *counts_, 4), IsEmpty());
}

}  // namespace
}  // namespace gridlock
