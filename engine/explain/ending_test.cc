#include "engine/explain/ending.h"

#include <gtest/gtest.h>

#include "engine/explain/fake_traced_run.h"

namespace gridlock {
namespace {

Ending ending_of_run(FakeTracedRun& run) {
  const ExplainInput& input = run.input();
  return ending_of(input, Words(input));
}

using Lines = std::vector<std::string>;

TEST(Ending, AnInvariantNamesTheStepAndTheCallChain) {
  FakeTracedRun run;
  run.at(1, {"enqueue", "wake"}).store(0x40, 0, 1);
  Failure failure{"one_runqueue", "", CpuId(1), run.chain({"enqueue", "wake"})};
  run.failure = &failure;
  run.end = RunEnd::kInvariant;
  run.verdict.kind = VerdictKind::kInvariant;
  const Ending ending = ending_of_run(run);
  EXPECT_EQ(ending.title, "What broke");
  EXPECT_EQ(ending.stands.at(0).heading, "one_runqueue");
  EXPECT_EQ(ending.stands[0].lines,
            (Lines{"on cpu 1, after step 1", "in enqueue (code.cc:1)", "called from wake (code.cc:2)"}));
}

TEST(Ending, AnInvariantCheckedAtRestSaysSo) {
  FakeTracedRun run;
  Failure failure{"no_lost_task", "", CpuId(0), {}};
  run.failure = &failure;
  run.end = RunEnd::kInvariant;
  EXPECT_EQ(ending_of_run(run).stands.at(0).lines, (Lines{"found when every program had come to rest"}));
}

TEST(Ending, AnAssertionWithoutFramesHasItsLine) {
  FakeTracedRun run;
  Failure failure{"owner == self", "lock.cc:12", CpuId(0), {}};
  run.failure = &failure;
  run.end = RunEnd::kAssertion;
  EXPECT_EQ(ending_of_run(run).stands.at(0).lines, (Lines{"at lock.cc:12"}));
}

TEST(Ending, ARaceIsItsTwoAccessesAndTheMissingEdge) {
  FakeTracedRun run;
  run.at(0, {"set"}).racing(0, true, 0x80);
  run.at(1, {"get"}).racing(1, false, 0x80);
  run.cpus.resize(2);
  const Ending ending = ending_of_run(run);
  EXPECT_EQ(ending.title, "What races");
  ASSERT_EQ(ending.stands.size(), 3U);
  EXPECT_EQ(ending.stands[1].lines.front(), "in get (code.cc:2)");
}

TEST(Ending, WhoWaitsInACallWaitsForWhatTheOthersUsedLast) {
  FakeTracedRun run;
  run.trace.names = {{0x40, 32, "ready"}};
  const FakeStep signal{.kind = StepKind::kFetchAdd, .address = 0x40};
  run.at(1, {"cook"}).call("pthread_cond_signal", signal);
  run.at(0, {"eat"}).call("pthread_cond_wait", signal).call("pthread_cond_wait", {.kind = StepKind::kStuck});
  CpuView waits;
  waits.activity = CpuActivity::kWaiting;
  waits.contexts = {
      {ContextView::Kind::kTask, 0, run.chain({"__wrap_pthread_cond_wait", "eat"}), run.trace.steps.back().call}};
  waits.watches = {0x40};
  run.cpus = {waits};
  run.end = RunEnd::kSelfLoops;
  run.verdict.kind = VerdictKind::kDeadlock;
  const Stand stand = ending_of_run(run).stands.at(0);
  EXPECT_EQ(stand.heading, "cpu 0 waits in pthread_cond_wait");
  EXPECT_EQ(stand.lines, (Lines{"in eat (code.cc:3)", "for ready",
                                "  last used by cpu 1 at step 1: pthread_cond_signal(ready) in cook (code.cc:1)"}));
}

TEST(Ending, AMemoryErrorSaysWhichBlockWasHit) {
  FakeTracedRun run;
  run.at(0, {"use"}).load(0x40, 1);
  Failure failure{"out-of-bounds", "", CpuId(0), run.chain({"use"})};
  failure.access = {.offset = 0x58, .bytes = 8, .has_block = true, .block_begin = 0x40, .block_bytes = 24};
  run.failure = &failure;
  run.end = RunEnd::kMemoryError;
  run.verdict.kind = VerdictKind::kMemoryError;
  EXPECT_EQ(ending_of_run(run).stands.at(0).lines,
            (Lines{"on cpu 0, after step 1", "in use (code.cc:1)",
                   "reads 8 bytes at +24, behind the end of a block of 24 bytes"}));
}

TEST(Ending, TheCpuThatBrokeSomethingIsToldOnce) {
  FakeTracedRun run;
  Failure failure{"owner == self", "", CpuId(1), run.chain({"unlock"})};
  run.failure = &failure;
  run.cpus.resize(2);
  run.cpus[1].cpu = CpuId(1);
  const Ending ending = ending_of_run(run);
  ASSERT_EQ(ending.stands.size(), 2U);
  EXPECT_EQ(ending.stands[1].heading, "cpu 0 is idle: its program has ended");
}

TEST(Ending, AStuckCpuSaysWhatItReadsAndWhoWroteItLast) {
  FakeTracedRun run;
  run.trace.names = {{0x40, 4, "flag"}};
  run.at(1, {"set"}).store(0x40, 0, 1).store(0x40, 1, 1);
  CpuView stuck;
  stuck.activity = CpuActivity::kSpinning;
  stuck.contexts = {{ContextView::Kind::kTask, 0, run.chain({"spin"})}};
  stuck.watches = {0x40};
  run.cpus = {stuck};
  run.verdict.kind = VerdictKind::kHang;
  const Ending ending = ending_of_run(run);
  EXPECT_EQ(ending.title, "Why nobody can go on");
  EXPECT_EQ(ending.stands.at(0).heading, "cpu 0 spins, irqs on");
  EXPECT_EQ(ending.stands[0].lines, (Lines{"in spin (code.cc:2)", "reads flag, which is 1",
                                           "  last changed by cpu 1 at step 1: store flag 0 -> 1 in set (code.cc:1)"}));
}

TEST(Ending, ADeepCallChainIsCut) {
  FakeTracedRun run;
  CpuView stuck;
  stuck.activity = CpuActivity::kSpinning;
  FakeTracedRun::Functions functions;
  for (int i = 0; i < 20; ++i) functions.push_back("f" + std::to_string(i));
  stuck.contexts = {{ContextView::Kind::kTask, 0, run.chain(functions)}};
  run.cpus = {stuck};
  const Lines lines = ending_of_run(run).stands.at(0).lines;
  EXPECT_EQ(lines.at(kEndingPlacesMax), "...");
  EXPECT_EQ(lines.size(), kEndingPlacesMax + 2);  // and that it reads nothing
}

TEST(Ending, ValuesThatOneCpuAloneUsedAreLeftOut) {
  FakeTracedRun run;
  run.trace.names = {{0x40, 4, "shared"}, {0x50, 4, "own"}};
  run.at(0, {"f"}).store(0x40, 0, 1).store(0x50, 0, 1);
  run.at(1, {"g"}).store(0x40, 1, 5);
  EXPECT_EQ(ending_of_run(run).stands.at(0).lines, (Lines{"shared = 5"}));
}

TEST(Ending, ALongListOfValuesIsCutAndCounted) {
  FakeTracedRun run;
  for (const std::uint32_t cpu : {0U, 1U}) {
    run.at(cpu, {"f"});
    for (std::uint64_t i = 0; i < kLastValuesMax + 3; ++i) run.load(0x40 + 4 * i, i);
  }
  const Lines lines = ending_of_run(run).stands.at(0).lines;
  EXPECT_EQ(lines.size(), kLastValuesMax + 1);
  EXPECT_EQ(lines.back(), "... and 3 more");
}

}  // namespace
}  // namespace gridlock
