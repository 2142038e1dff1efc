// The whole text of a hand-made run of the historic hang, and what must hold of the text of any run.
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "engine/explain/explain.h"
#include "engine/explain/fake_traced_run.h"

namespace gridlock {
namespace {

constexpr std::size_t kColumns = 100;

constexpr const char* kXenText = R"text(target      xen-pv-spinlock, variant broken
verdict     hang
signature   hang: poll_irq<lock_slow + poll_irq<lock_slow > try_to_wake_up<blkif_interrupt
summary     cpu 0 spins in try_to_wake_up (code.cc:8), inside an interrupt taken in poll_irq
              (code.cc:5); cpu 1 waits in poll_irq (code.cc:5)
parameters  spin_budget=2
program     cpu 0: balance(cpu=0)
            cpu 1: schedule()
            cpu 2: hold()
order       cpus 2 1 0, highest first
directives  1. at cpu 2 point 2: demote -- step 3, in hold (code.cc:1)
            2. at cpu 0 point 4: interrupt blkif -- step 23, in poll_irq (code.cc:4)

The steps that matter

  step    1: cpu 2 begins hold() in hold (code.cc:1)
  step    2: cpu 2 xchg rq[0].lock 0 -> 1 in spin_lock (code.cc:2) < hold
  step    3: cpu 2 demoted (directive 1) in hold (code.cc:1)
  step    4: cpu 1 begins schedule() in schedule (code.cc:3)
  step    5: cpu 1 store task[x].on_cpu 0 -> 1 in schedule (code.cc:3)
  step   15: cpu 1 begins to wait in poll_irq (code.cc:4) < lock_slow < schedule
  step   18: cpu 1 stuck for good: waits for kick_pending[1] in poll_irq (code.cc:4) < lock_slow <
             schedule
  step   19: cpu 0 begins balance(cpu=0) in balance (code.cc:6)
  step   21: cpu 0 begins to wait in poll_irq (code.cc:4) < lock_slow < balance
  step   23: cpu 0 irq blkif raised (directive 2) in poll_irq (code.cc:4) < lock_slow < balance
  step   24: cpu 0 takes irq blkif: blkif_interrupt
  step   28: cpu 0 stuck for good: spins on task[x].on_cpu in try_to_wake_up (code.cc:7) <
             blkif_interrupt
  step   29: cpu 2 store rq[0].lock 1 -> 0 in spin_unlock (code.cc:9) < hold
  step   30: cpu 2 sends ipi kick to cpu 0 in kick_first (code.cc:10) < spin_unlock < hold

Step by step (* a step that matters, > control comes from another cpu)

   step cpu  cpu 0      cpu 1      cpu 2      what                            where
*     1   2  -          -          run        begins hold()                   hold (code.cc:1)
*     2   2  -          -          run        xchg rq[0].lock 0 -> 1          spin_lock (code.cc:2)
*     3   2  -          -          run        demoted (directive 1)           hold (code.cc:1)
*     4   1  -          run        ready      begins schedule()               schedule (code.cc:3)
*     5   1  -          run        ready      store task[x].on_cpu 0 -> 1     schedule (code.cc:3)
      6   1  -          run        ready      xchg rq[0].lock 1 -> 1          spin_lock (code.cc:2)
      7   1  -          run        ready      load rq[0].lock = 1             spin_lock (code.cc:2)
      8   1  -          run        ready      cpu_relax                       spin_lock (code.cc:2)
      9   1  -          spin rq[0~ ready      ... 3 rounds more
*    15   1  -          wait       ready      begins to wait                  poll_irq (code.cc:4)
     16   1  -          wait       ready      load kick_pending[1] = 0        poll_irq (code.cc:4)
     17   1  -          wait       ready      not ready, sleeps               poll_irq (code.cc:4)
*    18   1  -          wait       ready      stuck for good: waits for kick_pending[1]  poll_irq:4
*    19   0  run        wait       ready      begins balance(cpu=0)           balance (code.cc:6)
     20   0  run        wait       ready      xchg rq[0].lock 1 -> 1          spin_lock (code.cc:2)
*    21   0  wait       wait       ready      begins to wait                  poll_irq (code.cc:4)
     22   0  wait       wait       ready      load kick_pending[0] = 0        poll_irq (code.cc:4)
*    23   0  wait       wait       ready      irq blkif raised (directive 2)  poll_irq (code.cc:4)
*    24   0  irq blkif  wait       ready      takes irq blkif: blkif_interrupt
     25   0  irq blkif  wait       ready      load task[x].on_cpu = 1         try_to_wa~ (code.cc:7)
     26   0  irq blkif  wait       ready      cpu_relax                       try_to_wa~ (code.cc:7)
     27   0  irq blkif  wait       ready      load task[x].on_cpu = 1         try_to_wa~ (code.cc:7)
*    28   0  spin task~ wait       ready      stuck for good: spins on task[x].on_cpu  try_to_wak~:7
*    29   2  spin task~ wait       run        store rq[0].lock 1 -> 0         spin_unlo~ (code.cc:9)
*    30   2  spin task~ wait       run        sends ipi kick to cpu 0         kick_first:10
     31   2  spin task~ wait       run        store kick_pending[0] 0 -> 1    kick_first:10
     32   2  spin task~ wait       run        ends hold()                     hold (code.cc:1)
     33   2  spin task~ wait       idle       idle                            hold (code.cc:1)

Why nobody can go on

  cpu 0 spins, irqs off, pending: kick
    in irq blkif:
      in try_to_wake_up (code.cc:7)
      called from blkif_interrupt (code.cc:8)
    which interrupted the task:
      in poll_irq (code.cc:4)
      called from lock_slow (code.cc:5)
      called from balance (code.cc:6)
    reads task[x].on_cpu, which is 1
      last changed by cpu 1 at step 5: store task[x].on_cpu 0 -> 1 in schedule (code.cc:3)
    tried in vain at step 20: rq[0].lock, which is 0
      last changed by cpu 2 at step 29: store rq[0].lock 1 -> 0 in spin_unlock (code.cc:9)

  cpu 1 waits, irqs on
    in poll_irq (code.cc:4)
    called from lock_slow (code.cc:5)
    called from schedule (code.cc:3)
    reads kick_pending[1], which is 0
      as setup left it: nobody changed it in this run
    tried in vain at step 6: rq[0].lock, which is 0
      last changed by cpu 2 at step 29: store rq[0].lock 1 -> 0 in spin_unlock (code.cc:9)

  cpu 2 is idle: its program has ended

  last values of what cpus share
    rq[0].lock = 0
    task[x].on_cpu = 1
    kick_pending[0] = 1
)text";

std::size_t longest_line(const std::string& text) {
  std::istringstream lines(text);
  std::size_t longest = 0;
  for (std::string line; std::getline(lines, line);) longest = std::max(longest, line.size());
  return longest;
}

// Each of `cpu_count` cpus takes a lock in turn, in functions with long names.
void build_wide_run(FakeTracedRun& run, std::uint32_t cpu_count) {
  const std::string tail(40, 'x');
  run.schema.name = "wide";
  run.schema.operations = {{"op", {}}};
  run.trace.names = {{0x10, 4, "runqueue[0].a_rather_long_lock_name"}};
  for (std::uint32_t cpu = 0; cpu < cpu_count; ++cpu) {
    run.scenario.programs.push_back({{OperationId(0), {}}});
    run.at(cpu, {"take_" + tail, "op_" + tail}).event(StepKind::kOperationBegin, 0, 0).xchg(0x10, cpu, cpu + 1);
  }
}

TEST(ExplainText, TheHistoricHangIsToldInItsSteps) {
  FakeTracedRun run;
  build_xen_hang(run);
  EXPECT_EQ(explain_text(run.input()), kXenText);
}

TEST(ExplainText, LinesFitWhateverTheNumberOfCpus) {
  for (const std::uint32_t cpu_count : {1U, 2U, 3U, 4U, 6U, 7U, 20U, 64U}) {
    FakeTracedRun run;
    build_wide_run(run, cpu_count);
    EXPECT_LE(longest_line(explain_text(run.input())), kColumns) << cpu_count << " cpus";
  }
}

TEST(ExplainText, APlaceThatDoesNotFitKeepsItsLine) {
  FakeTracedRun run;
  build_wide_run(run, 4);
  EXPECT_NE(explain_text(run.input()).find("~ (code.cc:1)\n"), std::string::npos);
}

TEST(ExplainText, ManyCpusHaveTheirChangesBelowTheRow) {
  FakeTracedRun run;
  build_wide_run(run, 8);
  const std::string text = explain_text(run.input());
  EXPECT_NE(text.find("[cpu 2: ready, cpu 3: run]"), std::string::npos) << text;
  EXPECT_EQ(text.find("cpu 6      cpu 7"), std::string::npos);
}

// Two cpus of a migration: a flag that is set and a run queue that is left, beside a state that never changes.
void build_shown_run(FakeTracedRun& run, const std::vector<std::string>& more = {}) {
  run.scenario.programs.resize(2);
  run.at(0, {"set_affinity"}).xchg(0x40, 0, 1).load(0x80, 0);
  run.at(1, {"context_saved"}).xchg(0x40, 1, 0);
  run.trace.states = {{"v0.flag", "-"}, {"constant", "never"}, {"v0.runq", "c0"}};
  for (const std::string& name : more) run.trace.states.push_back({name, "-"});
  run.trace.state_changes = {{0, 0, "set"}, {2, 0, "-"}, {2, 2, "-"}};
  for (std::uint32_t i = 3; i < run.trace.states.size(); ++i) run.trace.state_changes.push_back({2, i, "changed"});
}

TEST(ExplainText, ShownStateHasAColumnEachIfItChanges) {
  FakeTracedRun run;
  build_shown_run(run);
  const std::string text = explain_text(run.input());
  EXPECT_NE(text.find("   step cpu  cpu 0 cpu 1 v0.flag v0.runq what"), std::string::npos) << text;
  EXPECT_NE(text.find("*     1   0  run   -     set     c0      xchg"), std::string::npos) << text;
  EXPECT_NE(text.find("      2   0  run   -     set     c0      load"), std::string::npos) << text;
  EXPECT_NE(text.find("*     3   1  ready run   -       -       xchg"), std::string::npos) << text;
  EXPECT_EQ(text.find("constant"), std::string::npos);
}

TEST(ExplainText, TheStepsThatMatterSayWhatTheyChangedOfTheShownState) {
  FakeTracedRun run;
  build_shown_run(run);
  const std::string text = explain_text(run.input());
  EXPECT_NE(text.find("in set_affinity (code.cc:1) [v0.flag set]\n"), std::string::npos) << text;
  EXPECT_NE(text.find("in context_saved (code.cc:2) [v0.flag -, v0.runq -]\n"), std::string::npos) << text;
}

TEST(ExplainText, MoreShownStateThanThereIsRoomForStandsBelowTheRow) {
  FakeTracedRun run;
  build_shown_run(run, {"a_long_one", "b_long_one", "c_long_one", "d_long_one", "e_long_one"});
  const std::string text = explain_text(run.input());
  EXPECT_EQ(text.find("v0.flag v0.runq"), std::string::npos) << text;
  EXPECT_NE(text.find("[v0.flag -, v0.runq -, a_long_one changed, "), std::string::npos) << text;
}

TEST(ExplainText, ALongSignatureBreaksAtSpaces) {
  FakeTracedRun run;
  build_wide_run(run, 1);
  std::string signature = "hang: a<b";
  for (int i = 0; i < 20; ++i) signature += " + some_function<another_function";
  run.verdict = {VerdictKind::kHang, signature, ""};
  EXPECT_LE(longest_line(explain_text(run.input())), kColumns);
}

TEST(ExplainText, AWordWiderThanAnyLineIsKeptWhole) {
  FakeTracedRun run;
  build_wide_run(run, 1);
  const std::string word(300, 'w');
  run.verdict = {VerdictKind::kAssertion, "assertion " + word, ""};
  EXPECT_NE(explain_text(run.input()).find(word), std::string::npos);
}

TEST(ExplainText, ARunWithoutATraceIsToldByItsEnd) {
  FakeTracedRun run;
  build_xen_hang(run);
  RunView view = *run.input().run;
  view.trace = nullptr;
  ExplainInput input = run.input();
  input.run = &view;
  const std::string text = explain_text(input);
  EXPECT_EQ(text.find("Step by step"), std::string::npos);
  EXPECT_NE(text.find("cpu 0 spins, irqs off, pending: kick"), std::string::npos);
}

}  // namespace
}  // namespace gridlock
