#include "engine/cli/forked_runs.h"

#include <gtest/gtest.h>

#include "engine/cli/child_runner.h"
#include "engine/cli/fake_machine.h"
#include "engine/strategy/strategies.h"

namespace gridlock {
namespace {

// The fake target as a program: its first parameter says what its points are.
class ForkedRunsTest : public testing::Test {
 protected:
  ForkedRunsTest() {
    bench_.target = fake_target(1 + FakeMachine::kMisuse);
    bench_.target.use_arguments = [](const std::vector<std::string>&) {};
    bench_.target.schema.parameters = {ParameterSchema{{"points", 0, 2}, 1, 1}};
  }
  static Scenario scenario(std::uint32_t operation) {
    Scenario made = fake_scenario(operation);
    made.parameters = {1};
    return made;
  }
  // A session in a process that has run something already: what follows is forked.
  Session session(bool forks) { return {{bench_.machine, bench_.names, forks}, bench_.target, 0, *bench_.page, false}; }

  FakeBench bench_;
};

TEST_F(ForkedRunsTest, AForkedRunSaysAllThatOneInThisProcessDoes) {
  Session here = session(false);
  Session forked = session(true);
  for (const auto operation : {FakeMachine::kWork, FakeMachine::kStick, FakeMachine::kMisuse}) {
    const Judged expected = here.trace(scenario(operation));
    const Trace trace = *expected.view.trace;
    const std::vector<Directive> directives(expected.view.directives.begin(), expected.view.directives.end());
    const auto points = points_by_cpu(expected.view, scenario(operation));
    const auto starts = operation_starts(expected.view, scenario(operation));
    const std::uint64_t runs = bench_.machine.runs();
    const Judged seen = forked.trace(scenario(operation));
    EXPECT_EQ(bench_.machine.runs(), runs) << "this process has run nothing";
    EXPECT_EQ(seen.verdict, expected.verdict);
    EXPECT_LT(first_difference(trace, *seen.view.trace), 0);
    EXPECT_EQ(std::vector<Directive>(seen.view.directives.begin(), seen.view.directives.end()), directives);
    EXPECT_EQ(points_by_cpu(seen.view, scenario(operation)), points);
    EXPECT_EQ(operation_starts(seen.view, scenario(operation)), starts);
  }
}

TEST_F(ForkedRunsTest, AStrategyGoesOnWhereTheForkLeftIt) {
  for (const auto name : strategy_names()) {
    const auto here = make_strategy(name, {.seed = 7});
    const auto forked = make_strategy(name, {.seed = 7});
    std::vector<std::vector<Directive>> expected, seen;
    for (int i = 0; i < 5; ++i) {
      const Judged judged = session(false).explore(scenario(FakeMachine::kWork), *here);
      expected.emplace_back(judged.view.directives.begin(), judged.view.directives.end());
    }
    Session session = this->session(true);
    for (int i = 0; i < 5; ++i) {
      const Judged judged = session.explore(scenario(FakeMachine::kWork), *forked);
      seen.emplace_back(judged.view.directives.begin(), judged.view.directives.end());
    }
    EXPECT_EQ(seen, expected) << name;
  }
}

TEST_F(ForkedRunsTest, FeaturesOfAForkedRunAreThoseOfItsOwnProcess) {
  feedback::InterleavingMap map;
  map.handed_over(1, 2, feedback::InterleavingMap::HandOver::kStuck);
  const std::vector<feedback::Feature> features = {3, 5, 3, 9};
  map.take_over(features);
  EXPECT_EQ(std::vector<feedback::Feature>(map.touched().begin(), map.touched().end()),
            (std::vector<feedback::Feature>{3, 5, 9}));
}

TEST_F(ForkedRunsTest, AProcessDiesAsItsForkDied) {
  const Scenario work = scenario(FakeMachine::kWork);
  const Scenario crash = scenario(FakeMachine::kCrash);
  const BatchRun runs[] = {{&bench_.target, 0, &work}, {&bench_.target, 0, &crash}, {&bench_.target, 0, &work}};
  const auto outcomes = run_batch({bench_.machine, bench_.names, true}, runs, *bench_.page);
  ASSERT_TRUE(outcomes.has_value()) << outcomes.error().message();
  ASSERT_EQ(outcomes->size(), 3u);
  EXPECT_EQ((*outcomes)[0].verdict.kind, VerdictKind::kOk);
  EXPECT_EQ((*outcomes)[1].verdict.kind, VerdictKind::kCrash);
  EXPECT_EQ((*outcomes)[2].verdict.kind, VerdictKind::kOk);
}

}  // namespace
}  // namespace gridlock
