// Hindsight, one question a function; see marks.h.
//
// May include: base, model.
#include "engine/explain/marks.h"

#include <algorithm>

#include "engine/explain/history.h"
#include "engine/explain/lock_words.h"
#include "engine/explain/race_story.h"
#include "engine/explain/words.h"

namespace gridlock {
namespace {

// The action that a step of this kind carries out; nothing for other steps.
std::optional<Action> carried_out(StepKind kind) {
  if (kind == StepKind::kDemote) return Action::kDemote;
  if (kind == StepKind::kIrqRaise) return Action::kInterrupt;
  if (kind == StepKind::kDefer) return Action::kDefer;
  if (kind == StepKind::kMigrateEnter) return Action::kMigrate;
  return std::nullopt;
}

// A step that a directive caused stands at the point that the cpu was about to pass, or at the last one it passed.
bool is_carried_out_by(const Directive& directive, const Step& step) {
  if (carried_out(step.kind) != directive.action || directive.cpu != step.cpu) return false;
  const std::uint32_t point = directive.point.value();
  const bool is_here = point == step.point.value() || point == step.point.value() + 1;
  switch (directive.action) {
    case Action::kDemote:
      return is_here;
    case Action::kInterrupt:
      return is_here && directive.a == step.a;
    case Action::kDefer:
      return is_here && directive.a == step.a && directive.b == step.b;
    case Action::kMigrate:
      // The request is taken like an interrupt: here, or where interrupts are enabled next.
      return point <= step.point.value() + 1 && directive.a == step.a && directive.b == step.b;
    case Action::kStale:
    case Action::kDelayStore:
      return false;
  }
}

// Calls visit(offset) for each byte that the step accesses.
template <typename Visit>
void for_each_byte(const Step& step, const Visit& visit) {
  for (std::uint64_t offset = step.address; touches(step, offset); ++offset) visit(offset);
}

}  // namespace

bool is_in_vain(const Step& step) {
  const bool harmless_event = step.kind == StepKind::kFence || step.kind == StepKind::kIrqDisable;
  return !step.changed && (is_point(step.kind) || harmless_event);
}

Marks::Marks(const RunView& run, std::size_t cpu_count, const LockOrderReport* lock_order)
    : run_(run), steps_(run.trace->steps), directive_steps_(run.directives.size()), last_progress_(cpu_count) {
  match_directives();
  find_shared_memory();
  find_decisive_steps();
  find_race();
  if (lock_order != nullptr) {
    for (const std::size_t at : lock_steps(*lock_order, steps_)) decisive_.insert(at);
  }
  find_last_progress();
}

std::optional<std::size_t> Marks::directive_of(std::size_t at) const {
  const auto found = directive_of_step_.find(at);
  return found == directive_of_step_.end() ? std::nullopt : std::optional(found->second);
}

bool Marks::is_shared(const Step& step) const {
  bool shared = false;
  for_each_byte(step, [&](std::uint64_t offset) { shared = shared || shared_.contains(offset); });
  return shared;
}

const CpuView* Marks::stuck_for_good(std::size_t at) const {
  const CpuId id = steps_[at].cpu;
  if (at < last_progress_[id.value()]) return nullptr;
  const auto cpu = std::find_if(run_.cpus.begin(), run_.cpus.end(), [&](const CpuView& c) { return c.cpu == id; });
  if (cpu == run_.cpus.end()) return nullptr;
  const bool is_stuck = cpu->activity == CpuActivity::kWaiting || cpu->activity == CpuActivity::kSpinning;
  return is_stuck ? &*cpu : nullptr;
}

// Directives of one cpu are carried out in their order, so the first that fits and is not taken is the one.
void Marks::match_directives() {
  for (std::size_t at = 0; at < steps_.size(); ++at) {
    if (!carried_out(steps_[at].kind)) continue;
    for (std::size_t i = 0; i < run_.directives.size(); ++i) {
      if (directive_steps_[i] || !is_carried_out_by(run_.directives[i], steps_[at])) continue;
      directive_steps_[i] = at;
      directive_of_step_[at] = i;
      break;
    }
  }
}

void Marks::find_shared_memory() {
  std::unordered_map<std::uint64_t, CpuId> user;
  for (const Step& step : steps_) {
    for_each_byte(step, [&](std::uint64_t offset) {
      if (user.try_emplace(offset, step.cpu).first->second != step.cpu) shared_.insert(offset);
    });
  }
  for (const CpuView& cpu : run_.cpus) shared_.insert(cpu.watches.begin(), cpu.watches.end());
}

void Marks::find_decisive_steps() {
  const History history(steps_);
  for (const CpuView& cpu : run_.cpus) {
    if (cpu.activity == CpuActivity::kEnded || cpu.activity == CpuActivity::kIdle) continue;
    for (const std::uint64_t offset : cpu.watches) mark_last_writes(offset);
    for (const std::size_t at : history.vain_tries(cpu.cpu)) {
      if (is_shared(steps_[at])) mark_last_writes(steps_[at].address);
    }
  }
  if (run_.failure == nullptr || run_.failure->frames.empty()) return;
  if (const auto freed = history.freeing_step(*run_.failure)) decisive_.insert(*freed);
  if (const auto at = history.last_act(run_.failure->cpu)) decisive_.insert(*at);
}

void Marks::find_race() {
  const auto story = story_of_race(run_);
  tells_race_ = story.has_value();
  if (!story) return;
  const std::vector<std::size_t> telling = telling_steps(*story, steps_);
  decisive_.insert(telling.begin(), telling.end());
}

void Marks::mark_last_writes(std::uint64_t offset) {
  for (const std::size_t at : History(steps_).last_writes(offset, kLastWritesMarked)) decisive_.insert(at);
}

void Marks::find_last_progress() {
  for (std::size_t at = 0; at < steps_.size(); ++at) {
    const Step& step = steps_[at];
    if (step.kind != StepKind::kStuck && !is_in_vain(step)) last_progress_[step.cpu.value()] = at;
  }
}

}  // namespace gridlock
