// Interrupt flags and locks by replaying the steps; see held.h.
//
// May include: base, model.
#include "engine/explain/held.h"

#include <algorithm>

#include "engine/explain/step_kinds.h"
#include "engine/explain/words.h"

namespace gridlock {
namespace {

bool acquires(const Step& step) {
  return step.order == __ATOMIC_ACQUIRE || step.order == __ATOMIC_ACQ_REL || step.order == __ATOMIC_SEQ_CST;
}
bool releases(const Step& step) {
  return step.order == __ATOMIC_RELEASE || step.order == __ATOMIC_ACQ_REL || step.order == __ATOMIC_SEQ_CST;
}

bool counts(const Step& step) {
  return step.kind == StepKind::kFetchAdd || step.kind == StepKind::kFetchSub;
}

// True if some cpu does to the word what `taking` does, and later undoes it with a release.
bool is_undone_somewhere(const std::vector<Step>& steps, const Step& taking) {
  const std::uint64_t change = taking.after - taking.before;
  std::uint64_t takers = 0;  // bit per cpu
  for (const Step& step : steps) {
    const bool is_on_word = counts(step) && !step.stack_address && step.address == taking.address;
    if (!is_on_word) continue;
    const std::uint64_t cpu = std::uint64_t{1} << (step.cpu.value() % kCpusMax);
    if (step.after - step.before == change) takers |= cpu;
    if (step.before - step.after == change && releases(step) && (takers & cpu) != 0) return true;
  }
  return false;
}

bool takes_lock(const Step& step) {
  if (!reads_memory(step) || !writes_memory(step) || !step.changed || !acquires(step)) return false;
  const bool is_taking =
      step.kind == StepKind::kExchange || step.kind == StepKind::kCompareExchange || step.kind == StepKind::kFetchOr;
  return counts(step) || (is_taking && step.before == 0);
}

bool overlaps(const Step& left, const Step& right) {
  return touches(left, right.address) || touches(right, left.address);
}

}  // namespace

Held held_at(const std::vector<Step>& steps, std::size_t at) {
  const CpuId cpu = steps[at].cpu;
  Held held;
  for (std::size_t i = 0; i < at; ++i) {
    const Step& step = steps[i];
    if (writes_memory(step) && step.changed) {
      std::erase_if(held.locks, [&](const HeldLock& lock) {
        return overlaps(step, steps[lock.taken]) && (step.cpu == cpu || step.after == 0);
      });
    }
    if (step.cpu != cpu) continue;
    if (takes_lock(step)) held.locks.push_back({step.address, i});
    if (step.kind == StepKind::kIrqDisable) held.irqs_enabled = false;
    if (step.kind == StepKind::kIrqEnable) held.irqs_enabled = true;
    if (enters_handler(step.kind)) held.irqs_enabled = step.kind == StepKind::kSoftirqEnter;
    // A handler came only because they were enabled.
    if (leaves_handler(step.kind)) held.irqs_enabled = true;
  }
  std::erase_if(held.locks, [&](const HeldLock& lock) {
    return counts(steps[lock.taken]) && !is_undone_somewhere(steps, steps[lock.taken]);
  });
  return held;
}

}  // namespace gridlock
