// `pct`: the published bound holds, and what it adds to the paper works.
#include "engine/strategy/pct.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/strategy/directed.h"
#include "engine/strategy/fake_machine.h"

namespace gridlock {
namespace {

// Runs `program` `runs` times and counts those for which `is_bug` holds. k is the program's length from the start.
template <typename IsBug>
int count_hits(const FakeProgram& program, std::uint32_t depth, int runs, IsBug is_bug) {
  std::uint32_t points = 0;
  for (const auto& cpu : program) points += static_cast<std::uint32_t>(cpu.size());
  PctStrategy strategy(11, depth, points);
  const Scenario scenario = scenario_for(program);
  int hits = 0;
  for (int i = 0; i < runs; ++i) hits += is_bug(run_fake(program, scenario, strategy).interleaving) ? 1 : 0;
  return hits;
}

constexpr int kRuns = 50'000;

// The hits in kRuns runs of a bug that one run hits with the published probability p = 1 / (n k^(d-1)), less five
// standard deviations: were the seed not fixed, a right implementation would miss it with probability 3e-7.
double hits_promised(double cpus, double points, int depth) {
  const double p = 1 / (cpus * std::pow(points, depth - 1));
  return kRuns * p - 5 * std::sqrt(kRuns * p * (1 - p));
}

TEST(Pct, HitsADepthOneBugAtThePublishedRate) {
  // cpu 1 runs before cpu 0 takes its first point.
  const auto bug = [](const Interleaving& run) { return run[0] == 1; };
  EXPECT_GE(count_hits(points_by_cpu({2, 2}), 1, kRuns, bug), hits_promised(2, 4, 1));
}

TEST(Pct, HitsADepthTwoBugAtThePublishedRate) {
  // All of cpu 1 between the two points of cpu 0: an atomicity violation.
  const auto bug = [](const Interleaving& run) { return run == Interleaving{0, 1, 1, 0}; };
  EXPECT_GE(count_hits(points_by_cpu({2, 2}), 2, kRuns, bug), hits_promised(2, 4, 2));
}

TEST(Pct, HitsADepthTwoBugOfThreeCpusAtThePublishedRate) {
  const auto bug = [](const Interleaving& run) {
    return run == Interleaving{2, 0, 0, 1, 1, 2} || run == Interleaving{2, 1, 1, 0, 0, 2};
  };
  EXPECT_GE(count_hits(points_by_cpu({2, 2, 2}), 2, kRuns, bug), hits_promised(3, 6, 2));
}

TEST(Pct, HitsADepthThreeBugAtThePublishedRate) {
  // cpu 0 is cut behind its first point, then cpu 1 behind its first: two change points, in this order of priorities.
  const auto bug = [](const Interleaving& run) { return run == Interleaving{0, 1, 0, 0, 1, 1}; };
  EXPECT_GE(count_hits(points_by_cpu({3, 3}), 3, kRuns, bug), hits_promised(2, 6, 3));
}

TEST(Pct, OfDepthOneNeverPreempts) {
  PctStrategy strategy(5, 1, 6);
  const auto seen = sampled_interleavings(points_by_cpu({2, 2, 2}), strategy, 1'000);
  const std::set<Interleaving> expected = {{0, 0, 1, 1, 2, 2}, {0, 0, 2, 2, 1, 1}, {1, 1, 0, 0, 2, 2},
                                           {1, 1, 2, 2, 0, 0}, {2, 2, 0, 0, 1, 1}, {2, 2, 1, 1, 0, 0}};
  EXPECT_EQ(seen, expected);
}

TEST(Pct, OfEnoughDepthProducesEveryInterleavingOfTwoCpus) {
  const FakeProgram program = points_by_cpu({2, 2});
  PctStrategy strategy(5, 4, 4);
  EXPECT_EQ(sampled_interleavings(program, strategy, 20'000), all_interleavings(program));
}

TEST(Pct, OfEnoughDepthProducesEveryInterleavingOfThreeCpus) {
  const FakeProgram program = points_by_cpu({2, 2, 2});
  PctStrategy strategy(5, 7, 6);
  EXPECT_EQ(sampled_interleavings(program, strategy, 50'000), all_interleavings(program));
}

TEST(Pct, LearnsTheLengthOfTheRunsItSees) {
  // One value of k_1 in k leads to a preemption: of 10,000 runs 39 with k = 256, 2,500 +- 43 with k = 4.
  const FakeProgram program = points_by_cpu({2, 2});
  const Scenario scenario = scenario_for(program);
  PctStrategy strategy(5, 2, 256);
  int preempted = 0;
  for (int i = 0; i < 10'000; ++i) {
    const Interleaving run = run_fake(program, scenario, strategy).interleaving;
    preempted += run != Interleaving{0, 0, 1, 1} && run != Interleaving{1, 1, 0, 0} ? 1 : 0;
  }
  EXPECT_NEAR(preempted, 2'500, 250);
}

TEST(Pct, LearnsTheLengthAnewForAnotherProgram) {
  const FakeProgram longer = points_by_cpu({400, 400});
  const FakeProgram shorter = points_by_cpu({2, 2});
  Scenario longer_scenario = scenario_for(longer);
  longer_scenario.programs[0].push_back({});
  PctStrategy strategy(5, 2, 4);
  for (int i = 0; i < 10; ++i) (void)run_fake(longer, longer_scenario, strategy);
  EXPECT_EQ(sampled_interleavings(shorter, strategy, 1'000).size(), 4u);  // those with at most one preemption
}

TEST(Pct, AsksFarLessOftenThanThereArePoints) {
  const FakeProgram program = points_by_cpu({1'000, 1'000});
  const Scenario scenario = scenario_for(program);
  PctStrategy strategy(5, 3, 2'000);
  (void)run_fake(program, scenario, strategy);  // the first run measures the length
  // One a cpu, and for each of two change points one before and one after the demote, and one when its turn is back.
  for (int i = 0; i < 20; ++i) EXPECT_LE(run_fake(program, scenario, strategy).questions, 8u);
}

TEST(Pct, RecordedDirectivesReplayTheSameRun) {
  const FakeProgram program = points_by_cpu({60, 50, 40});
  const Scenario scenario = scenario_for(program);
  PctStrategy pct(7, 5, 150);
  DirectedStrategy directed;
  for (int i = 0; i < 2'000; ++i) {
    const FakeRun original = run_fake(program, scenario, pct);
    Scenario recorded = scenario;
    recorded.directives = original.directives;
    ASSERT_EQ(run_fake(program, recorded, directed).interleaving, original.interleaving) << "run " << i;
  }
}

TEST(Pct, AppliesTheDirectivesOfTheScenario) {
  const FakeProgram program = points_by_cpu({20, 20});
  Scenario scenario = scenario_for(program);
  scenario.directives = {{CpuId(1), PointIndex(13), Action::kInterrupt, 4}};
  PctStrategy strategy(7, 3, 40);
  for (int i = 0; i < 100; ++i) {
    const auto recorded = run_fake(program, scenario, strategy).directives;
    EXPECT_EQ(std::ranges::count(recorded, scenario.directives[0]), 1);
  }
}

TEST(Pct, ADemoteOfTheScenarioIsNotUndone) {
  const FakeProgram program = points_by_cpu({4, 4});
  Scenario scenario = scenario_for(program);
  scenario.directives = {{CpuId(0), PointIndex(3)}, {CpuId(1), PointIndex(3)}};
  PctStrategy strategy(7, 1, 8);
  const std::set<Interleaving> expected = {{0, 0, 1, 1, 0, 0, 1, 1}, {1, 1, 0, 0, 1, 1, 0, 0}};
  std::set<Interleaving> seen;
  for (int i = 0; i < 100; ++i) seen.insert(run_fake(program, scenario, strategy).interleaving);
  EXPECT_EQ(seen, expected);
}

TEST(Pct, SkipsStuckCpusAndPreemptsWhenAHigherOneWakes) {
  const FakeProgram program = points_by_cpu({500, 500});
  const Scenario scenario = scenario_for(program);
  int preempted = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    PctStrategy strategy(seed, 1, 1'000);
    (void)run_fake(program, scenario, strategy);  // with the length known, only a higher cpu is a reason to ask
    strategy.begin(scenario);
    const MomentOf moment({0, 1});
    ASSERT_FALSE(strategy.decide(moment.at(1, 0, 0b01)));
    const bool asks_at_each = strategy.quiet_points(moment.at(1, 0, 0b01)) == 0;
    const bool demotes = strategy.decide(moment.at(2, 1, 0b11)).has_value();
    EXPECT_EQ(asks_at_each, demotes);  // cpu 1 is the higher one
    preempted += demotes ? 1 : 0;
  }
  EXPECT_NEAR(preempted, 50, 25);
}

TEST(Pct, LeavesACpuBehindThatTheMachineDemoted) {
  const Scenario scenario = scenario_for(points_by_cpu({1, 1}));
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    PctStrategy strategy(seed, 1, 1'000);
    strategy.begin(scenario);
    if (strategy.decide(MomentOf({0, 1}).at(1, 0, 0b11))) continue;  // cpu 1 is the higher one: not this test's case
    EXPECT_FALSE(strategy.decide(MomentOf({1, 0}).at(1, 500, 0b11)));
  }
}

}  // namespace
}  // namespace gridlock
