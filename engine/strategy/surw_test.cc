// `surw`: even over interleavings, whatever the lengths of the programs, and selective in what it interleaves.
#include "engine/strategy/surw.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>

#include "engine/strategy/fake_machine.h"

namespace gridlock {
namespace {

constexpr PendingAccess kReadX{0x10, false};
constexpr PendingAccess kWriteX{0x10, true};
constexpr PendingAccess kReadY{0x20, false};

TEST(Surw, ProducesEveryInterleavingOfWritesToOneWord) {
  const FakeProgram program = {{kWriteX, kWriteX}, {kWriteX, kWriteX}, {kWriteX, kWriteX}};
  SurwStrategy strategy(1);
  EXPECT_EQ(sampled_interleavings(program, strategy, 20'000), all_interleavings(program));
}

TEST(Surw, IsAboutUniformOverInterleavingsOfUnequalPrograms) {
  // Six writes beside one: seven interleavings. A random walk has the single write first in half of its runs and last
  // in one of 64; uniform would be one in seven each.
  const FakeProgram program = {std::vector<PendingAccess>(6, kWriteX), {kWriteX}};
  SurwStrategy strategy(2);
  constexpr int kRuns = 40'000;
  const auto counts = histogram(program, strategy, kRuns);
  ASSERT_EQ(counts.size(), 7u);
  for (const auto& [run, count] : counts) {
    EXPECT_GT(count, kRuns / 16) << "uniform: " << kRuns / 7;
    EXPECT_LT(count, kRuns / 3);
  }
}

TEST(Surw, DoesNotPreemptBetweenSelectedAccesses) {
  // Between its two writes to X each cpu reads a word of its own twice. Selected is X, in three runs of four, so that
  // in those nobody is left between these two reads.
  const PendingAccess own{0x30, false};
  const FakeProgram program = {{kWriteX, kReadY, kReadY, kWriteX}, {kWriteX, own, own, kWriteX}};
  SurwStrategy strategy(3);
  const Scenario scenario = scenario_for(program);
  int selective = 0;
  constexpr int kRuns = 1'000;
  for (int i = 0; i < kRuns; ++i) {
    const Interleaving run = run_fake(program, scenario, strategy).interleaving;
    std::array<int, 2> passed{};
    bool torn = false;
    for (std::size_t step = 0; step + 1 < run.size(); ++step) {
      torn |= ++passed[run[step]] == 2 && run[step + 1] != run[step];
    }
    selective += torn ? 0 : 1;
  }
  EXPECT_GT(selective, kRuns * 2 / 3);
  EXPECT_LT(selective, kRuns * 9 / 10) << "one run in four takes all accesses for selected";
}

TEST(Surw, NeverPicksAStuckCpu) {
  const Scenario scenario = scenario_for(points_by_cpu({1, 1, 1}));
  SurwStrategy strategy(3);
  const MomentOf moment({2, 1, 0});
  for (int i = 0; i < 1'000; ++i) {
    strategy.begin(scenario);
    EXPECT_FALSE(strategy.decide(moment.at(1, 0, 0b100)));
  }
}

TEST(Surw, ADemoteOfTheScenarioIsNotUndone) {
  const FakeProgram program = {{kWriteX, kWriteX}, {kWriteX}};
  Scenario scenario = scenario_for(program);
  scenario.directives = {{CpuId(0), PointIndex(2)}};
  SurwStrategy strategy(3);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(run_fake(program, scenario, strategy).interleaving.back(), 0u);
}

TEST(Surw, NobodyIsHeldUpForEverBesideALoopWithoutASelectedAccess) {
  const FakeProgram program = {std::vector<PendingAccess>(20'000, kReadY), {kWriteX, kReadX}, {kWriteX}};
  SurwStrategy strategy(3);
  const Scenario scenario = scenario_for(program);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(run_fake(program, scenario, strategy).interleaving.back(), 0u);
}

TEST(Surw, WhoWaitsAtASelectedAccessGoesSoonThoughOthersWereToMakeMoreOfThem) {
  // By the run before, cpu 0 makes 200 of the 201 selected accesses; this time it loops and makes none.
  const FakeProgram earlier = {std::vector<PendingAccess>(200, kWriteX), {kWriteX}};
  const FakeProgram loops = {std::vector<PendingAccess>(5'000, kReadY), {kWriteX}};
  const Scenario scenario = scenario_for(earlier);
  SurwStrategy strategy(3);
  for (int i = 0; i < 50; ++i) {
    static_cast<void>(run_fake(earlier, scenario, strategy));
    const Interleaving run = run_fake(loops, scenario, strategy).interleaving;
    EXPECT_LT(std::ranges::find(run, 1u) - run.begin(), 1'000) << "run " << i;
  }
}

}  // namespace
}  // namespace gridlock
