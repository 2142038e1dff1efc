// What lasts in a trace, for a picture with a lane for each cpu: operations, handlers, waits, spinning, locks held.
//
// May include: base, model. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/explain/story.h"
#include "engine/explain/words.h"

namespace gridlock {

enum class SpanKind : std::uint8_t { kOperation, kHandler, kLockHeld, kWait, kSpin };
// "operation", "handler", "lock-held", "wait", "spin".
[[nodiscard]] const char* span_kind_name(SpanKind kind);

struct Span {
  CpuId cpu;
  std::size_t from = 0;  // indices of steps, both part of it
  std::size_t to = 0;
  SpanKind kind = SpanKind::kOperation;
  std::string name;
  bool is_open = false;  // it lasts to the end of the run
};

// In the order in which they begin; of two that begin together the outer one first. REQUIRES: the run has a trace.
[[nodiscard]] std::vector<Span> spans_of(const ExplainInput& input, const Words& words, const Story& story);

}  // namespace gridlock
