// A recorded order is followed where it can be, and lived with where it cannot.
#include "engine/strategy/recorded.h"

#include <gtest/gtest.h>

#include "engine/strategy/fake_machine.h"

namespace gridlock {
namespace {

constexpr std::uint64_t kA = 0x10, kB = 0x20, kC = 0x30;

RecordedPoint read(std::uint32_t cpu, std::uint64_t address) {
  return {CpuId(cpu), address, false};
}

FakeProgram reads(const std::vector<std::vector<std::uint64_t>>& addresses) {
  FakeProgram program;
  for (const auto& cpu : addresses) {
    program.emplace_back();
    for (const std::uint64_t address : cpu) program.back().push_back({address, false});
  }
  return program;
}

Interleaving follow(const FakeProgram& program, const RecordedOrder& order, std::uint32_t blur = 0,
                    std::uint64_t seed = 1) {
  RecordedStrategy strategy(order, blur, seed);
  return run_fake(program, scenario_for(program), strategy).interleaving;
}

TEST(RecordedTest, EveryInterleavingOfATinyProgramIsFollowed) {
  const FakeProgram program = reads({{kA, kB, kC}, {kA, kB}});
  for (const Interleaving& wanted : all_interleavings(program)) {
    RecordedOrder order;
    std::vector<std::size_t> passed(2, 0);
    for (const std::uint32_t cpu : wanted) order.push_back(read(cpu, program[cpu][passed[cpu]++].address));
    EXPECT_EQ(follow(program, order), wanted);
  }
}

TEST(RecordedTest, RoundsOfASpinThatDoNotComeHereAreDropped) {
  const FakeProgram program = reads({{kA, kB}, {kC}});
  const RecordedOrder order = {read(0, kA), read(0, kA), read(1, kC), read(0, kA), read(0, kB)};
  EXPECT_EQ(follow(program, order), (Interleaving{0, 0, 1}));
}

TEST(RecordedTest, StepsThatWereNotTakenThereAreLetPass) {
  const FakeProgram program = reads({{kA, kC, kC, kB}, {kA}});
  const RecordedOrder order = {read(0, kA), read(0, kB), read(1, kA)};
  EXPECT_EQ(follow(program, order), (Interleaving{0, 0, 0, 0, 1}));
}

TEST(RecordedTest, AnEmptyOrderRunsTheLowestCpu) {
  EXPECT_EQ(follow(reads({{kA, kA}, {kA}}), {}), (Interleaving{0, 0, 1}));
}

TEST(RecordedTest, ACpuThatNeverMatchesDoesNotHoldUpItsWishes) {
  const std::vector<std::uint64_t> strange(RecordedStrategy::kExtraStepsMax + 2, kC);
  const FakeProgram program = reads({strange, {kB}});
  // Its wish is given up after kExtraStepsMax steps, and the other cpu comes.
  const Interleaving made = follow(program, {read(0, kA), read(1, kB), read(0, kA)});
  EXPECT_EQ(made[RecordedStrategy::kExtraStepsMax + 1], 1u);
}

TEST(RecordedTest, StuckCpusAreSkipped) {
  RecordedStrategy strategy({read(0, kA), read(1, kB)}, 0, 1);
  const Scenario scenario = scenario_for(points_by_cpu({1, 1}));
  strategy.begin(scenario);
  const MomentOf moment({0, 1});
  EXPECT_FALSE(strategy.decide(moment.at(1, 0, 0b10)).has_value());
}

TEST(RecordedTest, BlursAreNeighboursAndTheSameForASeed) {
  const FakeProgram program = reads({{kA, kB, kC}, {kA, kB, kC}});
  RecordedOrder order;
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::uint32_t cpu = 0; cpu < 2; ++cpu) order.push_back(read(cpu, program[cpu][i].address));
  }
  std::set<Interleaving> seen;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    seen.insert(follow(program, order, 3, seed));
    EXPECT_EQ(follow(program, order, 3, seed), follow(program, order, 3, seed));
  }
  EXPECT_GT(seen.size(), 5u);
}

}  // namespace
}  // namespace gridlock
