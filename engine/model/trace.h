// What happened in a run, point by point. Recorded only when asked for (replay, explain, --twice).
//
// Values only. May include: base.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/model/ids.h"

namespace gridlock {

// What kind of step this was. The first group are points in the sense of the design; the second group are events
// between points that a reader wants to see.
enum class StepKind : std::uint8_t {
  // Points.
  kLoad,
  kStore,
  kExchange,
  kFetchAdd,
  kFetchSub,
  kFetchAnd,
  kFetchOr,
  kFetchXor,
  kFetchNand,
  kCompareExchange,
  kVolatileRead,
  kVolatileWrite,
  kPlainRead,   // where plain accesses are points
  kPlainWrite,  // likewise
  kRelax,       // a spin hint
  kIrqEnable,   // an interrupt-enable edge
  kWaitEnter,   // at the entry of a wait
  kWaitInside,  // inside a wait, each time its condition was found false
  kIdle,        // the cpu's program has ended; it takes interrupts from here on
  // Events.
  kFence,
  kIrqDisable,
  kIrqEnter,
  kIrqExit,
  kSoftirqEnter,
  kSoftirqExit,
  kSoftirqRaise,
  kIpiSend,
  kIrqRaise,
  kDefer,
  kMigrateEnter,
  kMigrateExit,
  kDemote,
  kPreempt,
  kStuck,
  kOperationBegin,
  kOperationEnd,
  kWaitDone,
  kCpuCreate,
  kCpuEnd,
  kFree,      // a block of the arena ends its life; address: where it begins
  kWaitRead,  // what the condition of a wait read when it was asked for the last time, just before kWaitDone
  kNote,
  kRacingAccess,  // one side of the data race that ends the run, just before it is made; a: 0 the first, 1 the second;
                  // b: 0 plain read, 1 plain write, 2 atomic read, 3 atomic write
  kLockAcquired,  // as the harness tells it; address: the lock; a: GL_LOCK_*
  kLockReleased,
};

[[nodiscard]] constexpr bool is_point(StepKind kind) {
  return kind <= StepKind::kIdle;
}
[[nodiscard]] const char* step_kind_name(StepKind kind);

inline constexpr std::uint32_t kTraceFramesMax = 8;

struct Step {
  StepKind kind = StepKind::kNote;
  std::uint8_t width_bytes = 0;  // of the access; 0 where there is none
  std::uint8_t order = 0;        // of an atomic access or fence: __ATOMIC_RELAXED (0) ... __ATOMIC_SEQ_CST (5)
  std::uint8_t depth = 0;        // nested contexts: 0 task, 1 a handler over it, ...
  bool changed = false;          // a store or read-modify-write that changed the value in memory
  bool stack_address = false;    // `address` lies on a cpu's stack (layout differs between flavours)
  bool of_call = false;          // how a call that synchronises (pthread_mutex_lock) shows itself; what it changes is
                                 // changed in the same step, but not by the access
  CpuId cpu;
  PointIndex point;           // of that cpu; for events, the last point passed
  std::uint64_t address = 0;  // offset in the target's arena; meaningless if stack_address or no access
  std::uint64_t before = 0;   // value in memory before the access (low 8 bytes)
  std::uint64_t after = 0;    // value after it
  std::uint32_t a = 0;        // kIrq*: vector; kSoftirq*: number; kIpiSend: target cpu; kOperation*: operation;
  std::uint32_t b = 0;        // kIpiSend, kDefer: vector / points; kOperationBegin: index in the program
  // Where the engine's own code stands that makes the step; 0: not known. In a program under test, in the function that
  // takes the place of one of the C library's.
  Site call = 0;
  // The call chain at the step, innermost first, ended by 0: what a frame-pointer walk from the hook's entry finds.
  Site frames[kTraceFramesMax] = {};
};

// A stretch of target memory that the target gave a name. An empty name: it is the engine's, and nothing to a reader.
struct NamedMemory {
  std::uint64_t offset = 0;  // in the arena
  std::uint64_t size_bytes = 0;
  std::string name;
};

// State that the target shows beside the steps (gl_state_entry), and how it changed while the run went on.
struct ShownState {
  std::string name;
  std::string initially;
};
struct StateChange {
  std::size_t step = 0;     // index of the step after which it was so
  std::uint32_t state = 0;  // index in Trace::states
  std::string text;
};

struct Trace {
  std::vector<Step> steps;
  std::vector<NamedMemory> names;          // ascending by offset
  std::vector<ShownState> states;          // in the order of the target's table
  std::vector<StateChange> state_changes;  // ascending by step; each differs from what was shown before
};

// The index of the first step where the two differ in anything but code addresses, or -1 if they are the same.
// Stack addresses and call chains are left out: flavours lay them out differently.
[[nodiscard]] std::int64_t first_difference(const Trace& left, const Trace& right);

}  // namespace gridlock
