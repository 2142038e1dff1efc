// Generated scenarios are legal, the same for the same seed, aimed where they should be, and leave nothing out.
#include "engine/decode/generate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>

#include "engine/decode/decode.h"
#include "engine/model/repro_text.h"
#include "engine/model/toy_schema.h"

namespace gridlock {
namespace {

constexpr std::array<std::uint32_t, kCpusMax> kPoints = {40, 7, 0, 300};

Scenario generated(Prng& prng, const TargetSchema& schema, const GenerateOptions& options = {}, bool demotes = true) {
  Scenario scenario = generate_program(prng, schema, options);
  generate_schedule(prng, schema, options, std::span(kPoints).first(scenario.programs.size()), demotes, scenario);
  return scenario;
}

TEST(Generate, EveryScenarioIsLegalAndKeepsTheOptions) {
  Prng prng(1);
  const GenerateOptions all_options[] = {{}, {1, 0, 0}, {2, 1, 1}, {64, 64, 64}, {1000, 1000, 10'000}};
  for (const TargetSchema& schema : {toy_schema(), bare_schema(), wide_schema()}) {
    for (const GenerateOptions& options : all_options) {
      for (int i = 0; i < 500; ++i) {
        const Scenario scenario = generated(prng, schema, options);
        ASSERT_TRUE(is_legal(scenario, schema));
        ASSERT_LE(scenario.cpu_count(), std::max(options.cpus_max, schema.cpus_minimum));
        ASSERT_LE(scenario.directives.size(), options.directives_max);
        for (const auto& program : scenario.programs) ASSERT_LE(program.size(), options.calls_max);
      }
    }
  }
}

TEST(Generate, ScenariosComeBackFromTheirBytesAndFromTheirText) {
  Prng prng(2);
  const TargetSchema schema = toy_schema();
  for (int i = 0; i < 10'000; ++i) {
    Repro repro{.target = schema.name,
                .signature = "hang: f<g",
                .expectations = {{"fixed", VerdictKind::kOk}},
                .scenario = generated(prng, schema),
                .site_hints = {}};
    for (const auto& directive : repro.scenario.directives) {
      repro.site_hints.push_back(directive.b % 2 == 0 ? "" : "f (f.cc:" + std::to_string(directive.b) + ")");
    }
    ASSERT_EQ(decode(encode(repro.scenario, schema), schema), repro.scenario);
    ASSERT_EQ(parse_repro(print_repro(repro, schema), schema, "x.repro"), repro);
  }
}

TEST(Generate, TheSameSeedGivesTheSameScenarios) {
  Prng left(3);
  Prng right(3);
  Prng other(4);
  int differ = 0;
  for (int i = 0; i < 100; ++i) {
    const Scenario scenario = generated(left, toy_schema());
    EXPECT_EQ(scenario, generated(right, toy_schema()));
    differ += scenario == generated(other, toy_schema()) ? 0 : 1;
  }
  EXPECT_GT(differ, 90);
}

TEST(Generate, ParametersComeFromTheFuzzRange) {
  Prng prng(5);
  std::set<std::uint32_t> budgets;
  for (int i = 0; i < 1000; ++i) budgets.insert(generated(prng, toy_schema()).parameters[0]);
  EXPECT_EQ(budgets, (std::set<std::uint32_t>{2, 3, 4}));
}

TEST(Generate, NothingThatIsLegalIsLeftOut) {
  Prng prng(6);
  std::map<Action, int> actions;
  std::set<std::uint32_t> cpus, calls, operations, directives, interrupts, defers, entities;
  std::set<std::vector<CpuId>> orders;
  for (int i = 0; i < 20'000; ++i) {
    const Scenario scenario = generated(prng, toy_schema());
    cpus.insert(scenario.cpu_count());
    if (scenario.cpu_count() == 3) orders.insert(scenario.start_order);
    directives.insert(static_cast<std::uint32_t>(scenario.directives.size()));
    for (const auto& program : scenario.programs) {
      calls.insert(static_cast<std::uint32_t>(program.size()));
      for (const auto& call : program) operations.insert(call.operation.value());
    }
    for (const auto& directive : scenario.directives) {
      ++actions[directive.action];
      if (directive.action == Action::kInterrupt) interrupts.insert(directive.a);
      if (directive.action == Action::kDefer) defers.insert(directive.a);
      if (directive.action == Action::kMigrate) entities.insert(directive.a);
    }
  }
  EXPECT_EQ(cpus, (std::set<std::uint32_t>{1, 2, 3, 4}));
  EXPECT_EQ(calls, (std::set<std::uint32_t>{0, 1, 2, 3, 4}));
  EXPECT_EQ(operations, (std::set<std::uint32_t>{0, 1, 2}));
  EXPECT_EQ(directives, (std::set<std::uint32_t>{0, 1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(orders.size(), 6u);
  EXPECT_EQ(interrupts, (std::set<std::uint32_t>{0, 2}));
  EXPECT_EQ(defers, (std::set<std::uint32_t>{0, 1, 2}));
  EXPECT_EQ(entities, (std::set<std::uint32_t>{0, 1}));
  EXPECT_EQ(actions.size(), 4u);
  EXPECT_GT(actions[Action::kDemote], actions[Action::kInterrupt]);
  EXPECT_GT(actions[Action::kInterrupt], actions[Action::kDefer]);
}

TEST(Generate, WithoutDemotesOnlyTheEnvironmentActs) {
  Prng prng(7);
  std::size_t drawn = 0;
  for (int i = 0; i < 1000; ++i) {
    for (const Directive& directive : generated(prng, toy_schema(), {}, /*demotes=*/false).directives) {
      EXPECT_NE(directive.action, Action::kDemote);
      ++drawn;
    }
    EXPECT_TRUE(generated(prng, bare_schema(), {}, /*demotes=*/false).directives.empty());
  }
  EXPECT_GT(drawn, 1000u);
}

// Of the points that the run has, each is hit by a lone directive about as often as any other: 40 points, slack of 9,
// 49,000 draws, 1,000 expected a point; a deviation of 20 % is more than six standard deviations.
TEST(Generate, LoneDirectivesHitEveryPointOfACpuEvenly) {
  Prng prng(8);
  Scenario scenario = decode(std::vector<std::uint8_t>{0x00}, toy_schema());
  ASSERT_EQ(scenario.cpu_count(), 1u);
  std::map<std::uint32_t, int> hits;
  for (int drawn = 0; drawn < 49'000;) {
    generate_schedule(prng, toy_schema(), {.directives_max = 1}, std::span(kPoints).first(1), true, scenario);
    if (scenario.directives.empty()) continue;
    ++hits[scenario.directives[0].point.value()];
    ++drawn;
  }
  EXPECT_EQ(hits.begin()->first, 1u);
  EXPECT_EQ(hits.rbegin()->first, 49u);
  for (const auto& [point, count] : hits) EXPECT_NEAR(count, 1000, 200) << "point " << point;
}

// Two directives within a few points of each other would be rare by chance on a cpu with 100,000 points.
TEST(Generate, SomeDirectivesStandCloseTogetherOnOneCpuAndOnTwo) {
  Prng prng(9);
  const std::array<std::uint32_t, 2> points = {100'000, 100'000};
  Scenario scenario = decode(std::vector<std::uint8_t>{0x01}, toy_schema());
  int pairs = 0, close_on_one = 0, close_on_two = 0;
  while (pairs < 10'000) {
    generate_schedule(prng, toy_schema(), {.directives_max = 2}, points, true, scenario);
    if (scenario.directives.size() != 2) continue;
    ++pairs;
    const auto [low, high] = std::minmax(scenario.directives[0].point.value(), scenario.directives[1].point.value());
    if (high - low > 8) continue;
    ++(scenario.directives[0].cpu == scenario.directives[1].cpu ? close_on_one : close_on_two);
  }
  EXPECT_GT(close_on_one, 1000);
  EXPECT_GT(close_on_two, 500);
  EXPECT_LT(close_on_one + close_on_two, 5000);
}

TEST(Generate, CpusThatARunCreatedGetDirectivesToo) {
  Prng prng(10);
  Scenario scenario = decode(std::vector<std::uint8_t>{0x01}, toy_schema());
  std::set<std::uint32_t> cpus;
  for (int i = 0; i < 1000; ++i) {
    generate_schedule(prng, toy_schema(), {}, std::span(kPoints).first(3), true, scenario);
    ASSERT_TRUE(is_legal(scenario, toy_schema()));
    for (const Directive& directive : scenario.directives) cpus.insert(directive.cpu.value());
  }
  EXPECT_EQ(cpus, (std::set<std::uint32_t>{0, 1, 2}));
}

}  // namespace
}  // namespace gridlock
