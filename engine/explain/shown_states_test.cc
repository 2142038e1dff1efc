// Which state of a target is shown, and what it is after a step.
#include "engine/explain/shown_states.h"

#include <gtest/gtest.h>

namespace gridlock {
namespace {

using Texts = std::vector<std::string>;
using Changed = std::vector<std::size_t>;

Trace three_states() {
  Trace trace;
  trace.steps.resize(6);
  trace.states = {{"flag", "0"}, {"constant", "x"}, {"runq", "-"}};
  trace.state_changes = {{1, 2, "c0"}, {3, 0, "1"}, {3, 2, "-"}, {4, 0, "0"}};
  return trace;
}

TEST(ShownStates, OnlyWhatChangesIsShown) {
  const Trace trace = three_states();
  const ShownStates shown(trace);
  EXPECT_EQ(shown.names(), (Texts{"flag", "runq"}));
  EXPECT_EQ(shown.texts(), (Texts{"0", "-"}));
}

TEST(ShownStates, AChangeCountsFromItsStepOn) {
  const Trace trace = three_states();
  ShownStates shown(trace);
  EXPECT_EQ(shown.advance(0), Changed{});
  EXPECT_EQ(shown.advance(1), Changed{1});
  EXPECT_EQ(shown.texts(), (Texts{"0", "c0"}));
  EXPECT_EQ(shown.advance(3), (Changed{0, 1}));
  EXPECT_EQ(shown.texts(), (Texts{"1", "-"}));
}

TEST(ShownStates, WhatChangesAndComesBackWithinARowDidNotChange) {
  const Trace trace = three_states();
  ShownStates shown(trace);
  EXPECT_EQ(shown.advance(5), Changed{});
}

TEST(ShownStates, AStepThatChangesSomethingIsKnown) {
  const Trace trace = three_states();
  const ShownStates shown(trace);
  EXPECT_FALSE(shown.changes_at(0));
  EXPECT_TRUE(shown.changes_at(1));
  EXPECT_TRUE(shown.changes_at(3));
  EXPECT_FALSE(shown.changes_at(5));
}

TEST(ShownStates, ATargetThatShowsNothingHasNoColumns) {
  Trace trace;
  trace.steps.resize(1);
  ShownStates shown(trace);
  EXPECT_TRUE(shown.names().empty());
  EXPECT_TRUE(shown.advance(0).empty());
}

}  // namespace
}  // namespace gridlock
