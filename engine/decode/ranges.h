// Which values each number of a scenario may take, in one place for decode, encode and is_legal.
//
// May include: base, model.
#pragma once

#include <cstddef>

#include "engine/decode/number.h"
#include "engine/model/scenario.h"
#include "engine/model/target_schema.h"

namespace gridlock {

inline constexpr NumberRange range_below(std::size_t count) {
  return {.minimum = 0, .maximum = static_cast<std::uint32_t>(count) - 1};
}

inline NumberRange cpu_count_range(const TargetSchema& schema) {
  return {.minimum = schema.cpus_minimum, .maximum = schema.cpus_maximum};
}

inline NumberRange parameter_range(const ParameterSchema& parameter) {
  return {.minimum = parameter.range.minimum,
          .maximum = parameter.range.maximum,
          .usual_minimum = parameter.fuzz_minimum,
          .usual_maximum = parameter.fuzz_maximum};
}

inline NumberRange argument_range(const RangeSchema& range) {
  return {.minimum = range.minimum, .maximum = range.maximum};
}

// A run may create cpus beyond those that have a program; usually a directive is for one that has.
inline constexpr NumberRange directive_cpu_range(std::uint32_t cpu_count) {
  return {.minimum = 0, .maximum = kCpusMax - 1, .usual_minimum = 0, .usual_maximum = cpu_count - 1};
}

inline constexpr NumberRange kPointRange = {.minimum = 1, .maximum = kPointOrdinalMax};
inline constexpr NumberRange kDeferRange = {.minimum = 0, .maximum = kDeferPointsMax};

}  // namespace gridlock
