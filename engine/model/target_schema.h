// What the stages need to know of a target without its code: names and ranges. The machine makes one from the table
// a target registers (engine/hook/gridlock.h); decode and the text form read it.
//
// May include: base.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace gridlock {

// A named integer with an inclusive range. Legal values: minimum .. maximum.
struct RangeSchema {
  std::string name;
  std::uint32_t minimum = 0;
  std::uint32_t maximum = 0;
};

struct ParameterSchema {
  RangeSchema range;
  // What fuzzing draws from when it is narrower than what is legal, e.g. a spin budget of 2 to 4 of a legal 1 to
  // 1024. Inclusive, inside `range`.
  std::uint32_t fuzz_minimum = 0;
  std::uint32_t fuzz_maximum = 0;
};

struct OperationSchema {
  std::string name;
  std::vector<RangeSchema> arguments;  // at most kOperationArgumentsMax
};

struct VariantSchema {
  std::string name;
  std::string summary;
  std::string expect;  // "ok" or the name of a verdict
};

// A historic bug that a variant reproduces, with the variant that lacks it.
struct BugSchema {
  std::string variant;
  std::string fixed;
  std::string source;   // commit, bug number or report
  std::string failure;  // what goes wrong, in one line
};

struct TargetSchema {
  std::string name;
  std::string summary;
  std::string models;  // what history or system it models, one line
  std::uint32_t cpus_minimum = 1;
  std::uint32_t cpus_maximum = 1;
  std::vector<VariantSchema> variants;  // never empty; the first is the default of `gridlock fuzz`
  std::vector<ParameterSchema> parameters;
  std::vector<OperationSchema> operations;  // never empty
  std::vector<std::string> vectors;         // interrupt vectors, by number
  // Interrupt vectors that a schedule may raise from outside, in ascending order; the others are IPIs that only code
  // sends.
  std::vector<std::uint32_t> external_vectors;
  std::vector<std::string> entities;  // what `migrate E K` may name; empty: the target takes no such request
  std::vector<BugSchema> bugs;        // at most one of a variant
};

inline constexpr std::uint32_t kOperationArgumentsMax = 4;

}  // namespace gridlock
