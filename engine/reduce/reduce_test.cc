// The reducer against fake predicates; checked_reduction.h checks of each what must hold of all.
#include "engine/reduce/reduce.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/base/hash.h"
#include "engine/base/prng.h"
#include "engine/reduce/checked_reduction.h"
#include "engine/reduce/fake_target.h"

namespace gridlock {
namespace {

using fake::defer, fake::demote, fake::interrupt, fake::is_inside, fake::migrate, fake::scenario;

class Reduce : public CheckedReduction {};

// A scenario of four cpus, twelve operations and many directives, in which most is noise.
Scenario noisy() {
  Scenario full = scenario({"XYZX", "YYX", "ZX", "XYZ"});
  full.parameters = {517};
  full.start_order = {CpuId(3), CpuId(1), CpuId(0), CpuId(2)};
  for (std::uint32_t i = 0; i < 40; ++i) {
    full.directives.push_back(demote(i % 4, 1 + i / 4));
    full.directives.push_back(interrupt(i % 4, 2 + i / 3, i));
  }
  for (auto& program : full.programs) {
    for (OperationCall& call : program) {
      if (call.operation == OperationId(0)) call.arguments[0] = 77;
    }
  }
  return full;
}

bool has_interrupt(const Scenario& candidate, std::uint32_t vector) {
  return std::ranges::any_of(candidate.directives, [&](const Directive& directive) {
    return directive.action == Action::kInterrupt && directive.a == vector;
  });
}

TEST_F(Reduce, WhatNeedsNothingShrinksToNothing) {
  expect_reduced(noisy(), [](const Scenario&) { return true; }, scenario({""}));
}

TEST_F(Reduce, KeepsTheMinimumOfCpus) {
  schema_.cpus_minimum = 3;
  expect_reduced(noisy(), [](const Scenario&) { return true; }, scenario({"", "", ""}));
}

TEST_F(Reduce, FindsTwoDirectivesOnDifferentCpus) {
  const auto keeps = [](const Scenario& candidate) {
    return std::ranges::any_of(candidate.directives, [&](const Directive& left) {
      return std::ranges::any_of(candidate.directives, [&](const Directive& right) {
        return left.action == Action::kDemote && right.action == Action::kDemote && left.cpu != right.cpu &&
               left.point.value() >= 3 && right.point.value() >= 5;
      });
    });
  };
  const Scenario result = reduced(noisy(), keeps);
  EXPECT_EQ(result.cpu_count(), 2u);
  EXPECT_EQ(result.directives.size(), 2u);
  EXPECT_EQ(size_of(result), (Size{2, 2, 0, 1 + 3 + 5}));
}

TEST_F(Reduce, FindsTheOperationAndTheDirectiveInsideIt) {
  const auto keeps = [](const Scenario& candidate) {
    return std::ranges::any_of(candidate.directives,
                               [&](const Directive& directive) { return is_inside(candidate, directive, 'Z'); });
  };
  const Scenario result = reduced(noisy(), keeps);
  EXPECT_EQ(size_of(result), size_of(scenario({"Z"}, {demote(0, 1)}))) << spelled(result);
}

TEST_F(Reduce, MovesDirectivesAlongWhenAnOperationInFrontGoes) {
  // The exact point inside Z matters, so that only the right shift keeps it.
  const auto keeps = [](const Scenario& candidate) {
    return std::ranges::any_of(candidate.directives, [&](const Directive& directive) {
      Directive before = directive;
      before.point = PointIndex(directive.point.value() - 3);
      return is_inside(candidate, directive, 'Z') && is_inside(candidate, before, 'Z') && directive.a == 9;
    });
  };
  expect_reduced(scenario({"XYXYYXZY"}, {interrupt(0, 28, 9)}), keeps, scenario({"Z"}, {interrupt(0, 4, 9)}));
}

TEST_F(Reduce, WorksWithoutKnowingWhereOperationsStart) {
  tells_starts_ = false;
  const auto keeps = [](const Scenario& candidate) {
    return has_interrupt(candidate, 17) && call_count(candidate) > 1;
  };
  const Scenario result = reduced(noisy(), keeps);
  EXPECT_EQ(size_of(result).directives, 1u);
  EXPECT_EQ(size_of(result).operations, 2u);
}

TEST_F(Reduce, MovesDirectivesByAFewPointsMoreWhereTheShiftIsNotExact) {
  // Without X, whose 5 points are known, the other cpu runs earlier by 2: all three directives must move by 3.
  const auto keeps = [](const Scenario& candidate) {
    const std::uint32_t first = call_count(candidate) == 2 ? 20 : 17;
    return candidate.directives.size() == 3 && call_count(candidate) > 0 &&
           candidate.directives[0] == demote(0, first) && candidate.directives[1] == demote(0, first + 10) &&
           candidate.directives[2] == demote(0, first + 20);
  };
  expect_reduced(scenario({"XY"}, {demote(0, 20), demote(0, 30), demote(0, 40)}), keeps,
                 scenario({"Y"}, {demote(0, 17), demote(0, 27), demote(0, 37)}));
}

TEST_F(Reduce, MovesADirectiveToWhereTheOperationsItWasAimedAtBegan) {
  const auto keeps = [](const Scenario& candidate) {
    if (candidate.directives.size() != 1 || call_count(candidate) == 1) return false;
    return candidate.directives[0].point.value() == (call_count(candidate) == 2 ? 14u : 1u);
  };
  expect_reduced(scenario({"ZZ"}, {demote(0, 14)}), keeps, scenario({""}, {demote(0, 1)}));
}

TEST_F(Reduce, LeavesADirectiveInItsPlaceWhileThoseBehindItMove) {
  // Without the two Z, which pass 14 points, the second directive comes 14 points earlier, and the first does not move.
  const auto keeps = [](const Scenario& candidate) {
    if (candidate.directives.size() != 2 || candidate.directives[0] != demote(0, 2)) return false;
    const auto second = candidate.directives[1].point.value();
    return call_count(candidate) == 4 ? second == 16 : call_count(candidate) == 2 && second == 2;
  };
  expect_reduced(scenario({"ZZXX"}, {demote(0, 2), demote(0, 16)}), keeps,
                 scenario({"XX"}, {demote(0, 2), demote(0, 2)}));
}

TEST_F(Reduce, EmptiesAProgramThatCanOnlyGoAsAWhole) {
  const auto keeps = [](const Scenario& candidate) {
    return candidate.cpu_count() == 2 && candidate.programs[0].size() == 1 &&
           (candidate.programs[1].size() == 3 || candidate.programs[1].empty());
  };
  expect_reduced(scenario({"X", "XYX"}), keeps, scenario({"X", ""}));
}

TEST_F(Reduce, DropsPairsOfWhichNeitherCanGoAlone) {
  const auto keeps = [](const Scenario& candidate) {
    return has_interrupt(candidate, 0) == has_interrupt(candidate, 2) && has_interrupt(candidate, 1) &&
           has_interrupt(candidate, 3);
  };
  const Scenario original =
      scenario({"X"}, {interrupt(0, 1, 0), interrupt(0, 1, 1), interrupt(0, 1, 2), interrupt(0, 1, 3)});
  expect_reduced(original, keeps, scenario({""}, {interrupt(0, 1, 1), interrupt(0, 1, 3)}));
}

TEST_F(Reduce, ReAimsADirectiveToMakeUpForOneThatGoes) {
  // Each demote on cpu 0 holds cpu 1 up by one point, so the interrupt must come the later the fewer of them are left.
  const auto keeps = [](const Scenario& candidate) {
    const auto demotes = std::ranges::count_if(candidate.directives, [](const Directive& directive) {
      return directive.action == Action::kDemote && directive.cpu == CpuId(0);
    });
    return std::ranges::any_of(candidate.directives, [&](const Directive& directive) {
      return directive.action == Action::kInterrupt && directive.cpu == CpuId(1) &&
             directive.point.value() + static_cast<std::uint32_t>(demotes) == 12;
    });
  };
  const Scenario original = scenario({"XX", "XX"}, {demote(0, 1), demote(0, 4), demote(0, 6), interrupt(1, 9, 0)});
  expect_reduced(original, keeps, scenario({"", ""}, {interrupt(1, 12, 0)}));
}

TEST_F(Reduce, ReAimsTwoDirectivesForAnOperationThatGoes) {
  const auto keeps = [](const Scenario& candidate) {
    if (candidate.directives.size() != 2 || candidate.cpu_count() != 2) return false;
    const auto calls = static_cast<std::uint32_t>(call_count(candidate));
    return candidate.directives[0].point.value() == 10 - calls && candidate.directives[1].point.value() == 20 - calls;
  };
  const Scenario original = scenario({"YY", "Y"}, {demote(0, 7), demote(1, 17)});
  expect_reduced(original, keeps, scenario({"", ""}, {demote(0, 10), demote(1, 20)}));
}

TEST_F(Reduce, TradesADemoteForAStartOrder) {
  // cpu 0 must not be the first to run.
  const auto keeps = [](const Scenario& candidate) {
    if (candidate.cpu_count() < 2) return false;
    return candidate.start_order.front() != CpuId(0) || std::ranges::count(candidate.directives, demote(0, 1)) > 0;
  };
  Scenario expected = scenario({"", ""});
  expected.start_order = {CpuId(1), CpuId(0)};
  expect_reduced(scenario({"X", "X", "X"}, {demote(0, 1)}), keeps, expected);
}

TEST_F(Reduce, KeepsAStartOrderThatIsNeeded) {
  const auto keeps = [](const Scenario& candidate) {
    const auto& order = candidate.start_order;
    return candidate.cpu_count() == 4 && std::ranges::find(order, CpuId(3)) < std::ranges::find(order, CpuId(1));
  };
  EXPECT_EQ(inversions(reduced(noisy(), keeps).start_order), 2u);
}

TEST_F(Reduce, LowersNumbersToTheSmallestThatKeep) {
  Scenario original = scenario({"XZ"}, {defer(0, 900, 2, 5'000), interrupt(0, 1'000'000, 1)});
  original.parameters = {1'000};
  original.programs[0][0].arguments[0] = 100;
  original.programs[0][1].arguments[0] = 9;
  const auto keeps = [](const Scenario& candidate) {
    if (call_count(candidate) != 2 || candidate.directives.size() != 2) return false;
    return candidate.parameters[0] >= 37 && candidate.programs[0][0].arguments[0] >= 11 &&
           candidate.directives[0].point.value() >= 123 && candidate.directives[0].b >= 77 &&
           candidate.directives[1].point.value() >= 54'321;
  };
  Scenario expected = scenario({"XZ"}, {defer(0, 123, 2, 77), interrupt(0, 54'321, 1)});
  expected.parameters = {37};
  expected.programs[0][0].arguments[0] = 11;
  expect_reduced(original, keeps, expected);
}

TEST_F(Reduce, MovesTheDirectivesOfACpuTogetherWhereTheirDistanceMatters) {
  const auto keeps = [](const Scenario& candidate) {
    return candidate.directives.size() == 2 &&
           candidate.directives[1].point.value() == candidate.directives[0].point.value() + 40;
  };
  expect_reduced(scenario({"X"}, {demote(0, 200), demote(0, 240)}), keeps,
                 scenario({""}, {demote(0, 1), demote(0, 41)}));
}

TEST_F(Reduce, LowersAParameterThatShiftsADirective) {
  const auto keeps = [](const Scenario& candidate) {
    return candidate.directives.size() == 1 &&
           candidate.directives[0].point.value() == 20 + 2 * candidate.parameters[0];
  };
  Scenario original = scenario({"X"}, {demote(0, 228)});
  original.parameters = {104};
  expect_reduced(original, keeps, scenario({""}, {demote(0, 22)}));
}

TEST_F(Reduce, KeepsTheCpuOfAMigrationLegal) {
  const auto keeps = [](const Scenario& candidate) {
    return std::ranges::any_of(candidate.directives,
                               [](const Directive& directive) { return directive.action == Action::kMigrate; });
  };
  Scenario original = noisy();
  original.directives.push_back(migrate(0, 4, 3));
  expect_reduced(original, keeps, scenario({""}, {migrate(0, 1, 0)}));
}

TEST_F(Reduce, HandlesDirectivesOfCpusThatTheTargetCreates) {
  const auto keeps = [](const Scenario& candidate) {
    return std::ranges::any_of(candidate.directives, [&](const Directive& directive) {
      return directive.cpu.value() == candidate.cpu_count();
    });
  };
  Scenario original = noisy();
  original.directives.push_back(demote(4, 6));
  expect_reduced(original, keeps, scenario({""}, {demote(1, 1)}));
}

TEST_F(Reduce, IsDeterministic) {
  const auto keeps = [](const Scenario& candidate) {
    return has_interrupt(candidate, 3) && has_interrupt(candidate, 9);
  };
  const Reduction left = counted(noisy(), keeps);
  const Reduction right = counted(noisy(), keeps);
  EXPECT_EQ(left.scenario, right.scenario);
  EXPECT_EQ(left.trials, right.trials);
}

TEST_F(Reduce, StopsWhenTheTrialsAreUsedUp) {
  const auto keeps = [](const Scenario& candidate) {
    return has_interrupt(candidate, 3) && has_interrupt(candidate, 9);
  };
  const std::uint64_t needed = counted(noisy(), keeps).trials;
  Size last = size_of(noisy());
  for (std::uint64_t trials_max = 0; trials_max < needed; ++trials_max) {
    const Reduction result = counted(noisy(), keeps, {trials_max});
    EXPECT_EQ(result.trials, trials_max);
    EXPECT_FALSE(result.one_minimal);
    EXPECT_TRUE(keeps(result.scenario));
    EXPECT_LE(size_of(result.scenario), last) << "more trials made it worse";
    last = size_of(result.scenario);
  }
  EXPECT_TRUE(counted(noisy(), keeps, {needed}).one_minimal);
}

TEST_F(Reduce, LeavesAloneWhatDoesNotKeepInTheFirstPlace) {
  const Reduction result = counted(noisy(), [](const Scenario&) { return false; });
  EXPECT_EQ(result.scenario, noisy());
  EXPECT_EQ(result.trials, 1u);
  EXPECT_FALSE(result.one_minimal);
}

TEST_F(Reduce, TakesFewTrialsForALongRecordedSchedule) {
  Scenario recorded = scenario({"XYZ", "XYZ", "XYZ"});
  for (std::uint32_t i = 0; i < kDirectivesMax; ++i) recorded.directives.push_back(interrupt(i % 3, 1 + i / 3, i % 64));
  const auto keeps = [](const Scenario& candidate) {
    return std::ranges::any_of(
               candidate.directives,
               [](const Directive& directive) { return directive.a == 7 && directive.cpu == CpuId(1); }) &&
           std::ranges::any_of(candidate.directives, [](const Directive& directive) {
             return directive.a == 50 && directive.cpu == CpuId(2);
           });
  };
  EXPECT_EQ(size_of(reduced(recorded, keeps)), (Size{3, 2, 0, 1 + 1 + 1}));
  EXPECT_LE(counted(recorded, keeps).trials, 3'000u);
}

// Random scenarios of up to three cpus, each directive with a vector of its own.
Scenario random_scenario(Prng& prng) {
  Scenario random;
  random.parameters = {prng.between(1, 20)};
  const std::uint32_t cpus = prng.between(1, 3);
  for (std::uint32_t cpu = 0; cpu < cpus; ++cpu) {
    random.start_order.insert(random.start_order.begin() + prng.below(cpu + 1), CpuId(cpu));
    auto& program = random.programs.emplace_back();
    for (std::uint32_t i = prng.below(4); i > 0; --i) program.push_back(fake::call("XYZ"[prng.below(3)]));
  }
  const std::uint32_t directives = prng.below(8);
  for (std::uint32_t i = 0; i < directives; ++i) {
    random.directives.push_back(interrupt(prng.below(cpus), prng.between(1, 20), i));
  }
  return random;
}

TEST_F(Reduce, FindsTheCoreOfAnyMonotonePredicate) {
  Prng prng(1);
  for (int i = 0; i < 300; ++i) {
    const Scenario original = random_scenario(prng);
    std::vector<std::uint32_t> core;
    for (const Directive& directive : original.directives) {
      if (prng.chance(1, 3)) core.push_back(directive.a);
    }
    const Scenario result = reduced(original, [&](const Scenario& candidate) {
      return std::ranges::all_of(core, [&](std::uint32_t vector) { return has_interrupt(candidate, vector); });
    });
    EXPECT_EQ(result.directives.size(), core.size());
    EXPECT_EQ(call_count(result), 0u);
  }
}

TEST_F(Reduce, HoldsItsPromisesForPredicatesWithoutAnyOrder) {
  Prng prng(2);
  for (std::uint64_t i = 0; i < 150; ++i) {
    const Scenario original = random_scenario(prng);
    // Keeps an arbitrary third of all scenarios, and the original.
    reduced(original, [&](const Scenario& candidate) {
      Hasher hasher;
      hasher.add(i);
      for (const char letter : spelled(candidate)) hasher.add(static_cast<std::uint64_t>(letter));
      return hasher.finish().high % 3 == 0 || candidate == original;
    });
  }
}

TEST(Size, OrdersByCpusThenDirectivesThenOperationsThenNumbers) {
  const Size base = size_of(scenario({"XY", "Z"}, {demote(0, 3), defer(1, 4, 0, 9)}));
  EXPECT_EQ(base, (Size{2, 2, 3, 1 + 2 + 3 + 4 + 9}));
  EXPECT_LT((Size{1, 9, 9, 9}), (Size{2, 0, 0, 0}));
  EXPECT_LT((Size{1, 1, 9, 9}), (Size{1, 2, 0, 0}));
  EXPECT_LT((Size{1, 1, 1, 9}), (Size{1, 1, 2, 0}));
  Scenario swapped = scenario({"XY", "Z"}, {demote(0, 3), defer(1, 4, 0, 9)});
  std::swap(swapped.start_order[0], swapped.start_order[1]);
  EXPECT_GT(size_of(swapped), base);
}

}  // namespace
}  // namespace gridlock
