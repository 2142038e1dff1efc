// Whatever is mutated or crossed, for whatever target and with whatever is known: what comes out is a legal scenario,
// another one, of a bounded size, the same for the same seed.
#include "engine/mutate/mutate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>

#include "engine/decode/any_scenario.h"
#include "engine/decode/decode.h"
#include "engine/mutate/mutate_bytes.h"
#include "engine/mutate/toy_profile.h"

namespace gridlock {
namespace {

constexpr int kMutations = 100'000;  // of each target
constexpr int kChain = 50;           // mutations of one scenario, one after the other
constexpr int kRoundTrips = 8;       // one in so many is encoded: that takes ten times as long as the mutation

// Some notes for some cpus: fewer or more cpus and operations than the scenario has, as after a run that ended early or
// that created cpus.
RunProfile any_profile(Prng& prng) {
  RunProfile profile;
  profile.cpus.resize(prng.below(6));
  profile.operation_starts.resize(prng.below(6));
  for (auto& notes : profile.cpus) {
    notes.resize(prng.below(30));
    for (PointNote& note : notes) {
      note = {.site = prng.below(20),
              .object = prng.below(5),
              .depth = static_cast<std::uint8_t>(prng.below(3)),
              .writes = prng.chance(1, 2),
              .irqs_enabled = prng.chance(1, 2)};
    }
  }
  for (auto& starts : profile.operation_starts) {
    starts.resize(prng.below(5));
    for (auto& start : starts) start = prng.below(30);
    std::ranges::sort(starts);
  }
  return profile;
}

std::size_t demotes_of(const Scenario& scenario) {
  return static_cast<std::size_t>(std::ranges::count_if(
      scenario.directives, [](const Directive& directive) { return directive.action == Action::kDemote; }));
}

MutationOptions any_options(Prng& prng) {
  return {.generate = {.cpus_max = prng.below(6), .calls_max = prng.below(6), .directives_max = prng.below(8)},
          .demotes = prng.chance(1, 2)};
}

TEST(Mutate, EveryMutationIsAnotherLegalScenarioAndRoundTrips) {
  const std::vector<Site> sites = {1, 2, 3, 99};
  for (const TargetSchema& schema : schemas_of_all_kinds()) {
    Prng prng(1);
    Scenario scenario;
    RunProfile profile;
    for (int i = 0; i < kMutations; ++i) {
      if (i % kChain == 0) scenario = AnyScenario(prng, schema).draw();
      if (i % 10 == 0) profile = any_profile(prng);
      const Scenario before = scenario;
      const MutationOptions options = any_options(prng);
      const MutationAim aim{.profile = prng.chance(1, 4) ? nullptr : &profile, .sites = sites};
      mutate(prng, schema, options, aim, scenario);
      ASSERT_TRUE(is_legal(scenario, schema)) << schema.name << ' ' << i;
      ASSERT_NE(scenario, before) << schema.name << ' ' << i;
      if (i % kRoundTrips == 0) ASSERT_EQ(decode(encode(scenario, schema), schema), scenario) << schema.name;
      if (!options.demotes) ASSERT_LE(demotes_of(scenario), demotes_of(before)) << schema.name << ' ' << i;
    }
  }
}

TEST(Mutate, EveryCrossoverIsLegalAndRoundTrips) {
  for (const TargetSchema& schema : schemas_of_all_kinds()) {
    Prng prng(2);
    Scenario a, b;
    for (int i = 0; i < kMutations; ++i) {
      if (i % 5 == 0) a = AnyScenario(prng, schema).draw();
      b = prng.chance(1, 8) ? a : AnyScenario(prng, schema).draw();
      const MutationOptions options = any_options(prng);
      const Scenario child = cross_over(prng, schema, options, a, b);
      ASSERT_TRUE(is_legal(child, schema)) << schema.name << ' ' << i;
      if (i % kRoundTrips == 0) ASSERT_EQ(decode(encode(child, schema), schema), child) << schema.name;
      if (!options.demotes) ASSERT_LE(demotes_of(child), std::max(demotes_of(a), demotes_of(b)));
    }
  }
}

TEST(Mutate, TheSameSeedGivesTheSameScenarios) {
  Prng draws(3);
  const RunProfile profile = any_profile(draws);
  int differ = 0;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    const Scenario base = AnyScenario(draws, toy_schema()).draw();
    const auto mutated = [&](std::uint64_t from) {
      Prng prng(from);
      Scenario scenario = base;
      mutate(prng, toy_schema(), {}, {.profile = &profile}, scenario);
      return cross_over(prng, toy_schema(), {}, scenario, base);
    };
    EXPECT_EQ(mutated(seed), mutated(seed));
    differ += mutated(seed) == mutated(seed + 1) ? 0 : 1;
  }
  EXPECT_GT(differ, 950);
}

// The site of the aim is the last of 300 points. Where the first operation went, with its 100 points, it is at 200: a
// preemption that is aimed before that follows it there. At 300 it only is if a number changed in between, after which
// it is not known how long the operation was; aimed afterwards with the old profile, twice as many would be there as at
// 200.
TEST(Mutate, OnceTheProgramHasChangedNothingIsAimedAtPointsOfTheOldRun) {
  std::string points = "|";
  for (int i = 0; i < 100; ++i) points += " .";
  points += " |";
  for (int i = 0; i < 199; ++i) points += " .";
  const RunProfile profile = toy_profile({points + " .@7"});
  const std::vector<Site> sites = {7};
  const Scenario base{.parameters = {2, 7},
                      .programs = {{{.operation = OperationId(0)},
                                    {.operation = OperationId(2), .arguments = {4, 5, 1234, 123'456'789}}}},
                      .start_order = {CpuId(0)}};
  Prng prng(9);
  int before = 0, after = 0;
  for (int i = 0; i < 100'000; ++i) {
    Scenario scenario = base;
    mutate(prng, toy_schema(), {}, {.profile = &profile, .sites = sites}, scenario);
    const bool first_is_gone = scenario.programs[0].size() == 1 && scenario.programs[0][0] == base.programs[0][1];
    if (!first_is_gone || scenario.cpu_count() != 1) continue;
    before += std::ranges::count(scenario.directives, PointIndex(200), &Directive::point) > 0 ? 1 : 0;
    after += std::ranges::count(scenario.directives, PointIndex(300), &Directive::point) > 0 ? 1 : 0;
  }
  EXPECT_GT(before, 20);
  EXPECT_LT(after, before / 4);
}

// 20,000 mutations in a row: if what adds outweighed what takes away, this would end far beyond the options.
TEST(Mutate, ScenariosStaySmall) {
  const GenerateOptions usual;
  Prng prng(4);
  Scenario scenario = generate_program(prng, elastic_schema(), usual);
  const RunProfile profile = toy_profile({"| r1 w1 . | w2 r1", "| w1 . r2 | . ( w1 ) r2"});
  std::size_t directives = 0, cpus = 0, calls = 0, largest = 0;
  for (int i = 0; i < 20'000; ++i) {
    mutate(prng, elastic_schema(), {}, {.profile = &profile}, scenario);
    directives += scenario.directives.size();
    cpus += scenario.cpu_count();
    for (const auto& program : scenario.programs) {
      calls += program.size();
      largest = std::max(largest, program.size());
    }
  }
  EXPECT_LT(directives / 20'000, usual.directives_max + 2);
  EXPECT_GT(directives / 20'000, 1u);
  EXPECT_LT(cpus / 20'000, usual.cpus_max + 2);
  EXPECT_LT(calls / cpus, usual.calls_max);
  EXPECT_LT(largest, 2u * usual.calls_max + 4);
}

// Scenarios may come larger than any option says: from a corpus, or from bytes.
TEST(Mutate, TheLargestScenarioStaysLegal) {
  Prng prng(5);
  Scenario largest = AnyScenario(prng, elastic_schema()).draw();
  largest.programs.assign(kCpusMax, std::vector<OperationCall>(kProgramCallsMax, {.operation = OperationId(1)}));
  largest.start_order.clear();
  for (std::uint32_t cpu = 0; cpu < kCpusMax; ++cpu) largest.start_order.push_back(CpuId(cpu));
  largest.directives.assign(kDirectivesMax, {.cpu = CpuId(kCpusMax - 1), .point = PointIndex(kPointOrdinalMax)});
  ASSERT_TRUE(is_legal(largest, elastic_schema()));
  for (int i = 0; i < 500; ++i) {
    Scenario scenario = largest;
    mutate(prng, elastic_schema(), {}, {}, scenario);
    EXPECT_TRUE(is_legal(scenario, elastic_schema()));
    EXPECT_TRUE(is_legal(cross_over(prng, elastic_schema(), {}, scenario, largest), elastic_schema()));
  }
}

TEST(CrossOver, TakesPartsOfBoth) {
  Scenario left, right;
  left.parameters = {2, 7};
  right.parameters = {4, 9};
  left.programs.assign(2, std::vector<OperationCall>(3, {.operation = OperationId(0)}));
  right.programs.assign(2, std::vector<OperationCall>(3, {.operation = OperationId(1)}));
  left.start_order = {CpuId(0), CpuId(1)};
  right.start_order = {CpuId(1), CpuId(0)};
  left.directives.assign(3, {.cpu = CpuId(0), .point = PointIndex(5)});
  right.directives.assign(3, {.cpu = CpuId(1), .point = PointIndex(6)});
  Prng prng(6);
  int programs = 0, inside_one = 0, schedules = 0, parameters = 0;
  for (int i = 0; i < 1000; ++i) {
    const Scenario child = cross_over(prng, toy_schema(), {}, left, right);
    const auto has = [&](std::uint32_t operation) {
      return [operation](const std::vector<OperationCall>& program) {
        return std::ranges::any_of(program,
                                   [&](const OperationCall& call) { return call.operation.value() == operation; });
      };
    };
    const auto mixed = [&](const auto& program) { return has(0)(program) && has(1)(program); };
    programs += std::ranges::any_of(child.programs, has(0)) && std::ranges::any_of(child.programs, has(1)) ? 1 : 0;
    inside_one += std::ranges::any_of(child.programs, mixed) ? 1 : 0;
    const auto of_cpu = [&](std::uint32_t cpu) {
      return std::ranges::any_of(child.directives, [&](const Directive& one) { return one.cpu.value() == cpu; });
    };
    schedules += of_cpu(0) && of_cpu(1) ? 1 : 0;
    parameters += child.parameters == std::vector<std::uint32_t>{2, 9} ? 1 : 0;
  }
  EXPECT_GT(programs, 300);
  EXPECT_GT(inside_one, 80);
  EXPECT_GT(schedules, 100);
  EXPECT_GT(parameters, 50);
}

TEST(CrossOver, TheScheduleOfBothIsNoLongerThanOne) {
  Prng prng(10);
  std::size_t longest = 0;
  for (int i = 0; i < 2000; ++i) {
    Scenario a = AnyScenario(prng, bare_schema()).draw();
    Scenario b = a;
    a.directives.assign(9, {.cpu = CpuId(0), .point = PointIndex(5)});
    b.directives.assign(9, {.cpu = CpuId(1), .point = PointIndex(6)});
    longest = std::max(longest, cross_over(prng, bare_schema(), {}, a, b).directives.size());
  }
  EXPECT_GE(longest, 9u);
  EXPECT_LE(longest, 11u);  // a parent that came out as it was is mutated
}

// Cpu 3 is the second that the parent with two programs creates, and the first of the one with three. The points tell
// whose a directive was; a child with several of each is no mutation of one parent.
TEST(CrossOver, DirectivesForCreatedCpusKeepNamingThem) {
  Scenario two, three;
  two.parameters = three.parameters = {2, 7};
  two.programs.resize(2);
  three.programs.resize(3);
  two.start_order = {CpuId(0), CpuId(1)};
  three.start_order = {CpuId(0), CpuId(1), CpuId(2)};
  two.directives.assign(6, {.cpu = CpuId(3), .point = PointIndex(1000)});
  three.directives.assign(6, {.cpu = CpuId(3), .point = PointIndex(2000)});
  Prng prng(7);
  int mixed = 0;
  for (int i = 0; i < 1000; ++i) {
    const Scenario child = cross_over(prng, toy_schema(), {}, two, three);
    const auto of = [&](std::uint32_t point) {
      return std::ranges::count(child.directives, PointIndex(point), &Directive::point);
    };
    if (of(1000) < 2 || of(2000) < 2) continue;
    ++mixed;
    for (const Directive& directive : child.directives) {
      EXPECT_EQ(directive.cpu.value(), child.cpu_count() + (directive.point.value() == 1000 ? 1 : 0));
    }
  }
  EXPECT_GT(mixed, 50);
}

TEST(MutateBytes, TheNewInputMeansAnotherScenarioAndFits) {
  Prng prng(8);
  int grown = 0;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    std::vector<std::uint8_t> input(prng.below(40));
    for (auto& byte : input) byte = static_cast<std::uint8_t>(prng.below(256));
    const auto mutated = mutate_bytes(input, kInputBytesMax, seed, toy_schema(), {}, {});
    ASSERT_FALSE(mutated.empty());
    EXPECT_NE(decode(mutated, toy_schema()), decode(input, toy_schema()));
    EXPECT_EQ(mutated, mutate_bytes(input, kInputBytesMax, seed, toy_schema(), {}, {}));
    const auto bounded = mutate_bytes(input, mutated.size() - 1, seed, toy_schema(), {}, {});
    EXPECT_TRUE(bounded.empty());
    grown += mutated.size() > input.size() ? 1 : 0;
    const auto child = cross_over_bytes(input, mutated, kInputBytesMax, seed, toy_schema(), {});
    EXPECT_EQ(child, cross_over_bytes(input, mutated, kInputBytesMax, seed, toy_schema(), {}));
    EXPECT_TRUE(cross_over_bytes(input, mutated, child.size() - 1, seed, toy_schema(), {}).empty());
  }
  EXPECT_GT(grown, 0);
}

}  // namespace
}  // namespace gridlock
