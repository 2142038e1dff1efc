// `directed` and the directive table: what is written is what happens.
#include "engine/strategy/directed.h"

#include <gtest/gtest.h>

#include "engine/strategy/fake_machine.h"
#include "engine/strategy/random.h"

namespace gridlock {
namespace {

Directive demote(std::uint32_t cpu, std::uint32_t point) {
  return {CpuId(cpu), PointIndex(point)};
}
Directive interrupt(std::uint32_t cpu, std::uint32_t point, std::uint32_t vector) {
  return {CpuId(cpu), PointIndex(point), Action::kInterrupt, vector};
}

FakeRun run_directed(const FakeProgram& program, const Scenario& scenario) {
  DirectedStrategy strategy;
  return run_fake(program, scenario, strategy);
}

// Follows a given interleaving by demoting whoever stands in front of the cpu that is next.
class Scripted final : public Strategy {
 public:
  explicit Scripted(const Interleaving& script) : script_(script) {}
  void begin(const Scenario&) override {}
  std::optional<Decision> decide(const Moment& moment) override {
    if (script_[moment.step] == moment.cpu.value()) return std::nullopt;
    return Decision{};
  }
  [[nodiscard]] std::uint32_t quiet_points(const Moment&) const override { return 0; }

 private:
  const Interleaving& script_;
};

void expect_expressible(const FakeProgram& program, std::size_t count) {
  const auto all = all_interleavings(program);
  ASSERT_EQ(all.size(), count);
  for (const Interleaving& wanted : all) {
    Scenario scenario = scenario_for(program);
    Scripted scripted(wanted);
    scenario.directives = run_fake(program, scenario, scripted).directives;
    EXPECT_EQ(run_directed(program, scenario).interleaving, wanted);
  }
}

TEST(Directed, WithoutDirectivesTheStartOrderRunsToItsEnd) {
  const FakeProgram program = points_by_cpu({2, 2, 2});
  Scenario scenario = scenario_for(program);
  scenario.start_order = {CpuId(2), CpuId(0), CpuId(1)};
  EXPECT_EQ(run_directed(program, scenario).interleaving, (Interleaving{2, 2, 0, 0, 1, 1}));
}

TEST(Directed, ADemoteLetsTheOthersRunFirst) {
  const FakeProgram program = points_by_cpu({3, 2});
  Scenario scenario = scenario_for(program);
  scenario.directives = {demote(0, 2)};
  EXPECT_EQ(run_directed(program, scenario).interleaving, (Interleaving{0, 1, 1, 0, 0}));
}

TEST(Directed, ASecondDemoteAtThePointAppliesAtTheNextAttempt) {
  const FakeProgram program = points_by_cpu({1, 2, 2});
  Scenario scenario = scenario_for(program);
  scenario.directives = {demote(0, 1), demote(1, 2), demote(0, 1), demote(2, 2)};
  EXPECT_EQ(run_directed(program, scenario).interleaving, (Interleaving{1, 2, 1, 2, 0}));
}

TEST(Directed, DirectivesOfOnePointApplyInListOrder) {
  const FakeProgram program = points_by_cpu({2, 1});
  Scenario scenario = scenario_for(program);
  scenario.directives = {interrupt(0, 2, 7), interrupt(0, 1, 5), interrupt(0, 2, 3), demote(0, 2), interrupt(0, 2, 9)};
  const FakeRun run = run_directed(program, scenario);
  const std::vector<Directive> expected = {interrupt(0, 1, 5), interrupt(0, 2, 7), interrupt(0, 2, 3), demote(0, 2),
                                           interrupt(0, 2, 9)};
  EXPECT_EQ(run.directives, expected);
  EXPECT_EQ(run.interleaving, (Interleaving{0, 1, 0}));
}

TEST(Directed, ADemoteWithNobodyElseIsConsumed) {
  const FakeProgram program = points_by_cpu({2});
  Scenario scenario = scenario_for(program);
  scenario.directives = {demote(0, 1), demote(0, 1), demote(0, 2)};
  const FakeRun run = run_directed(program, scenario);
  EXPECT_EQ(run.interleaving, (Interleaving{0, 0}));
  EXPECT_EQ(run.directives, scenario.directives);
}

TEST(Directed, KeepsAllFieldsOfADirective) {
  const FakeProgram program = points_by_cpu({1});
  Scenario scenario = scenario_for(program);
  scenario.directives = {{CpuId(0), PointIndex(1), Action::kDefer, 3, 65'536},
                         {CpuId(0), PointIndex(1), Action::kMigrate, 1, 63}};
  EXPECT_EQ(run_directed(program, scenario).directives, scenario.directives);
}

TEST(Directed, ADirectiveBehindTheLastPointDoesNothing) {
  const FakeProgram program = points_by_cpu({2, 2});
  Scenario scenario = scenario_for(program);
  scenario.directives = {demote(0, 3), interrupt(63, kPointOrdinalMax, 1)};
  const FakeRun run = run_directed(program, scenario);
  EXPECT_TRUE(run.directives.empty());
  EXPECT_EQ(run.interleaving, (Interleaving{0, 0, 1, 1}));
}

TEST(Directed, AsksOnceADirectiveAndOnceASwitch) {
  const FakeProgram program = points_by_cpu({100, 100});
  Scenario scenario = scenario_for(program);
  scenario.directives = {interrupt(0, 50, 1)};
  // cpu 0 at its first point and at point 50, cpu 1 at its first.
  EXPECT_EQ(run_directed(program, scenario).questions, 3u);
}

TEST(Directed, ASecondRunStartsAfresh) {
  const FakeProgram program = points_by_cpu({3, 2});
  Scenario scenario = scenario_for(program);
  DirectedStrategy strategy;
  scenario.directives = {demote(0, 2)};
  const FakeRun first = run_fake(program, scenario, strategy);
  EXPECT_EQ(run_fake(program, scenario, strategy).interleaving, first.interleaving);
  scenario.directives.clear();
  EXPECT_EQ(run_fake(program, scenario, strategy).interleaving, (Interleaving{0, 0, 0, 1, 1}));
}

TEST(Directed, EveryInterleavingOfTwoCpusIsExpressible) {
  expect_expressible(points_by_cpu({2, 2}), 6);
}

TEST(Directed, EveryInterleavingOfThreeCpusIsExpressible) {
  expect_expressible(points_by_cpu({2, 2, 2}), 90);
}

TEST(Directed, RecordedDirectivesReplayTheSameRun) {
  const FakeProgram program = points_by_cpu({6, 5, 4, 3});
  Scenario scenario = scenario_for(program);
  RandomStrategy random(7);
  DirectedStrategy directed;
  for (int i = 0; i < 10'000; ++i) {
    const FakeRun original = run_fake(program, scenario, random);
    Scenario recorded = scenario;
    recorded.directives = original.directives;
    const FakeRun replayed = run_fake(program, recorded, directed);
    ASSERT_EQ(replayed.interleaving, original.interleaving) << "run " << i;
    ASSERT_EQ(replayed.directives, original.directives) << "run " << i;
  }
}

TEST(DirectiveTable, TakesTheFullNumberOfDirectives) {
  Scenario scenario;
  scenario.programs.resize(1);
  for (std::uint32_t i = 0; i < kDirectivesMax; ++i) scenario.directives.push_back(interrupt(i % 64, 1 + i / 64, i));
  DirectiveTable table;
  table.load(scenario);
  std::uint32_t taken = 0;
  for (std::uint32_t cpu = 0; cpu < kCpusMax; ++cpu) {
    for (std::uint32_t point = 1; point <= kDirectivesMax / 64; ++point) {
      const auto decision = table.take(CpuId(cpu), PointIndex(point));
      ASSERT_TRUE(decision);
      EXPECT_EQ(decision->a, (point - 1) * 64 + cpu);
      EXPECT_FALSE(table.take(CpuId(cpu), PointIndex(point)));
      ++taken;
    }
    EXPECT_EQ(table.quiet_points(CpuId(cpu), PointIndex(kDirectivesMax / 64)), Strategy::kForever);
  }
  EXPECT_EQ(taken, kDirectivesMax);
}

TEST(DirectiveTable, QuietPointsEndBeforeTheNextDirective) {
  Scenario scenario;
  scenario.programs.resize(1);
  scenario.directives = {interrupt(0, 10, 1), interrupt(0, 4, 1)};
  DirectiveTable table;
  table.load(scenario);
  EXPECT_FALSE(table.take(CpuId(0), PointIndex(1)));
  EXPECT_EQ(table.quiet_points(CpuId(0), PointIndex(1)), 2u);  // points 2 and 3
  EXPECT_FALSE(table.take(CpuId(0), PointIndex(3)));
  EXPECT_EQ(table.quiet_points(CpuId(0), PointIndex(3)), 0u);
  EXPECT_TRUE(table.take(CpuId(0), PointIndex(4)));
  EXPECT_EQ(table.quiet_points(CpuId(0), PointIndex(4)), 5u);
}

}  // namespace
}  // namespace gridlock
