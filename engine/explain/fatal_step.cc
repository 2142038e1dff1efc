// See fatal_step.h. May include: base, model.
#include "engine/explain/fatal_step.h"

#include <algorithm>

#include "engine/explain/history.h"
#include "engine/explain/lock_words.h"
#include "engine/explain/marks.h"
#include "engine/explain/race_story.h"

namespace gridlock {
namespace {

bool is_stuck(const CpuView& cpu) {
  return cpu.activity == CpuActivity::kWaiting || cpu.activity == CpuActivity::kSpinning ||
         cpu.activity == CpuActivity::kRunning;
}

// Where the cpu is stuck for good for the first time; else the last thing that it did.
std::optional<std::size_t> stuck_at(const std::vector<Step>& steps, const Marks& marks, CpuId cpu) {
  for (std::size_t at = 0; at < steps.size(); ++at) {
    const bool is_its = steps[at].cpu == cpu && steps[at].kind == StepKind::kStuck;
    if (is_its && marks.stuck_for_good(at) != nullptr) return at;
  }
  return History(steps).last_act(cpu);
}

std::optional<std::size_t> last_to_be_stuck(const RunView& run) {
  const std::vector<Step>& steps = run.trace->steps;
  std::size_t cpu_count = run.cpus.size();
  for (const Step& step : steps) cpu_count = std::max<std::size_t>(cpu_count, step.cpu.value() + 1);
  const Marks marks(run, cpu_count);
  std::optional<std::size_t> last;
  for (const CpuView& cpu : run.cpus) {
    if (!is_stuck(cpu)) continue;
    const auto at = stuck_at(steps, marks, cpu.cpu);
    if (at) last = std::max(last.value_or(0), *at);
  }
  return last;
}

}  // namespace

std::optional<std::size_t> fatal_step(const ExplainInput& input) {
  const RunView& run = *input.run;
  if (run.trace == nullptr || run.trace->steps.empty() || !is_bug(input.verdict.kind)) return std::nullopt;
  const std::size_t last = run.trace->steps.size() - 1;
  if (const auto race = story_of_race(run)) return race->second.access;
  if (input.lock_order != nullptr) {
    const auto taken = lock_steps(*input.lock_order, run.trace->steps);
    return taken.empty() ? last : std::ranges::max(taken);
  }
  if (run.failure != nullptr) {
    return run.failure->frames.empty() ? last : History(run.trace->steps).last_act(run.failure->cpu).value_or(last);
  }
  return last_to_be_stuck(run).value_or(last);
}

}  // namespace gridlock
