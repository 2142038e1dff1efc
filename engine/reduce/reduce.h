// Shrinks a scenario as far as a predicate still holds. Delta debugging (Zeller and Hildebrandt, "Simplifying and
// Isolating Failure-Inducing Input", IEEE TSE 2002) over cpus, operations, directives and numbers. Knows no machine
// and no target: the caller runs the candidates.
//
// May include: base, model. Not thread safe; deterministic for a deterministic trial.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "engine/model/scenario.h"
#include "engine/model/target_schema.h"

namespace gridlock {

// What one trial of a candidate told.
struct Trial {
  bool keeps = false;  // the candidate still shows what we want to keep
  // By cpu: the number of points passed before each operation of its program began. Lets the reducer move the
  // directives of a cpu along when it removes an operation in front of them. May be empty.
  std::vector<std::vector<std::uint32_t>> operation_starts;
};

using TrialFunction = std::function<Trial(const Scenario&)>;

struct ReduceOptions {
  std::uint64_t trials_max = 200'000;  // the reduction stops with the best so far when they are used up
};

struct Reduction {
  Scenario scenario;         // keeps what the original kept, and is no larger
  std::uint64_t trials = 0;  // candidates tried
  bool one_minimal = false;  // removing any single directive, operation or cpu was tried and loses it
};

// REQUIRES: original is legal under `schema`, and trial(original).keeps; if it does not, the original comes back as it
// is. Every candidate is legal under the schema, smaller than the best so far, and tried once.
[[nodiscard]] Reduction reduce(const Scenario& original, const TargetSchema& schema, const TrialFunction& trial,
                               const ReduceOptions& options = {});

// The order that "no larger" means: cpus, then directives, then operations, then the sum of all numbers that may
// shrink: parameters, arguments, points, deferrals, and the pairs of cpus that start in another order than by number.
struct Size {
  std::uint32_t cpus = 0;
  std::uint32_t directives = 0;
  std::uint32_t operations = 0;
  std::uint64_t numbers = 0;
  auto operator<=>(const Size&) const = default;
};
[[nodiscard]] Size size_of(const Scenario& scenario);

}  // namespace gridlock
