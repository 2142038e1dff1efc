// For tests of the reducer: a fixture whose every reduction is checked for what must always hold. The result keeps, is
// no larger, is 1-minimal by a slow and obvious oracle and is left alone by a second reduction; every candidate is
// legal and tried once.
//
// May include: base, model.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "engine/reduce/fake_target.h"
#include "engine/reduce/reduce.h"

namespace gridlock {

using Predicate = std::function<bool(const Scenario&)>;

inline bool within(std::uint32_t value, std::uint32_t minimum, std::uint32_t maximum) {
  return value >= minimum && value <= maximum;
}

inline bool is_legal_directive(const Directive& directive, std::uint32_t cpus) {
  if (directive.cpu.value() >= kCpusMax || !within(directive.point.value(), 1, kPointOrdinalMax)) return false;
  if (directive.action == Action::kMigrate) return directive.b < cpus;
  if (directive.action == Action::kDefer) return within(directive.b, 1, kDeferPointsMax);
  return true;
}

// Legal for fake::schema(), with at least `cpus_minimum` cpus.
inline bool is_legal_scenario(const Scenario& candidate, const TargetSchema& schema) {
  std::vector<CpuId> sorted = candidate.start_order;
  std::ranges::sort(sorted);
  bool legal = within(candidate.cpu_count(), schema.cpus_minimum, schema.cpus_maximum) &&
               sorted.size() == candidate.cpu_count() && candidate.parameters.size() == schema.parameters.size() &&
               within(candidate.parameters[0], 1, 1'000);
  for (std::uint32_t cpu = 0; legal && cpu < sorted.size(); ++cpu) legal = sorted[cpu] == CpuId(cpu);
  for (const auto& program : candidate.programs) {
    for (const OperationCall& call : program) {
      const auto& ranges = schema.operations[call.operation.value()].arguments;
      if (!ranges.empty()) legal &= within(call.arguments[0], ranges[0].minimum, ranges[0].maximum);
    }
  }
  return legal && std::ranges::all_of(candidate.directives, [&](const Directive& directive) {
           return is_legal_directive(directive, candidate.cpu_count());
         });
}

// Every scenario with one directive, one operation or one cpu less.
inline std::vector<Scenario> single_removals(const Scenario& full, const TargetSchema& schema) {
  std::vector<Scenario> all;
  for (std::size_t i = 0; i < full.directives.size(); ++i) {
    all.push_back(full);
    all.back().directives.erase(all.back().directives.begin() + static_cast<std::ptrdiff_t>(i));
  }
  for (std::size_t i = 0; i < call_count(full); ++i) {
    all.push_back(without_calls(full, fake::starts(full), {i, i + 1}, {}));
    all.push_back(without_calls(full, {}, {i, i + 1}, {}));
  }
  for (std::uint32_t cpu = 0; cpu < full.cpu_count() && full.cpu_count() > schema.cpus_minimum; ++cpu) {
    all.push_back(without_cpu(full, CpuId(cpu)));
  }
  return all;
}

inline std::string spelled(const Scenario& candidate) {
  std::string text;
  const auto add = [&](std::uint64_t number) { text += std::to_string(number) + ' '; };
  for (const std::uint32_t parameter : candidate.parameters) add(parameter);
  for (const auto& program : candidate.programs) {
    text += '|';
    for (const OperationCall& call : program) {
      add(call.operation.value());
      add(call.arguments[0]);
    }
  }
  for (const CpuId cpu : candidate.start_order) add(cpu.value());
  for (const Directive& directive : candidate.directives) {
    text += ';';
    for (const std::uint32_t number : {directive.cpu.value(), directive.point.value(),
                                       static_cast<std::uint32_t>(directive.action), directive.a, directive.b}) {
      add(number);
    }
  }
  return text;
}

class CheckedReduction : public testing::Test {
 protected:
  // The reduction, with all that must hold of it checked.
  Scenario reduced(const Scenario& original, const Predicate& keeps) {
    EXPECT_TRUE(is_legal_scenario(original, schema_));
    EXPECT_TRUE(keeps(original));
    const Reduction first = counted(original, keeps);
    EXPECT_TRUE(keeps(first.scenario));
    EXPECT_LE(size_of(first.scenario), size_of(original));
    EXPECT_TRUE(first.one_minimal);
    for (const Scenario& smaller : single_removals(first.scenario, schema_)) EXPECT_FALSE(keeps(smaller));

    const Reduction second = counted(first.scenario, keeps);
    EXPECT_EQ(second.scenario, first.scenario) << "not idempotent";
    return first.scenario;
  }

  void expect_reduced(const Scenario& original, const Predicate& keeps, const Scenario& expected) {
    const Scenario result = reduced(original, keeps);
    EXPECT_EQ(result, expected) << spelled(result) << "instead of " << spelled(expected);
  }

  Reduction counted(const Scenario& original, const Predicate& keeps, const ReduceOptions& options = {}) {
    std::set<std::string> tried;
    const Reduction result = reduce(
        original, schema_,
        [&](const Scenario& candidate) {
          EXPECT_TRUE(is_legal_scenario(candidate, schema_)) << spelled(candidate);
          EXPECT_TRUE(tried.insert(spelled(candidate)).second) << "tried twice: " << spelled(candidate);
          return Trial{keeps(candidate), tells_starts_ ? fake::starts(candidate) : OperationStarts{}};
        },
        options);
    EXPECT_EQ(result.trials, tried.size());
    return result;
  }

  TargetSchema schema_ = fake::schema();
  bool tells_starts_ = true;
};

}  // namespace gridlock
