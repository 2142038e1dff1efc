// What a trace says of the state that a target shows.
//
// May include: base, model, hook, strategy, machine, machine/test_targets.
#include <algorithm>

#include "engine/machine/machine_fixture.h"

namespace gridlock {
namespace {

class Recording : public MachineFixture {};

TEST_F(Recording, ShownStateIsPutDownToTheLastPointBeforeItChanged) {
  const RunView& view = run("ticket", {"section; section", "section"}, {}, {.trace = true});
  ASSERT_EQ(view.trace->states.size(), 2u);
  EXPECT_EQ(view.trace->states[0].name, "counter");
  EXPECT_EQ(view.trace->states[0].initially, "0");
  EXPECT_EQ(view.trace->states[1].initially, "ticket");
  ASSERT_EQ(view.trace->state_changes.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    const StateChange& change = view.trace->state_changes[i];
    EXPECT_EQ(change.state, 0u);
    EXPECT_EQ(change.text, std::to_string(i + 1));
    // The counter is counted up behind the load that found the lock taken.
    EXPECT_EQ(view.trace->steps.at(change.step).kind, StepKind::kLoad);
    EXPECT_EQ(view.trace->steps.at(change.step + 1).kind, StepKind::kStore);
  }
}

TEST_F(Recording, ShowingStateChangesNeitherTheStepsNorTheVerdict) {
  gl_target silent = test_target("ticket");
  silent.states = nullptr;
  const Scenario scenario = make_scenario("ticket", {"section; section", "section"}, {demote(0, 2), demote(1, 3)});
  const RunView& told = run("ticket", scenario, {.trace = true});
  const Trace with = *told.trace;
  const std::uint64_t points = told.points;
  const RunView& view = machine_->run(silent, scenario, *strategy_, {.trace = true});
  EXPECT_EQ(first_difference(with, *view.trace), -1);
  EXPECT_EQ(view.points, points);
  EXPECT_TRUE(view.trace->states.empty());
  EXPECT_EQ(view.end, RunEnd::kCompleted);
}

TEST_F(Recording, ShowingStateDoesNotHideARace) {
  static_cast<void>(run("ticket", {"section"}, {}, {.trace = true}));  // its state is there from now on
  gl_target racing = test_target("race");
  racing.states = test_target("ticket").states;
  const std::string operation = racing.operations[0].name;
  const Scenario scenario = make_scenario("race", {operation, operation});
  EXPECT_EQ(machine_->run(racing, scenario, *strategy_, {.trace = true}).end, RunEnd::kDataRace);
}

TEST_F(Recording, AStateIsShownAnewInEveryRun) {
  for (int i = 0; i < 2; ++i) {
    const RunView& view = run("ticket", {"section"}, {}, {.trace = true});
    EXPECT_EQ(view.trace->states.size(), 2u);
    EXPECT_EQ(view.trace->state_changes.size(), 1u);
  }
}

}  // namespace
}  // namespace gridlock
