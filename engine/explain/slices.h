// The stretches of a cpu's time that a step opens and another one closes: operations, handlers, waits. They nest; the
// end of one also ends what was left open inside it: a handler's wait that an assertion cut short, say.
//
// May include: base, model. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/explain/words.h"
#include "engine/model/trace.h"

namespace gridlock {

enum class Slice : std::uint8_t { kOperation, kIrq, kSoftirq, kMigrate, kWait };

[[nodiscard]] std::optional<Slice> opened_by(StepKind kind);
[[nodiscard]] std::optional<Slice> closed_by(StepKind kind);

// "balance(cpu=0)", "irq blkif", "wait". REQUIRES: the step opens a slice.
[[nodiscard]] std::string slice_name(const Step& step, const Words& words);

}  // namespace gridlock
