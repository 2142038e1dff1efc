#include "engine/cli/repro_builder.h"

#include <fmt/format.h>

#include <span>

#include "engine/cli/child_runner.h"
#include "engine/cli/death.h"
#include "engine/cli/minimizer.h"
#include "engine/judge/signature.h"

namespace gridlock {
namespace {

// The trace's step that is this point, or nullptr. A directive applies when its cpu is about to pass the point; where
// the run ends before it does, the events of that cpu after the point before are as close as a trace comes.
const Step* step_at(const Trace& trace, CpuId cpu, PointIndex point) {
  const Step* close = nullptr;
  for (const Step& step : trace.steps) {
    if (step.cpu != cpu) continue;
    if (is_point(step.kind) && step.point == point) return &step;
    if (step.point.value() + 1 == point.value() && step.frames[0] != 0) close = &step;
  }
  return close;
}

std::string place_of(const Step& step, const SiteNames& names) {
  std::size_t depth = 0;
  while (depth < kTraceFramesMax && step.frames[depth] != 0) ++depth;
  const auto frames = own_frames(std::span(step.frames).first(depth), names);
  if (frames.empty()) return "";
  const Frame& frame = frames.front();
  return frame.file.empty() ? frame.function : fmt::format("{} ({}:{})", frame.function, frame.file, frame.line);
}

// The hints of a scenario that may crash: empty ones then.
Result<std::vector<std::string>> hints_from_child(Tools tools, ChildRunner& runner, const Scenario& scenario) {
  auto work = runner.call([&](Session& session, const Channel& channel) {
    const Judged judged = session.trace(scenario);
    if (judged.view.trace != nullptr) channel.send(site_hints(scenario, *judged.view.trace, tools.names));
  });
  if (!work) return std::unexpected(work.error());
  if (work->messages.empty()) return std::vector<std::string>(scenario.directives.size());
  return work->messages.front().get<std::vector<std::string>>();
}

}  // namespace

std::vector<std::string> site_hints(const Scenario& scenario, const Trace& trace, const SiteNames& names) {
  std::vector<std::string> hints;
  for (const Directive& directive : scenario.directives) {
    const Step* step = step_at(trace, directive.cpu, directive.point);
    hints.push_back(step == nullptr ? "" : place_of(*step, names));
  }
  return hints;
}

Result<Repro> build_repro(Tools tools, const Target& target, std::uint32_t variant, RunPage& page,
                          const Scenario& scenario, const Verdict& verdict) {
  Repro repro;
  repro.target = target.schema.name;
  if (target.is_program()) repro.program_arguments = target.arguments;
  repro.signature = verdict.signature;
  repro.scenario = scenario;
  repro.expectations.push_back({target.schema.variants[variant].name, verdict.kind});
  for (std::uint32_t other = 0; other < target.schema.variants.size(); ++other) {
    if (other == variant) continue;
    const auto outcome = ChildRunner(tools, target, other, page).run(scenario);
    if (!outcome) return std::unexpected(outcome.error());
    repro.expectations.push_back({target.schema.variants[other].name, outcome->verdict.kind});
  }
  ChildRunner runner(tools, target, variant, page);
  if (verdict.signature == kNoPointSignature) runner.set_limits(kNoPointTrialLimits);
  auto hints = hints_from_child(tools, runner, scenario);
  if (!hints) return std::unexpected(hints.error());
  repro.site_hints = std::move(*hints);
  return repro;
}

}  // namespace gridlock
