#include "engine/cli/child_runner.h"

#include "engine/base/check.h"
#include "engine/cli/death.h"

namespace gridlock {
namespace {

nlohmann::json message_of(const Outcome& outcome) {
  return {{"verdict", to_message(outcome.verdict)},   {"points", outcome.points},
          {"starts", outcome.operation_starts},       {"points_by_cpu", outcome.points_by_cpu},
          {"evidence", to_message(outcome.evidence)}, {"ordered_reports", outcome.ordered_reports}};
}

Outcome outcome_from_message(const nlohmann::json& message) {
  return {verdict_from_message(message.at("verdict")),
          message.at("points").get<std::uint64_t>(),
          message.at("starts").get<std::vector<std::vector<std::uint32_t>>>(),
          message.at("points_by_cpu").get<std::vector<std::uint32_t>>(),
          evidence_from_message(message.at("evidence")),
          message.at("ordered_reports").get<std::uint64_t>()};
}

// Calls `work` in a child and says what its death means. `name`: of the target, for errors.
Result<ChildWork> call_in_child(Tools tools, const std::string& name, RunPage& page, RunLimits limits,
                                const std::function<void(const Channel&)>& work) {
  const auto body = [&](const Channel& channel) {
    set_crash_page(&page.crash);
    page.is_watched = true;
    work(channel);
  };
  auto result = run_child(page, body, limits);
  if (!result) return std::unexpected(result.error());
  ChildWork done{std::move(result->messages), std::nullopt};
  if (!result->death) return done;
  switch (cause_of(*result->death, page)) {
    case DeathCause::kTarget:
      done.died = verdict_of(*result->death, page, tools.names);
      return done;
    case DeathCause::kOutside:
      return failure("finish a run", name,
                     "the worker was " + describe_status(result->death->wait_status) + ": is there enough memory?");
    case DeathCause::kRefused:
      return std::unexpected(error_of_refusal(name, page));
    case DeathCause::kDefect:
      leave_with_defect(*result->death);
  }
  GRIDLOCK_CHECK(false);
}

bool is_same(const BatchRun& left, const BatchRun& right) {
  return left.target == right.target && left.variant == right.variant && left.scenario == right.scenario;
}

// Up to the end, or to the last repetition of a run that broke memory.
void run_in_this_process(Tools tools, std::span<const BatchRun> runs, RunPage& page, const Channel& channel) {
  bool is_damaged = false;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (is_damaged && !is_same(runs[i - 1], runs[i])) return;
    Session session(tools, *runs[i].target, runs[i].variant, page, i == 0);
    if (runs[i].shows_output) session.show_output();
    const Outcome outcome = outcome_of(session.replay(*runs[i].scenario), *runs[i].scenario);
    is_damaged = is_damaged || outcome.verdict.kind == VerdictKind::kMemoryError;
    channel.send(message_of(outcome));
  }
}

}  // namespace

Outcome outcome_of(const Judged& judged, const Scenario& scenario) {
  Outcome outcome{.verdict = judged.verdict,
                  .points = judged.view.points,
                  .operation_starts = operation_starts(judged.view, scenario),
                  .ordered_reports = judged.view.ordered_reports};
  for (const CpuView& cpu : judged.view.cpus) outcome.points_by_cpu.push_back(cpu.points.value());
  outcome.evidence.add(judged.evidence);
  return outcome;
}

Result<std::vector<Outcome>> run_batch(Tools tools, std::span<const BatchRun> runs, RunPage& page, RunLimits limits) {
  std::vector<Outcome> outcomes;
  while (outcomes.size() < runs.size()) {
    const auto left = runs.subspan(outcomes.size());
    auto work = call_in_child(tools, left.front().target->schema.name, page, limits,
                              [&](const Channel& channel) { run_in_this_process(tools, left, page, channel); });
    if (!work) return std::unexpected(work.error());
    for (const auto& message : work->messages) outcomes.push_back(outcome_from_message(message));
    if (work->died) outcomes.push_back({.verdict = *work->died});
  }
  return outcomes;
}

Result<ChildWork> ChildRunner::call(const std::function<void(Session&, const Channel&)>& work) {
  return call_in_child(tools_, target_.schema.name, page_, limits_, [&](const Channel& channel) {
    Session session(tools_, target_, variant_, page_);
    work(session, channel);
  });
}

Result<Outcome> ChildRunner::run(const Scenario& scenario) {
  auto outcomes = run_repeatedly(scenario, 1);
  if (!outcomes) return std::unexpected(outcomes.error());
  return std::move(outcomes->front());
}

Result<std::vector<Outcome>> ChildRunner::run_repeatedly(const Scenario& scenario, std::uint32_t times) {
  return run_batch(tools_, std::vector<BatchRun>(times, BatchRun{&target_, variant_, &scenario}), page_, limits_);
}

}  // namespace gridlock
