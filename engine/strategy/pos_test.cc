// `pos`: complete on tiny programs, and blind to orders that make no difference.
#include "engine/strategy/pos.h"

#include <gtest/gtest.h>

#include <map>

#include "engine/strategy/fake_machine.h"

namespace gridlock {
namespace {

constexpr PendingAccess kReadX{0x10, false};
constexpr PendingAccess kWriteX{0x10, true};
constexpr PendingAccess kReadY{0x20, false};

TEST(Pos, ProducesEveryInterleavingOfTwoCpus) {
  const FakeProgram program = points_by_cpu({2, 2});
  PosStrategy strategy(1);
  EXPECT_EQ(sampled_interleavings(program, strategy, 1'000), all_interleavings(program));
}

TEST(Pos, ProducesEveryInterleavingOfThreeCpus) {
  const FakeProgram program = points_by_cpu({2, 2, 2});
  PosStrategy strategy(1);
  EXPECT_EQ(sampled_interleavings(program, strategy, 20'000), all_interleavings(program));
}

TEST(Pos, ProducesEveryInterleavingOfRacingCpus) {
  const FakeProgram program = {{kWriteX, kReadX}, {kReadX, kWriteX}, {kWriteX, kWriteX}};
  PosStrategy strategy(1);
  EXPECT_EQ(sampled_interleavings(program, strategy, 20'000), all_interleavings(program));
}

TEST(Pos, KeepsThePriorityOfWhatDoesNotRace) {
  // cpu 0 reads two addresses that nobody writes; cpu 1 reads one. With no redraw, the read of cpu 1 keeps its priority
  // p: it comes last if p is the least of three draws, probability 1/3. With a redraw at each step it would be 1/4.
  const FakeProgram program = {{kReadX, kReadY}, {kReadX}};
  PosStrategy strategy(4);
  constexpr int kRuns = 40'000;
  auto counts = histogram(program, strategy, kRuns);
  // One standard deviation is below 100.
  EXPECT_NEAR((counts[{0, 0, 1}]), kRuns / 3, 600);
  EXPECT_NEAR((counts[{0, 1, 0}]), kRuns / 6, 600);
  EXPECT_NEAR((counts[{1, 0, 0}]), kRuns / 2, 600);
}

TEST(Pos, RedrawsThePriorityOfWhatRaces) {
  // The write of cpu 0 races with the pending read of cpu 1, which so gets a new chance against the second access.
  const FakeProgram program = {{kWriteX, kReadY}, {kReadX}};
  PosStrategy strategy(4);
  constexpr int kRuns = 40'000;
  auto counts = histogram(program, strategy, kRuns);
  EXPECT_NEAR((counts[{0, 0, 1}]), kRuns / 4, 600);
  EXPECT_NEAR((counts[{0, 1, 0}]), kRuns / 4, 600);
  EXPECT_NEAR((counts[{1, 0, 0}]), kRuns / 2, 600);
}

TEST(Pos, TwoReadsOfOneAddressDoNotRaceButAReadAndAWriteDo) {
  const FakeProgram reads = {{kReadX, kReadY}, {kReadX}};
  const FakeProgram read_then_write = {{kReadX, kReadY}, {kWriteX}};
  PosStrategy strategy(4);
  constexpr int kRuns = 40'000;
  EXPECT_GT((histogram(reads, strategy, kRuns)[{0, 0, 1}]), (kRuns / 3 + kRuns / 4) / 2);
  EXPECT_LT((histogram(read_then_write, strategy, kRuns)[{0, 0, 1}]), (kRuns / 3 + kRuns / 4) / 2);
}

TEST(Pos, FindsALostUpdate) {
  // Both cpus read, then write: lost if both reads come before either write. Four of six interleavings.
  const FakeProgram program = {{kReadX, kWriteX}, {kReadX, kWriteX}};
  PosStrategy strategy(4);
  int lost = 0;
  for (const auto& [run, count] : histogram(program, strategy, 1'000)) lost += run[0] != run[1] ? count : 0;
  EXPECT_GT(lost, 300);
}

TEST(Pos, NeverPicksAStuckCpu) {
  const Scenario scenario = scenario_for(points_by_cpu({1, 1, 1}));
  PosStrategy strategy(3);
  const MomentOf moment({2, 1, 0});
  for (int i = 0; i < 1'000; ++i) {
    strategy.begin(scenario);
    EXPECT_FALSE(strategy.decide(moment.at(1, 0, 0b100)));
  }
}

TEST(Pos, ADemoteOfTheScenarioIsNotUndone) {
  const FakeProgram program = points_by_cpu({2, 1});
  Scenario scenario = scenario_for(program);
  scenario.directives = {{CpuId(0), PointIndex(2)}};
  PosStrategy strategy(3);
  for (int i = 0; i < 100; ++i) {
    const Interleaving run = run_fake(program, scenario, strategy).interleaving;
    EXPECT_EQ(run.back(), 0u);
  }
}

TEST(Pos, NobodyIsHeldUpForEverBesideALoopThatRacesWithNothing) {
  const FakeProgram program = {std::vector<PendingAccess>(20'000, kReadY), {kReadX}};
  Scenario scenario = scenario_for(program);
  scenario.directives = {{CpuId(1), PointIndex(1)}};
  scenario.start_order = {CpuId(1), CpuId(0)};
  PosStrategy strategy(3);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(run_fake(program, scenario, strategy).interleaving.back(), 0u);
}

}  // namespace
}  // namespace gridlock
