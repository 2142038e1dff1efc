// See directive_table.h. May include: base, model.
#include "engine/strategy/directive_table.h"

#include <algorithm>

#include "engine/base/check.h"

namespace gridlock {
namespace {

// A sort key is one integer, cpu : point : list index, so that a plain sort is stable and allocates nothing.
constexpr unsigned kIndexBits = 26;
constexpr unsigned kPointBits = 32;
constexpr std::uint64_t kIndexMask = (std::uint64_t{1} << kIndexBits) - 1;
static_assert(kDirectivesMax <= kIndexMask);
static_assert(kCpusMax <= 1u << (64 - kIndexBits - kPointBits));

std::uint64_t sort_key(const Directive& directive, std::size_t index) {
  return std::uint64_t{directive.cpu.value()} << (kIndexBits + kPointBits) |
         std::uint64_t{directive.point.value()} << kIndexBits | index;
}

}  // namespace

DirectiveTable::DirectiveTable() {
  keys_.reserve(kDirectivesMax);
  entries_.reserve(kDirectivesMax);
}

void DirectiveTable::load(const Scenario& scenario) {
  const auto& directives = scenario.directives;
  GRIDLOCK_CHECK(directives.size() <= kIndexMask);
  keys_.clear();
  for (std::size_t i = 0; i < directives.size(); ++i) {
    GRIDLOCK_CHECK(directives[i].cpu.value() < kCpusMax);
    keys_.push_back(sort_key(directives[i], i));
  }
  std::ranges::sort(keys_);

  entries_.clear();
  next_.fill(0);
  end_.fill(0);
  for (const std::uint64_t key : keys_) {
    const Directive& directive = directives[key & kIndexMask];
    const std::uint32_t cpu = directive.cpu.value();
    const auto position = static_cast<std::uint32_t>(entries_.size());
    if (end_[cpu] == 0) next_[cpu] = position;
    end_[cpu] = position + 1;
    entries_.push_back({directive.point.value(), {directive.action, directive.a, directive.b}});
  }
}

std::optional<Decision> DirectiveTable::take(CpuId cpu, PointIndex point) {
  std::uint32_t& next = next_[cpu.value()];
  const std::uint32_t end = end_[cpu.value()];
  // A directive at a point that was never asked about (point 0 does not exist) can no longer apply.
  while (next < end && entries_[next].point < point.value()) ++next;
  if (next == end || entries_[next].point != point.value()) return std::nullopt;
  return entries_[next++].decision;
}

std::uint32_t DirectiveTable::quiet_points(CpuId cpu, PointIndex point) const {
  const std::uint32_t next = next_[cpu.value()];
  if (next == end_[cpu.value()]) return Strategy::kForever;
  return entries_[next].point - point.value() - 1;
}

}  // namespace gridlock
