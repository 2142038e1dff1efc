// The table of edits, and the edits of schedules: they do what their names say, on scenarios and profiles written by
// hand, and nothing where there is nothing to do.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "engine/mutate/edit_draws.h"
#include "engine/mutate/edit_table.h"
#include "engine/mutate/edits.h"

namespace gridlock {
namespace {

// ---- The table
// -------------------------------------------------------------------------------------------------------

Scenario rich_scenario() {
  return scenario_of({{call(0, 1), call(2, 3)}, {call(1), call(0)}, {call(0)}},
                     {demote(0, 3), interrupt(1, 2, 0), deferral(2, 1, 1, 5), migration(0, 4, 0, 2)});
}

RunProfile rich_profile() {
  return toy_profile({"| r1@1 w1@2 r2@3 | r1@1 .@4", "| .@1 ( w2@5 ) | w1@6 r2@7", "| r1@1 - r2@3 +"});
}

TEST(EditTable, EachEditIsDrawnAsOftenAsItWeighsAndFiresOnARichScenario) {
  std::uint32_t weights = 0;
  std::set<std::string> names;
  for (const EditEntry& entry : edit_table()) {
    weights += entry.weight;
    EXPECT_TRUE(names.insert(entry.name).second) << entry.name;
    EXPECT_GT(Draws(rich_scenario()).profile(rich_profile()).sites({3, 6}).of(entry.edit), kDraws / 10) << entry.name;
  }
  std::map<std::string, int> drawn;
  Prng prng(2);
  const int draws = static_cast<int>(weights) * 1000;
  for (int i = 0; i < draws; ++i) ++drawn[draw_edit(prng).name];
  for (const EditEntry& entry : edit_table()) {
    EXPECT_NEAR(drawn[entry.name], static_cast<int>(entry.weight) * 1000, 400) << entry.name;
  }
}

TEST(EditTable, ItSaysWhichEditsKeepTheProgram) {
  for (const EditEntry& entry : edit_table()) {
    const Scenario before = rich_scenario();
    int kept = 0;
    const int made = Draws(before).profile(rich_profile()).sites({3, 6}).of(entry.edit, [&](const Scenario& edited) {
      kept += edited.programs == before.programs && edited.parameters == before.parameters ? 1 : 0;
    });
    EXPECT_EQ(kept, entry.keeps_program ? made : 0) << entry.name;
  }
}

TEST(EditTable, WithoutAProfileAllButTheAimedEditsFire) {
  for (const EditEntry& entry : edit_table()) {
    const std::set<std::string> aimed = {"preempt_around_shared_word", "preempt_at_shared_access", "preempt_at_site",
                                         "interrupt_in_window"};
    EXPECT_EQ(Draws(rich_scenario()).of(entry.edit) == 0, aimed.contains(entry.name)) << entry.name;
  }
}

TEST(EditTable, AnEmptyScenarioOfALoneTargetCanOnlyGetAnOperation) {
  Scenario empty{.programs = {{}}, .start_order = {CpuId(0)}};
  MutationOptions options{.demotes = false};
  std::set<std::string> fire;
  for (const EditEntry& entry : edit_table()) {
    if (Draws(empty).schema(lone_schema()).options(options).of(entry.edit) > 0) fire.insert(entry.name);
  }
  EXPECT_EQ(fire, std::set<std::string>{"insert_call"});
}

TEST(EditTable, WithoutDemotesNoEditAddsOne) {
  for (const EditEntry& entry : edit_table()) {
    Draws draws(rich_scenario());
    draws.profile(rich_profile()).sites({3, 6}).options({.demotes = false}).of(entry.edit, [&](const Scenario& edited) {
      EXPECT_LE(std::ranges::count(edited.directives, Action::kDemote, &Directive::action), 1) << entry.name;
    });
  }
}

// Only what happens by chance one time in eight goes beyond the sizes in the options.
TEST(EditTable, GrowthBeyondTheOptionsIsRare) {
  const MutationOptions small{.generate = {.cpus_max = 3, .calls_max = 2, .directives_max = 4}};
  const auto size = [](const Scenario& scenario) {
    std::size_t size = scenario.directives.size() + scenario.programs.size();
    for (const auto& program : scenario.programs) size += program.size();
    return size;
  };
  const std::set<std::string> may_grow = {"move_call"};  // from one cpu to another, of which one was short
  for (const EditEntry& entry : edit_table()) {
    int grown = 0;
    Scenario full = rich_scenario();
    full.programs[2].push_back(call(1));
    Draws draws(full);
    draws.profile(rich_profile()).sites({3, 6}).options(small).of(entry.edit, [&](const Scenario& edited) {
      grown += size(edited) > size(full) ? 1 : 0;
    });
    EXPECT_LT(grown, kDraws / 4) << entry.name;
  }
}

// ---- Aimed edits
// -----------------------------------------------------------------------------------------------------

// Word 1 is read by both cpus and written by cpu 1; word 2 is cpu 0's own; word 3 nobody writes.
TEST(AimedEdits, ThePairStandsBeforeOneAccessAndBehindTheOtherOfASharedWord) {
  const auto profile = toy_profile({"| r2 w2 r1 r3", "| r3 r3 r3 r3 r3 r1 w1"});
  const Schedules pairs = {{"0:3 demote", "1:8 demote"},   // cpu 0 reads what cpu 1 wrote
                           {"1:7 demote", "0:4 demote"}};  // cpu 1 overwrites what cpu 0 read
  const Draws draws = Draws(scenario_of({{call(1)}, {call(1)}}, {})).profile(profile);
  EXPECT_EQ(Draws(draws).schedules(preempt_around_shared_word), pairs);
  const Schedules single = {{"0:3 demote"}, {"0:4 demote"}, {"1:6 demote"}, {"1:7 demote"}, {"1:8 demote"}};
  EXPECT_EQ(Draws(draws).schedules(preempt_at_shared_access), single);
}

TEST(AimedEdits, NoPairWhereNoWordIsSharedAndWritten) {
  Draws draws(scenario_of({{call(1)}, {call(1)}}, {}));
  draws.profile(toy_profile({"| r1 r1 w2", "| r1 r3"}));
  EXPECT_EQ(draws.of(preempt_around_shared_word), 0);
  EXPECT_EQ(draws.of(preempt_at_shared_access), 0);
}

TEST(AimedEdits, APreemptionStandsBeforeOrBehindASiteOfTheAim) {
  Draws draws(scenario_of({{call(1)}, {call(1)}}, {}));
  draws.profile(toy_profile({"| .@5 .@6 .@7", "| .@8 .@6"})).sites({6, 99});
  EXPECT_EQ(draws.schedules(preempt_at_site),
            (Schedules{{"0:2 demote"}, {"0:3 demote"}, {"1:2 demote"}, {"1:3 demote"}}));
  EXPECT_EQ(draws.sites({99}).of(preempt_at_site), 0);
}

TEST(AimedEdits, HalfOfTheTimeADemoteOfTheScheduleMovesToTheSite) {
  Draws draws(scenario_of({{call(1)}, {call(1)}}, {interrupt(1, 1, 0), demote(1, 20)}));
  draws.profile(toy_profile({"| .@5 .@6", "| .@8"})).sites({5});
  int moved = 0;
  const int made = draws.of(preempt_at_site, [&](const Scenario& edited) {
    const bool kept = std::ranges::count(schedule_of(edited), "1:20 demote") == 1;
    moved += kept ? 0 : 1;
    EXPECT_EQ(edited.directives.size(), kept ? 3u : 2u);
    EXPECT_EQ(std::ranges::count(schedule_of(edited), "1:1 interrupt 0"), 1);
  });
  EXPECT_NEAR(moved, made / 2, made / 10);
}

// Cpu 0 touches word 1 at points 2 and 6, its handler touched it too; interrupts are disabled at points 3 and 4.
TEST(AimedEdits, AnInterruptComesInTheWindowBetweenTwoSharedAccesses) {
  Draws draws(scenario_of({{call(1)}}, {}));
  draws.profile(toy_profile({"| . w1 - . . + . r1 . ( r1 )"}));
  const Schedules in_window = {{"0:5 interrupt 0"}, {"0:6 interrupt 0"}, {"0:7 interrupt 0"},
                               {"0:5 interrupt 2"}, {"0:6 interrupt 2"}, {"0:7 interrupt 2"}};
  EXPECT_EQ(draws.schedules(interrupt_in_window), in_window);
}

TEST(AimedEdits, WithoutAWindowAnInterruptComesWhereverItIsTaken) {
  Draws draws(scenario_of({{call(1)}}, {}));
  draws.profile(toy_profile({"| - . . + . - ."}));
  EXPECT_EQ(draws.schedules(interrupt_in_window), (Schedules{{"0:3 interrupt 0"}, {"0:3 interrupt 2"}}));
  EXPECT_EQ(draws.profile(toy_profile({"| - . ."})).of(interrupt_in_window), 0);
}

// The handler of vector 2 took three points where the schedule raised it: a second one moves what is behind it by
// three.
TEST(AimedEdits, ANewInterruptMovesWhatIsBehindItByThePointsOfItsHandler) {
  Draws draws(scenario_of({{call(1)}, {}}, {interrupt(1, 1, 2), demote(0, 1), demote(0, 2)}));
  draws.profile(toy_profile({"| - . + .", "( . . . )"}));
  std::set<Schedule> found = draws.schedules(interrupt_in_window);
  const Schedule behind = {"1:1 interrupt 2", "0:1 demote", "0:5 demote", "0:2 interrupt 2"};
  EXPECT_TRUE(found.contains(behind));
  const Schedule unknown = {"1:1 interrupt 2", "0:1 demote", "0:2 demote", "0:2 interrupt 0"};
  EXPECT_TRUE(found.contains(unknown));
}

// ---- Directives
// ------------------------------------------------------------------------------------------------------

TEST(DirectiveEdits, InsertAddsOneOfAnyActionAtPointsThatTheRunHas) {
  std::map<Action, int> actions;
  Draws draws(scenario_of({{call(1)}, {}}, {}));
  draws.profile(toy_profile({"| . . . . . . . .", ""}));
  draws.of(insert_directive, [&](const Scenario& edited) {
    ASSERT_EQ(edited.directives.size(), 1u);
    const Directive& added = edited.directives.front();
    ++actions[added.action];
    EXPECT_LE(added.point.value(), added.cpu.value() == 0 ? 13u : 4u);
  });
  EXPECT_EQ(actions.size(), 4u);
}

TEST(DirectiveEdits, InsertNamesCpusThatTheRunCreated) {
  std::set<std::uint32_t> cpus;
  Draws draws(scenario_of({{call(1)}}, {}));
  draws.profile(toy_profile({"| .", ".", "."}));
  draws.of(insert_directive, [&](const Scenario& edited) { cpus.insert(edited.directives[0].cpu.value()); });
  EXPECT_EQ(cpus, (std::set<std::uint32_t>{0, 1, 2}));
}

// By chance it would be one in some hundred.
TEST(DirectiveEdits, AThirdOfThoseInsertedStandsCloseToAnother) {
  int near_on_cpu = 0, near_on_another = 0;
  const Scenario base = scenario_of({{}, {}}, {demote(1, 5000)});
  const int made = Draws(base).of(insert_directive, [&](const Scenario& edited) {
    const bool first = edited.directives.back() == base.directives[0];
    const Directive& added = first ? edited.directives.front() : edited.directives.back();
    if (added.point.value() < 4996 || added.point.value() > 5008) return;
    ++(added.cpu == CpuId(1) ? near_on_cpu : near_on_another);
  });
  EXPECT_NEAR(near_on_cpu + near_on_another, made / 3, made / 15);
  EXPECT_NEAR(near_on_another, made / 12, made / 20);
}

TEST(DirectiveEdits, DeleteTakesOneAndClosesTheGapOfAHandler) {
  Draws draws(scenario_of({{call(1)}, {}}, {interrupt(0, 2, 0), demote(0, 1), demote(0, 7), demote(1, 7)}));
  draws.profile(toy_profile({"| . ( . . . ) . . .", ""}));
  EXPECT_EQ(draws.schedules(delete_directive), (Schedules{{"0:1 demote", "0:4 demote", "1:7 demote"},
                                                          {"0:2 interrupt 0", "0:7 demote", "1:7 demote"},
                                                          {"0:2 interrupt 0", "0:1 demote", "1:7 demote"},
                                                          {"0:2 interrupt 0", "0:1 demote", "0:7 demote"}}));
}

TEST(DirectiveEdits, MoveNearStaysOnTheCpuAndWithinEightPoints) {
  std::set<std::uint32_t> points;
  Draws(scenario_of({{call(1)}, {}}, {demote(0, 20)})).of(move_directive_near, [&](const Scenario& edited) {
    EXPECT_EQ(edited.directives[0].cpu.value(), 0u);
    points.insert(edited.directives[0].point.value());
  });
  EXPECT_EQ(points.size(), 16u);
  EXPECT_EQ(*points.begin(), 12u);
  EXPECT_EQ(*points.rbegin(), 28u);
}

TEST(DirectiveEdits, MoveAnywhereReachesTheOtherCpu) {
  std::set<std::uint32_t> cpus;
  Draws(scenario_of({{call(1)}, {}}, {interrupt(0, 20, 2)})).of(move_directive_anywhere, [&](const Scenario& edited) {
    ASSERT_EQ(edited.directives.size(), 1u);
    EXPECT_EQ(edited.directives[0].a, 2u);
    cpus.insert(edited.directives[0].cpu.value());
  });
  EXPECT_EQ(cpus, (std::set<std::uint32_t>{0, 1}));
}

TEST(DirectiveEdits, RetargetChangesOneThingThatADirectiveNames) {
  const auto retargeted = [](const Directive& directive) {
    return Draws(scenario_of({{}, {}}, {directive})).schedules(retarget_directive);
  };
  EXPECT_EQ(retargeted(demote(0, 3)), (Schedules{{"1:3 demote"}}));
  EXPECT_EQ(retargeted(interrupt(0, 3, 0)), (Schedules{{"1:3 interrupt 0"}, {"0:3 interrupt 2"}}));
  EXPECT_EQ(retargeted(migration(0, 3, 0, 0)),
            (Schedules{{"1:3 migrate 0 0"}, {"0:3 migrate 1 0"}, {"0:3 migrate 0 1"}}));
  std::set<std::uint32_t> vectors, points;
  Draws(scenario_of({{}, {}}, {deferral(0, 3, 1, 6)})).of(retarget_directive, [&](const Scenario& edited) {
    vectors.insert(edited.directives[0].a);
    points.insert(edited.directives[0].b);
  });
  EXPECT_EQ(vectors, (std::set<std::uint32_t>{0, 1, 2}));
  EXPECT_GT(points.size(), 10u);
}

TEST(DirectiveEdits, CopiesStandAtTheNextPointAndAtTheSameSiteOfAnotherCpu) {
  Draws draws(scenario_of({{}, {}}, {interrupt(0, 3, 2)}));
  draws.profile(toy_profile({".@1 .@2 .@1", ".@3 .@1 .@3 .@3 .@1"}));
  EXPECT_EQ(draws.schedules(copy_directive_to_next_point),
            (Schedules{{"0:3 interrupt 2", "0:4 interrupt 2"}, {"0:4 interrupt 2", "0:3 interrupt 2"}}));
  EXPECT_EQ(draws.schedules(copy_directive_to_cpu),
            (Schedules{{"0:3 interrupt 2", "1:5 interrupt 2"}, {"1:5 interrupt 2", "0:3 interrupt 2"}}));
  Draws blind(scenario_of({{}, {}}, {demote(0, 3)}));
  EXPECT_TRUE(blind.schedules(copy_directive_to_cpu).contains({"0:3 demote", "1:3 demote"}));
}

TEST(DirectiveEdits, SwapExchangesWhatTwoDirectivesDo) {
  Draws draws(scenario_of({{}, {}}, {demote(0, 3), interrupt(1, 5, 2)}));
  EXPECT_EQ(draws.schedules(swap_directives), (Schedules{{"0:3 interrupt 2", "1:5 demote"}}));
  EXPECT_EQ(Draws(scenario_of({{}, {}}, {demote(0, 3), demote(1, 5)})).of(swap_directives), 0);
}

TEST(DirectiveEdits, DeferralsAndMigrationsAreAddedOnlyWhereTheTargetKnowsThem) {
  const Scenario empty = scenario_of({{}, {}}, {});
  const auto action_is = [](Action action) {
    return [action](const Scenario& edited) { EXPECT_EQ(edited.directives[0].action, action); };
  };
  EXPECT_EQ(Draws(empty).of(add_deferral, action_is(Action::kDefer)), kDraws);
  EXPECT_EQ(Draws(empty).of(add_migration, action_is(Action::kMigrate)), kDraws);
  EXPECT_EQ(Draws(empty).schema(without_vectors(toy_schema())).of(add_deferral), 0);
  EXPECT_EQ(Draws(empty).schema(without_entities(toy_schema())).of(add_migration), 0);
}

}  // namespace
}  // namespace gridlock
