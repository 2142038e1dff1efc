// See directive_table.h. May include: base, model.
#include "engine/strategy/directive_table.h"

#include <algorithm>

#include "engine/base/check.h"

namespace gridlock {

DirectiveTable::DirectiveTable() {
  entries_.reserve(kDirectivesMax);
  next_point_.fill(kNoPoint);
}

// By cpu in one pass, because a recorded schedule is in the order of time: then each cpu's directives are in order
// already, and there is nothing to sort.
void DirectiveTable::load(const Scenario& scenario) {
  const auto& directives = scenario.directives;
  next_point_.fill(kNoPoint);
  entries_.resize(directives.size());
  if (directives.empty()) return;

  end_.fill(0);
  std::uint32_t cpus = 0;
  for (const Directive& directive : directives) {
    const std::uint32_t cpu = directive.cpu.value();
    GRIDLOCK_CHECK(cpu < kCpusMax);
    cpus = std::max(cpus, cpu + 1);
    ++end_[cpu];
  }
  std::uint32_t begin = 0;
  for (std::uint32_t cpu = 0; cpu < cpus; ++cpu) {
    next_[cpu] = begin;
    begin += end_[cpu];
    end_[cpu] = next_[cpu];
  }
  for (std::uint32_t index = 0; index < directives.size(); ++index) {
    const Directive& directive = directives[index];
    entries_[end_[directive.cpu.value()]++] = {
        directive.point.value(), index, {directive.action, directive.a, directive.b}};
  }
  for (std::uint32_t cpu = 0; cpu < cpus; ++cpu) load_cpu(cpu, next_[cpu], end_[cpu]);
}

void DirectiveTable::load_cpu(std::uint32_t cpu, std::uint32_t begin, std::uint32_t end) {
  if (begin == end) return;
  const auto in_order = [](const Entry& left, const Entry& right) {
    return left.point != right.point ? left.point < right.point : left.index < right.index;
  };
  Entry* const first = entries_.data() + begin;
  Entry* const last = entries_.data() + end;
  // Not a stable sort, which allocates.
  if (!std::is_sorted(first, last, in_order)) std::sort(first, last, in_order);
  next_point_[cpu] = first->point;
}

std::optional<Decision> DirectiveTable::take_due(std::uint32_t cpu, std::uint32_t point) {
  std::uint32_t& next = next_[cpu];
  const std::uint32_t end = end_[cpu];
  // A directive at a point that was never asked about (point 0 does not exist) can no longer apply.
  while (next < end && entries_[next].point < point) ++next;
  std::optional<Decision> due;
  if (next < end && entries_[next].point == point) due = entries_[next++].decision;
  next_point_[cpu] = next < end ? entries_[next].point : kNoPoint;
  return due;
}

}  // namespace gridlock
