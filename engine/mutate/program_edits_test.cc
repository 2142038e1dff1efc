// Edits of programs, start order and configuration do what their names say, and directives follow what they were aimed
// at.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "engine/mutate/edit_draws.h"
#include "engine/mutate/edits.h"

namespace gridlock {
namespace {

// ---- Start order
// -----------------------------------------------------------------------------------------------------

std::set<std::string> orders_of(Edit edit) {
  std::set<std::string> found;
  Draws(scenario_of({{}, {}, {}}, {})).of(edit, [&](const Scenario& edited) {
    std::string order;
    for (const CpuId cpu : edited.start_order) order += std::to_string(cpu.value());
    found.insert(order);
  });
  return found;
}

TEST(StartOrderEdits, SwapRotateAndPromote) {
  EXPECT_EQ(orders_of(swap_in_start_order), (std::set<std::string>{"102", "021", "210"}));
  EXPECT_EQ(orders_of(rotate_start_order), (std::set<std::string>{"120", "201"}));
  EXPECT_EQ(orders_of(promote_in_start_order), (std::set<std::string>{"102", "201"}));
}

// ---- Programs. Cpu 0 runs operations 0, 1, 2 with points 1-2, 3-5, 6; a directive stands in each.
// -----------------------

Draws three_operations() {
  const std::vector<Directive> directives = {demote(0, 1), demote(0, 4), demote(0, 6), demote(1, 4)};
  return Draws(scenario_of({{call(0), call(1), call(2, 5)}, {call(1)}}, directives))
      .profile(toy_profile({"| . . | . . . | .", "| . . . ."}));
}

// The schedules that come with each program of cpu 0.
std::map<std::string, Schedules> programs_with_schedules(Draws draws, Edit edit) {
  std::map<std::string, Schedules> found;
  draws.of(edit, [&](const Scenario& edited) {
    found[program_of(edited, 0) + " / " + program_of(edited, 1)].insert(schedule_of(edited));
  });
  return found;
}

using Programs = std::map<std::string, Schedules>;

TEST(ProgramEdits, DeletedOperationsTakeTheirDirectivesAlongAndOthersFollow) {
  EXPECT_EQ(programs_with_schedules(three_operations(), delete_call),
            (Programs{{"1 2 / 1", {{"0:2 demote", "0:4 demote", "1:4 demote"}}},
                      {"0 2 / 1", {{"0:1 demote", "0:3 demote", "1:4 demote"}}},
                      {"0 1 / 1", {{"0:1 demote", "0:4 demote", "1:4 demote"}}},
                      {"0 1 2 / ", {{"0:1 demote", "0:4 demote", "0:6 demote"}}}}));
}

TEST(ProgramEdits, ADuplicateMovesWhatIsBehindItByItsPoints) {
  const auto found = programs_with_schedules(three_operations(), duplicate_call);
  EXPECT_EQ(found.at("0 0 1 2 / 1"), (Schedules{{"0:1 demote", "0:6 demote", "0:8 demote", "1:4 demote"}}));
  EXPECT_EQ(found.at("0 1 1 2 / 1"), (Schedules{{"0:1 demote", "0:4 demote", "0:9 demote", "1:4 demote"}}));
  EXPECT_EQ(found.at("0 1 2 / 1 1"), (Schedules{{"0:1 demote", "0:4 demote", "0:6 demote", "1:4 demote"}}));
}

// Operation 0 is known to take two points, and 1 three; 2 was not seen to its end.
TEST(ProgramEdits, AnInsertedOperationMovesWhatIsBehindItByItsLikelyPoints) {
  const auto found = programs_with_schedules(three_operations(), insert_call);
  EXPECT_EQ(found.at("1 0 1 2 / 1"), (Schedules{{"0:4 demote", "0:7 demote", "0:9 demote", "1:4 demote"}}));
  EXPECT_EQ(found.at("0 1 0 2 / 1"), (Schedules{{"0:1 demote", "0:4 demote", "0:8 demote", "1:4 demote"}}));
  EXPECT_EQ(found.at("2 0 1 2 / 1"), (Schedules{{"0:1 demote", "0:4 demote", "0:6 demote", "1:4 demote"}}));
}

TEST(ProgramEdits, AReplacementKeepsTheDirectivesInsideAndMovesThoseBehind) {
  const auto found = programs_with_schedules(three_operations(), replace_call);
  EXPECT_EQ(found.at("1 1 2 / 1"), (Schedules{{"0:1 demote", "0:5 demote", "0:7 demote", "1:4 demote"}}));
  EXPECT_EQ(found.at("0 0 2 / 1"), (Schedules{{"0:1 demote", "0:4 demote", "0:5 demote", "1:4 demote"}}));
}

TEST(ProgramEdits, AMovedOperationTakesItsDirectivesAlong) {
  EXPECT_EQ(programs_with_schedules(three_operations(), move_call),
            (Programs{{"1 0 2 / 1", {{"0:4 demote", "0:2 demote", "0:6 demote", "1:4 demote"}}},
                      {"1 2 0 / 1", {{"0:5 demote", "0:2 demote", "0:4 demote", "1:4 demote"}}},
                      {"0 2 1 / 1", {{"0:1 demote", "0:5 demote", "0:3 demote", "1:4 demote"}}},
                      {"2 0 1 / 1", {{"0:2 demote", "0:5 demote", "0:1 demote", "1:4 demote"}}},
                      {"1 2 / 0 1", {{"1:1 demote", "0:2 demote", "0:4 demote", "1:6 demote"}}},
                      {"1 2 / 1 0", {{"1:5 demote", "0:2 demote", "0:4 demote", "1:4 demote"}}},
                      {"0 2 / 1 1",
                       {{"0:1 demote", "1:2 demote", "0:3 demote", "1:7 demote"},
                        {"0:1 demote", "1:6 demote", "0:3 demote", "1:4 demote"}}},
                      {"0 1 / 2 1", {{"0:1 demote", "0:4 demote", "1:1 demote", "1:5 demote"}}},
                      {"0 1 / 1 2", {{"0:1 demote", "0:4 demote", "1:5 demote", "1:4 demote"}}},
                      {"1 0 1 2 / ", {{"0:5 demote", "0:8 demote", "0:10 demote", "0:4 demote"}}},
                      {"0 1 1 2 / ",
                       {{"0:1 demote", "0:8 demote", "0:10 demote", "0:6 demote"},
                        {"0:1 demote", "0:4 demote", "0:10 demote", "0:9 demote"}}},
                      {"0 1 2 1 / ", {{"0:1 demote", "0:4 demote", "0:6 demote", "0:10 demote"}}}}));
}

TEST(ProgramEdits, WithoutAProfileDirectivesStayAtTheirPoints) {
  const Draws blind(scenario_of({{call(0), call(1)}, {}}, {demote(0, 4)}));
  for (const Edit edit : {insert_call, delete_call, duplicate_call, replace_call, move_call}) {
    EXPECT_EQ(Draws(blind).schedules(edit), (Schedules{{"0:4 demote"}}));
  }
}

TEST(ProgramEdits, AStepIsSmallAndARedrawIsAnything) {
  const auto arguments = [](Edit edit) {
    std::set<std::uint32_t> found;
    Draws(scenario_of({{{.operation = OperationId(2), .arguments = {4, 5, 1'000'000, 50}}}}, {}))
        .of(edit, [&](const Scenario& edited) { found.insert(edited.programs[0][0].arguments[3]); });
    return found;
  };
  EXPECT_EQ(arguments(step_argument), (std::set<std::uint32_t>{46, 47, 48, 49, 50, 51, 52, 53, 54}));
  EXPECT_GT(*arguments(redraw_argument).rbegin(), 1'000'000u);
}

// ---- Configuration
// ---------------------------------------------------------------------------------------------------

TEST(ConfigurationEdits, ParametersStepWithinWhatIsLegalAndAreRedrawnFromTheFuzzRange) {
  const auto budgets = [](Edit edit) {
    std::set<std::uint32_t> found;
    Draws(scenario_of({{}}, {})).of(edit, [&](const Scenario& edited) { found.insert(edited.parameters[0]); });
    return found;
  };
  EXPECT_EQ(budgets(step_parameter), (std::set<std::uint32_t>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(budgets(redraw_parameter), (std::set<std::uint32_t>{2, 3, 4}));
}

TEST(ConfigurationEdits, ANewCpuGetsAProgramAndCreatedCpusKeepTheirDirectives) {
  const std::vector<Directive> directives = {demote(1, 5), demote(2, 6), demote(63, 7), migration(0, 1, 0, 1)};
  std::set<std::size_t> places;
  int copies = 0;
  const int made = Draws(scenario_of({{call(0), call(1)}, {call(0), call(1)}}, directives))
                       .of(grow_cpus, [&](const Scenario& edited) {
                         ASSERT_EQ(edited.cpu_count(), 3u);
                         EXPECT_EQ(schedule_of(edited), (Schedule{"1:5 demote", "3:6 demote", "0:1 migrate 0 1"}));
                         places.insert(static_cast<std::size_t>(std::ranges::find(edited.start_order, CpuId(2)) -
                                                                edited.start_order.begin()));
                         copies += edited.programs[2] == edited.programs[0] ? 1 : 0;
                       });
  EXPECT_EQ(made, kDraws);
  EXPECT_EQ(places.size(), 3u);
  EXPECT_GT(copies, kDraws / 3);
  EXPECT_LT(copies, kDraws * 2 / 3);
}

TEST(ConfigurationEdits, ACpuGoesWithWhatNamedIt) {
  const std::vector<Directive> directives = {demote(0, 4), demote(1, 5), demote(2, 6), migration(0, 1, 0, 1)};
  Draws draws(scenario_of({{call(0)}, {call(1)}}, directives));
  EXPECT_EQ(draws.schedules(shrink_cpus), (Schedules{{"0:4 demote", "1:6 demote"}, {"0:5 demote", "1:6 demote"}}));
  TargetSchema two = bare_schema();
  EXPECT_EQ(Draws(Scenario{.programs = {{}, {}}, .start_order = {CpuId(0), CpuId(1)}}).schema(two).of(shrink_cpus), 0);
  EXPECT_EQ(Draws(Scenario{.programs = {{}, {}}, .start_order = {CpuId(0), CpuId(1)}}).schema(two).of(grow_cpus), 0);
}

}  // namespace
}  // namespace gridlock
