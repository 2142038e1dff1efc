// What the JSON form calls each kind of step, and the decisions of a schedule: closed sets that a program switches over
// (docs/EXPLAIN_JSON.md lists them). Coarser than StepKind: every read-modify-write is one kind here.
//
// May include: base, model. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "engine/explain/words.h"

namespace gridlock {

enum class StepLabel : std::uint8_t {
  kLoad,
  kStore,
  kRmw,
  kCas,
  kFence,
  kSpin,
  kWaitBegin,
  kWait,
  kWaitEnd,
  kIrqEnter,
  kIrqExit,
  kIrqRaise,
  kIrqDefer,
  kIrqDisable,
  kIrqEnable,
  kSoftirqEnter,
  kSoftirqExit,
  kSoftirqRaise,
  kIpi,
  kMigrate,
  kMigrateEnd,
  kDemote,
  kPreempt,
  kStuck,
  kOpBegin,
  kOpEnd,
  kIdle,
  kCpuCreate,
  kCpuEnd,
  kFree,
  kRace,
  kLock,
  kUnlock,
  kNote,
  kFold,  // several steps in one row
};

[[nodiscard]] StepLabel label_of(StepKind kind);
// "load", "op-begin", ...
[[nodiscard]] const char* step_label_name(StepLabel label);

// "preemption", "interrupt", "deferral", "migration".
[[nodiscard]] const char* decision_name(Action action);
// "cpu1 goes to the back".
[[nodiscard]] std::string decision_text(const Directive& directive, const Words& words);

}  // namespace gridlock
