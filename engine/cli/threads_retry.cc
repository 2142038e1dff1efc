// See threads_retry.h. May include: base, model, decode, strategy, judge.
#include "engine/cli/threads_retry.h"

#include <algorithm>
#include <memory>

#include "engine/base/prng.h"
#include "engine/decode/decode.h"
#include "engine/judge/signature.h"
#include "engine/strategy/recorded.h"
#include "engine/strategy/strategies.h"

namespace gridlock {
namespace {

constexpr std::uint32_t kRecordedRuns = kRetryRuns * 2 / 3;
// Places that the clocks of two cores may be apart, and a little more.
constexpr std::uint32_t kBlurMax = 24;
constexpr std::uint32_t kShiftPointsMax = 4;

std::unique_ptr<Strategy> strategy_of_attempt(std::uint32_t attempt, const CoreSighting& sighting) {
  if (attempt >= kRecordedRuns) return make_strategy("pct", {.seed = attempt});
  return std::make_unique<RecordedStrategy>(sighting.order, attempt * kBlurMax / kRecordedRuns, attempt);
}

// Interrupts where they were taken, at first; then near by, because spins make the counts of points differ.
Scenario scenario_of_attempt(std::uint32_t attempt, const Scenario& scenario) {
  Scenario tried = scenario;
  if (attempt % 4 < 2) return tried;
  Prng prng(attempt);
  for (Directive& directive : tried.directives) {
    const std::uint32_t moved = directive.point.value() + prng.below(2 * kShiftPointsMax + 1);
    directive.point = PointIndex(std::clamp(moved, kShiftPointsMax + 1, kPointOrdinalMax) - kShiftPointsMax);
  }
  return tried;
}

bool is_same_race(const RaceReport* ordered, const CoreSighting& sighting, const SiteNames& names) {
  return ordered != nullptr && sighting.verdict.kind == VerdictKind::kDataRace &&
         race_signature(VerdictKind::kDataRace, *ordered, names) == sighting.verdict.signature;
}

// In the child. Messages: {"bug": VERDICT, "input": BYTES}, {"ordered": true}.
void retry(Session& session, const Channel& channel, const CoreSighting& sighting, const SiteNames& names) {
  bool is_ordered = false;
  for (std::uint32_t attempt = 0; attempt < kRetryRuns; ++attempt) {
    const Scenario tried = scenario_of_attempt(attempt, sighting.scenario);
    const auto strategy = strategy_of_attempt(attempt, sighting);
    const Judged judged = session.explore(tried, *strategy);
    is_ordered = is_ordered || is_same_race(judged.view.ordered_report, sighting, names);
    if (!is_bug(judged.verdict.kind) || judged.view.directives_overflowed) continue;
    const Scenario made = as_it_was(tried, judged.view);
    if (!is_legal(made, session.schema())) continue;
    channel.send({{"bug", to_message(judged.verdict)}, {"input", to_message(encode(made, session.schema()))}});
    return;
  }
  if (is_ordered) channel.send({{"ordered", true}});
}

}  // namespace

Result<RetryResult> retry_on_fibers(ChildRunner& runner, const CoreSighting& sighting) {
  const TargetSchema& schema = runner.target().schema;
  RetryResult result;
  auto work = runner.call(
      [&](Session& session, const Channel& channel) { retry(session, channel, sighting, session.names()); });
  if (!work) return std::unexpected(work.error());
  for (const auto& message : work->messages) {
    if (message.contains("ordered")) result.is_ordered = true;
    if (!message.contains("bug")) continue;
    result.reproduction = {decode(bytes_from_message(message.at("input")), schema),
                           verdict_from_message(message.at("bug"))};
  }
  // The bug ended the child itself: the page has what was decided up to then.
  if (work->died) result.reproduction = {last_scenario(runner.page(), schema), *work->died};
  return result;
}

}  // namespace gridlock
