// What goes from one cpu to another in a trace: interrupts sent and taken, wakeups, migration requests, control, the
// two sides of a race.
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

enum class ArrowKind : std::uint8_t { kIpi, kWakeup, kMigration, kHandOver, kRace };
// "ipi", "wakeup", "migration", "hand-over", "race".
[[nodiscard]] const char* arrow_kind_name(ArrowKind kind);

struct Arrow {
  std::size_t from = 0;  // indices of steps
  std::size_t to = 0;
  ArrowKind kind = ArrowKind::kHandOver;
  std::string text;
};

// In the order in which they end. What is sent and never taken has no arrow. REQUIRES: the run has a trace.
[[nodiscard]] std::vector<Arrow> arrows_of(const ExplainInput& input, const Words& words, const Story& story);

}  // namespace gridlock
