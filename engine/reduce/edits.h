// The edits that shrink a scenario, each a function from a legal scenario to a smaller legal one. They know how
// directives hang on the program: the n-th point of a cpu is another place once an operation in front of it is gone.
//
// May include: base, model. Pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/model/scenario.h"
#include "engine/model/target_schema.h"

namespace gridlock {

// By cpu: the number of points passed before each operation that was begun, as in Trial. May be empty or short.
using OperationStarts = std::vector<std::vector<std::uint32_t>>;

// [begin, end) of a list.
struct IndexRange {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// Without `cpu`, its program and its directives; higher cpus move down by one. The cpu named inside a migration is left
// alone where it still exists, else becomes the highest that does. REQUIRES: more than one cpu.
[[nodiscard]] Scenario without_cpu(const Scenario& scenario, CpuId cpu);

// The same, and every argument above the number of the cpu is one lower: right where arguments name cpus, which only
// the target knows.
[[nodiscard]] Scenario without_cpu_in_arguments(const Scenario& scenario, CpuId cpu, const TargetSchema& schema);

// With an empty program of `cpu` and without its directives.
[[nodiscard]] Scenario with_idle_cpu(const Scenario& scenario, CpuId cpu);

// Without these directives, by index in the list.
[[nodiscard]] Scenario without_directives(const Scenario& scenario, IndexRange removed);

// What becomes of the directives of a cpu that loses operations.
struct Anchoring {
  enum class Inside : std::uint8_t {
    kDrop,      // gone with it
    kStay,      // at their ordinal: inside whatever comes next
    kCollapse,  // to where the operation began
  };
  Inside inside = Inside::kDrop;  // those aimed at a removed operation
  bool move_behind = true;        // those behind it move forward by its number of points
  std::int32_t slack_points = 0;  // and from there by so many more, forward if negative
};

// The operations of all cpus, counted through cpu by cpu.
[[nodiscard]] std::size_t call_count(const Scenario& scenario);

// Without these operations, by that count. ENSURES: every point left is 1 .. kPointOrdinalMax.
[[nodiscard]] Scenario without_calls(const Scenario& scenario, const OperationStarts& starts, IndexRange removed,
                                     Anchoring anchoring);

// Where a number of a scenario stands that may be lowered, and how far.
struct NumberPlace {
  enum class Kind : std::uint8_t { kParameter, kArgument, kPoint, kDeferPoints };
  Kind kind = Kind::kParameter;
  std::uint32_t minimum = 0;
  std::size_t index = 0;  // of the parameter, the argument or the directive
  std::size_t cpu = 0;    // kArgument: whose program
  std::size_t call = 0;   // kArgument: which operation of it
};

// All of them. The same list for all scenarios of the same shape, whatever the numbers are.
[[nodiscard]] std::vector<NumberPlace> number_places(const Scenario& scenario, const TargetSchema& schema);
// REQUIRES: `place` came from number_places of a scenario of this shape.
[[nodiscard]] std::uint32_t number_at(const Scenario& scenario, const NumberPlace& place);
[[nodiscard]] Scenario with_number(const Scenario& scenario, const NumberPlace& place, std::uint32_t value);

// With directive `index` moved by `offset` points; nothing where there is no such point.
[[nodiscard]] std::optional<Scenario> with_moved_directive(const Scenario& scenario, std::size_t index,
                                                           std::int64_t offset);

// How many pairs of cpus start in another order than by number.
[[nodiscard]] std::uint64_t inversions(const std::vector<CpuId>& start_order);

}  // namespace gridlock
