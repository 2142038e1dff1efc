// gl_*: what a harness calls. Compiled with frame pointers, and each function that is a point calls gridlock_point
// itself, so that the hook's frame is the only one between the target and the captured registers.
//
// May include: base, model, hook, strategy.
#include <cstdarg>
#include <cstdio>

#include "engine/base/check.h"
#include "engine/hook/gridlock.h"
#include "engine/machine/machine_impl.h"
#include "engine/machine/parallel_cpu.h"

using gridlock::current_gate;
using gridlock::gridlock_point;
using gridlock::MachineImpl;
using gridlock::parallel_cpu;
using gridlock::ParallelCpu;
using gridlock::point_code;
using gridlock::RunEnd;
using gridlock::StepKind;

namespace {

// The machine, which must be there: a harness calls these functions only from code that the machine runs.
MachineImpl& machine() {
  MachineImpl* const machine = MachineImpl::current();
  GRIDLOCK_CHECK(machine != nullptr && "a gl_* function was called while no machine exists");
  return *machine;
}

}  // namespace

extern "C" {

unsigned gl_this_cpu(void) {
  if (ParallelCpu* const parallel = parallel_cpu()) [[unlikely]]
    return parallel->this_cpu();
  return machine().this_cpu();
}
unsigned gl_cpu_count(void) {
  if (ParallelCpu* const parallel = parallel_cpu()) [[unlikely]]
    return parallel->cpu_count();
  return machine().scenario().cpu_count();
}
unsigned gl_variant(void) {
  if (ParallelCpu* const parallel = parallel_cpu()) [[unlikely]]
    return parallel->variant();
  return machine().variant();
}

uint32_t gl_parameter(unsigned index) {
  if (ParallelCpu* const parallel = parallel_cpu()) [[unlikely]]
    return parallel->parameter(index);
  const auto& parameters = machine().scenario().parameters;
  GRIDLOCK_CHECK(index < parameters.size());
  return parameters[index];
}

void* gl_alloc(size_t size, size_t align) {
  if (ParallelCpu* const parallel = parallel_cpu()) [[unlikely]]
    return parallel->allocate(size, align, __builtin_frame_address(0));
  void* const block = machine().allocate(size, align);
  if (block == nullptr) {
    machine().fail(RunEnd::kAssertion, "the arena is exhausted", nullptr, 0, __builtin_frame_address(0));
  }
  return block;
}

void gl_free(void* block) {
  if (block == nullptr) return;
  if (ParallelCpu* const parallel = parallel_cpu()) [[unlikely]] {
    parallel->release(block, __builtin_frame_address(0));
    return;
  }
  if (machine().release(block, __builtin_frame_address(0))) return;
  machine().fail(RunEnd::kMemoryError, "double-free", nullptr, 0, __builtin_frame_address(0));
}

void gl_name(const void* p, size_t size, const char* format, ...) {
  // Traces are the fiber machine's.
  if (parallel_cpu() != nullptr || !machine().traces()) return;
  char name[128];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(name, sizeof name, format, arguments);
  va_end(arguments);
  machine().name_memory(reinterpret_cast<std::uint64_t>(p), size, name);
}

bool gl_irqs_disabled(void) {
  if (ParallelCpu* const parallel = parallel_cpu()) [[unlikely]]
    return !parallel->irqs_enabled();
  return machine().on_cpu() && !machine().cpu().interrupts.enabled();
}
bool gl_irq_pending(void) {
  if (ParallelCpu* const parallel = parallel_cpu()) [[unlikely]]
    return parallel->irq_pending();
  return machine().on_cpu() && machine().cpu().interrupts.pending() != 0;
}

bool gl_in_irq(void) {
  if (ParallelCpu* const parallel = parallel_cpu()) [[unlikely]]
    return parallel->in_irq();
  if (!machine().on_cpu()) return false;
  const auto& cpu = machine().cpu();
  for (std::uint32_t depth = 1; depth <= cpu.depth; ++depth) {
    if (cpu.contexts[depth].kind != gridlock::ContextView::Kind::kSoftirq) return true;
  }
  return false;
}

bool gl_in_interrupt(void) {
  if (ParallelCpu* const parallel = parallel_cpu()) [[unlikely]]
    return parallel->in_interrupt();
  return machine().on_cpu() && machine().cpu().depth > 0;
}

void gl_irq_disable(void) {
  if (ParallelCpu* const parallel = parallel_cpu()) [[unlikely]] {
    parallel->set_interrupts(false);
    return;
  }
  if (machine().on_cpu() && machine().cpu().interrupts.enabled())
    machine().set_interrupts(false, __builtin_frame_address(0));
}

// Enabling is a point only where it changes something: interrupts can arrive from here on.
void gl_irq_enable(void) {
  if (ParallelCpu* const parallel = parallel_cpu()) [[unlikely]] {
    if (parallel->irqs_enabled()) return;
    parallel->set_interrupts(true);
    gridlock_point(nullptr, 0, 0, 0, 0, point_code(StepKind::kIrqEnable));
    return;
  }
  if (!machine().on_cpu() || machine().cpu().interrupts.enabled()) return;
  machine().set_interrupts(true, __builtin_frame_address(0));
  if (gridlock::read_is_stopped()) gridlock_point(nullptr, 0, 0, 0, 0, point_code(StepKind::kIrqEnable));
}

unsigned long gl_irq_save(void) {
  if (ParallelCpu* const parallel = parallel_cpu()) [[unlikely]] {
    const bool were_enabled = parallel->irqs_enabled();
    parallel->set_interrupts(false);
    return were_enabled ? 1 : 0;
  }
  if (!machine().on_cpu() || !machine().cpu().interrupts.enabled()) return 0;
  machine().set_interrupts(false, __builtin_frame_address(0));
  return 1;
}

void gl_irq_restore(unsigned long flags) {
  if (parallel_cpu() != nullptr) [[unlikely]] {
    if (flags != 0) {
      gl_irq_enable();
    } else {
      gl_irq_disable();
    }
    return;
  }
  if (!machine().on_cpu()) return;
  const bool enabled = machine().cpu().interrupts.enabled();
  if (flags == 0 && enabled) machine().set_interrupts(false, __builtin_frame_address(0));
  if (flags == 0 || enabled) return;
  machine().set_interrupts(true, __builtin_frame_address(0));
  if (gridlock::read_is_stopped()) gridlock_point(nullptr, 0, 0, 0, 0, point_code(StepKind::kIrqEnable));
}

void gl_send_ipi(unsigned cpu, unsigned vector) {
  if (ParallelCpu* const parallel = parallel_cpu()) [[unlikely]] {
    parallel->send_ipi(cpu, vector, __builtin_frame_address(0));
    return;
  }
  if (!machine().has_cpu(cpu) || !machine().has_vector(vector)) {
    machine().fail(RunEnd::kAssertion, "gl_send_ipi to a cpu or vector that does not exist", nullptr, 0,
                   __builtin_frame_address(0));
  }
  machine().send_ipi(cpu, vector, __builtin_frame_address(0));
}

void gl_raise_softirq(unsigned number) {
  if (ParallelCpu* const parallel = parallel_cpu()) [[unlikely]] {
    parallel->raise_softirq(number, __builtin_frame_address(0));
    return;
  }
  if (!machine().has_softirq(number)) {
    machine().fail(RunEnd::kAssertion, "gl_raise_softirq of a softirq that does not exist", nullptr, 0,
                   __builtin_frame_address(0));
  }
  machine().raise_softirq(number, __builtin_frame_address(0));
}

// Always enters the machine: a hint is the cheapest moment to see that a loop has come round.
void gl_cpu_relax(void) {
  --current_gate->countdown;
  gridlock_point(nullptr, 0, 0, 0, 0, point_code(StepKind::kRelax));
}

uint64_t gl_now(void) {
  if (ParallelCpu* const parallel = parallel_cpu()) [[unlikely]]
    return parallel->now();
  return machine().read_clock();
}

// The frame of this function lies in the state that a proof compares: it holds nothing that counts.
[[gnu::always_inline]] inline bool wait(bool (*ready)(void*), void* arg, gridlock::WaitRecord& record) {
  MachineImpl& running = machine();
  GRIDLOCK_CHECK(running.on_cpu() && "gl_wait outside of a run");
  record.ready = ready;
  record.argument = arg;
  gridlock::Context& context = running.cpu().context();
  gridlock::WaitRecord* const outer = context.wait;
  context.wait = &record;
  if (gridlock::read_is_stopped()) gridlock_point(nullptr, 0, 0, 0, 0, point_code(StepKind::kWaitEnter));
  while (!running.wait_is_over(record)) {
    --current_gate->countdown;
    gridlock_point(nullptr, 0, 0, 0, 0, point_code(StepKind::kWaitInside));
  }
  context.wait = outer;
  running.note_wait_done();
  return !record.timed_out;
}

void gl_wait(bool (*ready)(void*), void* arg, unsigned flags) {
  if (ParallelCpu* const parallel = parallel_cpu()) [[unlikely]] {
    gridlock_point(nullptr, 0, 0, 0, 0, point_code(StepKind::kWaitEnter));
    static_cast<void>(
        parallel->wait(ready, arg, (flags & GL_WAIT_IRQ_ENDS) != 0, ParallelCpu::kNoLimit, __builtin_frame_address(0)));
    return;
  }
  gridlock::WaitRecord record;
  record.irq_ends = (flags & GL_WAIT_IRQ_ENDS) != 0;
  static_cast<void>(wait(ready, arg, record));
}

bool gl_wait_for(bool (*ready)(void*), void* arg, unsigned flags, uint64_t ticks) {
  if (ParallelCpu* const parallel = parallel_cpu()) [[unlikely]] {
    gridlock_point(nullptr, 0, 0, 0, 0, point_code(StepKind::kWaitEnter));
    return parallel->wait(ready, arg, (flags & GL_WAIT_IRQ_ENDS) != 0, ticks, __builtin_frame_address(0));
  }
  gridlock::WaitRecord record;
  record.irq_ends = (flags & GL_WAIT_IRQ_ENDS) != 0;
  record.timed = true;
  machine().set_wait_limit(ticks);
  return wait(ready, arg, record);
}

// An order of locks is looked at where one run is one order: not on real cores.
void gl_lock_acquired(const void* lock, const char* name, unsigned flags) {
  if (parallel_cpu() != nullptr) [[unlikely]]
    return;
  if (machine().on_cpu()) machine().lock_acquired(lock, name, flags, __builtin_frame_address(0));
}
void gl_lock_released(const void* lock) {
  if (parallel_cpu() != nullptr) [[unlikely]]
    return;
  if (machine().on_cpu()) machine().lock_released(lock, __builtin_frame_address(0));
}

unsigned gl_cpu_create(void (*entry)(void*), void* arg) {
  if (ParallelCpu* const parallel = parallel_cpu()) [[unlikely]]
    return parallel->create_cpu(entry, arg, __builtin_frame_address(0));
  GRIDLOCK_CHECK(machine().on_cpu() && "gl_cpu_create outside of a run");
  if (machine().cpu_limit_reached()) {
    machine().fail(RunEnd::kAssertion, "more than 64 cpus in one run", nullptr, 0, __builtin_frame_address(0));
  }
  return machine().create_cpu(entry, arg);
}

bool gl_cpu_ended(unsigned cpu) {
  if (ParallelCpu* const parallel = parallel_cpu()) [[unlikely]]
    return parallel->cpu_ended(cpu);
  return machine().cpu_ended(cpu);
}

void gl_step_begin(void) {
  if (ParallelCpu* const parallel = parallel_cpu()) [[unlikely]]
    parallel->step_begins();
}
void gl_step_end(void) {
  if (ParallelCpu* const parallel = parallel_cpu()) [[unlikely]]
    parallel->step_ends();
}
bool gl_in_parallel(void) {
  return parallel_cpu() != nullptr;
}

void gl_assertion_failed(const char* text, const char* file, int line) {
  if (ParallelCpu* const parallel = parallel_cpu()) [[unlikely]]
    parallel->fail(RunEnd::kAssertion, text, file, line, __builtin_frame_address(0));
  machine().fail(RunEnd::kAssertion, text, file, line, __builtin_frame_address(0));
}

}  // extern "C"
