#include "engine/search/schedule_source.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "engine/decode/decode.h"
#include "engine/model/toy_schema.h"

namespace gridlock {
namespace {

// Two cpus with that operation, the second of which is demoted once.
Scenario toy_scenario(std::uint32_t operation) {
  Scenario scenario;
  scenario.parameters = {2, 0};
  scenario.programs.assign(2, {OperationCall{.operation = OperationId(operation), .arguments = {0, 5, 1000, 0}}});
  if (operation < 2) scenario.programs.assign(2, {OperationCall{.operation = OperationId(operation)}});
  scenario.start_order = {CpuId(0), CpuId(1)};
  scenario.directives = {{CpuId(1), PointIndex(2)}};
  return scenario;
}

// What a source yields when every cpu passes eight points.
std::vector<Scenario> draw(ScheduleSource& source, std::size_t count) {
  std::vector<Scenario> drawn;
  for (std::size_t i = 0; i < count; ++i) {
    drawn.push_back(source.next());
    source.learn(std::vector<std::uint32_t>(drawn.back().cpu_count(), 8));
  }
  return drawn;
}

bool has_demote(const Scenario& scenario) {
  return std::any_of(scenario.directives.begin(), scenario.directives.end(),
                     [](const Directive& directive) { return directive.action == Action::kDemote; });
}

TEST(ScheduleSource, TheSameSeedGivesTheSameInputs) {
  const TargetSchema schema = toy_schema();
  ScheduleSource left(7, schema, true, {toy_scenario(1)});
  ScheduleSource right(7, schema, true, {toy_scenario(1)});
  ScheduleSource other(8, schema, true, {toy_scenario(1)});
  const auto drawn = draw(left, 500);
  EXPECT_EQ(drawn, draw(right, 500));
  EXPECT_NE(drawn, draw(other, 500));
}

TEST(ScheduleSource, EveryInputIsLegal) {
  const TargetSchema schema = toy_schema();
  ScheduleSource source(1, schema, true, {toy_scenario(1), toy_scenario(0)});
  for (const auto& scenario : draw(source, 2000)) EXPECT_TRUE(is_legal(scenario, schema));
}

TEST(ScheduleSource, ABatchIsOneProgramFirstWithoutAndThenWithDirectives) {
  const TargetSchema schema = toy_schema();
  ScheduleSource source(1, schema, true, {});
  const auto batch = draw(source, 1 + kSchedulesPerProgram);
  EXPECT_TRUE(batch.front().directives.empty());
  std::set<std::size_t> sizes;
  for (const auto& scenario : batch) {
    EXPECT_EQ(scenario.programs, batch.front().programs);
    sizes.insert(scenario.directives.size());
  }
  EXPECT_GT(sizes.size(), 2u);
}

TEST(ScheduleSource, TheCorpusComesFirstEachEntryAsItIsAndThenChanged) {
  const TargetSchema schema = toy_schema();
  const Scenario first = toy_scenario(1);
  const Scenario second = toy_scenario(2);
  ScheduleSource source(1, schema, true, {first, second});
  const auto around_first = draw(source, 1 + kSchedulesPerProgram);
  EXPECT_EQ(source.corpus_used(), 1u);
  EXPECT_EQ(around_first.front(), first);
  EXPECT_TRUE(std::all_of(around_first.begin(), around_first.end(),
                          [&](const Scenario& scenario) { return scenario.programs == first.programs; }));
  EXPECT_TRUE(std::any_of(around_first.begin() + 1, around_first.end(),
                          [&](const Scenario& scenario) { return scenario.directives != first.directives; }));
  EXPECT_EQ(draw(source, 1).front(), second);
}

TEST(ScheduleSource, WithoutDemotesAStrategyAlonePreempts) {
  const TargetSchema schema = toy_schema();
  ScheduleSource source(1, schema, false, {toy_scenario(1)});
  auto drawn = draw(source, 500);
  // The corpus entry itself is run as it is.
  EXPECT_TRUE(has_demote(drawn.front()));
  EXPECT_FALSE(std::any_of(drawn.begin() + 1, drawn.end(), has_demote));
}

TEST(ScheduleSource, WorkersAndIncarnationsGetSeedsOfTheirOwn) {
  std::set<std::uint64_t> seeds;
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    for (std::uint32_t worker = 0; worker < 8; ++worker) {
      for (std::uint32_t incarnation = 0; incarnation < 8; ++incarnation) {
        seeds.insert(derive_seed(seed, worker, incarnation));
      }
    }
  }
  EXPECT_EQ(seeds.size(), 8u * 8u * 8u);
}

}  // namespace
}  // namespace gridlock
