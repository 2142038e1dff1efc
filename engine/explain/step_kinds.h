// What every kind of step is to a reader: which memory it uses, whether its cpu acted, what changes for the cpu, and
// the words for it. One table, so that the text, the states of the cpus and the searches in a trace agree.
//
// May include: base, model. Pure.
#pragma once

#include <cstdint>

#include "engine/model/trace.h"

namespace gridlock {

enum class MemoryUse : std::uint8_t { kNone, kRead, kWrite, kReadWrite };

// What the step changes in what its cpu is doing.
enum class Effect : std::uint8_t {
  kNone,
  kIrq,
  kSoftirq,
  kMigrate,
  kReturn,  // from a handler
  kWait,
  kWaitDone,
  kBegin,  // an operation
  kStuck,
  kIdle,
  kEnd,
};

struct KindTraits {
  StepKind kind;
  MemoryUse memory;
  bool is_own_act;  // the cpu itself did something; not what was done to it, like being demoted
  Effect effect;
  // For memory the kernel's verb; else a phrase in which {a}, {b} are the step's numbers, {vector} and {entity} the
  // names of a, {ipi} the name of b, {operation} the call, {memory} what it touched.
  const char* words;
};

[[nodiscard]] const KindTraits& traits_of(StepKind kind);

// True for steps that call or return into another context of the cpu.
[[nodiscard]] bool enters_handler(StepKind kind);
[[nodiscard]] bool leaves_handler(StepKind kind);

}  // namespace gridlock
