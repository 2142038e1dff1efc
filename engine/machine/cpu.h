// One virtual CPU: its stack, the contexts nested on it, its interrupt state and what it is doing.
//
// May include: base, model.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "engine/machine/fiber.h"
#include "engine/machine/gate.h"
#include "engine/machine/interrupts.h"
#include "engine/machine/sanitizer.h"
#include "engine/machine/spin_observation.h"
#include "engine/model/run_view.h"

namespace gridlock {

// Handlers over handlers; one more stays pending.
inline constexpr std::uint32_t kNestingMax = 8;

// A wait that is under way; lives in the frame of gl_wait.
struct WaitRecord {
  bool (*ready)(void*) = nullptr;
  void* argument = nullptr;
  bool irq_ends = false;     // GL_WAIT_IRQ_ENDS
  bool interrupted = false;  // a handler ran inside this wait
  bool timed = false;        // it ends at Context::wait_deadline at the latest
  bool timed_out = false;    // that is how it ended
};

// The task of a cpu, or a handler over it.
struct Context {
  ContextView::Kind kind = ContextView::Kind::kTask;
  std::uint32_t number = 0;     // vector or softirq
  std::uint64_t boundary = 0;   // frame pointer of the engine function that called into the target
  PointFrame* frame = nullptr;  // where it stands: at its last point
  WaitRecord* wait = nullptr;   // the innermost wait of this context
  // In ticks of virtual time, for a timed wait. Not in the record: a loop that waits again and again with a limit comes
  // back to the same stack, though time has moved.
  std::uint64_t wait_deadline = 0;
  // Of a handler: it may come wherever the cpu takes interrupts, whatever the programs do.
  bool comes_any_time = false;
};

struct Cpu {
  std::uint32_t id = 0;
  bool started = false;      // its stack holds frames of this run
  bool has_program = false;  // false: made by gl_cpu_create
  bool unasked = false;      // paused before the strategy has been asked about the point where it stands
  CpuActivity activity = CpuActivity::kRunning;

  std::uint32_t depth = 0;        // index of the context that runs
  std::uint32_t points = 0;       // passed or arrived at
  std::uint32_t quiet_until = 0;  // the strategy need not be asked at points up to this one
  std::uint32_t solo_points = 0;  // since it was last switched to
  std::uint32_t observe_at = 0;   // solo_points at which a spin without a hint is looked for
  std::uint32_t attempts = 0;     // observations started since it was last switched to

  int error_number = 0;  // errno of the code that runs there, while it does not: all cpus share the thread's
  Fiber fiber;
  void (*entry)(void*) = nullptr;
  void* entry_argument = nullptr;

  Interrupts interrupts;
  // The vectors and softirqs of which one in this run was raised at a time that nothing of this cpu decided.
  std::uint64_t outside_vectors = 0;
  std::uint32_t outside_softirqs = 0;
  // Their addresses stand in ThreadSanitizer's eyes for the flag, and for the IPIs and softirqs that are pending.
  std::uint64_t interrupt_flag_object = 0;
  std::uint64_t ipi_object = 0;
  std::uint64_t softirq_object = 0;

  std::array<Context, kNestingMax + 1> contexts;
  std::array<sanitizer::Context, kNestingMax + 1> sanitizer_contexts;
  std::uint32_t sanitizer_contexts_made = 0;
  std::uint32_t sanitizer_contexts_used = 0;  // in this run

  WatchSet watches;  // what it waits for while it is stuck
  SpinObservation observation;

  std::vector<std::uint32_t> operation_starts;

  [[nodiscard]] Context& context() { return contexts[depth]; }
  [[nodiscard]] bool is_stuck() const {
    return activity == CpuActivity::kWaiting || activity == CpuActivity::kSpinning || activity == CpuActivity::kIdle;
  }
};

}  // namespace gridlock
