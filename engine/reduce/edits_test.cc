// The edits, one by one: what stays, what moves, what goes.
#include "engine/reduce/edits.h"

#include <gtest/gtest.h>

#include "engine/reduce/fake_target.h"

namespace gridlock {
namespace {

using fake::defer, fake::demote, fake::interrupt, fake::migrate;
using Inside = Anchoring::Inside;

TEST(Edits, WithoutACpuTheHigherOnesMoveDown) {
  Scenario before = fake::scenario({"X", "Y", "Z"}, {demote(0, 1), demote(1, 2), demote(2, 3), demote(5, 4)});
  before.start_order = {CpuId(2), CpuId(1), CpuId(0)};
  const Scenario after = without_cpu(before, CpuId(1));
  // cpu 5 is one that the target creates in the run.
  Scenario expected = fake::scenario({"X", "Z"}, {demote(0, 1), demote(1, 3), demote(4, 4)});
  expected.start_order = {CpuId(1), CpuId(0)};
  EXPECT_EQ(after, expected);
}

TEST(Edits, WithoutACpuAMigrationNamesOneThatExists) {
  const Scenario before = fake::scenario({"X", "Y", "Z"}, {migrate(0, 1, 0), migrate(0, 2, 1), migrate(0, 3, 2)});
  const Scenario after = without_cpu(before, CpuId(1));
  EXPECT_EQ(after.directives, (std::vector{migrate(0, 1, 0), migrate(0, 2, 1), migrate(0, 3, 1)}));
}

TEST(Edits, AnIdleCpuKeepsItsNumber) {
  const Scenario before = fake::scenario({"X", "Y"}, {demote(0, 1), demote(1, 2)});
  EXPECT_EQ(with_idle_cpu(before, CpuId(0)), fake::scenario({"", "Y"}, {demote(1, 2)}));
}

TEST(Edits, WithoutDirectivesTakesARange) {
  const Scenario before = fake::scenario({"X"}, {demote(0, 1), demote(0, 2), demote(0, 3), demote(0, 4)});
  EXPECT_EQ(without_directives(before, {1, 3}), fake::scenario({"X"}, {demote(0, 1), demote(0, 4)}));
}

TEST(Edits, CallsAreCountedThroughTheCpus) {
  const Scenario before = fake::scenario({"XY", "", "ZX"});
  EXPECT_EQ(call_count(before), 4u);
  EXPECT_EQ(without_calls(before, {}, {1, 3}, {}), fake::scenario({"X", "", "X"}));
}

// X covers the points 1 to 5, Y 6 to 8, Z 9 to 15.
const Scenario kXyz = fake::scenario(
    {"XYZ", "X"}, {demote(0, 5), demote(0, 6), demote(0, 8), demote(0, 9), demote(0, 20), demote(1, 7), demote(3, 7)});

TEST(Edits, WithoutACallItsDirectivesGoAndThoseBehindMoveForward) {
  const Scenario after = without_calls(kXyz, fake::starts(kXyz), {1, 2}, {});
  EXPECT_EQ(after,
            fake::scenario({"XZ", "X"}, {demote(0, 5), demote(0, 6), demote(0, 17), demote(1, 7), demote(3, 7)}));
}

TEST(Edits, WithoutACallItsDirectivesMayStay) {
  const Scenario after = without_calls(kXyz, fake::starts(kXyz), {1, 2}, {.inside = Inside::kStay});
  EXPECT_EQ(after, fake::scenario({"XZ", "X"}, {demote(0, 5), demote(0, 6), demote(0, 8), demote(0, 6), demote(0, 17),
                                                demote(1, 7), demote(3, 7)}));
}

TEST(Edits, WithoutACallItsDirectivesMayCollapseToWhereItBegan) {
  const Scenario after = without_calls(kXyz, fake::starts(kXyz), {1, 3}, {.inside = Inside::kCollapse});
  EXPECT_EQ(after.directives, (std::vector{demote(0, 5), demote(0, 6), demote(0, 6), demote(0, 6), demote(0, 6),
                                           demote(1, 7), demote(3, 7)}));
}

TEST(Edits, WithoutACallAllDirectivesMayStay) {
  const Scenario after =
      without_calls(kXyz, fake::starts(kXyz), {1, 2}, {.inside = Inside::kStay, .move_behind = false});
  EXPECT_EQ(after.directives, kXyz.directives);
}

TEST(Edits, WithoutACallThoseBehindMayLandWithSlack) {
  const Scenario later = without_calls(kXyz, fake::starts(kXyz), {1, 2}, {.slack_points = 2});
  EXPECT_EQ(later.directives, (std::vector{demote(0, 5), demote(0, 8), demote(0, 19), demote(1, 7), demote(3, 7)}));
  const Scenario clamped = without_calls(kXyz, fake::starts(kXyz), {0, 1}, {.slack_points = -3});
  EXPECT_EQ(clamped.directives,
            (std::vector{demote(0, 1), demote(0, 1), demote(0, 1), demote(0, 12), demote(1, 7), demote(3, 7)}));
}

TEST(Edits, WithoutTheLastCallAllBehindItsStartGoes) {
  const Scenario after = without_calls(kXyz, fake::starts(kXyz), {2, 3}, {});
  EXPECT_EQ(after.directives, (std::vector{demote(0, 5), demote(0, 6), demote(0, 8), demote(1, 7), demote(3, 7)}));
}

TEST(Edits, ACallThatNeverBeganTakesNothingAlong) {
  OperationStarts starts = fake::starts(kXyz);
  starts[0].resize(2);
  EXPECT_EQ(without_calls(kXyz, starts, {2, 3}, {}).directives, kXyz.directives);
}

TEST(Edits, SeveralCallsAddUp) {
  const Scenario after = without_calls(kXyz, fake::starts(kXyz), {0, 2}, {});
  EXPECT_EQ(after, fake::scenario({"Z", "X"}, {demote(0, 1), demote(0, 12), demote(1, 7), demote(3, 7)}));
}

TEST(Edits, NumberPlacesAreAllThatMayBeLowered) {
  const TargetSchema schema = fake::schema();
  Scenario scenario = fake::scenario({"XY", "Z"}, {defer(0, 11, 3, 22), interrupt(1, 33, 4)});
  scenario.parameters = {44};
  scenario.programs[0][0].arguments[0] = 55;
  scenario.programs[1][0].arguments[0] = 6;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> found;
  for (const NumberPlace& place : number_places(scenario, schema)) {
    found.emplace_back(number_at(scenario, place), place.minimum);
    const Scenario changed = with_number(scenario, place, 9);
    EXPECT_EQ(number_at(changed, place), 9u);
    EXPECT_EQ(with_number(changed, place, number_at(scenario, place)), scenario);
  }
  EXPECT_EQ(found, (std::vector<std::pair<std::uint32_t, std::uint32_t>>{
                       {44, 1}, {55, 0}, {6, 2}, {11, 1}, {22, 1}, {33, 1}}));
}

TEST(Edits, ADirectiveMovesOnlyToPointsThatExist) {
  const Scenario scenario = fake::scenario({"X"}, {demote(0, 3), demote(0, kPointOrdinalMax)});
  EXPECT_EQ(with_moved_directive(scenario, 0, -2)->directives[0], demote(0, 1));
  EXPECT_FALSE(with_moved_directive(scenario, 0, -3));
  EXPECT_FALSE(with_moved_directive(scenario, 1, 1));
}

TEST(Edits, InversionsCountPairsOutOfOrder) {
  EXPECT_EQ(inversions({CpuId(0), CpuId(1), CpuId(2)}), 0u);
  EXPECT_EQ(inversions({CpuId(1), CpuId(0), CpuId(2)}), 1u);
  EXPECT_EQ(inversions({CpuId(2), CpuId(1), CpuId(0)}), 3u);
}

}  // namespace
}  // namespace gridlock
