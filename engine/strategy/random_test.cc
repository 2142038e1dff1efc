// `random`: uniform at each point, complete on tiny programs.
#include "engine/strategy/random.h"

#include <gtest/gtest.h>

#include <array>

#include "engine/strategy/fake_machine.h"

namespace gridlock {
namespace {

TEST(Random, ProducesEveryInterleavingOfTwoCpus) {
  const FakeProgram program = points_by_cpu({2, 2});
  RandomStrategy strategy(1);
  EXPECT_EQ(sampled_interleavings(program, strategy, 200), all_interleavings(program));
}

TEST(Random, ProducesEveryInterleavingOfThreeCpus) {
  const FakeProgram program = points_by_cpu({2, 2, 2});
  RandomStrategy strategy(1);
  // The rarest, such as 0 1 2 0 1 2, has probability 3^-4 / 2 a run; that 20,000 runs miss one: below 1e-50.
  EXPECT_EQ(sampled_interleavings(program, strategy, 20'000), all_interleavings(program));
}

TEST(Random, DrawsTheNextCpuUniformly) {
  const FakeProgram program = points_by_cpu({4, 4, 4});
  const Scenario scenario = scenario_for(program);
  RandomStrategy strategy(2);
  constexpr int kRuns = 30'000;
  std::array<std::array<int, 3>, 3> pairs{};  // the first two points: nobody can have ended before the third
  for (int i = 0; i < kRuns; ++i) {
    const FakeRun run = run_fake(program, scenario, strategy);
    ++pairs[run.interleaving[0]][run.interleaving[1]];
  }
  // Each of nine pairs is expected kRuns / 9 times with a standard deviation of 55; the margin is 5.5 of them.
  for (const auto& row : pairs) {
    for (const int count : row) EXPECT_NEAR(count, kRuns / 9, 300);
  }
}

TEST(Random, NeverPicksAStuckCpu) {
  RandomStrategy strategy(3);
  Scenario scenario = scenario_for(points_by_cpu({1, 1, 1}));
  const MomentOf moment({0, 1, 2});
  for (int i = 0; i < 1'000; ++i) {
    strategy.begin(scenario);
    EXPECT_FALSE(strategy.decide(moment.at(1, 0, 0b010)));
  }
}

TEST(Random, PicksAnewWhenThePickedCpuIsStuckMeanwhile) {
  RandomStrategy strategy(3);
  Scenario scenario = scenario_for(points_by_cpu({1, 1}));
  const MomentOf first({0, 1});
  const MomentOf then({1, 0});
  int demotes = 0;
  for (int i = 0; i < 100; ++i) {
    strategy.begin(scenario);
    if (!strategy.decide(first.at(1, 0, 0b11))) continue;
    ++demotes;
    EXPECT_FALSE(strategy.decide(then.at(1, 0, 0b01)));
  }
  EXPECT_GT(demotes, 0);
}

TEST(Random, SameSeedGivesTheSameRuns) {
  const FakeProgram program = points_by_cpu({5, 5, 5});
  const Scenario scenario = scenario_for(program);
  RandomStrategy left(9), right(9), other(10);
  bool differs = false;
  for (int i = 0; i < 100; ++i) {
    const auto run = run_fake(program, scenario, left);
    EXPECT_EQ(run.directives, run_fake(program, scenario, right).directives);
    differs |= run.directives != run_fake(program, scenario, other).directives;
  }
  EXPECT_TRUE(differs);
}

}  // namespace
}  // namespace gridlock
