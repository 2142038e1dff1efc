#include "engine/cli/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "engine/base/check.h"
#include "engine/cli/death.h"
#include "engine/cli/exit_code.h"
#include "engine/decode/decode.h"
#include "engine/judge/judge.h"
#include "engine/strategy/strategies.h"

namespace gridlock {

Session::Session(Tools tools, const Target& target, std::uint32_t variant, RunPage& page, bool is_fresh)
    : tools_(tools),
      target_(target),
      variant_(variant),
      page_(page),
      directed_(make_strategy("directed", {})),
      is_fresh_(is_fresh) {
  GRIDLOCK_CHECK(directed_ != nullptr);
  GRIDLOCK_CHECK(variant < target.schema.variants.size());
  if (!target.is_program()) return;
  output_.emplace();
  if (tools.forks) forked_.emplace(page);
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
  const RunView& view = run(scenario, strategy, options);
  if (view.end == RunEnd::kRefused) note_refusal(view);
  Verdict verdict = judge(view, tools_.names);
  auto evidence = evidence_of(view, tools_.names, Machine::flavour());
  end_run(page_);
  return {std::move(verdict), view, std::move(evidence)};
}

const RunView& Session::run(const Scenario& scenario, Strategy& strategy, const RunOptions& options) {
  RunOptions wanted = options;
  if (target_.is_program()) wanted.points = static_cast<PointSet>(scenario.parameters.at(kPointsParameter));
  const auto make = [&]() -> const RunView& {
    const auto shown = output_ ? output_->during_run(shows_output_) : ProgramOutput::Guard();
    return tools_.machine.run(*target_.table, scenario, strategy, wanted);
  };
  // A process in which nothing has run yet is as good as a new one.
  const bool forks = forked_ && !is_fresh_;
  is_fresh_ = false;
  return forks ? forked_->run(make, scenario, strategy, wanted) : make();
}

// Ends the process: whoever watches it tells the sentence. Where nobody does it is told here.
void Session::note_refusal(const RunView& view) {
  const Frame frame = tools_.names.frames_at(view.failure->frames.empty() ? 0 : view.failure->frames.front()).front();
  const std::string text = fmt::format("it calls {}, which Gridlock does not control, in {} ({}:{})",
                                       view.failure->what, frame.function, frame.file, frame.line);
  std::copy_n(text.c_str(), std::min(text.size() + 1, kRefusalBytesMax - 1), page_.refused);
  if (!page_.is_watched) {
    fmt::print(stderr, "gridlock: {}\n", error_of_refusal(target_.schema.name, page_).message());
    leave_process(static_cast<int>(ExitCode::kWrongUse));
  }
  leave_process(kExitRefused);
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
