#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "engine/explain/explain.h"
#include "engine/explain/fake_traced_run.h"
#include "engine/explain/near_pass.h"

namespace gridlock {
namespace {

using nlohmann::json;
using testing::Contains;
using testing::IsEmpty;

json explained(FakeTracedRun& run) {
  return json::parse(explain_json(run.input(), "the text"));
}

// Every step that the document names is one that it tells.
void expect_steps_are_told(const json& document) {
  std::set<std::size_t> told;
  for (const auto& step : document.at("steps")) told.insert(step.at("n").get<std::size_t>());
  const auto expect_told = [&](const json& number) {
    if (!number.is_null()) EXPECT_TRUE(told.contains(number.get<std::size_t>())) << number;
  };
  for (const auto& span : document.at("spans")) {
    expect_told(span.at("from"));
    expect_told(span.at("to"));
    EXPECT_LE(span.at("from"), span.at("to"));
  }
  for (const auto& arrow : document.at("arrows")) {
    expect_told(arrow.at("from_step"));
    expect_told(arrow.at("to_step"));
  }
  expect_told(document.at("fatal_step"));
  if (!document.at("near_pass").is_null()) expect_told(document.at("near_pass").at("parts_at_step"));
}

json step_of_kind(const json& document, const std::string& kind, std::uint32_t cpu) {
  for (const auto& step : document.at("steps")) {
    if (step.at("kind") == kind && step.at("cpu") == cpu) return step;
  }
  return nullptr;
}

class HangAsJson : public testing::Test {
 protected:
  HangAsJson() {
    build_xen_hang(run_);
    document_ = explained(run_);
  }

  [[nodiscard]] json spans(const std::string& kind, std::uint32_t cpu) const {
    json found = json::array();
    for (const auto& span : document_.at("spans")) {
      if (span.at("kind") == kind && span.at("cpu") == cpu) found.push_back(span);
    }
    return found;
  }

  FakeTracedRun run_;
  json document_;
};

TEST_F(HangAsJson, SaysWhatWasRunAndWhatCameOfIt) {
  EXPECT_EQ(document_.at("format"), 1);
  EXPECT_EQ(document_.at("target"), "xen-pv-spinlock");
  EXPECT_EQ(document_.at("variant"), "broken");
  EXPECT_EQ(document_.at("verdict"), "hang");
  EXPECT_EQ(document_.at("signature"), run_.verdict.signature);
  EXPECT_EQ(document_.at("title"),
            "Hang: cpu0 spins in try_to_wake_up on task[x].on_cpu (irq blkif) and cpu1 waits in poll_irq for "
            "kick_pending[1]: nobody can go on");
  EXPECT_EQ(document_.at("summary"), run_.verdict.summary);
  EXPECT_EQ(document_.at("text"), "the text");
  EXPECT_EQ(document_.at("story"),
            (json{{"cpus", 3}, {"preemptions", 1}, {"interrupts", 1}, {"migrations", 0}, {"decisions", 2}}));
  EXPECT_EQ(document_.at("cpus").at(0), (json{{"name", "cpu0"}, {"program", {"balance(cpu=0)"}}}));
}

TEST_F(HangAsJson, AStepHasItsPlaceContextOperationAndDecision) {
  const json demoted = step_of_kind(document_, "demote", 2);
  EXPECT_EQ(demoted.at("n"), 3);
  EXPECT_EQ(demoted.at("decision"), (json{{"number", 1}, {"kind", "preemption"}, {"text", "cpu2 goes to the back"}}));
  EXPECT_EQ(demoted.at("operation"), 0);
  const json raised = step_of_kind(document_, "irq-raise", 0);
  EXPECT_EQ(raised.at("decision").at("text"), "irq blkif is raised on cpu0");
  const json in_handler = step_of_kind(document_, "load", 0);
  EXPECT_EQ(in_handler.at("function"), "poll_irq");
  EXPECT_EQ(in_handler.at("file"), "code.cc");
  const json entered = step_of_kind(document_, "irq-enter", 0);
  EXPECT_EQ(entered.at("context"), 1);
  EXPECT_EQ(entered.at("context_name"), "irq blkif");
  EXPECT_EQ(step_of_kind(document_, "rmw", 0).at("context_name"), "task");
}

TEST_F(HangAsJson, TheRoundsOfALoopAreOneStep) {
  const json fold = step_of_kind(document_, "fold", 1);
  EXPECT_EQ(fold.at("fold").at("rounds"), 3);
  EXPECT_GT(fold.at("fold").at("last"), fold.at("n"));
}

TEST_F(HangAsJson, EveryStepThatIsNamedIsTold) {
  expect_steps_are_told(document_);
}

TEST_F(HangAsJson, SpansAreOperationsHandlersWaitsLocksAndSpinning) {
  EXPECT_EQ(spans("operation", 2).at(0).at("name"), "hold()");
  EXPECT_FALSE(spans("operation", 2).at(0).at("open"));
  EXPECT_EQ(spans("handler", 0).at(0).at("name"), "irq blkif");
  EXPECT_TRUE(spans("handler", 0).at(0).at("open"));
  EXPECT_TRUE(spans("wait", 1).at(0).at("open"));
  EXPECT_THAT(spans("spin", 0), testing::Not(IsEmpty()));
}

TEST_F(HangAsJson, TheFatalStepIsWhereTheLastCpuIsStuckForGood) {
  const json stuck = step_of_kind(document_, "stuck", 0);
  EXPECT_EQ(document_.at("fatal_step"), stuck.at("n"));
}

TEST_F(HangAsJson, TheGraphOfWaitsHasItsCycle) {
  std::set<std::string> in_cycle;
  for (const auto& edge : document_.at("waits_for").at("edges")) {
    if (edge.at("in_cycle")) in_cycle.insert(edge.at("from").get<std::string>());
  }
  EXPECT_EQ(in_cycle, (std::set<std::string>{"cpu0", "cpu1", "memory kick_pending[1]", "memory task[x].on_cpu"}));
}

TEST_F(HangAsJson, TheEndingSaysWhereEachCpuStands) {
  const json& cpu0 = document_.at("ending").at("cpus").at(0);
  EXPECT_EQ(cpu0.at("activity"), "spins");
  EXPECT_EQ(cpu0.at("on"), "task[x].on_cpu");
  EXPECT_EQ(cpu0.at("function"), "try_to_wake_up");
  EXPECT_EQ(cpu0.at("pending"), json::array({"irq kick"}));
  EXPECT_FALSE(cpu0.at("irqs_enabled"));
  EXPECT_EQ(cpu0.at("stack").front().at("context"), "irq blkif");
  EXPECT_EQ(cpu0.at("stack").back().at("context"), "the task");
  EXPECT_THAT(document_.at("ending").at("lines"), Contains("Why nobody can go on"));
}

TEST_F(HangAsJson, WhatThereIsNoneOfIsNull) {
  EXPECT_TRUE(document_.at("race").is_null());
  EXPECT_TRUE(document_.at("near_pass").is_null());
  EXPECT_TRUE(document_.at("states").is_null());
  EXPECT_EQ(document_.at("cut"), false);
}

TEST(ExplainJson, ARaceHasBothAccessesAndAnArrow) {
  FakeTracedRun run;
  run.trace.names = {{0x80, 4, "data"}};
  run.at(0, {"set"}).racing(0, true, 0x80);
  run.at(1, {"get", "poll"}).racing(1, false, 0x80);
  run.cpus.resize(2);
  const json document = explained(run);
  expect_steps_are_told(document);
  const json& race = document.at("race");
  EXPECT_EQ(race.at("memory"), "data");
  EXPECT_EQ(race.at("accesses").at(0).at("kind"), "plain write");
  EXPECT_EQ(race.at("accesses").at(1).at("kind"), "plain read");
  EXPECT_EQ(race.at("accesses").at(1).at("stack").at(1).at("function"), "poll");
  EXPECT_EQ(race.at("accesses").at(1).at("step"), 2);
  EXPECT_THAT(race.at("missing"), testing::Not(IsEmpty()));
  EXPECT_EQ(document.at("fatal_step"), 2);
  EXPECT_EQ(document.at("title"),
            "Data race: nothing orders the write of cpu0 in set and the read of cpu1 in get, both of data");
  json kinds = json::array();
  for (const auto& arrow : document.at("arrows")) kinds.push_back(arrow.at("kind"));
  EXPECT_THAT(kinds, Contains("race"));
}

TEST(ExplainJson, AnInterruptThatWasSentHasAnArrowToWhereItIsTaken) {
  FakeTracedRun run;
  run.schema.vectors = {"kick"};
  run.at(0, {"f"}).event(StepKind::kIpiSend, 1, 0);
  run.at(1, {}).event(StepKind::kIrqEnter, 0).event(StepKind::kIrqExit, 0);
  const json document = explained(run);
  EXPECT_THAT(
      document.at("arrows"),
      Contains(json{{"from_step", 1}, {"to_step", 2}, {"kind", "ipi"}, {"text", "ipi kick from cpu0 to cpu1"}}));
}

TEST(ExplainJson, AWaitThatEndsHasAnArrowFromWhoEndedIt) {
  FakeTracedRun run;
  run.trace.names = {{0x40, 4, "flag"}};
  run.at(1, {"wait"}).event(StepKind::kWaitEnter);
  run.at(0, {"set"}).store(0x40, 0, 1);
  run.at(1, {"wait"}).step({.kind = StepKind::kWaitRead, .address = 0x40, .before = 1, .after = 1});
  run.trace.steps.back().width_bytes = 4;
  run.event(StepKind::kWaitDone);
  const json document = explained(run);
  EXPECT_THAT(document.at("arrows"), Contains(json{{"from_step", 2},
                                                   {"to_step", 3},
                                                   {"kind", "wakeup"},
                                                   {"text", "cpu0 ends the wait of cpu1: store flag 0 -> 1"}}));
}

TEST(ExplainJson, ALockWordThatIsHeldIsASpanAndAnEdge) {
  FakeTracedRun run;
  run.trace.names = {{0x40, 4, "lock"}};
  run.at(0, {"take"}).xchg(0x40, 0, 1, __ATOMIC_ACQUIRE);
  run.at(1, {"take"}).xchg(0x40, 1, 1, __ATOMIC_ACQUIRE).event(StepKind::kStuck);
  CpuView spins;
  spins.activity = CpuActivity::kSpinning;
  spins.cpu = CpuId(1);
  spins.contexts = {{ContextView::Kind::kTask, 0, run.chain({"take"})}};
  spins.watches = {0x40};
  run.cpus = {CpuView{.cpu = CpuId(0), .activity = CpuActivity::kIdle}, spins};
  run.verdict.kind = VerdictKind::kHang;
  const json document = explained(run);
  EXPECT_THAT(
      document.at("spans"),
      Contains(json{{"cpu", 0}, {"from", 1}, {"to", 3}, {"kind", "lock-held"}, {"name", "lock"}, {"open", true}}));
  EXPECT_THAT(
      document.at("waits_for").at("edges"),
      Contains(
          json{{"from", "memory lock"}, {"to", "cpu0"}, {"text", "held by cpu0 since step 1"}, {"in_cycle", false}}));
  EXPECT_EQ(document.at("title"), "Hang: cpu1 spins in take on lock, and nobody is left to change it");
}

TEST(ExplainJson, AnOrderOfLocksIsACycleOfWhatCanHappen) {
  FakeTracedRun run;
  run.trace.names = {{0x40, 4, "a"}, {0x80, 4, "b"}};
  LockOrderReport report;
  report.links.resize(2);
  report.links[0] = {.held = {.offset = 0x40, .name = "a"}, .wanted = {.offset = 0x80, .name = "b"}, .cpu = CpuId(0)};
  report.links[1] = {.held = {.offset = 0x80, .name = "b"}, .wanted = {.offset = 0x40, .name = "a"}, .cpu = CpuId(1)};
  run.at(0, {"f"}).load(0x40, 0);
  run.verdict.kind = VerdictKind::kLockOrder;
  ExplainInput input = run.input();
  input.lock_order = &report;
  const json document = json::parse(explain_json(input, ""));
  EXPECT_EQ(document.at("waits_for").at("edges").size(), 4u);
  for (const auto& edge : document.at("waits_for").at("edges")) EXPECT_TRUE(edge.at("in_cycle"));
  EXPECT_EQ(document.at("title"),
            "Lock order: cpu0 takes b while it holds a and cpu1 takes a while it holds b: that can deadlock");
}

TEST(ExplainJson, ARunWithoutATraceIsADocumentToo) {
  FakeTracedRun run;
  run.schema.name = "t";
  run.scenario.programs.resize(2);
  Failure failure{"SIGSEGV", "", CpuId(1), run.chain({"f"})};
  run.failure = &failure;
  run.verdict = {VerdictKind::kCrash, "crash: f", "SIGSEGV in f"};
  ExplainInput input = run.input();
  RunView view = *input.run;
  view.trace = nullptr;
  input.run = &view;
  const json document = json::parse(explain_json(input, "dead"));
  EXPECT_THAT(document.at("steps"), IsEmpty());
  EXPECT_EQ(document.at("title"), "Crash: SIGSEGV, on cpu1 in f");
  EXPECT_TRUE(document.at("fatal_step").is_null());
  EXPECT_EQ(document.at("story").at("cpus"), 2);
  EXPECT_EQ(document.at("text"), "dead");
}

TEST(ExplainJson, StateThatTheTargetShowsHasARowForEachChange) {
  FakeTracedRun run;
  run.at(0, {"f"}).store(0x40, 0, 1).store(0x44, 0, 1).store(0x48, 0, 1);
  run.trace.states = {{"owner", "-"}};
  run.trace.state_changes = {{1, 0, "cpu0"}};
  const json states = explained(run).at("states");
  EXPECT_EQ(states.at("columns"), json::array({"owner"}));
  EXPECT_EQ(states.at("rows").back(), (json{{"step", 2}, {"values", {"cpu0"}}}));
}

TEST(ExplainJson, OfTooManyRowsTheLastOnesAreTold) {
  FakeTracedRun run;
  run.trace.names = {{0x40, 4, "x"}};
  run.at(0, {"f"}).event(StepKind::kOperationBegin, 0, 0);
  for (std::uint64_t i = 0; i < 6000; ++i) run.at(i % 2 == 0 ? 0 : 1, {"f"}).store(0x40, i, i + 1);
  const json document = explained(run);
  EXPECT_EQ(document.at("cut"), true);
  EXPECT_EQ(document.at("steps").size(), 5000u);
  EXPECT_EQ(document.at("steps").back().at("n"), 6001);
  expect_steps_are_told(document);
}

TEST(ExplainJson, WhatIsNoUtf8IsReplaced) {
  FakeTracedRun run;
  run.schema.name = "bad \xff name";
  EXPECT_NO_THROW(explained(run));
}

TEST(NearPass, TellsWhichDecisionIsChangedAndWhereTheRunsPart) {
  FakeTracedRun failing;
  failing.at(0, {"f"}).store(0x40, 0, 1).directive(Action::kDemote, StepKind::kDemote);
  failing.at(1, {"g"}).store(0x40, 1, 2);
  failing.scenario.directives = failing.directives;
  FakeTracedRun passing;
  passing.at(0, {"f"}).store(0x40, 0, 1).store(0x44, 0, 1);
  passing.at(1, {"g"}).store(0x40, 1, 2);
  const NearPass near = tell_near_pass(failing.scenario, failing.trace, {.directive = 0}, passing.input());
  EXPECT_EQ(near.text, "Without decision 1 (cpu0 goes to the back at its point 2) the run passes");
  EXPECT_EQ(near.parts_at, 1u);
  ASSERT_EQ(near.steps.size(), 3u);
  EXPECT_EQ(near.steps[1].where.function, "f");
  const NearPass later =
      tell_near_pass(failing.scenario, failing.trace, {.directive = 0, .points_later = 1}, passing.input());
  EXPECT_EQ(later.text, "With decision 1 (cpu0 goes to the back at its point 2) 1 point later the run passes");

  ExplainInput input = failing.input();
  input.near_pass = &near;
  const json document = json::parse(explain_json(input, ""));
  EXPECT_EQ(document.at("near_pass").at("parts_at_step"), 2);
  EXPECT_EQ(document.at("near_pass").at("steps").at(1).at("n"), 2);
}

TEST(ExplainJson, AHandlerThatWaitsForTheLockOfWhatItInterruptedIsACycleOfOneCpu) {
  FakeTracedRun run;
  run.schema.vectors = {"timer"};
  run.trace.names = {{0x40, 4, "lock"}};
  run.at(0, {"take"}).xchg(0x40, 0, 1, __ATOMIC_ACQUIRE).store(0x40, 1, 0).xchg(0x40, 0, 1, __ATOMIC_ACQUIRE);
  run.at(0, {}).event(StepKind::kIrqEnter, 0);
  run.at(0, {"handler"}).xchg(0x40, 1, 1, __ATOMIC_ACQUIRE).event(StepKind::kStuck);
  CpuView spins;
  spins.activity = CpuActivity::kSpinning;
  spins.contexts = {{ContextView::Kind::kTask, 0, run.chain({"take"})},
                    {ContextView::Kind::kIrq, 0, run.chain({"handler"})}};
  spins.watches = {0x40};
  run.cpus = {spins};
  run.verdict.kind = VerdictKind::kHang;
  EXPECT_EQ(
      explained(run).at("waits_for").at("edges"),
      (json{{{"from", "cpu0"}, {"to", "memory lock"}, {"text", "spins on"}, {"in_cycle", true}},
            {{"from", "memory lock"}, {"to", "cpu0"}, {"text", "held by cpu0 since step 3"}, {"in_cycle", true}}}));
  // What it set itself, where it waits, is no lock that holds it up.
  run.cpus[0].contexts.pop_back();
  EXPECT_EQ(explained(run).at("waits_for").at("edges").at(1).at("to"), "nobody");
}

TEST(ExplainJson, ARunThatReachesNoPointIsToldByItsSummary) {
  FakeTracedRun run;
  run.verdict = {VerdictKind::kHang, "hang: no point", "A cpu computes without reaching another point."};
  EXPECT_EQ(explained(run).at("title"), "Hang: a cpu computes without reaching another point");
}

TEST(NearPass, AChangeLeavesTheOtherDecisionsAlone) {
  Scenario scenario;
  scenario.directives = {{CpuId(0), PointIndex(3)}, {CpuId(1), PointIndex(5)}};
  EXPECT_EQ(changed(scenario, {.directive = 0}).directives, (std::vector{scenario.directives[1]}));
  EXPECT_EQ(changed(scenario, {.directive = 1, .points_later = -1}).directives[1].point, PointIndex(4));
  EXPECT_EQ(changed(scenario, {.directive = 1, .points_later = 1}).directives[0], scenario.directives[0]);
}

}  // namespace
}  // namespace gridlock
