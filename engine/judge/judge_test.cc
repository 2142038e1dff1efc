// What fires, what stays silent, and what a signature must not depend on, over runs written by hand.
#include "engine/judge/judge.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/judge/fake_run_view.h"

namespace gridlock {
namespace {

using Functions = std::vector<std::string>;
using Activity = CpuActivity;

class JudgeTest : public testing::Test {
 protected:
  [[nodiscard]] Verdict verdict() const { return judge(run_.view(), names_); }

  // Ends the run as `end`, `what` having gone wrong in these functions.
  Verdict verdict_of_failure(RunEnd end, const std::string& what, const Functions& functions) {
    run_.end = end;
    run_.failure = {what, "", CpuId(1), names_.calls(functions)};
    return verdict();
  }

  Verdict verdict_of_race(const Functions& write, const Functions& read) {
    run_.end = RunEnd::kDataRace;
    run_.race.accesses[0] = {.is_write = true, .frames = names_.calls(write)};
    run_.race.accesses[1] = {.is_write = false, .frames = names_.calls(read)};
    return verdict();
  }

  // The bug of 2013: cpu 0 spins in a handler that interrupted its wait, cpu 1 waits.
  void build_xen_hang() {
    run_.end = RunEnd::kSelfLoops;
    const Functions wait = {"xen_poll_irq", "xen_spin_lock_slow", "xen_spin_lock"};
    run_.add_cpu(Activity::kSpinning, {names_.calls(wait), names_.calls({"try_to_wake_up", "blkif_interrupt"})});
    run_.add_cpu(Activity::kWaiting, {names_.calls(wait)});
    run_.add_cpu(Activity::kIdle, {});
  }

  FakeRunView run_;
  FakeNames names_;
};

constexpr const char* kXenSignature = "hang: irq try_to_wake_up<blkif_interrupt + xen_poll_irq<xen_spin_lock_slow";

// ---- What fires -----------------------------------------------------------------------------------------------

TEST_F(JudgeTest, ASpinningCpuMakesSelfLoopsAHang) {
  build_xen_hang();
  EXPECT_EQ(verdict().kind, VerdictKind::kHang);
  EXPECT_EQ(verdict().signature, kXenSignature);
}

TEST_F(JudgeTest, TheSummaryOfAHangSaysWhoIsStuckWhere) {
  build_xen_hang();
  EXPECT_EQ(verdict().summary,
            "cpu 0 spins in try_to_wake_up (code.cc:4), inside an interrupt taken in xen_poll_irq (code.cc:1); "
            "cpu 1 waits in xen_poll_irq (code.cc:6); nothing that is still to come lets any of them go on");
}

TEST_F(JudgeTest, SelfLoopsInWhichEverybodyWaitsAreADeadlock) {
  run_.end = RunEnd::kSelfLoops;
  run_.add_cpu(Activity::kWaiting, {names_.calls({"poll", "lock", "schedule"})});
  run_.add_cpu(Activity::kEnded, {});
  EXPECT_EQ(verdict().kind, VerdictKind::kDeadlock);
  EXPECT_EQ(verdict().signature, "deadlock: poll<lock");
}

TEST_F(JudgeTest, TheSummaryOfOneStuckCpuSpeaksOfOne) {
  run_.end = RunEnd::kSelfLoops;
  run_.add_cpu(Activity::kWaiting, {names_.calls({"poll"})});
  EXPECT_EQ(verdict().summary, "cpu 0 waits in poll (code.cc:1); nothing that is still to come lets it go on");
}

TEST_F(JudgeTest, ACycleOfChangesIsALivelock) {
  run_.end = RunEnd::kChangingCycle;
  run_.add_cpu(Activity::kRunning, {names_.calls({"retry", "vcpu_migrate"})});
  run_.add_cpu(Activity::kRunning, {names_.calls({"retry", "vcpu_migrate"})});
  EXPECT_EQ(verdict().kind, VerdictKind::kLivelock);
  EXPECT_EQ(verdict().signature, "livelock: retry<vcpu_migrate");
}

TEST_F(JudgeTest, AnInvariantIsNamedWithTheWholeCallChainOfTheBreakingStep) {
  const Verdict broken = verdict_of_failure(RunEnd::kInvariant, "one_runqueue", {"list_add", "enqueue", "wake", "op"});
  EXPECT_EQ(broken.kind, VerdictKind::kInvariant);
  EXPECT_EQ(broken.signature, "invariant one_runqueue: list_add<enqueue<wake<op");
  EXPECT_EQ(broken.summary, "one_runqueue does not hold, found in list_add (code.cc:1) on cpu 1");
}

TEST_F(JudgeTest, AnInvariantFoundBrokenAtRestIsItsNameAlone) {
  const Verdict broken = verdict_of_failure(RunEnd::kInvariant, "no_lost_task", {});
  EXPECT_EQ(broken.signature, "invariant no_lost_task");
  EXPECT_EQ(broken.summary, "no_lost_task does not hold, found at rest");
}

TEST_F(JudgeTest, AnAssertionIsItsTextAndTwoFunctions) {
  const Verdict failed = verdict_of_failure(RunEnd::kAssertion, "owner == self", {"unlock", "run", "op"});
  EXPECT_EQ(failed.kind, VerdictKind::kAssertion);
  EXPECT_EQ(failed.signature, "assertion owner == self: unlock<run");
}

TEST_F(JudgeTest, ADataRaceNamesBothAccesses) {
  const Verdict race = verdict_of_race({"set", "wake", "op"}, {"get", "idle", "op"});
  EXPECT_EQ(race.kind, VerdictKind::kDataRace);
  EXPECT_EQ(race.signature, "data-race: read get<idle vs write set<wake");
  EXPECT_EQ(race.summary,
            "write in set (code.cc:1) on cpu 0 and read in get (code.cc:4) on cpu 0 touch the same memory and nothing "
            "orders them");
}

TEST_F(JudgeTest, AMemoryErrorAndACrashAreTheirWordsAndThreeFunctions) {
  EXPECT_EQ(verdict_of_failure(RunEnd::kMemoryError, "heap-use-after-free", {"a", "b", "c", "d"}).signature,
            "memory-error heap-use-after-free: a<b<c");
  EXPECT_EQ(verdict_of_failure(RunEnd::kCrash, "SIGSEGV", {"a", "b", "c", "d"}).signature, "crash SIGSEGV: a<b<c");
}

// ---- What stays silent ----------------------------------------------------------------------------------------

TEST_F(JudgeTest, ACompletedRunIsOkAndHasNoSignature) {
  run_.add_cpu(Activity::kEnded, {});
  run_.add_cpu(Activity::kIdle, {});
  EXPECT_EQ(verdict().kind, VerdictKind::kOk);
  EXPECT_EQ(verdict().signature, "");
}

TEST_F(JudgeTest, ThePointLimitProvesNothingWhateverTheCpusDo) {
  run_.end = RunEnd::kPointLimit;
  run_.add_cpu(Activity::kSpinning, {names_.calls({"spin"})});
  EXPECT_EQ(verdict().kind, VerdictKind::kInconclusive);
  EXPECT_EQ(verdict().signature, "");
  EXPECT_NE(verdict().summary.find("1234 points"), std::string::npos);
}

TEST_F(JudgeTest, CpusThatAreDoneAreNoPartOfAHang) {
  run_.end = RunEnd::kSelfLoops;
  run_.add_cpu(Activity::kEnded, {});
  run_.add_cpu(Activity::kSpinning, {names_.calls({"spin", "lock"})});
  run_.add_cpu(Activity::kIdle, {});
  EXPECT_EQ(verdict().signature, "hang: spin<lock");
  EXPECT_EQ(verdict().summary.find("cpu 0"), std::string::npos);
}

// ---- What a signature does not depend on ----------------------------------------------------------------------

TEST_F(JudgeTest, TheOrderAndTheNumbersOfTheCpusDoNotMatter) {
  build_xen_hang();
  std::reverse(run_.cpus.begin(), run_.cpus.end());
  for (CpuView& cpu : run_.cpus) cpu.cpu = CpuId(cpu.cpu.value() + 7);
  EXPECT_EQ(verdict().signature, kXenSignature);
}

TEST_F(JudgeTest, AddressesAndLinesDoNotMatter) {
  names_.start_at(0x777000, 900);
  build_xen_hang();
  EXPECT_EQ(verdict().signature, kXenSignature);
}

TEST_F(JudgeTest, WhetherAFunctionWasInlinedDoesNotMatter) {
  run_.end = RunEnd::kSelfLoops;
  const std::vector<Site> wait = {names_.code({"xen_poll_irq", "xen_spin_lock_slow", "xen_spin_lock"})};
  const std::vector<Site> wake = {names_.code({"std::atomic::load", "try_to_wake_up"}),
                                  names_.code({"blkif_interrupt"})};
  run_.add_cpu(Activity::kSpinning, {wait, wake});
  run_.add_cpu(Activity::kWaiting, {wait});
  EXPECT_EQ(verdict().signature, kXenSignature);
}

TEST_F(JudgeTest, TwoCpusStuckAlikeAreOnePart) {
  run_.end = RunEnd::kSelfLoops;
  for (int i = 0; i < 3; ++i) run_.add_cpu(Activity::kSpinning, {names_.calls({"spin", "lock", "op"})});
  EXPECT_EQ(verdict().signature, "hang: spin<lock");
}

TEST_F(JudgeTest, TheOrderOfARacesAccessesDoesNotMatter) {
  const Verdict race = verdict_of_race({"set"}, {"get"});
  std::swap(run_.race.accesses[0], run_.race.accesses[1]);
  EXPECT_EQ(verdict().signature, race.signature);
}

TEST_F(JudgeTest, TheStandardLibraryAndTheSanitizersTakeNoPart) {
  const Functions functions = {"__tsan_atomic32_load",
                               "std::__atomic_base::load",
                               "__gthread_mutex_lock",
                               "__gnu_cxx::__exchange_and_add",
                               "pop",
                               "operator new",
                               "push"};
  EXPECT_EQ(verdict_of_failure(RunEnd::kAssertion, "x", functions).signature, "assertion x: pop<push");
}

TEST_F(JudgeTest, CodeWithoutANameGivesNoAddress) {
  run_.end = RunEnd::kSelfLoops;
  run_.add_cpu(Activity::kSpinning, {{0xabc, names_.code({"lock"})}, {0xdef}});
  EXPECT_EQ(verdict().signature, "hang: irq ?");
}

TEST_F(JudgeTest, WhereAHandlerHitDoesNotMatter) {
  for (const char* interrupted : {"lock", "unlock", "gridlock::run_program"}) {
    run_.cpus.clear();
    run_.end = RunEnd::kSelfLoops;
    run_.add_cpu(Activity::kSpinning, {names_.calls({interrupted}), names_.calls({"spin", "handler"})});
    EXPECT_EQ(verdict().signature, "hang: irq spin<handler");
  }
}

TEST_F(JudgeTest, TheSameFunctionsInATaskAndInAHandlerAreTwoBugs) {
  run_.end = RunEnd::kSelfLoops;
  run_.add_cpu(Activity::kSpinning, {names_.calls({"spin", "wake"})});
  EXPECT_EQ(verdict().signature, "hang: spin<wake");
}

TEST_F(JudgeTest, TheDepthAndTheEndOfARunawayRecursionDoNotMatter) {
  const auto signature = [&](const Functions& functions) {
    return verdict_of_failure(RunEnd::kCrash, "stack overflow", functions).signature;
  };
  EXPECT_EQ(signature({"a", "b", "c", "a", "b", "c", "op"}), "crash stack overflow: a, b, c");
  EXPECT_EQ(signature({"leaf", "c", "a", "b", "c", "a", "b"}), "crash stack overflow: a, b, c");
  EXPECT_EQ(signature({"z", "a", "op"}), "crash stack overflow: a, z");
}

TEST_F(JudgeTest, ASignatureIsOneLineWithoutSpacesAtItsEnds) {
  EXPECT_EQ(verdict_of_failure(RunEnd::kAssertion, "  a &&\n b ", {"f"}).signature, "assertion a &&  b: f");
}

// ---- Same bug -------------------------------------------------------------------------------------------------

Verdict hang(const std::string& signature) {
  return {VerdictKind::kHang, signature, ""};
}

TEST(SameBug, AHangMayLoseBystanders) {
  const Verdict original = hang("hang: a<b + c<d + irq g<h");
  EXPECT_TRUE(is_same_bug(original, original));
  EXPECT_TRUE(is_same_bug(original, hang("hang: a<b + irq g<h")));
  EXPECT_TRUE(is_same_bug(original, hang("hang: irq g<h")));
}

TEST(SameBug, OneCpuThatIsStuckInAHandlerStays) {
  EXPECT_FALSE(is_same_bug(hang("hang: a<b + irq c<d"), hang("hang: a<b")));
  EXPECT_FALSE(is_same_bug(hang("hang: a<b + softirq c<d"), hang("hang: a<b")));
  EXPECT_FALSE(is_same_bug(hang("hang: a<b + migrate c<d"), hang("hang: a<b")));
  EXPECT_TRUE(is_same_bug(hang("hang: irq a<b + irq c<d"), hang("hang: irq c<d")));
}

TEST(SameBug, AHangMayNotGainOrChangeAPart) {
  const Verdict original = hang("hang: a<b + c<d");
  EXPECT_FALSE(is_same_bug(original, hang("hang: a<b + c<d + e<f")));
  EXPECT_FALSE(is_same_bug(original, hang("hang: irq a<b")));
  EXPECT_FALSE(is_same_bug(original, hang("hang: a<x")));
  EXPECT_FALSE(is_same_bug(hang("hang: a<b"), hang("hang: a")));
}

TEST(SameBug, AnotherKindIsAnotherBug) {
  EXPECT_FALSE(is_same_bug(hang("hang: a<b"), {VerdictKind::kDeadlock, "deadlock: a<b", ""}));
  EXPECT_FALSE(is_same_bug(hang("hang: a<b"), {VerdictKind::kInconclusive, "", ""}));
  EXPECT_FALSE(is_same_bug(hang("hang: a<b"), {VerdictKind::kOk, "", ""}));
}

TEST(SameBug, EveryOtherKindWantsTheSameSignature) {
  const Verdict assertion{VerdictKind::kAssertion, "assertion a + b == 2: f", "one"};
  EXPECT_TRUE(is_same_bug(assertion, {VerdictKind::kAssertion, "assertion a + b == 2: f", "another"}));
  EXPECT_FALSE(is_same_bug(assertion, {VerdictKind::kAssertion, "assertion a", ""}));
  const Verdict race{VerdictKind::kDataRace, "data-race: read f vs write g", ""};
  EXPECT_TRUE(is_same_bug(race, race));
  EXPECT_FALSE(is_same_bug(race, {VerdictKind::kDataRace, "data-race: read f vs write h", ""}));
}

}  // namespace
}  // namespace gridlock
