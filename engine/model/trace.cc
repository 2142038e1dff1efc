// Names of steps, and where two traces part. May include: base.
#include "engine/model/trace.h"

#include <algorithm>

#include "engine/base/check.h"

namespace gridlock {
namespace {

bool same_step(const Step& left, const Step& right) {
  return left.kind == right.kind && left.width_bytes == right.width_bytes && left.order == right.order &&
         left.depth == right.depth && left.changed == right.changed && left.stack_address == right.stack_address &&
         left.cpu == right.cpu && left.point == right.point && (left.stack_address || left.address == right.address) &&
         left.before == right.before && left.after == right.after && left.a == right.a && left.b == right.b;
}

}  // namespace

const char* step_kind_name(StepKind kind) {
  // One name a line: the compiler says which kind is missing, and the list stays readable.
  // clang-format off
  switch (kind) {
    case StepKind::kLoad:            return "load";
    case StepKind::kStore:           return "store";
    case StepKind::kExchange:        return "exchange";
    case StepKind::kFetchAdd:        return "fetch-add";
    case StepKind::kFetchSub:        return "fetch-sub";
    case StepKind::kFetchAnd:        return "fetch-and";
    case StepKind::kFetchOr:         return "fetch-or";
    case StepKind::kFetchXor:        return "fetch-xor";
    case StepKind::kFetchNand:       return "fetch-nand";
    case StepKind::kCompareExchange: return "compare-exchange";
    case StepKind::kVolatileRead:    return "volatile-read";
    case StepKind::kVolatileWrite:   return "volatile-write";
    case StepKind::kPlainRead:       return "read";
    case StepKind::kPlainWrite:      return "write";
    case StepKind::kRelax:           return "relax";
    case StepKind::kIrqEnable:       return "irq-enable";
    case StepKind::kWaitEnter:       return "wait-enter";
    case StepKind::kWaitInside:      return "wait-inside";
    case StepKind::kIdle:            return "idle";
    case StepKind::kFence:           return "fence";
    case StepKind::kIrqDisable:      return "irq-disable";
    case StepKind::kIrqEnter:        return "irq-enter";
    case StepKind::kIrqExit:         return "irq-exit";
    case StepKind::kSoftirqEnter:    return "softirq-enter";
    case StepKind::kSoftirqExit:     return "softirq-exit";
    case StepKind::kSoftirqRaise:    return "softirq-raise";
    case StepKind::kIpiSend:         return "ipi-send";
    case StepKind::kIrqRaise:        return "irq-raise";
    case StepKind::kDefer:           return "defer";
    case StepKind::kMigrateEnter:    return "migrate-enter";
    case StepKind::kMigrateExit:     return "migrate-exit";
    case StepKind::kDemote:          return "demote";
    case StepKind::kPreempt:         return "preempt";
    case StepKind::kStuck:           return "stuck";
    case StepKind::kOperationBegin:  return "operation-begin";
    case StepKind::kOperationEnd:    return "operation-end";
    case StepKind::kWaitDone:        return "wait-done";
    case StepKind::kCpuCreate:       return "cpu-create";
    case StepKind::kCpuEnd:          return "cpu-end";
    case StepKind::kFree:            return "free";
    case StepKind::kWaitRead:        return "wait-read";
    case StepKind::kNote:            return "note";
    case StepKind::kRacingAccess:    return "racing-access";
    case StepKind::kLockAcquired:    return "lock-acquired";
    case StepKind::kLockReleased:    return "lock-released";
  }
  // clang-format on
  GRIDLOCK_CHECK(false && "no such step kind");
}

std::int64_t first_difference(const Trace& left, const Trace& right) {
  const auto [at_left, at_right] =
      std::mismatch(left.steps.begin(), left.steps.end(), right.steps.begin(), right.steps.end(), same_step);
  if (at_left == left.steps.end() && at_right == right.steps.end()) return -1;
  return at_left - left.steps.begin();
}

}  // namespace gridlock
