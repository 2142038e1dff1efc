// Edits of the schedule that aim at what a run did. May include: base, model, decode.
#include <optional>

#include "engine/mutate/call_spans.h"
#include "engine/mutate/edits.h"

namespace gridlock {
namespace {

// How far behind an access to a shared word the next one is looked for: about a critical section.
constexpr std::uint32_t kWindowPointsMax = 32;

// How many of the aim's sites are looked for in the profile: each costs a pass over it.
constexpr std::uint32_t kSitesTried = 4;

// The decision just behind a point is made when the cpu is about to pass the next one.
Place just_behind(Place place) {
  return {place.cpu, moved_point(PointIndex(place.point), 1).value()};
}

Place before_or_behind(EditContext& context, Place place) {
  return context.prng.chance(1, 2) ? place : just_behind(place);
}

std::optional<Place> shared_access(EditContext& context) {
  const SharedWords& shared = context.shared_words();
  return find_place(context.prng, *context.profile(),
                    [&](Place, const PointNote& note) { return shared.between_cpus(note.object); });
}

std::optional<Place> any_aimed_site(EditContext& context) {
  for (std::uint32_t tries = 0; tries < kSitesTried && !context.sites().empty(); ++tries) {
    const Site site = context.sites()[context.index(context.sites().size())];
    const auto place =
        find_place(context.prng, *context.profile(), [&](Place, const PointNote& note) { return note.site == site; });
    if (place) return place;
  }
  return std::nullopt;
}

// Moves a demote of the schedule there, chosen by chance; false if there is none that could move.
bool move_a_demote(EditContext& context, Scenario& scenario, Place place) {
  auto& directives = scenario.directives;
  if (directives.empty()) return false;
  const std::size_t first = context.index(directives.size());
  for (std::size_t i = 0; i < directives.size(); ++i) {
    Directive& directive = directives[(first + i) % directives.size()];
    if (directive.action != Action::kDemote || directive == demote_at(place)) continue;
    directive = demote_at(place);
    return true;
  }
  return false;
}

// A point with interrupts enabled behind `access` and not behind the next access to a word of several contexts.
std::optional<Place> in_window_behind(EditContext& context, Place access) {
  const SharedWords& shared = context.shared_words();
  std::optional<Place> chosen;
  std::uint32_t enabled = 0;
  for (std::uint32_t ahead = 1; ahead <= kWindowPointsMax; ++ahead) {
    const Place place{access.cpu, access.point + ahead};
    const PointNote* note = note_at(*context.profile(), place);
    if (note == nullptr) return std::nullopt;  // nothing shared follows: no window
    // Each with the same chance, without a list.
    if (note->irqs_enabled && context.prng.below(++enabled) == 0) chosen = place;
    if (shared.between_contexts(note->object)) return chosen;
  }
  return std::nullopt;
}

std::optional<Place> interruptible_window(EditContext& context) {
  const SharedWords& shared = context.shared_words();
  std::optional<Place> window;
  const auto opens = [&](Place place, const PointNote& note) {
    if (!shared.between_contexts(note.object)) return false;
    window = in_window_behind(context, place);
    return window.has_value();
  };
  return find_place(context.prng, *context.profile(), opens) ? window : std::nullopt;
}

// The points of a handler of `vector`, as the profile shows them at a directive that raises it; 0 if none does.
std::uint32_t points_of_vector(const RunProfile& profile, const Scenario& scenario, std::uint32_t vector) {
  for (const Directive& directive : scenario.directives) {
    if (directive.action != Action::kInterrupt || directive.a != vector) continue;
    const std::uint32_t points = handler_points(profile, {directive.cpu.value(), directive.point.value()});
    if (points > 0) return points;
  }
  return 0;
}

}  // namespace

bool preempt_around_shared_word(EditContext& context, Scenario& scenario) {
  if (context.profile() == nullptr || !context.options.demotes) return false;
  const auto first = shared_access(context);
  if (!first) return false;
  const PointNote access = *note_at(*context.profile(), *first);
  const auto conflicts = [&](Place place, const PointNote& note) {
    return place.cpu != first->cpu && note.object == access.object && (note.writes || access.writes);
  };
  const auto second = find_place(context.prng, *context.profile(), conflicts);
  if (!second) return false;
  return context.add(scenario, {demote_at(*first), demote_at(just_behind(*second))});
}

bool preempt_at_shared_access(EditContext& context, Scenario& scenario) {
  if (context.profile() == nullptr || !context.options.demotes) return false;
  const auto access = shared_access(context);
  return access && context.add(scenario, {demote_at(before_or_behind(context, *access))});
}

bool preempt_at_site(EditContext& context, Scenario& scenario) {
  if (context.profile() == nullptr || !context.options.demotes) return false;
  const auto site = any_aimed_site(context);
  if (!site) return false;
  const Place place = before_or_behind(context, *site);
  if (context.prng.chance(1, 2) && move_a_demote(context, scenario, place)) return true;
  return context.add(scenario, {demote_at(place)});
}

bool interrupt_in_window(EditContext& context, Scenario& scenario) {
  if (context.profile() == nullptr || context.schema.external_vectors.empty()) return false;
  auto place = interruptible_window(context);
  if (!place) {
    place =
        find_place(context.prng, *context.profile(), [](Place, const PointNote& note) { return note.irqs_enabled; });
  }
  if (!place) return false;
  Directive directive = demote_at(*place);
  directive.action = Action::kInterrupt;
  directive.a = context.schema.external_vectors[context.index(context.schema.external_vectors.size())];
  // What was aimed behind this point is there still once the handler has run.
  const std::uint32_t points = points_of_vector(*context.profile(), scenario, directive.a);
  const bool moved = move_from(scenario, *place, points);
  return context.add(scenario, {directive}) || moved;
}

}  // namespace gridlock
