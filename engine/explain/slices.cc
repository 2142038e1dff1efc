// See slices.h. May include: base, model.
#include "engine/explain/slices.h"

#include "engine/base/check.h"

namespace gridlock {

std::optional<Slice> opened_by(StepKind kind) {
  if (kind == StepKind::kOperationBegin) return Slice::kOperation;
  if (kind == StepKind::kIrqEnter) return Slice::kIrq;
  if (kind == StepKind::kSoftirqEnter) return Slice::kSoftirq;
  if (kind == StepKind::kMigrateEnter) return Slice::kMigrate;
  if (kind == StepKind::kWaitEnter) return Slice::kWait;
  return std::nullopt;
}

std::optional<Slice> closed_by(StepKind kind) {
  if (kind == StepKind::kOperationEnd) return Slice::kOperation;
  if (kind == StepKind::kIrqExit) return Slice::kIrq;
  if (kind == StepKind::kSoftirqExit) return Slice::kSoftirq;
  if (kind == StepKind::kMigrateExit) return Slice::kMigrate;
  if (kind == StepKind::kWaitDone) return Slice::kWait;
  return std::nullopt;
}

std::string slice_name(const Step& step, const Words& words) {
  const auto slice = opened_by(step.kind);
  GRIDLOCK_CHECK(slice.has_value());
  switch (*slice) {
    case Slice::kOperation:
      return words.operation(step);
    case Slice::kIrq:
      return "irq " + words.vector(step.a);
    case Slice::kSoftirq:
      return "softirq " + std::to_string(step.a);
    case Slice::kMigrate:
      return "migrate " + words.entity(step.a) + " to cpu " + std::to_string(step.b);
    case Slice::kWait:
      return "wait";
  }
}

}  // namespace gridlock
