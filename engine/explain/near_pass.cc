// See near_pass.h. May include: base, model.
#include "engine/explain/near_pass.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "engine/base/check.h"
#include "engine/explain/step_labels.h"
#include "engine/explain/story.h"

namespace gridlock {
namespace {

std::string change_text(const Scenario& scenario, const NearChange& change, const Words& words) {
  const Directive& directive = scenario.directives[change.directive];
  const std::string what = fmt::format("decision {} ({} at its point {})", change.directive + 1,
                                       decision_text(directive, words), directive.point.value());
  if (change.points_later == 0) return fmt::format("Without {} the run passes", what);
  const std::int32_t points = std::abs(change.points_later);
  return fmt::format("With {} {} point{} {} the run passes", what, points, points == 1 ? "" : "s",
                     change.points_later > 0 ? "later" : "earlier");
}

std::vector<NearStep> steps_around(std::size_t parts_at, const Story& story) {
  const auto parting = std::ranges::find_if(story.rows, [&](const Row& row) { return row.last_step >= parts_at; });
  auto first = static_cast<std::size_t>(parting - story.rows.begin());
  first -= std::min(first, kNearRowsBefore);
  std::vector<NearStep> steps;
  for (std::size_t i = first; i < story.rows.size() && steps.size() < kNearRowsMax; ++i) {
    const Row& row = story.rows[i];
    steps.push_back({row.first_step, row.cpu, row.where, row.what});
  }
  return steps;
}

}  // namespace

Scenario changed(const Scenario& scenario, const NearChange& change) {
  GRIDLOCK_CHECK(change.directive < scenario.directives.size());
  Scenario made = scenario;
  if (change.points_later == 0) {
    made.directives.erase(made.directives.begin() + static_cast<std::ptrdiff_t>(change.directive));
    return made;
  }
  Directive& directive = made.directives[change.directive];
  const std::int64_t point = std::int64_t{directive.point.value()} + change.points_later;
  directive.point = PointIndex(static_cast<std::uint32_t>(std::max<std::int64_t>(point, 0)));
  return made;
}

NearPass tell_near_pass(const Scenario& failing_scenario, const Trace& failing, const NearChange& change,
                        const ExplainInput& passing) {
  const Words words(passing);
  const std::int64_t difference = first_difference(failing, *passing.run->trace);
  NearPass near;
  near.text = change_text(failing_scenario, change, words);
  near.parts_at = difference < 0 ? failing.steps.size() : static_cast<std::size_t>(difference);
  for (const Directive& directive : passing.run->directives) {
    near.directives.push_back(fmt::format("at cpu{} point {}: {}", directive.cpu.value(), directive.point.value(),
                                          decision_text(directive, words)));
  }
  near.steps = steps_around(near.parts_at, tell(passing, words));
  return near;
}

}  // namespace gridlock
