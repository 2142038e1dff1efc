// The two sides of a race and what is between them, from the trace; see race_story.h.
//
// May include: base, model.
#include "engine/explain/race_story.h"

#include <algorithm>

#include "engine/explain/step_kinds.h"
#include "engine/explain/words.h"

namespace gridlock {
namespace {

bool is_same_context(const Step& left, const Step& right) {
  return left.cpu == right.cpu && left.depth == right.depth;
}

// Steps that show where a context stood: no hints, and of the reads of a loop the last.
bool says_something(const Step& step) {
  const bool is_access = reads_memory(step) || writes_memory(step);
  return is_access || step.kind == StepKind::kFence || step.kind == StepKind::kIrqEnable ||
         step.kind == StepKind::kIrqDisable || step.kind == StepKind::kIpiSend || step.kind == StepKind::kWaitDone;
}

bool repeats(const Step& left, const Step& right) {
  return left.kind == right.kind && left.address == right.address && left.before == right.before &&
         left.after == right.after && !left.changed;
}

std::vector<std::size_t> steps_before(const std::vector<Step>& steps, std::size_t racing) {
  const Step& access = steps[racing];
  std::vector<std::size_t> found;
  for (std::size_t at = step_of_access(steps, racing); at-- > 0 && found.size() < kStepsAroundAccess;) {
    const Step& step = steps[at];
    if (!is_same_context(step, access)) continue;
    if (step.kind == StepKind::kOperationBegin || enters_handler(step.kind)) break;
    const bool is_told = !found.empty() && repeats(step, steps[found.back()]);
    if (says_something(step) && !is_told) found.push_back(at);
  }
  std::reverse(found.begin(), found.end());
  return found;
}

std::vector<std::size_t> steps_after(const std::vector<Step>& steps, std::size_t racing) {
  std::vector<std::size_t> found;
  for (std::size_t at = racing + 1; at < steps.size() && found.size() < kStepsAroundAccess; ++at) {
    const bool is_told = !found.empty() && repeats(steps[at], steps[found.back()]);
    const bool is_other_access = steps[at].kind == StepKind::kRacingAccess;
    if (is_same_context(steps[at], steps[racing]) && says_something(steps[at]) && !is_told && !is_other_access) {
      found.push_back(at);
    }
  }
  return found;
}

RaceSide side_of(const std::vector<Step>& steps, std::size_t racing) {
  RaceSide side;
  side.access = racing;
  side.held = held_at(steps, step_of_access(steps, racing));
  side.before = steps_before(steps, racing);
  return side;
}

// Where what the step belongs to began: its handler, or else its operation.
std::optional<std::size_t> beginning_of(const std::vector<Step>& steps, std::size_t at, std::uint8_t depth) {
  for (std::size_t i = at; i-- > 0;) {
    if (steps[i].cpu != steps[at].cpu || steps[i].depth != depth) continue;
    if (steps[i].kind == StepKind::kOperationBegin || enters_handler(steps[i].kind)) return i;
  }
  return std::nullopt;
}

void add(std::vector<std::size_t>& steps, std::optional<std::size_t> step) {
  if (step) steps.push_back(*step);
}

}  // namespace

std::optional<RaceStory> story_of_race(const RunView& run) {
  if (run.end != RunEnd::kDataRace || run.trace == nullptr) return std::nullopt;
  const std::vector<Step>& steps = run.trace->steps;
  std::optional<std::size_t> found[2];
  for (std::size_t at = 0; at < steps.size(); ++at) {
    if (steps[at].kind == StepKind::kRacingAccess && steps[at].a < 2) found[steps[at].a] = at;
  }
  if (!found[0] || !found[1] || *found[0] >= *found[1]) return std::nullopt;
  RaceStory story{.first = side_of(steps, *found[0]), .second = side_of(steps, *found[1])};
  story.first.after = steps_after(steps, *found[0]);
  const Step& first = steps[*found[0]];
  const Step& second = steps[*found[1]];
  story.is_same_cpu = first.cpu == second.cpu;
  if (story.is_same_cpu) return story;
  story.way = nearest_way(steps, *found[0], *found[1]);
  return story;
}

std::vector<std::size_t> telling_steps(const RaceStory& story, const std::vector<Step>& steps) {
  std::vector<std::size_t> telling;
  for (const RaceSide* side : {&story.first, &story.second}) {
    telling.push_back(side->access);
    for (std::uint8_t depth = 0; depth <= steps[side->access].depth; ++depth) {
      add(telling, beginning_of(steps, side->access, depth));
    }
    for (const HeldLock& lock : side->held.locks) telling.push_back(lock.taken);
  }
  for (const Hop& hop : story.way) {
    telling.push_back(hop.store);
    telling.push_back(hop.read);
    for (const auto& fence :
         {hop.release_fence, hop.acquire_fence, hop.misplaced_release_fence, hop.misplaced_acquire_fence}) {
      add(telling, fence);
    }
  }
  return telling;
}

}  // namespace gridlock
