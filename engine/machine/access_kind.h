// What the kinds of points have in common: a comparison of numbers, because every point asks.
//
// May include: base, model.
#pragma once

#include "engine/model/trace.h"

namespace gridlock {

// It may change the word at its address. A compare-exchange may though it fails.
[[nodiscard]] constexpr bool kind_writes(StepKind kind) {
  return (kind >= StepKind::kStore && kind <= StepKind::kCompareExchange) || kind == StepKind::kVolatileWrite ||
         kind == StepKind::kPlainWrite;
}

// What it does next depends on the word at its address.
[[nodiscard]] constexpr bool kind_reads(StepKind kind) {
  return kind == StepKind::kLoad || kind == StepKind::kVolatileRead || kind == StepKind::kPlainRead ||
         (kind >= StepKind::kExchange && kind <= StepKind::kCompareExchange);
}

// It is about a word of memory.
[[nodiscard]] constexpr bool kind_accesses(StepKind kind) {
  return kind_writes(kind) || kind_reads(kind);
}

// A cpu goes to sleep there, unless it finds something to do.
[[nodiscard]] constexpr bool kind_may_sleep(StepKind kind) {
  return kind == StepKind::kWaitInside || kind == StepKind::kIdle;
}

}  // namespace gridlock
