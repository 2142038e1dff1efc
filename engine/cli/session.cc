#include "engine/cli/session.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/decode/decode.h"
#include "engine/judge/judge.h"
#include "engine/strategy/strategies.h"

namespace gridlock {

Session::Session(Tools tools, const Target& target, std::uint32_t variant, RunPage& page)
    : tools_(tools), target_(target), variant_(variant), page_(page), directed_(make_strategy("directed", {})) {
  GRIDLOCK_CHECK(directed_ != nullptr);
  GRIDLOCK_CHECK(variant < target.schema.variants.size());
}

Judged Session::replay(const Scenario& scenario, feedback::InterleavingMap* interleavings) {
  return execute(scenario, *directed_, Decider::kInput, {.variant = variant_, .interleavings = interleavings});
}

Judged Session::profile(const Scenario& scenario) {
  return execute(scenario, *directed_, Decider::kInput, {.variant = variant_, .profile = true});
}

Judged Session::trace(const Scenario& scenario, std::uint64_t stop_at_step) {
  return execute(scenario, *directed_, Decider::kInput,
                 {.variant = variant_, .trace = true, .stop_at_step = stop_at_step});
}

Judged Session::explore(const Scenario& scenario, Strategy& strategy, feedback::InterleavingMap* interleavings) {
  JournalStrategy journal(strategy, page_);
  return execute(scenario, journal, Decider::kStrategy, {.variant = variant_, .interleavings = interleavings});
}

Judged Session::execute(const Scenario& scenario, Strategy& strategy, Decider decider, const RunOptions& options) {
  if (target_.is_program()) target_.use_arguments(target_.arguments);
  publish_run(page_, encode(scenario, target_.schema), decider);
  const RunView& view = tools_.machine.run(*target_.table, scenario, strategy, options);
  Verdict verdict = judge(view, tools_.names);
  auto evidence = evidence_of(view, tools_.names, Machine::flavour());
  end_run(page_);
  return {std::move(verdict), view, std::move(evidence)};
}

std::vector<std::uint32_t> points_by_cpu(const RunView& view, const Scenario& scenario) {
  std::vector<std::uint32_t> points(scenario.cpu_count(), 0);
  for (std::size_t cpu = 0; cpu < points.size() && cpu < view.cpus.size(); ++cpu) {
    points[cpu] = view.cpus[cpu].points.value();
  }
  return points;
}

std::vector<std::vector<std::uint32_t>> operation_starts(const RunView& view, const Scenario& scenario) {
  std::vector<std::vector<std::uint32_t>> starts(scenario.cpu_count());
  for (std::size_t cpu = 0; cpu < starts.size() && cpu < view.cpus.size(); ++cpu) {
    starts[cpu] = view.cpus[cpu].operation_starts;
  }
  return starts;
}

Scenario as_it_was(const Scenario& scenario, const RunView& view) {
  Scenario made = scenario;
  made.directives.assign(view.directives.begin(), view.directives.end());
  return made;
}

}  // namespace gridlock
