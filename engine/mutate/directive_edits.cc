// Edits of the schedule that need no profile. May include: base, model, decode.
#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include "engine/base/check.h"
#include "engine/decode/draw.h"
#include "engine/mutate/call_spans.h"
#include "engine/mutate/edits.h"

namespace gridlock {
namespace {

constexpr std::uint32_t kNearPointsMax = 8;

Directive* any_directive(EditContext& context, Scenario& scenario) {
  auto& directives = scenario.directives;
  return directives.empty() ? nullptr : &directives[context.index(directives.size())];
}

bool add_action(EditContext& context, Scenario& scenario, Action action) {
  Directive directive = demote_at(context.any_place(scenario));
  draw_action(context.prng, context.schema, action, scenario.cpu_count(), directive);
  return context.add(scenario, {directive});
}

bool move_to(Directive& directive, Place place) {
  const bool moved = directive.cpu.value() != place.cpu || directive.point.value() != place.point;
  directive.cpu = CpuId(place.cpu);
  directive.point = PointIndex(place.point);
  return moved;
}

// Where `directive` should stand on another cpu.
std::optional<Place> counterpart(EditContext& context, const Scenario& scenario, const Directive& directive) {
  const std::uint32_t cpus = context.cpus(scenario);
  if (cpus < 2) return std::nullopt;
  const Place place{directive.cpu.value(), directive.point.value()};
  // A directive may name a cpu that never existed; any other will do.
  const std::uint32_t step = 1 + context.prng.below(cpus - 1);
  const std::uint32_t cpu = place.cpu < cpus ? (place.cpu + step) % cpus : step;
  const RunProfile* profile = context.profile();
  const auto same = profile == nullptr ? std::nullopt : same_site(*profile, place, cpu);
  return same ? same : Place{cpu, place.point};
}

// Another index below `count` than `current`. REQUIRES: count > 1.
std::uint32_t other_index(EditContext& context, std::uint32_t current, std::size_t count) {
  const std::uint32_t drawn = context.index(count - 1);
  return drawn + (drawn >= current ? 1 : 0);
}

bool change_index(EditContext& context, std::uint32_t& current, std::size_t count) {
  if (count < 2) return false;
  current = other_index(context, current, count);
  return true;
}

bool change_external_vector(EditContext& context, std::uint32_t& vector) {
  const auto& external = context.schema.external_vectors;
  const auto at = static_cast<std::uint32_t>(std::ranges::find(external, vector) - external.begin());
  if (external.size() < 2) return false;
  vector = external[other_index(context, at, external.size())];
  return true;
}

bool change_defer_points(EditContext& context, std::uint32_t& points) {
  const std::uint32_t before = points;
  if (context.prng.chance(1, 2)) {
    points = draw_defer_points(context.prng);
  } else {
    const std::uint32_t by = context.prng.between(1, kNearPointsMax);
    points = context.prng.chance(1, 2) ? std::min(points + by, kDeferPointsMax) : points - std::min(points, by);
  }
  return points != before;
}

bool change_what_is_named(EditContext& context, std::uint32_t cpu_count, Directive& directive) {
  const bool first = context.prng.chance(1, 2);
  switch (directive.action) {
    case Action::kDemote:
      return false;
    case Action::kInterrupt:
      return change_external_vector(context, directive.a);
    case Action::kDefer:
      return first ? change_index(context, directive.a, context.schema.vectors.size())
                   : change_defer_points(context, directive.b);
    case Action::kMigrate:
      return first ? change_index(context, directive.a, context.schema.entities.size())
                   : change_index(context, directive.b, cpu_count);
    case Action::kStale:
    case Action::kDelayStore:
      break;
  }
  GRIDLOCK_CHECK(false && "a reserved action is not legal");
}

}  // namespace

bool insert_directive(EditContext& context, Scenario& scenario) {
  const ActionTable actions(context.schema, context.options.demotes);
  return !actions.empty() && add_action(context, scenario, actions.draw(context.prng));
}

bool add_deferral(EditContext& context, Scenario& scenario) {
  return !context.schema.vectors.empty() && add_action(context, scenario, Action::kDefer);
}

bool add_migration(EditContext& context, Scenario& scenario) {
  return !context.schema.entities.empty() && add_action(context, scenario, Action::kMigrate);
}

bool delete_directive(EditContext& context, Scenario& scenario) {
  auto& directives = scenario.directives;
  if (directives.empty()) return false;
  const std::uint32_t at = context.index(directives.size());
  const Directive deleted = directives[at];
  directives.erase(directives.begin() + at);
  if (deleted.action != Action::kInterrupt || context.profile() == nullptr) return true;
  const std::uint32_t points = handler_points(*context.profile(), {deleted.cpu.value(), deleted.point.value()});
  move_from(scenario, {deleted.cpu.value(), deleted.point.value() + points}, -std::int64_t{points});
  return true;
}

bool move_directive_near(EditContext& context, Scenario& scenario) {
  Directive* directive = any_directive(context, scenario);
  if (directive == nullptr) return false;
  const std::int64_t by = context.prng.between(1, kNearPointsMax);
  const PointIndex before = directive->point;
  directive->point = moved_point(before, context.prng.chance(1, 2) ? by : -by);
  return directive->point != before;
}

bool move_directive_anywhere(EditContext& context, Scenario& scenario) {
  Directive* directive = any_directive(context, scenario);
  return directive != nullptr && move_to(*directive, context.any_place(scenario));
}

bool retarget_directive(EditContext& context, Scenario& scenario) {
  Directive* directive = any_directive(context, scenario);
  if (directive == nullptr) return false;
  if (!context.prng.chance(1, 3) && change_what_is_named(context, scenario.cpu_count(), *directive)) return true;
  const auto place = counterpart(context, scenario, *directive);
  return place && move_to(*directive, *place);
}

bool copy_directive_to_next_point(EditContext& context, Scenario& scenario) {
  const Directive* directive = any_directive(context, scenario);
  if (directive == nullptr) return false;
  const bool allowed = directive->action != Action::kDemote || context.options.demotes;
  Directive copy = *directive;
  copy.point = moved_point(copy.point, 1);
  return allowed && context.add(scenario, {copy});
}

bool copy_directive_to_cpu(EditContext& context, Scenario& scenario) {
  const Directive* directive = any_directive(context, scenario);
  if (directive == nullptr) return false;
  const bool allowed = directive->action != Action::kDemote || context.options.demotes;
  const auto place = counterpart(context, scenario, *directive);
  if (!allowed || !place) return false;
  Directive copy = *directive;
  move_to(copy, *place);
  return context.add(scenario, {copy});
}

bool swap_directives(EditContext& context, Scenario& scenario) {
  auto& directives = scenario.directives;
  if (directives.size() < 2) return false;
  const std::uint32_t left = context.index(directives.size());
  Directive& a = directives[left];
  Directive& b = directives[other_index(context, left, directives.size())];
  const auto deed = [](const Directive& directive) { return std::tuple(directive.action, directive.a, directive.b); };
  if (deed(a) == deed(b)) return false;
  std::swap(a, b);
  std::swap(a.cpu, b.cpu);
  std::swap(a.point, b.point);
  return true;
}

}  // namespace gridlock
