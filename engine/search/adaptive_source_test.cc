// The adaptive search on a made-up world: what a run reaches is a function of its scenario, so that it can be told
// whether the search learns.
#include "engine/search/adaptive_source.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>

#include "engine/decode/decode.h"
#include "engine/model/toy_schema.h"

namespace gridlock {
namespace {

using feedback::Feature;

// A ladder: a program with operation 1 as the first k calls of cpu 0 has the features 0 to k. Each rung is small luck
// from the one below it and great luck from nothing.
std::vector<Feature> rungs(const Scenario& scenario) {
  std::vector<Feature> features = {0};
  for (const OperationCall& call : scenario.programs.front()) {
    if (call.operation != OperationId(1)) break;
    features.push_back(static_cast<Feature>(features.size()));
  }
  return features;
}

RunProfile some_profile(const Scenario& scenario) {
  RunProfile profile;
  profile.cpus.assign(scenario.cpu_count(), std::vector<PointNote>(8, PointNote{.site = 1, .object = 1}));
  profile.operation_starts.resize(scenario.cpu_count());
  return profile;
}

struct Walk {
  std::vector<Scenario> scenarios;
  std::set<Method> methods;
  std::size_t highest = 0;
};

Walk walk(std::uint64_t seed, const AdaptiveOptions& options, int runs) {
  const TargetSchema schema = toy_schema();
  const auto source = std::make_unique<AdaptiveSource>(seed, schema, options);
  Walk walk;
  for (int i = 0; i < runs; ++i) {
    const Attempt attempt = source->next();
    walk.scenarios.push_back(attempt.scenario);
    walk.methods.insert(attempt.method);
    const auto features = rungs(attempt.scenario);
    walk.highest = std::max(walk.highest, features.size() - 1);
    const std::vector<std::uint32_t> points(attempt.scenario.cpu_count(), 8);
    const auto keep = source->learn(
        {.features = features, .points_by_cpu = points, .points = 8, .directives = attempt.scenario.directives.size()});
    if (keep != AdaptiveSource::Keep::kNothing)
      source->keep(walk.scenarios.back(), some_profile(attempt.scenario), features);
  }
  return walk;
}

TEST(AdaptiveSource, TheSameSeedAndNewsGiveTheSameInputs) {
  const auto left = walk(7, {}, 3'000).scenarios;
  EXPECT_EQ(left, walk(7, {}, 3'000).scenarios);
  EXPECT_NE(left, walk(8, {}, 3'000).scenarios);
}

TEST(AdaptiveSource, EveryInputIsLegalAndEveryMethodComes) {
  const TargetSchema schema = toy_schema();
  for (const AdaptiveOptions options : {AdaptiveOptions{}, AdaptiveOptions{.feedback = false, .structure = true},
                                        AdaptiveOptions{.feedback = true, .structure = false}}) {
    const Walk all = walk(1, options, 20'000);
    for (const Scenario& scenario : all.scenarios) ASSERT_TRUE(is_legal(scenario, schema));
    EXPECT_EQ(all.methods.contains(Method::kReadsFrom), options.feedback);
    EXPECT_GE(all.methods.size(), options.feedback ? 5u : 4u);
  }
}

TEST(AdaptiveSource, ClimbsByWhatItLearns) {
  // By luck alone a rung is one in three: 20,000 programs get to eight or nine. A search that goes on from what it has
  // gets as far as programs may grow.
  const std::size_t blind = walk(3, {.feedback = false}, 20'000).highest;
  const std::size_t learning = walk(3, {}, 20'000).highest;
  EXPECT_GT(learning, blind + 2);
}

TEST(AdaptiveSource, WhatItIsNotToKeepIsNotAskedFor) {
  const TargetSchema schema = toy_schema();
  const auto source = std::make_unique<AdaptiveSource>(1, schema, AdaptiveOptions{});
  for (int i = 0; i < 500; ++i) {
    const Attempt attempt = source->next();
    const auto features = rungs(attempt.scenario);
    const std::vector<std::uint32_t> points(attempt.scenario.cpu_count(), 8);
    EXPECT_EQ(source->learn({.features = features, .points_by_cpu = points, .may_be_kept = false}),
              AdaptiveSource::Keep::kNothing);
  }
  EXPECT_EQ(source->kept(), 0u);
}

TEST(AdaptiveSource, ForeignRunsAreLearnedFrom) {
  const TargetSchema schema = toy_schema();
  const auto source = std::make_unique<AdaptiveSource>(1, schema, AdaptiveOptions{});
  Scenario scenario;
  scenario.parameters = {2, 0};
  scenario.programs = {{}, {}};
  scenario.start_order = {CpuId(0), CpuId(1)};
  const std::vector<Feature> features = {100, 101};
  EXPECT_EQ(source->learn_foreign({.features = features}, scenario), AdaptiveSource::Keep::kNovel);
  source->keep(scenario, some_profile(scenario), features);
  EXPECT_EQ(source->learn_foreign({.features = features}, scenario), AdaptiveSource::Keep::kNothing)
      << "once is enough";
  EXPECT_EQ(source->kept(), 1u);
  EXPECT_EQ(source->features_seen().size(), 2u);
}

}  // namespace
}  // namespace gridlock
