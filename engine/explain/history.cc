// Backward searches in a trace; see history.h.
//
// May include: base, model.
#include "engine/explain/history.h"

#include <unordered_set>

#include "engine/explain/step_kinds.h"
#include "engine/explain/words.h"

namespace gridlock {

bool shows_value(const Step& step) {
  return !step.of_call || step.kind != StepKind::kFetchAdd || step.changed;
}

std::vector<std::size_t> History::last_writes(std::uint64_t offset, std::size_t writes_max) const {
  std::vector<std::size_t> writes;
  for (std::size_t at = steps_.size(); at-- > 0 && writes.size() < writes_max;) {
    const Step& step = steps_[at];
    const bool changes = step.changed || !shows_value(step);
    if (writes_memory(step) && changes && touches(step, offset)) writes.push_back(at);
  }
  return writes;
}

std::optional<std::size_t> History::last_change_for(CpuId waiter, std::uint64_t offset) const {
  std::optional<std::size_t> own;
  for (std::size_t at = steps_.size(); at-- > 0 && !own;) {
    if (steps_[at].cpu == waiter && steps_[at].of_call) own = at;
  }
  for (const std::size_t at : last_writes(offset, 2)) {
    if (at != own || steps_[at].changed) return at;
  }
  return std::nullopt;
}

std::optional<std::string> History::last_value(std::uint64_t offset) const {
  for (std::size_t at = steps_.size(); at-- > 0;) {
    const Step& step = steps_[at];
    if (!touches(step, offset)) continue;
    if (step.address != offset || !shows_value(step)) return std::nullopt;
    return value_text(step.after, step.width_bytes);
  }
  return std::nullopt;
}

std::optional<std::size_t> History::last_act(CpuId cpu) const {
  for (std::size_t at = steps_.size(); at-- > 0;) {
    if (steps_[at].cpu == cpu && traits_of(steps_[at].kind).is_own_act) return at;
  }
  return std::nullopt;
}

std::optional<std::size_t> History::freeing_step(const Failure& failure) const {
  if (!failure.access || !failure.access->has_block) return std::nullopt;
  for (std::size_t at = steps_.size(); at-- > 0;) {
    if (steps_[at].kind == StepKind::kFree && steps_[at].address == failure.access->block_begin) return at;
  }
  return std::nullopt;
}

std::vector<std::size_t> History::vain_tries(CpuId cpu) const {
  std::vector<std::size_t> tries;
  std::unordered_set<std::uint64_t> seen;
  for (std::size_t at = steps_.size(); at-- > 0 && tries.size() < kVainTriesMax;) {
    const Step& step = steps_[at];
    if (step.cpu != cpu) continue;
    if (step.kind == StepKind::kOperationBegin) break;
    if (!writes_memory(step) || !seen.insert(step.address).second) continue;
    // A call that finds a lock taken sleeps until it gets it, or says so.
    if (reads_memory(step) && !step.changed && !step.of_call) tries.push_back(at);
  }
  return tries;
}

}  // namespace gridlock
