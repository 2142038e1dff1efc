#include "engine/explain/story.h"

#include <gtest/gtest.h>

#include "engine/explain/fake_traced_run.h"

namespace gridlock {
namespace {

using enum StepKind;

class StoryTest : public testing::Test {
 protected:
  StoryTest() {
    run_.schema.operations = {{"op", {}}};
    run_.schema.vectors = {"blkif"};
    run_.schema.entities = {"vcpu0"};
    run_.scenario.programs = {{{OperationId(0), {}}}, {{OperationId(0), {}}}};
    run_.trace.names = {{0x40, 4, "lock"}, {0x50, 4, "flag"}};
  }
  std::vector<Row> rows() {
    const ExplainInput& input = run_.input();
    return tell(input, Words(input)).rows;
  }
  std::vector<std::string> told() {
    std::vector<std::string> all;
    for (const Row& row : rows()) all.push_back(row.what);
    return all;
  }
  // Two cpus touch it, so that it is shared.
  void share(std::uint64_t address) {
    run_.at(0, {"f"}).load(address, 7);
    run_.at(1, {"g"}).load(address, 7);
  }

  FakeTracedRun run_;
};

using Told = std::vector<std::string>;

// ---- Loops ----------------------------------------------------------------------------------------------------

TEST_F(StoryTest, EqualRoundsOfALoopAreShownOnceAndCounted) {
  run_.at(0, {"spin"});
  for (int i = 0; i < 5; ++i) run_.load(0x40, 1).event(kRelax);
  EXPECT_EQ(told(), (Told{"load lock = 1", "cpu_relax", "... 4 rounds more"}));
  EXPECT_EQ(rows()[2].first_step, 2U);
  EXPECT_EQ(rows()[2].last_step, 9U);
}

TEST_F(StoryTest, ACpuInALoopSpinsOnWhatItReads) {
  run_.at(0, {"spin"});
  for (int i = 0; i < 5; ++i) run_.load(0x40, 1).event(kRelax);
  EXPECT_EQ(rows().back().states[0], "spin lock");
}

TEST_F(StoryTest, ARoundThatSeesAnotherValueIsNotFolded) {
  run_.at(0, {"spin"});
  for (std::uint64_t i = 0; i < 4; ++i) run_.load(0x40, i).event(kRelax);
  EXPECT_EQ(rows().size(), 8U);
}

TEST_F(StoryTest, ALoopOfTwoCpusFoldsAsOne) {
  for (int i = 0; i < 3; ++i) {
    run_.at(0, {"f"}).xchg(0x40, 0, 1);
    run_.at(1, {"g"}).xchg(0x40, 1, 0);
  }
  EXPECT_EQ(told(), (Told{"xchg lock 0 -> 1", "xchg lock 1 -> 0", "... 2 rounds more of several cpus"}));
}

TEST_F(StoryTest, AnIncompleteRoundAtTheEndIsShown) {
  run_.at(0, {"spin"});
  for (int i = 0; i < 3; ++i) run_.load(0x40, 1).load(0x50, 0);
  run_.load(0x40, 1);
  EXPECT_EQ(told(), (Told{"load lock = 1", "load flag = 0", "... 2 rounds more", "load lock = 1"}));
}

TEST_F(StoryTest, ADirectiveIsNeverFoldedAway) {
  run_.at(0, {"spin"});
  for (int i = 0; i < 3; ++i) run_.load(0x40, 1).directive(Action::kDemote, kDemote);
  EXPECT_EQ(rows().size(), 6U);
}

TEST_F(StoryTest, ALoopLongerThanTheLimitIsNotFolded) {
  run_.at(0, {"f"});
  for (int round = 0; round < 2; ++round) {
    for (std::uint64_t i = 0; i <= kFoldPeriodMax; ++i) run_.load(0x40, i);
  }
  EXPECT_EQ(rows().size(), 2 * (kFoldPeriodMax + 1));
}

// ---- Steps that say nothing -----------------------------------------------------------------------------------

TEST_F(StoryTest, StepsOnMemoryOfItsOwnAreOneRow) {
  run_.at(0, {"f"}).load(0x200, 1).store(0x204, 1, 2).step({.kind = kLoad, .address = 8, .stack_address = true});
  run_.load(0x40, 1);
  EXPECT_EQ(told(), (Told{"... 3 steps of its own", "load lock = 1"}));
}

TEST_F(StoryTest, SharedAndNamedMemoryIsAlwaysShown) {
  share(0x200);
  run_.at(0, {"f"}).store(0x200, 7, 8).store(0x40, 0, 1).store(0x50, 0, 1);
  EXPECT_EQ(rows().size(), 5U);
}

TEST_F(StoryTest, MemoryOfWhichOnlyAByteIsSharedIsShown) {
  share(0x202);
  run_.at(0, {"f"}).store(0x200, 1, 2).store(0x200, 2, 3).store(0x200, 3, 4);
  EXPECT_EQ(rows().size(), 5U);
}

// ---- What matters ---------------------------------------------------------------------------------------------

TEST_F(StoryTest, ADirectiveIsMatchedToTheStepThatAppliesIt) {
  run_.at(0, {"f"}).load(0x40, 1).load(0x50, 1);
  run_.directive(Action::kInterrupt, kIrqRaise, 0);
  run_.event(kIrqEnter, 0).event(kIrqExit, 0).load(0x40, 1);
  const std::vector<Row> all = rows();
  EXPECT_EQ(all[2].what, "irq blkif raised (directive 1)");
  EXPECT_EQ(all[2].directive, 0U);
  EXPECT_TRUE(all[2].matters);
  EXPECT_FALSE(all[0].matters);
}

TEST_F(StoryTest, TwoDemotesOfTheSamePointAreTwoDirectives) {
  run_.at(0, {"f"}).load(0x40, 1).directive(Action::kDemote, kDemote).directive(Action::kDemote, kDemote);
  EXPECT_EQ(rows()[1].directive, 0U);
  EXPECT_EQ(rows()[2].directive, 1U);
}

TEST_F(StoryTest, ADemoteByTheDefaultRuleIsNoDirective) {
  run_.at(0, {"f"}).load(0x40, 1).event(kDemote);
  EXPECT_EQ(rows()[1].what, "demoted");
  EXPECT_FALSE(rows()[1].directive.has_value());
}

TEST_F(StoryTest, AMigrationIsAppliedWhereItIsTaken) {
  run_.at(0, {"f"}).load(0x40, 1);
  run_.directives.push_back({CpuId(0), PointIndex(2), Action::kMigrate, 0, 1});
  run_.event(kIrqDisable).load(0x50, 1).load(0x40, 1).event(kIrqEnable).event(kMigrateEnter, 0, 1);
  EXPECT_EQ(rows().back().what, "told to migrate vcpu0 to cpu 1 (directive 1)");
}

TEST_F(StoryTest, ADirectiveThatWasNotReachedHasNoStep) {
  run_.at(0, {"f"}).load(0x40, 1);
  run_.directives.push_back({CpuId(1), PointIndex(99), Action::kDemote, 0, 0});
  const ExplainInput& input = run_.input();
  EXPECT_FALSE(tell(input, Words(input)).directive_steps.at(0).has_value());
}

TEST_F(StoryTest, ControlFromAnotherCpuIsMarked) {
  run_.at(0, {"f"}).load(0x40, 1);
  run_.at(1, {"g"}).load(0x50, 1).load(0x40, 1);
  const std::vector<Row> all = rows();
  EXPECT_TRUE(all[1].switched && all[1].matters);
  EXPECT_FALSE(all[2].switched || all[2].matters);
}

TEST_F(StoryTest, OfADataRaceOnlyTheAccessesAndWhatIsBetweenThemMatter) {
  run_.at(0, {"f"}).event(kOperationBegin, 0, 0).load(0x50, 1).racing(0, true, 0x80).store(0x40, 0, 1);
  run_.at(1, {"g"}).event(kOperationBegin, 0, 0).event(kIpiSend, 0, 0).load(0x40, 1).racing(1, false, 0x80);
  std::vector<std::size_t> mattering;
  for (const Row& row : rows()) {
    if (row.matters) mattering.push_back(row.first_step);
  }
  EXPECT_EQ(mattering, (std::vector<std::size_t>{0, 2, 3, 4, 6, 7}));
  EXPECT_EQ(rows()[2].what, "races: plain write of arena+0x80");
}

TEST_F(StoryTest, TheLastWritesToWhatAStuckCpuReadsMatter) {
  run_.at(1, {"g"}).store(0x50, 0, 1).store(0x50, 1, 2).store(0x50, 2, 3);
  run_.at(0, {"f"}).load(0x50, 3);
  CpuView stuck;
  stuck.activity = CpuActivity::kSpinning;
  stuck.watches = {0x50};
  run_.cpus = {stuck};
  const std::vector<Row> all = rows();
  EXPECT_FALSE(all[0].matters);
  EXPECT_TRUE(all[1].matters);
  EXPECT_TRUE(all[2].matters);
}

TEST_F(StoryTest, TheTakingAndTheReleaseOfALockTriedInVainMatter) {
  run_.at(1, {"g"}).xchg(0x40, 0, 1);
  run_.at(0, {"f"}).xchg(0x40, 1, 1).event(kWaitEnter).event(kStuck);
  run_.at(1, {"g"}).store(0x50, 0, 1).store(0x40, 1, 0);
  CpuView stuck;
  stuck.activity = CpuActivity::kWaiting;
  run_.cpus = {stuck};
  const std::vector<Row> all = rows();
  EXPECT_TRUE(all[0].matters);
  EXPECT_TRUE(all[5].matters);
  EXPECT_EQ(all[5].what, "store lock 1 -> 0");
}

TEST_F(StoryTest, TheLastTimeACpuIsStuckIsForGoodAndNamesWhatItReads) {
  run_.at(0, {"spin"}).load(0x40, 1).event(kStuck);
  run_.at(1, {"g"}).store(0x40, 1, 0);
  run_.at(0, {"spin"}).load(0x40, 0).store(0x40, 0, 1).load(0x50, 0).event(kStuck);
  CpuView stuck;
  stuck.activity = CpuActivity::kSpinning;
  stuck.watches = {0x50, 0x60};
  run_.cpus = {stuck};
  const std::vector<Row> all = rows();
  EXPECT_EQ(all[1].what, "stuck: spins on lock");
  EXPECT_EQ(all.back().what, "stuck for good: spins on flag, arena+0x60");
}

TEST_F(StoryTest, AThreadThatSleepsInACallWaitsThere) {
  run_.at(0, {"main"}).call("pthread_join", {.kind = kLoad, .address = 0x40}).call("pthread_join", {.kind = kStuck});
  run_.at(1, {"g"}).store(0x40, 0, 1);
  run_.at(0, {"main"}).call("pthread_join", {.kind = kWaitInside});
  run_.at(0, {"gridlock::has_ended", "__wrap_pthread_join", "main"}).step({.kind = kWaitRead, .address = 0x40});
  run_.at(0, {"main"}).event(kWaitDone).load(0x50, 1);
  Told what, states;
  for (const Row& row : rows()) {
    what.push_back(row.what);
    states.push_back(row.states[0]);
  }
  EXPECT_EQ(what, (Told{"pthread_join(lock)", "stuck: waits in pthread_join", "store lock 0 -> 1",
                        "sleeps in pthread_join", "comes back from pthread_join", "load flag = 1"}));
  EXPECT_EQ(states, (Told{"run", "wait", "wait", "wait", "run", "run"}));
}

TEST_F(StoryTest, AnInterruptIsToldWithItsHandler) {
  run_.at(0, {"f"}).load(0x40, 1);
  run_.at(0, {}).event(kIrqEnter, 0);
  run_.at(0, {"wake", "blkif_interrupt"}).load(0x50, 1);
  run_.at(0, {}).event(kIrqExit, 0).event(kIrqEnter, 0).event(kIrqExit, 0);
  const std::vector<Row> all = rows();
  EXPECT_EQ(all[1].what, "takes irq blkif: blkif_interrupt");
  EXPECT_EQ(all[4].what, "takes irq blkif");
}

TEST_F(StoryTest, TheStepThatBrokeSomethingMatters) {
  run_.at(0, {"f"}).load(0x40, 1).store(0x50, 0, 1);
  Failure failure{"one_owner", "", CpuId(0), run_.chain({"f"})};
  run_.failure = &failure;
  EXPECT_FALSE(rows()[0].matters);
  EXPECT_TRUE(rows()[1].matters);
}

// ---- States ---------------------------------------------------------------------------------------------------

TEST_F(StoryTest, StatesFollowHandlersWaitsAndTheEnd) {
  run_.at(0, {"f"}).event(kOperationBegin, 0, 0).event(kWaitEnter).event(kIrqEnter, 0).event(kIrqExit, 0);
  run_.event(kWaitDone).event(kOperationEnd, 0, 0).event(kIdle).event(kIrqEnter, 0).event(kIrqExit, 0).event(kCpuEnd);
  Told states;
  for (const Row& row : rows()) states.push_back(row.states[0]);
  EXPECT_EQ(states, (Told{"run", "wait", "irq blkif", "wait", "run", "run", "idle", "irq blkif", "idle", "end"}));
}

TEST_F(StoryTest, OneCpuRunsAtATime) {
  run_.at(0, {"f"}).load(0x40, 1);
  run_.at(1, {"g"}).load(0x50, 1);
  EXPECT_EQ(rows()[0].states, (Told{"run", "-"}));
  EXPECT_EQ(rows()[1].states, (Told{"ready", "run"}));
}

TEST_F(StoryTest, AStuckCpuThatLooksAgainInVainIsOneRow) {
  run_.at(0, {"spin"}).load(0x40, 1).event(kRelax).event(kStuck);
  run_.at(1, {"g"}).load(0x50, 1);
  run_.at(0, {"spin"}).load(0x40, 1).event(kRelax).event(kStuck);
  const std::vector<Row> all = rows();
  ASSERT_EQ(all.size(), 5U);
  EXPECT_EQ(all[4].what, "... looks again, still stuck");
  EXPECT_EQ(all[4].states[0], "spin lock");
  EXPECT_FALSE(all[4].matters);
}

TEST_F(StoryTest, AFoldIsMarkedWhereControlCameFromAnotherCpu) {
  run_.at(0, {"spin"}).load(0x40, 1).event(kStuck);
  run_.at(1, {"g"}).load(0x50, 1);
  run_.at(0, {"spin"}).load(0x40, 1).load(0x40, 1).event(kStuck);
  EXPECT_TRUE(rows().back().is_fold);
  EXPECT_TRUE(rows().back().switched);
}

TEST_F(StoryTest, AStuckCpuThatGoesOnIsToldStepByStep) {
  run_.at(0, {"spin"}).load(0x40, 1).event(kStuck);
  run_.at(1, {"g"}).store(0x40, 1, 0);
  run_.at(0, {"spin"}).load(0x40, 0).xchg(0x40, 0, 1).event(kStuck);
  EXPECT_EQ(rows().size(), 6U);
}

TEST_F(StoryTest, AStuckCpuThatIsStuckElsewhereNextIsToldStepByStep) {
  run_.at(0, {"spin"}).load(0x40, 1).event(kStuck);
  run_.at(1, {"g"}).store(0x40, 1, 0);
  run_.at(0, {"spin"}).load(0x40, 0);
  run_.at(0, {"wait_for_flag"}).load(0x50, 0).event(kStuck);
  EXPECT_EQ(rows().back().what, "stuck: spins on flag");
}

}  // namespace
}  // namespace gridlock
