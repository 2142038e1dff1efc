// `reads-from`: the wanted read sees the wanted write where that can be, and holds nobody up where it cannot.
#include "engine/strategy/reads_from.h"

#include <gtest/gtest.h>

#include <array>

#include "engine/strategy/fake_machine.h"

namespace gridlock {
namespace {

constexpr Site kEarly = 1, kMiddle = 2, kLate = 3, kRead = 10;

constexpr PendingAccess write_at(Site site) {
  return {.address = 0x10, .is_write = true, .site = site};
}
constexpr PendingAccess kReadX{.address = 0x10, .is_write = false, .site = kRead};

// cpu 0 writes at three sites, cpu 1 reads between two words of its own.
const FakeProgram kProgram = {{write_at(kEarly), write_at(kMiddle), write_at(kLate)},
                              {{0x20, false, 20}, kReadX, {0x20, false, 21}}};

// How many writes were made when the read came.
std::size_t writes_before_read(const Interleaving& run) {
  std::size_t writes = 0, steps = 0;
  for (const std::uint32_t cpu : run) {
    if (cpu == 0) ++writes;
    if (cpu == 1 && ++steps == 2) break;
  }
  return writes;
}

TEST(ReadsFrom, TheWantedReadSeesTheWantedWriteInEveryRun) {
  for (const Site site : {kEarly, kMiddle, kLate}) {
    ReadsFromStrategy strategy(1);
    strategy.want(std::array{ReadsFromPair{.write = site, .read = kRead}});
    const Scenario scenario = scenario_for(kProgram);
    for (int i = 0; i < 200; ++i) {
      EXPECT_EQ(writes_before_read(run_fake(kProgram, scenario, strategy).interleaving), site) << "run " << i;
    }
  }
}

TEST(ReadsFrom, WithoutAWishItSamplesLikePos) {
  const FakeProgram program = {{write_at(kEarly), kReadX}, {kReadX, write_at(kLate)}};
  ReadsFromStrategy strategy(1);
  EXPECT_EQ(sampled_interleavings(program, strategy, 5'000), all_interleavings(program));
}

TEST(ReadsFrom, AnInfeasibleWishEndsLikeAnyOtherRun) {
  ReadsFromStrategy strategy(1);
  strategy.want(std::array{ReadsFromPair{.write = 77, .read = kRead}});
  const auto runs = sampled_interleavings(kProgram, strategy, 200);
  EXPECT_FALSE(runs.empty());
  for (const Interleaving& run : runs) EXPECT_EQ(run.size(), 6u);
}

TEST(ReadsFrom, AReaderWaitsNoLongerThanItsPatience) {
  // The writer loops and never writes at the wanted site.
  const FakeProgram program = {std::vector<PendingAccess>(5'000, write_at(kEarly)), {kReadX}};
  ReadsFromStrategy strategy(1);
  strategy.want(std::array{ReadsFromPair{.write = kLate, .read = kRead}});
  const Interleaving run = run_fake(program, scenario_for(program), strategy).interleaving;
  EXPECT_EQ(run.back(), 0u) << "the read came in the middle";
}

TEST(ReadsFrom, ADemoteOfTheScenarioIsNotUndone) {
  Scenario scenario = scenario_for(kProgram);
  scenario.directives = {{CpuId(1), PointIndex(3)}};
  ReadsFromStrategy strategy(1);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(run_fake(kProgram, scenario, strategy).interleaving.size(), 6u);
}

}  // namespace
}  // namespace gridlock
