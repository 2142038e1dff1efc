// See near_schedule.h. May include: base, model, decode, explain.
#include "engine/cli/near_schedule.h"

#include <vector>

#include "engine/decode/decode.h"

namespace gridlock {
namespace {

// The simplest to tell first: of two that part together it counts.
constexpr std::int32_t kMoves[] = {0, 1, -1};

std::vector<NearChange> candidates_of(const Scenario& failing, const TargetSchema& schema) {
  std::vector<NearChange> candidates;
  for (std::size_t i = failing.directives.size(); i-- > 0;) {
    for (const std::int32_t points_later : kMoves) {
      const NearChange change{i, points_later};
      if (candidates.size() == kNearRunsMax) return candidates;
      if (is_legal(changed(failing, change), schema)) candidates.push_back(change);
    }
  }
  return candidates;
}

}  // namespace

std::optional<NearChange> find_near_pass(Session& session, const Scenario& failing) {
  const Trace trace = *session.trace(failing).view.trace;
  std::optional<NearChange> nearest;
  std::size_t parts_at = 0;
  std::uint64_t points = 0;
  for (const NearChange& change : candidates_of(failing, session.schema())) {
    if (points > kNearPointsMax) break;
    const Judged judged = session.trace(changed(failing, change));
    points += judged.view.points;
    if (judged.verdict.kind != VerdictKind::kOk) continue;
    const std::int64_t difference = first_difference(trace, *judged.view.trace);
    const std::size_t at = difference < 0 ? trace.steps.size() : static_cast<std::size_t>(difference);
    if (nearest && at <= parts_at) continue;
    parts_at = at;
    nearest = change;
  }
  return nearest;
}

}  // namespace gridlock
