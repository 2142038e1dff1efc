// See threads_retry.h. May include: base, model, decode, strategy, judge.
#include "engine/cli/threads_retry.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>
#include <vector>

#include "engine/base/prng.h"
#include "engine/decode/decode.h"
#include "engine/decode/generate.h"
#include "engine/judge/signature.h"
#include "engine/strategy/recorded.h"
#include "engine/strategy/strategies.h"

namespace gridlock {
namespace {

constexpr std::uint32_t kRecordedRuns = kRetryRunsNear * 2 / 3;
// Places that the clocks of two cores may be apart, and a little more.
constexpr std::uint32_t kBlurMax = 24;
constexpr std::uint32_t kShiftPointsMax = 4;

// Interrupts where they were taken, at first; then near by, because spins make the counts of points differ.
Scenario near_scenario(std::uint32_t attempt, const Scenario& scenario) {
  Scenario tried = scenario;
  if (attempt % 4 < 2) return tried;
  Prng prng(attempt);
  for (Directive& directive : tried.directives) {
    const std::uint32_t moved = directive.point.value() + prng.below(2 * kShiftPointsMax + 1);
    directive.point = PointIndex(std::clamp(moved, kShiftPointsMax + 1, kPointOrdinalMax) - kShiftPointsMax);
  }
  return tried;
}

// The attempts of one retry, each a run.
class Attempts {
 public:
  Attempts(Session& session, const CoreSighting& sighting) : session_(session), sighting_(sighting) {
    for (std::size_t i = 0; i < kSearching.size(); ++i) searching_[i] = make_strategy(kSearching[i], {.seed = i + 1});
  }

  // What `run` ran last.
  [[nodiscard]] const Scenario& tried() const { return tried_; }

  [[nodiscard]] Judged run(std::uint32_t attempt) {
    const Judged judged = attempt < kRetryRunsNear ? run_near(attempt) : search(attempt);
    points_ = points_by_cpu(judged.view, tried_);
    return judged;
  }

 private:
  static constexpr std::array<std::string_view, 3> kSearching = {"pct", "pos", "surw"};

  Judged run_near(std::uint32_t attempt) {
    tried_ = near_scenario(attempt, sighting_.scenario);
    if (attempt < kRecordedRuns) {
      near_ = std::make_unique<RecordedStrategy>(sighting_.order, attempt * kBlurMax / kRecordedRuns, attempt);
    } else {
      near_ = make_strategy("pct", {.seed = attempt});
    }
    return session_.explore(tried_, *near_);
  }

  Judged search(std::uint32_t attempt) {
    tried_ = sighting_.scenario;
    generate_schedule(prng_, session_.schema(), {}, points_, false, tried_);
    return session_.explore(tried_, *searching_[attempt % searching_.size()]);
  }

  Session& session_;
  const CoreSighting& sighting_;
  Scenario tried_;
  std::unique_ptr<Strategy> near_;
  std::array<std::unique_ptr<Strategy>, kSearching.size()> searching_;
  std::vector<std::uint32_t> points_;
  Prng prng_{kRetryRuns};
};

bool is_same_race(const RaceReport* ordered, const CoreSighting& sighting, const SiteNames& names) {
  return ordered != nullptr && sighting.verdict.kind == VerdictKind::kDataRace &&
         race_signature(VerdictKind::kDataRace, *ordered, names) == sighting.verdict.signature;
}

// In the child. Messages: {"bug": VERDICT, "input": BYTES}, {"ordered": true}.
void retry(Session& session, const Channel& channel, const CoreSighting& sighting, const SiteNames& names) {
  bool is_ordered = false;
  Attempts attempts(session, sighting);
  for (std::uint32_t attempt = 0; attempt < kRetryRuns; ++attempt) {
    const Judged judged = attempts.run(attempt);
    const Scenario& tried = attempts.tried();
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
