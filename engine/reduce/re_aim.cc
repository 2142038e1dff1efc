// The last resort of a reduction: see re_aim in passes.h. May include: base, model.
#include <algorithm>
#include <functional>
#include <optional>

#include "engine/reduce/passes.h"

namespace gridlock {
namespace {

// Dropping something makes the cpus meet a few points earlier or later. How many are tried is weighed against the
// number of trials, which is linear in the first and quadratic in the second: some thousands for a typical minimal
// scenario.
constexpr std::int64_t kReAimPointsMax = 8;      // of one directive
constexpr std::int64_t kPairReAimPointsMax = 2;  // of each of two

// Scenarios with more directives than this are not re-aimed by one, or by two: the number of trials grows with the
// second and the third power.
constexpr std::size_t kReAimDirectivesMax = 24;
constexpr std::size_t kPairReAimDirectivesMax = 6;

// Takes a scenario; true: enough, stop. The scenario that the visits started from may be gone by then.
using Visitor = std::function<bool(const Scenario&)>;

// The scenarios with one thing less. Those without an operation come in two forms: its directives gone with it, or all
// of them left where they are.
bool each_single_removal(const Search& search, const TargetSchema& schema, const Visitor& visit) {
  const Scenario& best = search.best();
  if (best.cpu_count() > std::max(schema.cpus_minimum, 1u)) {
    for (std::uint32_t cpu = best.cpu_count(); cpu-- > 0;) {
      if (visit(without_cpu(best, CpuId(cpu)))) return true;
      if (visit(without_cpu_in_arguments(best, CpuId(cpu), schema))) return true;
    }
  }
  for (std::size_t i = best.directives.size(); i-- > 0;) {
    if (visit(without_directives(best, {i, i + 1}))) return true;
  }
  for (std::size_t i = call_count(best); i-- > 0;) {
    const IndexRange range{i, i + 1};
    if (visit(without_calls(best, search.starts(), range, {}))) return true;
    const Anchoring nothing_moves{.inside = Anchoring::Inside::kStay, .move_behind = false};
    if (visit(without_calls(best, search.starts(), range, nothing_moves))) return true;
  }
  return false;
}

// The scenarios with one parameter or argument lower: at its minimum, and by one.
bool each_lower_number(const Scenario& best, const TargetSchema& schema, const Visitor& visit) {
  for (const NumberPlace& place : number_places(best, schema)) {
    const bool of_program = place.kind == NumberPlace::Kind::kParameter || place.kind == NumberPlace::Kind::kArgument;
    const std::uint32_t value = number_at(best, place);
    if (!of_program || value <= place.minimum) continue;
    if (visit(with_number(best, place, place.minimum))) return true;
    if (visit(with_number(best, place, value - 1))) return true;
  }
  return false;
}

// The scenarios that differ from `base` by the place of directive `index`, the nearest first.
bool each_move(const Scenario& base, std::size_t index, std::int64_t points_max, const Visitor& visit) {
  for (std::int64_t distance = 1; distance <= points_max; ++distance) {
    for (const std::int64_t offset : {-distance, distance}) {
      const auto moved = with_moved_directive(base, index, offset);
      if (moved && visit(*moved)) return true;
    }
  }
  return false;
}

bool attempt_with_moves(Search& search, const Scenario& base) {
  const Visitor attempt = [&](const Scenario& candidate) { return search.attempt(candidate) || search.exhausted(); };
  const std::size_t count = base.directives.size();
  if (count > kReAimDirectivesMax) return false;
  for (std::size_t i = 0; i < count; ++i) {
    if (each_move(base, i, kReAimPointsMax, attempt)) return true;
  }
  if (count > kPairReAimDirectivesMax) return false;
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t j = i + 1; j < count; ++j) {
      const Visitor move_second = [&](const Scenario& moved) {
        return each_move(moved, j, kPairReAimPointsMax, attempt);
      };
      if (each_move(base, i, kPairReAimPointsMax, move_second)) return true;
    }
  }
  return false;
}

// A demote before a cpu has done anything is a start order in disguise: each cpu to the front, each to the back.
bool attempt_with_start_orders(Search& search, const Scenario& base) {
  for (std::size_t i = 0; i < base.start_order.size(); ++i) {
    const auto at = static_cast<std::ptrdiff_t>(i);
    Scenario front = base;
    std::rotate(front.start_order.begin(), front.start_order.begin() + at, front.start_order.begin() + at + 1);
    Scenario back = base;
    std::rotate(back.start_order.begin() + at, back.start_order.begin() + at + 1, back.start_order.end());
    if (search.attempt(front) || search.attempt(back) || search.exhausted()) return true;
  }
  return false;
}

}  // namespace

void re_aim(Search& search, const TargetSchema& schema) {
  const Visitor compensate = [&](const Scenario& base) {
    return attempt_with_start_orders(search, base) || attempt_with_moves(search, base);
  };
  if (each_single_removal(search, schema, compensate)) return;
  each_lower_number(search.best(), schema, compensate);
}

bool drop_any_single(Search& search, const TargetSchema& schema) {
  return each_single_removal(search, schema, [&](const Scenario& candidate) { return search.attempt(candidate); });
}

}  // namespace gridlock
