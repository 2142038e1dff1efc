// What holds for every strategy, by name.
#include "engine/strategy/strategies.h"

#include <gtest/gtest.h>

#include <string>

#include "engine/strategy/directed.h"
#include "engine/strategy/fake_machine.h"

namespace gridlock {
namespace {

class EveryStrategy : public testing::TestWithParam<std::string_view> {};

INSTANTIATE_TEST_SUITE_P(Strategies, EveryStrategy, testing::ValuesIn(strategy_names().begin(), strategy_names().end()),
                         [](const auto& name) { return std::string(name.param); });

TEST_P(EveryStrategy, IsMadeByItsName) {
  EXPECT_NE(make_strategy(GetParam(), {}), nullptr);
}

TEST_P(EveryStrategy, ReplaysThroughDirected) {
  const FakeProgram program = points_by_cpu({9, 1, 7, 0, 5});
  Scenario scenario = scenario_for(program);
  scenario.directives = {{CpuId(0), PointIndex(4), Action::kInterrupt, 2},
                         {CpuId(2), PointIndex(2)},
                         {CpuId(4), PointIndex(5), Action::kMigrate, 1, 2},
                         {CpuId(2), PointIndex(2), Action::kDefer, 1, 9}};
  const auto strategy = make_strategy(GetParam(), {.seed = 3, .points_expected = 22});
  DirectedStrategy directed;
  for (int i = 0; i < 1'000; ++i) {
    const FakeRun original = run_fake(program, scenario, *strategy);
    for (const Directive& directive : scenario.directives) {
      // A demote may look like one of the strategy's own.
      const auto applied = std::ranges::count(original.directives, directive);
      EXPECT_TRUE(directive.action == Action::kDemote ? applied >= 1 : applied == 1);
    }
    Scenario recorded = scenario;
    recorded.directives = original.directives;
    const FakeRun replayed = run_fake(program, recorded, directed);
    ASSERT_EQ(replayed.interleaving, original.interleaving);
    ASSERT_EQ(replayed.directives, original.directives);
  }
}

TEST_P(EveryStrategy, GivesTheSameRunsForTheSameSeed) {
  const FakeProgram program = points_by_cpu({5, 6, 7});
  const Scenario scenario = scenario_for(program);
  const auto left = make_strategy(GetParam(), {.seed = 3});
  const auto right = make_strategy(GetParam(), {.seed = 3});
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(run_fake(program, scenario, *left).directives, run_fake(program, scenario, *right).directives);
  }
}

TEST_P(EveryStrategy, RunsSixtyFourCpus) {
  const FakeProgram program = points_by_cpu(std::vector<std::size_t>(kCpusMax, 3));
  const Scenario scenario = scenario_for(program);
  const auto strategy = make_strategy(GetParam(), {.seed = 3});
  for (int i = 0; i < 10; ++i) EXPECT_EQ(run_fake(program, scenario, *strategy).interleaving.size(), 3 * kCpusMax);
}

TEST(Strategies, AnUnknownNameMakesNothing) {
  EXPECT_EQ(make_strategy("", {}), nullptr);
  EXPECT_EQ(make_strategy("Random", {}), nullptr);
}

}  // namespace
}  // namespace gridlock
