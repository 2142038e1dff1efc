// Interrupt flags and locks by replaying the steps; see held.h.
//
// May include: base, model.
#include "engine/explain/held.h"

#include <algorithm>
#include <unordered_set>

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

// True if the cpu that found the word taken stays at it: what it does to memory next, where it stands, is to look at
// the word or to try again. Who only wants a flag to be set, and finds it set, goes on to other things.
bool stays_at_word(const std::vector<Step>& steps, std::size_t tried) {
  const Step& failed = steps[tried];
  for (std::size_t at = tried + 1; at < steps.size(); ++at) {
    const Step& step = steps[at];
    if (step.cpu != failed.cpu || step.depth > failed.depth) continue;
    if (step.kind == StepKind::kOperationEnd || leaves_handler(step.kind)) return false;
    if (step.kind == StepKind::kStuck) return true;  // it comes back to where it was, and did nothing else meanwhile
    if (reads_memory(step) || writes_memory(step)) return !step.stack_address && touches(step, failed.address);
  }
  return false;
}

// True if another cpu finds the word taken while the span lasts, by the same means, and wants it for itself.
bool is_tried_in_vain(const std::vector<Step>& steps, const LockSpan& span) {
  const Step& taking = steps[span.taken];
  for (std::size_t at = span.taken; at < span.given.value_or(steps.size()); ++at) {
    const Step& step = steps[at];
    const bool fails = step.cpu != span.cpu && step.kind == taking.kind && !step.changed && !step.stack_address &&
                       step.address == span.offset;
    // A failed compare-exchange has set nothing: it was to take.
    if (fails && (step.kind == StepKind::kCompareExchange || stays_at_word(steps, at))) return true;
  }
  return false;
}

bool overlaps(const Step& left, const Step& right) {
  return touches(left, right.address) || touches(right, left.address);
}

}  // namespace

std::vector<LockSpan> inferred_locks(const std::vector<Step>& steps) {
  std::vector<LockSpan> spans;
  for (std::size_t at = 0; at < steps.size(); ++at) {
    const Step& step = steps[at];
    if (writes_memory(step) && step.changed) {
      for (LockSpan& span : spans) {
        const bool ends = overlaps(step, steps[span.taken]) && (step.cpu == span.cpu || step.after == 0);
        if (ends && !span.given) span.given = at;
      }
    }
    if (takes_lock(step)) spans.push_back({step.cpu, step.address, at, std::nullopt});
  }
  std::erase_if(spans, [&](const LockSpan& span) {
    return counts(steps[span.taken]) && !is_undone_somewhere(steps, steps[span.taken]);
  });
  return spans;
}

std::vector<LockSpan> evident_locks(const std::vector<Step>& steps) {
  std::vector<LockSpan> spans = inferred_locks(steps);
  std::unordered_set<std::uint64_t> evident;  // words
  std::unordered_set<std::uint64_t> flags;    // what one cpu sets and another clears is a message
  for (const LockSpan& span : spans) {
    if (span.given && steps[*span.given].cpu != span.cpu) flags.insert(span.offset);
    const StepKind kind = steps[span.taken].kind;
    if (counts(steps[span.taken])) continue;
    // Who sets a bit and clears it again may do so for any reason, and who exchanges it wants to know what was there.
    // What is left of a state that only went on, from "notified" to "all notified", was not given back.
    const bool is_given_back = span.given && steps[*span.given].cpu == span.cpu &&
                               steps[*span.given].kind != StepKind::kExchange &&
                               (steps[*span.given].after & steps[span.taken].after) == 0;
    if (is_given_back && kind != StepKind::kFetchOr) evident.insert(span.offset);
    if (is_tried_in_vain(steps, span)) evident.insert(span.offset);
  }
  std::erase_if(spans,
                [&](const LockSpan& span) { return flags.contains(span.offset) || !evident.contains(span.offset); });
  return spans;
}

std::vector<LockSpan> told_locks(const std::vector<Step>& steps) {
  std::vector<LockSpan> spans;
  for (std::size_t at = 0; at < steps.size(); ++at) {
    const Step& step = steps[at];
    if (step.stack_address) continue;
    if (step.kind == StepKind::kLockAcquired) spans.push_back({step.cpu, step.address, at, std::nullopt});
    if (step.kind != StepKind::kLockReleased) continue;
    // A reader may have it twice: the inner one ends first.
    const auto inner = std::find_if(spans.rbegin(), spans.rend(), [&](const LockSpan& span) {
      return !span.given && span.cpu == step.cpu && span.offset == step.address;
    });
    if (inner != spans.rend()) inner->given = at;
  }
  return spans;
}

Held held_at(const std::vector<Step>& steps, std::size_t at) {
  const CpuId cpu = steps[at].cpu;
  Held held;
  for (const LockSpan& span : inferred_locks(steps)) {
    const bool is_held = span.taken < at && (!span.given || *span.given >= at);
    if (span.cpu == cpu && is_held) held.locks.push_back({span.offset, span.taken});
  }
  for (std::size_t i = 0; i < at; ++i) {
    const Step& step = steps[i];
    if (step.cpu != cpu) continue;
    if (step.kind == StepKind::kIrqDisable) held.irqs_enabled = false;
    if (step.kind == StepKind::kIrqEnable) held.irqs_enabled = true;
    if (enters_handler(step.kind)) held.irqs_enabled = step.kind == StepKind::kSoftirqEnter;
    // A handler came only because they were enabled.
    if (leaves_handler(step.kind)) held.irqs_enabled = true;
  }
  return held;
}

}  // namespace gridlock
