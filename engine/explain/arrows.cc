// See arrows.h. May include: base, model.
#include "engine/explain/arrows.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "engine/explain/race_story.h"
#include "engine/explain/step_kinds.h"

namespace gridlock {
namespace {

using Steps = std::vector<Step>;

// The last write of another cpu before step `at` that changed what `at` reads.
std::optional<std::size_t> writer_of(const Steps& steps, std::size_t at) {
  for (std::size_t i = at; i-- > 0;) {
    const Step& step = steps[i];
    const bool writes = writes_memory(step) && step.changed && touches(step, steps[at].address);
    if (writes) return step.cpu == steps[at].cpu ? std::nullopt : std::optional(i);
  }
  return std::nullopt;
}

void add_interrupts(const Steps& steps, const Words& words, std::vector<Arrow>& arrows) {
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::size_t> sent;  // cpu, vector: the first that is not taken yet
  for (std::size_t at = 0; at < steps.size(); ++at) {
    const Step& step = steps[at];
    if (step.kind == StepKind::kIpiSend) sent.try_emplace({step.a, step.b}, at);
    if (step.kind != StepKind::kIrqEnter) continue;
    const auto found = sent.find({step.cpu.value(), step.a});
    if (found == sent.end()) continue;
    arrows.push_back({found->second, at, ArrowKind::kIpi,
                      fmt::format("ipi {} from cpu{} to cpu{}", words.vector(step.a), steps[found->second].cpu.value(),
                                  step.cpu.value())});
    sent.erase(found);
  }
}

void add_wakeups(const Steps& steps, const Words& words, std::vector<Arrow>& arrows) {
  for (std::size_t at = 0; at < steps.size(); ++at) {
    const Step& step = steps[at];
    if (step.kind != StepKind::kWaitRead || step.stack_address) continue;
    const auto writer = writer_of(steps, at);
    if (!writer) continue;
    arrows.push_back({*writer, at, ArrowKind::kWakeup,
                      fmt::format("cpu{} ends the wait of cpu{}: {}", steps[*writer].cpu.value(), step.cpu.value(),
                                  words.action(steps[*writer]))});
  }
}

// To what the other cpu does next.
void add_migrations(const Steps& steps, const Words& words, std::vector<Arrow>& arrows) {
  for (std::size_t at = 0; at < steps.size(); ++at) {
    const Step& step = steps[at];
    if (step.kind != StepKind::kMigrateEnter || step.b == step.cpu.value()) continue;
    for (std::size_t to = at + 1; to < steps.size(); ++to) {
      if (steps[to].cpu.value() != step.b || !traits_of(steps[to].kind).is_own_act) continue;
      arrows.push_back(
          {at, to, ArrowKind::kMigration,
           fmt::format("{} is to go from cpu{} to cpu{}", words.entity(step.a), step.cpu.value(), step.b)});
      break;
    }
  }
}

void add_hand_overs(const Steps& steps, const Story& story, std::vector<Arrow>& arrows) {
  std::optional<std::size_t> acted;
  for (const Row& row : story.rows) {
    if (row.switched && acted && steps[*acted].cpu != row.cpu) {
      arrows.push_back({*acted, row.first_step, ArrowKind::kHandOver,
                        fmt::format("control goes from cpu{} to cpu{}", steps[*acted].cpu.value(), row.cpu.value())});
    }
    for (std::size_t at = row.first_step; at <= row.last_step; ++at) {
      if (traits_of(steps[at].kind).is_own_act) acted = at;
    }
  }
}

}  // namespace

const char* arrow_kind_name(ArrowKind kind) {
  switch (kind) {
    case ArrowKind::kIpi:
      return "ipi";
    case ArrowKind::kWakeup:
      return "wakeup";
    case ArrowKind::kMigration:
      return "migration";
    case ArrowKind::kHandOver:
      return "hand-over";
    case ArrowKind::kRace:
      return "race";
  }
}

std::vector<Arrow> arrows_of(const ExplainInput& input, const Words& words, const Story& story) {
  const Steps& steps = input.run->trace->steps;
  std::vector<Arrow> arrows;
  add_interrupts(steps, words, arrows);
  add_wakeups(steps, words, arrows);
  add_migrations(steps, words, arrows);
  add_hand_overs(steps, story, arrows);
  if (const auto race = story_of_race(*input.run)) {
    arrows.push_back({race->first.access, race->second.access, ArrowKind::kRace, "nothing orders these accesses"});
  }
  std::ranges::sort(arrows, {}, [](const Arrow& arrow) { return std::tuple(arrow.to, arrow.from, arrow.kind); });
  return arrows;
}

}  // namespace gridlock
