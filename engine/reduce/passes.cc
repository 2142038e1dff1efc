// See passes.h. May include: base, model.
#include "engine/reduce/passes.h"

#include <algorithm>
#include <utility>

#include "engine/reduce/chunks.h"

namespace gridlock {
namespace {

// How far off the directives behind a removed operation may land: the points of an operation vary by what others do.
constexpr std::int32_t kShiftSlackPoints = 3;

// Numbers this close to their minimum are lowered by trying every value.
constexpr std::uint32_t kExhaustiveSpan = 16;

// Pairs are tried for up to this many directives: their number is quadratic, about a thousand here.
constexpr std::size_t kPairDirectivesMax = 48;

bool drop_calls(Search& search, IndexRange range) {
  const auto attempt = [&](Anchoring anchoring) {
    return search.attempt(without_calls(search.best(), search.starts(), range, anchoring));
  };
  using Inside = Anchoring::Inside;
  if (attempt({}) || attempt({.move_behind = false}) || attempt({.inside = Inside::kCollapse}) ||
      attempt({.inside = Inside::kStay}) || attempt({.inside = Inside::kStay, .move_behind = false})) {
    return true;
  }
  if (range.end - range.begin > 1) return false;
  for (std::int32_t slack = 1; slack <= kShiftSlackPoints; ++slack) {
    if (attempt({.slack_points = slack}) || attempt({.slack_points = -slack})) return true;
  }
  return false;
}

bool drop_directive_pair(Search& search) {
  const std::size_t count = search.best().directives.size();
  if (count > kPairDirectivesMax) return false;
  for (std::size_t second = count; second-- > 0;) {
    const Scenario without_second = without_directives(search.best(), {second, second + 1});
    for (std::size_t first = second; first-- > 0;) {
      if (search.attempt(without_directives(without_second, {first, first + 1}))) return true;
    }
  }
  return false;
}

void lower(Search& search, const NumberPlace& place) {
  std::uint32_t value = number_at(search.best(), place);
  // A target may take a number modulo something, so a smaller one that keeps the bug need not be near.
  if (value <= place.minimum + kExhaustiveSpan) {
    for (std::uint32_t lower = place.minimum; lower < value; ++lower) {
      if (search.attempt(with_number(search.best(), place, lower))) return;
    }
    return;
  }
  for (std::uint32_t step = value - std::min(value, place.minimum); step > 0; step /= 2) {
    while (value - place.minimum >= step && search.attempt(with_number(search.best(), place, value - step))) {
      value -= step;
    }
  }
}

// The directives of one cpu, together: their distances often matter where their places do not.
void lower_together(Search& search, CpuId cpu) {
  std::uint32_t first = kPointOrdinalMax;
  std::size_t count = 0;
  for (const Directive& directive : search.best().directives) {
    if (directive.cpu != cpu) continue;
    first = std::min(first, directive.point.value());
    ++count;
  }
  if (count < 2) return;
  for (std::uint32_t step = first - 1; step > 0; step /= 2) {
    for (bool moved = true; moved && first > step;) {
      Scenario candidate = search.best();
      for (Directive& directive : candidate.directives) {
        if (directive.cpu == cpu) directive.point = PointIndex(directive.point.value() - step);
      }
      moved = search.attempt(candidate);
      if (moved) first -= step;
    }
  }
}

}  // namespace

void shrink_cpus(Search& search, const TargetSchema& schema) {
  for (std::uint32_t cpu = search.best().cpu_count(); cpu-- > 0;) {
    if (search.best().cpu_count() <= std::max(schema.cpus_minimum, 1u)) break;
    if (search.attempt(without_cpu(search.best(), CpuId(cpu)))) continue;
    search.attempt(without_cpu_in_arguments(search.best(), CpuId(cpu), schema));
  }
  for (std::uint32_t cpu = search.best().cpu_count(); cpu-- > 0;) {
    search.attempt(with_idle_cpu(search.best(), CpuId(cpu)));
  }
}

void shrink_calls(Search& search) {
  remove_chunks(call_count(search.best()), [&](IndexRange range) { return drop_calls(search, range); });
}

void shrink_directives(Search& search) {
  do {
    remove_chunks(search.best().directives.size(),
                  [&](IndexRange range) { return search.attempt(without_directives(search.best(), range)); });
  } while (drop_directive_pair(search));
}

void shrink_start_order(Search& search) {
  Scenario ordered = search.best();
  std::ranges::sort(ordered.start_order);
  if (search.attempt(ordered)) return;
  for (std::size_t i = 0; i + 1 < search.best().start_order.size();) {
    Scenario swapped = search.best();
    std::swap(swapped.start_order[i], swapped.start_order[i + 1]);
    // Having moved forward, a cpu may go on doing so. Search refuses a swap that makes an order worse.
    i = search.attempt(swapped) ? i - std::min<std::size_t>(i, 1) : i + 1;
  }
}

void shrink_numbers(Search& search, const TargetSchema& schema) {
  for (const NumberPlace& place : number_places(search.best(), schema)) lower(search, place);
  for (std::uint32_t cpu = 0; cpu < kCpusMax; ++cpu) lower_together(search, CpuId(cpu));
}

}  // namespace gridlock
