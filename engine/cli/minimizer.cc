#include "engine/cli/minimizer.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "engine/base/check.h"
#include "engine/cli/death.h"
#include "engine/cli/reschedule.h"
#include "engine/decode/decode.h"
#include "engine/judge/judge.h"
#include "engine/reduce/reduce.h"

namespace gridlock {
namespace {

// A fork for each candidate: at 300 (ThreadSanitizer) to 4,400 (plain) a second, half a minute at most.
constexpr std::uint64_t kForkTrialsMax = 10'000;
// A candidate that keeps a hang without a point costs its whole limit.
constexpr std::uint64_t kNoPointTrialsMax = 400;

// A reduction that was stopped saw every candidate fail from then on, and so takes its result for minimal.
Minimized unconfirmed(Reduction reduction, const Verdict& verdict, bool stopped) {
  return {.scenario = std::move(reduction.scenario),
          .verdict = verdict,
          .trials = reduction.trials,
          .one_minimal = reduction.one_minimal && !stopped};
}

// The verdict of the first outcome that shows the bug, and how many of them give the same kind and signature.
void confirm(const std::vector<Outcome>& outcomes, const Verdict& original, Minimized& minimized) {
  const auto bug = std::find_if(outcomes.begin(), outcomes.end(),
                                [&](const Outcome& outcome) { return is_same_bug(original, outcome.verdict); });
  minimized.verdict = bug == outcomes.end() ? original : bug->verdict;
  minimized.confirmations = static_cast<std::uint32_t>(outcomes.size());
  for (const Outcome& outcome : outcomes) {
    const bool is_same =
        outcome.verdict.kind == minimized.verdict.kind && outcome.verdict.signature == minimized.verdict.signature;
    if (!is_same) continue;
    ++minimized.reproduced;
    minimized.evidence.add(outcome.evidence);
  }
}

// A fork for each candidate.
Result<Minimized> minimize_by_forks(ChildRunner& runner, const Scenario& original, const Verdict& verdict,
                                    const StopRequest& stop) {
  const bool no_point = verdict.signature == kNoPointSignature;
  if (no_point) runner.set_limits(kNoPointTrialLimits);
  std::optional<Error> error;
  bool stopped = false;
  const auto trial = [&](const Scenario& candidate) -> Trial {
    stopped = stopped || stop();
    if (error || stopped) return {};
    auto outcome = runner.run(candidate);
    if (!outcome) {
      error = outcome.error();
      return {};
    }
    return {is_same_bug(verdict, outcome->verdict), std::move(outcome->operation_starts)};
  };
  const ReduceOptions options{no_point ? kNoPointTrialsMax : kForkTrialsMax};
  Reduction reduction = reduce(original, runner.target().schema, trial, options);
  if (error) return std::unexpected(*error);
  Minimized minimized = unconfirmed(std::move(reduction), verdict, stopped);
  const auto outcomes = runner.run_repeatedly(minimized.scenario, no_point ? kConfirmationsNoPoint : kConfirmations);
  if (!outcomes) return std::unexpected(outcomes.error());
  confirm(*outcomes, verdict, minimized);
  return minimized;
}

}  // namespace

nlohmann::json to_message(const Minimized& minimized, const TargetSchema& schema) {
  return {{"input", to_message(encode(minimized.scenario, schema))},
          {"verdict", to_message(minimized.verdict)},
          {"reproduced", minimized.reproduced},
          {"confirmations", minimized.confirmations},
          {"trials", minimized.trials},
          {"one_minimal", minimized.one_minimal},
          {"evidence", to_message(minimized.evidence)}};
}

Minimized minimized_from_message(const nlohmann::json& message, const TargetSchema& schema) {
  return {.scenario = decode(bytes_from_message(message.at("input")), schema),
          .verdict = verdict_from_message(message.at("verdict")),
          .reproduced = message.at("reproduced").get<std::uint32_t>(),
          .confirmations = message.at("confirmations").get<std::uint32_t>(),
          .trials = message.at("trials").get<std::uint64_t>(),
          .one_minimal = message.at("one_minimal").get<bool>(),
          .evidence = evidence_from_message(message.at("evidence"))};
}

Minimized minimize_here(Session& session, const Scenario& original, const Verdict& verdict, const StopRequest& stop) {
  bool stopped = false;
  const auto trial = [&](const Scenario& candidate) -> Trial {
    stopped = stopped || stop();
    if (stopped) return {};
    const Judged judged = session.replay(candidate);
    if (!is_same_bug(verdict, judged.verdict)) return {};
    return {true, operation_starts(judged.view, candidate)};
  };
  Reduction reduction = reduce(original, session.schema(), trial);
  while (const auto other = find_smaller_schedule(session, reduction.scenario, verdict, stop)) {
    Reduction next = reduce(*other, session.schema(), trial);
    next.trials += reduction.trials;
    if (!(size_of(next.scenario) < size_of(reduction.scenario))) break;
    reduction = std::move(next);
  }
  Minimized minimized = unconfirmed(std::move(reduction), verdict, stopped);
  std::vector<Outcome> outcomes;
  outcomes.reserve(kConfirmations);
  for (std::uint32_t i = 0; i < kConfirmations; ++i) {
    outcomes.push_back(outcome_of(session.replay(minimized.scenario), minimized.scenario));
  }
  confirm(outcomes, verdict, minimized);
  return minimized;
}

Result<Minimized> minimize_in_children(ChildRunner& runner, const Scenario& original, const Verdict& verdict,
                                       const StopRequest& stop) {
  if (kills_process(verdict)) return minimize_by_forks(runner, original, verdict, stop);
  auto work = runner.call([&](Session& session, const Channel& channel) {
    channel.send(to_message(minimize_here(session, original, verdict, stop), session.schema()));
  });
  if (!work) return std::unexpected(work.error());
  // The bug itself kills, as a report of AddressSanitizer does, or a candidate did, and another bug is near. Each
  // candidate in a process of its own steps around it.
  if (work->died) return minimize_by_forks(runner, original, verdict, stop);
  GRIDLOCK_CHECK(work->messages.size() == 1);
  return minimized_from_message(work->messages.front(), runner.target().schema);
}

}  // namespace gridlock
