// Must-fire and must-stay-silent lists of equal standing for the proofs of hang, deadlock and livelock.
#include <gtest/gtest.h>

#include "engine/machine/machine_fixture.h"

namespace gridlock {
namespace {

struct ProofCase {
  const char* name;
  std::vector<std::string> programs;
  std::vector<Directive> directives;
  RunEnd end;

  friend void PrintTo(const ProofCase& proof, std::ostream* out) { *out << proof.name; }
};

class ProofTest : public MachineFixture, public testing::WithParamInterface<ProofCase> {};

TEST_P(ProofTest, EndsAsItMust) {
  const ProofCase& proof = GetParam();
  // Twice: what a hang leaves behind must not reach the next run.
  for (int i = 0; i < 2; ++i) EXPECT_EQ(run("proofs", proof.programs, proof.directives).end, proof.end);
}

// The vectors of the target.
constexpr std::uint32_t kSetFlag = 0, kWaitNever = 1, kWaitFlag = 2, kSpin = 3, kMarkSoftirq = 4;

const ProofCase kMustFire[] = {
    {"SpinOnTwoWords", {"spin_on_two_words", "set"}, {}, RunEnd::kSelfLoops},
    {"SpinThroughAFunctionPointer", {"spin_through_pointer 1", "set"}, {}, RunEnd::kSelfLoops},
    {"SpinWithACounterThatWrapsAtThree", {"spin_with_wrapping_counter 3"}, {}, RunEnd::kSelfLoops},
    {"SpinWithACounterThatWrapsLate", {"spin_with_wrapping_counter 1000"}, {}, RunEnd::kSelfLoops},
    {"TwoSpinsWithCountersThatWrapLate",
     {"spin_with_wrapping_counter 1024", "spin_with_wrapping_counter 2048"},
     {},
     RunEnd::kSelfLoops},
    {"SpinOnAVolatile", {"spin_on_volatile", "set"}, {}, RunEnd::kSelfLoops},
    {"SpinOnAFailingCompareExchange", {"spin_on_failing_compare_exchange 4"}, {}, RunEnd::kSelfLoops},
    {"SpinOnAFailingWideCompareExchange", {"spin_on_failing_compare_exchange 16"}, {}, RunEnd::kSelfLoops},
    {"SpinOnAFailingLibraryCompareExchange", {"spin_on_failing_compare_exchange 24"}, {}, RunEnd::kSelfLoops},
    {"SpinAfterEverybodyElseHasEnded", {"nothing", "set_other; nothing", "spin_flag"}, {}, RunEnd::kSelfLoops},
    {"SpinWithThePendingInterruptDisabled", {"spin_disabled"}, {}, RunEnd::kSelfLoops},
    {"SpinInAHandler", {"wait_flag", "nothing"}, {interrupt(0, 1, kSpin)}, RunEnd::kSelfLoops},
    {"SpinInASoftirq", {"wait_flag"}, {interrupt(0, 1, kMarkSoftirq)}, RunEnd::kSelfLoops},
    {"WaitInAHandler", {"nothing", "set"}, {interrupt(0, 1, kWaitNever)}, RunEnd::kSelfLoops},
    {"EveryCpuWaits", {"wait_never", "wait_flag", "wait_never"}, {}, RunEnd::kSelfLoops},
    {"WaitsInARing",
     {"wait_in_ring", "wait_in_ring", "wait_in_ring"},
     {demote(0, 2), demote(1, 2)},
     RunEnd::kSelfLoops},
    {"SequenceReaderBehindAStuckWriter", {"write_sequence 1", "read_sequence"}, {}, RunEnd::kSelfLoops},
    {"WaitForACreatedCpuThatSpins", {"wait_for_created_spinner"}, {}, RunEnd::kSelfLoops},
    {"SpinThenWaitForWhatNobodySets", {"spin_then_wait 5", "set_other"}, {}, RunEnd::kSelfLoops},
    {"PollByTimeoutsForWhatNobodySets", {"poll_by_timeout"}, {}, RunEnd::kSelfLoops},
    {"APingPongWhosePartnerHasGone", {"ping_pong 4", "ping_pong 2"}, {}, RunEnd::kSelfLoops},
    {"TwoThatWakeEachOtherForEver", {"trade_until_flag", "trade_until_flag", "set_other"}, {}, RunEnd::kChangingCycle},
    {"ADeferredIpiThatIsNotTheOneNeeded",
     {"wait_never", "send 0 0"},
     {defer(0, 1, kSetFlag, 60'000)},
     RunEnd::kSelfLoops},
};

const ProofCase kMustStaySilent[] = {
    {"SpinOnTwoWordsThatAreBothSet", {"spin_on_two_words", "set", "set_other"}, {}, RunEnd::kCompleted},
    {"SpinThroughAFunctionPointer", {"spin_through_pointer 0", "set"}, {}, RunEnd::kCompleted},
    {"SpinWithAWrappingCounter", {"spin_with_wrapping_counter 3", "set"}, {}, RunEnd::kCompleted},
    {"SpinOnAVolatile", {"spin_on_volatile", "set_volatile"}, {}, RunEnd::kCompleted},
    {"SpinWithItsBudgetInPlainMemory", {"spin_with_budget_in_memory 2000", "set"}, {}, RunEnd::kCompleted},
    {"SpinWithItsCounterFarUpTheStack", {"count_far_up_the_stack 2000", "set"}, {}, RunEnd::kCompleted},
    {"SpinUntilATime", {"spin_until_time 1000"}, {}, RunEnd::kCompleted},
    {"SpinUntilATimeFarAway", {"spin_until_time 60000"}, {}, RunEnd::kCompleted},
    {"SpinUntilATimeWhileOthersWait", {"spin_until_time 5000; set", "wait_flag", "spin_flag"}, {}, RunEnd::kCompleted},
    {"WalkThatRepeatsLate", {"walk_long_cycle"}, {}, RunEnd::kCompleted},
    {"BackOffOfTwoCpus", {"back_off 0", "back_off 1"}, {demote(0, 2), demote(1, 2)}, RunEnd::kCompleted},
    {"BackOffOfTwoCpusInStep",
     {"back_off 0", "back_off 1"},
     {demote(0, 2), demote(1, 2), demote(0, 3), demote(1, 3), demote(0, 4), demote(1, 4)},
     RunEnd::kCompleted},
    {"SequenceReaderBehindAWriter",
     {"write_sequence 0; write_sequence 0", "read_sequence"},
     {demote(0, 2)},
     RunEnd::kCompleted},
    {"PingPongOfManyRounds", {"ping_pong 12500", "ping_pong 12500"}, {}, RunEnd::kCompleted},
    {"PingPongOfManyCpus",
     {"ping_pong 400", "ping_pong 400", "ping_pong 400", "ping_pong 400"},
     {},
     RunEnd::kCompleted},
    {"TwoThatWakeEachOtherAboveTheOneThatEndsIt",
     {"trade_until_flag", "trade_until_flag", "set"},
     {},
     RunEnd::kCompleted},
    {"SpinThenWait", {"spin_then_wait 5", "set"}, {demote(1, 1), demote(0, 3)}, RunEnd::kCompleted},
    {"SpinThatEndsByTheHandlerOverIt", {"spin_flag"}, {interrupt(0, 5, kSetFlag)}, RunEnd::kCompleted},
    {"SpinThatEndsByAnIpi", {"spin_flag", "send 0 0"}, {}, RunEnd::kCompleted},
    {"ChangingLoopThatEndsByADeferredIpi",
     {"flip_until_flag", "send 0 0"},
     {defer(0, 1, kSetFlag, 60'000)},
     RunEnd::kCompleted},
    {"SpinThatEndsByADeferredIpi", {"spin_flag", "send 0 0"}, {defer(0, 1, kSetFlag, 60'000)}, RunEnd::kCompleted},
    {"SpinThatEndsByAnIpiToAnIdleCpu", {"spin_flag", "nothing", "send 1 0"}, {}, RunEnd::kCompleted},
    {"WaitInAHandlerThatSomebodyEnds", {"nothing", "set"}, {interrupt(0, 1, kWaitFlag)}, RunEnd::kCompleted},
    {"SpinInASoftirqThatSomebodyEnds", {"nothing", "set_other"}, {interrupt(0, 1, kMarkSoftirq)}, RunEnd::kCompleted},
    {"WaitsInARing", {"wait_in_ring", "wait_in_ring", "wait_in_ring"}, {}, RunEnd::kCompleted},
    {"SpinForACreatedCpu", {"spin_for_created_cpu", "spin_for_created_cpu"}, {}, RunEnd::kCompleted},
    {"SpinUntilSomebodysTimeout", {"spin_flag", "set_after_timeout 5000"}, {}, RunEnd::kCompleted},
    {"PollByTimeouts", {"poll_by_timeout", "spin_until_time 500; set"}, {}, RunEnd::kCompleted},
};

std::string case_name(const testing::TestParamInfo<ProofCase>& info) {
  return info.param.name;
}
INSTANTIATE_TEST_SUITE_P(MustFire, ProofTest, testing::ValuesIn(kMustFire), case_name);
INSTANTIATE_TEST_SUITE_P(MustStaySilent, ProofTest, testing::ValuesIn(kMustStaySilent), case_name);

using HangViewTest = MachineFixture;

TEST_F(HangViewTest, ADisabledInterruptIsShownAsPending) {
  const RunView& view = run("proofs", {"spin_disabled"});
  ASSERT_EQ(view.end, RunEnd::kSelfLoops);
  EXPECT_FALSE(view.cpus[0].irqs_enabled);
  EXPECT_EQ(view.cpus[0].pending_vectors, std::uint64_t{1} << kSetFlag);
}

TEST_F(HangViewTest, AWaitInAHandlerIsShownOverItsTask) {
  const RunView& view = run("proofs", {"nothing", "set"}, {interrupt(0, 1, kWaitNever)});
  ASSERT_EQ(view.cpus[0].contexts.size(), 2u);
  EXPECT_EQ(view.cpus[0].contexts[1].kind, ContextView::Kind::kIrq);
  EXPECT_EQ(view.cpus[0].contexts[1].number, kWaitNever);
  EXPECT_EQ(view.cpus[0].activity, CpuActivity::kWaiting);
}

TEST_F(HangViewTest, TheSearchForALivelockLetsDeferralsEnd) {
  const RunView& view = run("proofs", {"flip_until_flag", "send 0 0"}, {defer(0, 1, kSetFlag, 60'000)});
  EXPECT_EQ(view.end, RunEnd::kCompleted);
  EXPECT_LT(view.points, 30'000u);
}

TEST_F(HangViewTest, ALoopWithoutAProofReachesThePointLimit) {
  const RunView& view = run("proofs", {"spin_until_time 60000"}, {}, {.points_max = 5'000});
  EXPECT_EQ(view.end, RunEnd::kPointLimit);
  EXPECT_EQ(view.points, 5'000u);
}

}  // namespace
}  // namespace gridlock
