#include "engine/cli/child_runner.h"

#include "engine/base/check.h"
#include "engine/cli/death.h"

namespace gridlock {
namespace {

nlohmann::json to_message(const Outcome& outcome) {
  return {{"verdict", to_message(outcome.verdict)},
          {"points", outcome.points},
          {"starts", outcome.operation_starts},
          {"evidence", to_message(outcome.evidence)},
          {"ordered_reports", outcome.ordered_reports}};
}

Outcome outcome_from_message(const nlohmann::json& message) {
  return {verdict_from_message(message.at("verdict")), message.at("points").get<std::uint64_t>(),
          message.at("starts").get<std::vector<std::vector<std::uint32_t>>>(),
          evidence_from_message(message.at("evidence")), message.at("ordered_reports").get<std::uint64_t>()};
}

}  // namespace

Outcome outcome_of(const Judged& judged, const Scenario& scenario) {
  Outcome outcome{.verdict = judged.verdict,
                  .points = judged.view.points,
                  .operation_starts = operation_starts(judged.view, scenario),
                  .ordered_reports = judged.view.ordered_reports};
  outcome.evidence.add(judged.evidence);
  return outcome;
}

Result<ChildRunner::Work> ChildRunner::call(const std::function<void(Session&, const Channel&)>& work) {
  const auto body = [&](const Channel& channel) {
    set_crash_page(&page_.crash);
    Session session(tools_, target_, variant_, page_);
    work(session, channel);
  };
  auto result = run_child(page_, body, limits_);
  if (!result) return std::unexpected(result.error());
  Work done{std::move(result->messages), std::nullopt};
  if (!result->death) return done;
  switch (cause_of(*result->death, page_)) {
    case DeathCause::kTarget:
      done.died = verdict_of(*result->death, page_, tools_.names);
      return done;
    case DeathCause::kOutside:
      return failure("finish a run", target_.schema.name,
                     "the worker was " + describe_status(result->death->wait_status) + ": is there enough memory?");
    case DeathCause::kDefect:
      leave_with_defect(*result->death);
  }
  GRIDLOCK_CHECK(false);
}

Result<Outcome> ChildRunner::run(const Scenario& scenario) {
  auto outcomes = run_repeatedly(scenario, 1);
  if (!outcomes) return std::unexpected(outcomes.error());
  return std::move(outcomes->front());
}

Result<std::vector<Outcome>> ChildRunner::run_repeatedly(const Scenario& scenario, std::uint32_t times) {
  std::vector<Outcome> outcomes;
  while (outcomes.size() < times) {
    const auto left = times - outcomes.size();
    auto work = call([&](Session& session, const Channel& channel) {
      for (std::size_t i = 0; i < left; ++i) channel.send(to_message(outcome_of(session.replay(scenario), scenario)));
    });
    if (!work) return std::unexpected(work.error());
    for (const auto& message : work->messages) outcomes.push_back(outcome_from_message(message));
    if (work->died) outcomes.push_back({.verdict = *work->died});
  }
  return outcomes;
}

}  // namespace gridlock
