// See edits.h. May include: base, model.
#include "engine/reduce/edits.h"

#include <algorithm>
#include <span>

#include "engine/base/check.h"

namespace gridlock {
namespace {

// The operations of one cpu and where their points lie.
class CpuCalls {
 public:
  // `first` is the number of the cpu's first operation, counted through all cpus.
  CpuCalls(std::size_t first, std::span<const std::uint32_t> starts, IndexRange removed)
      : first_(first), starts_(starts), removed_(removed) {}

  [[nodiscard]] bool removes(std::size_t call) const {
    return first_ + call >= removed_.begin && first_ + call < removed_.end;
  }

  // The operation that `point` belongs to; nothing if it comes before all of them or none was begun.
  [[nodiscard]] std::optional<std::size_t> call_at(std::uint32_t point) const {
    const auto behind = std::ranges::lower_bound(starts_, point);
    if (behind == starts_.begin()) return std::nullopt;
    return static_cast<std::size_t>(behind - starts_.begin()) - 1;
  }

  [[nodiscard]] std::uint32_t start_of(std::size_t call) const { return starts_[call]; }

  // The points of the removed operations in front of `call`. REQUIRES: `call` was begun.
  [[nodiscard]] std::uint32_t points_removed_before(std::size_t call) const {
    std::uint32_t points = 0;
    for (std::size_t i = 0; i < call; ++i) {
      if (removes(i)) points += starts_[i + 1] - starts_[i];
    }
    return points;
  }

 private:
  std::size_t first_;
  std::span<const std::uint32_t> starts_;
  IndexRange removed_;
};

// Adapts the point of `directive` to the removal; false if the directive goes with it.
bool follow(Directive& directive, const CpuCalls& calls, Anchoring anchoring) {
  const auto call = calls.call_at(directive.point.value());
  if (!call) return true;
  std::int64_t point = directive.point.value();
  if (calls.removes(*call)) {
    if (anchoring.inside == Anchoring::Inside::kDrop) return false;
    if (anchoring.inside == Anchoring::Inside::kCollapse) point = std::int64_t{calls.start_of(*call)} + 1;
  }
  const std::uint32_t points = calls.points_removed_before(*call);
  if (points > 0 && anchoring.move_behind) point += anchoring.slack_points - std::int64_t{points};
  directive.point = PointIndex(static_cast<std::uint32_t>(std::clamp<std::int64_t>(point, 1, kPointOrdinalMax)));
  return true;
}

}  // namespace

Scenario without_cpu(const Scenario& scenario, CpuId cpu) {
  GRIDLOCK_CHECK(scenario.cpu_count() > 1);
  const auto renumbered = [&](CpuId other) { return other > cpu ? CpuId(other.value() - 1) : other; };
  Scenario smaller = scenario;
  smaller.programs.erase(smaller.programs.begin() + cpu.value());
  std::erase(smaller.start_order, cpu);
  for (CpuId& other : smaller.start_order) other = renumbered(other);

  std::erase_if(smaller.directives, [&](const Directive& directive) { return directive.cpu == cpu; });
  for (Directive& directive : smaller.directives) {
    directive.cpu = renumbered(directive.cpu);
    if (directive.action == Action::kMigrate) directive.b = std::min(directive.b, smaller.cpu_count() - 1);
  }
  return smaller;
}

Scenario without_cpu_in_arguments(const Scenario& scenario, CpuId cpu, const TargetSchema& schema) {
  Scenario smaller = without_cpu(scenario, cpu);
  for (auto& program : smaller.programs) {
    for (OperationCall& call : program) {
      const auto& ranges = schema.operations[call.operation.value()].arguments;
      for (std::size_t i = 0; i < ranges.size(); ++i) {
        if (call.arguments[i] > std::max(cpu.value(), ranges[i].minimum)) --call.arguments[i];
      }
    }
  }
  return smaller;
}

Scenario with_idle_cpu(const Scenario& scenario, CpuId cpu) {
  Scenario smaller = scenario;
  smaller.programs[cpu.value()].clear();
  std::erase_if(smaller.directives, [&](const Directive& directive) { return directive.cpu == cpu; });
  return smaller;
}

Scenario without_directives(const Scenario& scenario, IndexRange removed) {
  Scenario smaller = scenario;
  const auto first = smaller.directives.begin();
  smaller.directives.erase(first + static_cast<std::ptrdiff_t>(removed.begin),
                           first + static_cast<std::ptrdiff_t>(removed.end));
  return smaller;
}

std::size_t call_count(const Scenario& scenario) {
  std::size_t count = 0;
  for (const auto& program : scenario.programs) count += program.size();
  return count;
}

Scenario without_calls(const Scenario& scenario, const OperationStarts& starts, IndexRange removed,
                       Anchoring anchoring) {
  std::vector<CpuCalls> calls;
  std::size_t first = 0;
  for (std::size_t cpu = 0; cpu < scenario.programs.size(); ++cpu) {
    const std::size_t count = scenario.programs[cpu].size();
    std::span<const std::uint32_t> starts_of_cpu;
    if (cpu < starts.size()) starts_of_cpu = std::span(starts[cpu]).first(std::min(count, starts[cpu].size()));
    calls.emplace_back(first, starts_of_cpu, removed);
    first += count;
  }

  Scenario smaller = scenario;
  smaller.directives.clear();
  for (Directive directive : scenario.directives) {
    // A cpu that the target creates in the run has no operations.
    const std::size_t cpu = directive.cpu.value();
    if (cpu >= calls.size() || follow(directive, calls[cpu], anchoring)) smaller.directives.push_back(directive);
  }
  for (std::size_t cpu = 0; cpu < calls.size(); ++cpu) {
    auto& program = smaller.programs[cpu];
    program.clear();
    for (std::size_t i = 0; i < scenario.programs[cpu].size(); ++i) {
      if (!calls[cpu].removes(i)) program.push_back(scenario.programs[cpu][i]);
    }
  }
  return smaller;
}

std::vector<NumberPlace> number_places(const Scenario& scenario, const TargetSchema& schema) {
  using Kind = NumberPlace::Kind;
  std::vector<NumberPlace> places;
  for (std::size_t i = 0; i < scenario.parameters.size(); ++i) {
    places.push_back({Kind::kParameter, schema.parameters[i].range.minimum, i});
  }
  for (std::size_t cpu = 0; cpu < scenario.programs.size(); ++cpu) {
    for (std::size_t call = 0; call < scenario.programs[cpu].size(); ++call) {
      const auto& arguments = schema.operations[scenario.programs[cpu][call].operation.value()].arguments;
      for (std::size_t i = 0; i < arguments.size(); ++i) {
        places.push_back({Kind::kArgument, arguments[i].minimum, i, cpu, call});
      }
    }
  }
  for (std::size_t i = 0; i < scenario.directives.size(); ++i) {
    places.push_back({Kind::kPoint, 1, i});
    if (scenario.directives[i].action == Action::kDefer) places.push_back({Kind::kDeferPoints, 1, i});
  }
  return places;
}

std::uint32_t number_at(const Scenario& scenario, const NumberPlace& place) {
  switch (place.kind) {
    case NumberPlace::Kind::kParameter:
      return scenario.parameters[place.index];
    case NumberPlace::Kind::kArgument:
      return scenario.programs[place.cpu][place.call].arguments[place.index];
    case NumberPlace::Kind::kPoint:
      return scenario.directives[place.index].point.value();
    case NumberPlace::Kind::kDeferPoints:
      return scenario.directives[place.index].b;
  }
  GRIDLOCK_CHECK(false);
}

Scenario with_number(const Scenario& scenario, const NumberPlace& place, std::uint32_t value) {
  Scenario changed = scenario;
  switch (place.kind) {
    case NumberPlace::Kind::kParameter:
      changed.parameters[place.index] = value;
      break;
    case NumberPlace::Kind::kArgument:
      changed.programs[place.cpu][place.call].arguments[place.index] = value;
      break;
    case NumberPlace::Kind::kPoint:
      changed.directives[place.index].point = PointIndex(value);
      break;
    case NumberPlace::Kind::kDeferPoints:
      changed.directives[place.index].b = value;
      break;
  }
  return changed;
}

std::optional<Scenario> with_moved_directive(const Scenario& scenario, std::size_t index, std::int64_t offset) {
  const std::int64_t point = scenario.directives[index].point.value() + offset;
  if (point < 1 || point > kPointOrdinalMax) return std::nullopt;
  Scenario changed = scenario;
  changed.directives[index].point = PointIndex(static_cast<std::uint32_t>(point));
  return changed;
}

std::uint64_t inversions(const std::vector<CpuId>& start_order) {
  std::uint64_t pairs = 0;
  for (std::size_t i = 0; i < start_order.size(); ++i) {
    for (std::size_t j = i + 1; j < start_order.size(); ++j) pairs += start_order[i] > start_order[j] ? 1 : 0;
  }
  return pairs;
}

}  // namespace gridlock
