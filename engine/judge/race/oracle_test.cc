// The race judge and its slow, obvious oracle agree on random small programs: whether there is a race, which access is
// the first to race, and with which earlier one. GRIDLOCK_ORACLE_PROGRAMS in the environment asks for more programs.
#include "engine/judge/race/oracle.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "engine/judge/race/judge_runner.h"

namespace gridlock::race {
namespace {

constexpr std::uint32_t kProgramsByDefault = 20'000;

std::uint32_t programs_wanted() {
  const char* const wanted = std::getenv("GRIDLOCK_ORACLE_PROGRAMS");
  return wanted == nullptr ? kProgramsByDefault : static_cast<std::uint32_t>(std::strtoul(wanted, nullptr, 10));
}

// Most steps that would race are left out, or nearly every program would be over after a few steps; what is left has
// been ordered in many ways before the race comes.
SmallProgram draw_long_program(Prng& prng) {
  Oracle oracle;
  bool has_race = false;
  return draw_program(prng, [&](const Step& step) {
    if (has_race) return false;
    has_race = oracle.races_with(step).any();
    if (has_race && prng.chance(15, 16)) {
      has_race = false;
      return false;
    }
    if (!has_race) oracle.take(step);
    return true;
  });
}

TEST(RaceOracle, JudgeAndOracleAgreeOnRandomPrograms) {
  JudgeRunner judge;
  std::uint32_t races = 0;
  const std::uint32_t wanted = programs_wanted();
  for (std::uint32_t seed = 0; seed < wanted; ++seed) {
    Prng prng(seed);
    const SmallProgram program = draw_long_program(prng);
    // Most have all strands in the first group; some cross the border of a group, or of a node of a set.
    constexpr std::uint32_t kStrandsBefore[] = {0, 12, 14, 60};
    const std::uint32_t before = kStrandsBefore[seed % 4];
    const std::string difference = disagreement(judge, program, before);
    races += judge.has_race() ? 1 : 0;
    if (difference.empty()) continue;
    const auto differs = [&](const SmallProgram& shorter) { return !disagreement(judge, shorter, before).empty(); };
    const SmallProgram shrunk = shrink_program(program, differs);
    FAIL() << "program " << seed << ", shrunk:\n" << print_program(shrunk) << disagreement(judge, shrunk, before);
  }
  // Neither verdict is rare.
  EXPECT_GT(races, wanted / 5);
  EXPECT_LT(races, wanted - wanted / 5);
  RecordProperty("races", static_cast<int>(races));
}

}  // namespace
}  // namespace gridlock::race
