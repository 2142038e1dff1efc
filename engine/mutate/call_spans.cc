#include "engine/mutate/call_spans.h"

#include <algorithm>
#include <vector>

#include "engine/mutate/edit.h"

namespace gridlock {

std::optional<CallSpan> span_of(const RunProfile* profile, CallPlace place) {
  if (profile == nullptr || place.cpu >= profile->operation_starts.size()) return std::nullopt;
  const auto& starts = profile->operation_starts[place.cpu];
  if (place.index >= starts.size()) return std::nullopt;
  const std::uint32_t before = starts[place.index];
  if (place.index + 1 < starts.size()) return CallSpan{before, starts[place.index + 1]};
  const std::size_t passed = place.cpu < profile->cpus.size() ? profile->cpus[place.cpu].size() : 0;
  return CallSpan{before, std::max(before, static_cast<std::uint32_t>(passed))};
}

std::optional<std::uint32_t> likely_points(const RunProfile* profile, const Scenario& scenario, OperationId operation) {
  if (profile == nullptr) return std::nullopt;
  const auto cpus = std::min<std::size_t>(scenario.programs.size(), profile->operation_starts.size());
  for (std::uint32_t cpu = 0; cpu < cpus; ++cpu) {
    const auto& program = scenario.programs[cpu];
    const auto& starts = profile->operation_starts[cpu];
    for (std::uint32_t i = 0; i < program.size() && i + 1 < starts.size(); ++i) {
      if (program[i].operation == operation) return starts[i + 1] - starts[i];
    }
  }
  return std::nullopt;
}

bool move_from(Scenario& scenario, Place from, std::int64_t by) {
  bool moved = false;
  for (Directive& directive : scenario.directives) {
    if (directive.cpu.value() != from.cpu || directive.point.value() < from.point) continue;
    const PointIndex before = directive.point;
    directive.point = moved_point(before, by);
    moved |= directive.point != before;
  }
  return moved;
}

void drop_inside(Scenario& scenario, std::uint32_t cpu, const CallSpan& span) {
  std::erase_if(scenario.directives, [&](const Directive& directive) {
    return directive.cpu.value() == cpu && span.contains(directive.point);
  });
}

}  // namespace gridlock
