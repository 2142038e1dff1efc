#include "engine/mutate/edit.h"

#include <algorithm>

#include "engine/decode/draw.h"

namespace gridlock {
namespace {

// What a cpu is thought to pass where no run is known: operations of locks take about so many points.
constexpr std::uint32_t kPointsOfCall = 16;

// What is put in lengthens a run: some points lie behind those that it passed.
constexpr std::uint32_t kSlackPoints = 4;

constexpr std::uint32_t kStepMax = 4;

constexpr std::int64_t kNearBefore = 4;
constexpr std::int64_t kNearAfter = 8;

}  // namespace

bool step_value(Prng& prng, std::uint32_t minimum, std::uint32_t maximum, std::uint32_t& value) {
  const std::int64_t by = prng.between(1, kStepMax);
  const std::int64_t stepped = std::int64_t{value} + (prng.chance(1, 2) ? by : -by);
  const std::uint32_t before = value;
  value = static_cast<std::uint32_t>(std::clamp<std::int64_t>(stepped, minimum, maximum));
  return value != before;
}

bool redraw_value(Prng& prng, std::uint32_t minimum, std::uint32_t maximum, std::uint32_t& value) {
  const std::uint32_t before = value;
  value = draw_value(prng, minimum, maximum);
  return value != before;
}

PointIndex moved_point(PointIndex point, std::int64_t by) {
  return PointIndex(static_cast<std::uint32_t>(std::clamp<std::int64_t>(point.value() + by, 1, kPointOrdinalMax)));
}

std::uint32_t EditContext::cpus(const Scenario& scenario) const {
  const std::size_t ran = profile_ == nullptr ? 0 : std::min<std::size_t>(profile_->cpus.size(), kCpusMax);
  return std::max(scenario.cpu_count(), static_cast<std::uint32_t>(ran));
}

std::uint32_t EditContext::last_point(const Scenario& scenario, std::uint32_t cpu) const {
  std::size_t points = kPointsOfCall;
  if (profile_ != nullptr) {
    points = cpu < profile_->cpus.size() ? profile_->cpus[cpu].size() : 0;
  } else if (cpu < scenario.cpu_count()) {
    points += kPointsOfCall * scenario.programs[cpu].size();
  }
  return static_cast<std::uint32_t>(std::min<std::size_t>(points + points / 8 + kSlackPoints, kPointOrdinalMax));
}

Place EditContext::any_place(const Scenario& scenario) {
  const std::uint32_t cpu = index(cpus(scenario));
  if (scenario.directives.empty() || !prng.chance(1, 3)) {
    return {cpu, prng.between(1, last_point(scenario, cpu))};
  }
  const Directive& near = scenario.directives[index(scenario.directives.size())];
  const std::int64_t by = std::int64_t{prng.below(kNearBefore + kNearAfter + 1)} - kNearBefore;
  return {prng.chance(1, 2) ? near.cpu.value() : cpu, moved_point(near.point, by).value()};
}

bool EditContext::add(Scenario& scenario, std::initializer_list<Directive> added) {
  auto& directives = scenario.directives;
  const std::size_t size = directives.size() + added.size();
  const bool fits = size <= std::min(options.generate.directives_max, kDirectivesMax);
  if (fits || (size <= kDirectivesMax && outgrow())) {
    directives.insert(prng.chance(1, 2) ? directives.begin() : directives.end(), added);
    return true;
  }
  if (directives.size() < added.size()) return false;
  std::size_t at = index(directives.size());
  bool changed = false;
  for (const Directive& directive : added) {
    changed |= directives[at] != directive;
    directives[at] = directive;
    at = (at + 1) % directives.size();
  }
  return changed;
}

}  // namespace gridlock
