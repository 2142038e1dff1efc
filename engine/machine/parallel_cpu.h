// The seam to the machine on real cores: what a hook asks of the virtual cpu whose own thread called it. The fiber
// machine has no part in it: its gate names no such cpu, and each hook pays one predicted branch for the question.
//
// Abstract, because hooks are compiled once for both machines and must not know the other one's folder.
//
// May include: base, model, hook.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/machine/gate.h"
#include "engine/model/run_view.h"

namespace gridlock {

struct RawRace;

// All functions are called on the thread of this cpu and mean what engine/hook/gridlock.h says of the gl_ function that
// calls them. `hook_frame`: the frame pointer of the hook that the target called.
class ParallelCpu {
 public:
  virtual void point(PointFrame* frame) = 0;

  [[nodiscard]] virtual unsigned this_cpu() const = 0;
  [[nodiscard]] virtual unsigned cpu_count() const = 0;
  [[nodiscard]] virtual unsigned variant() const = 0;
  [[nodiscard]] virtual std::uint32_t parameter(unsigned index) const = 0;

  [[nodiscard]] virtual void* allocate(std::size_t size, std::size_t align, const void* hook_frame) = 0;
  virtual void release(void* block, const void* hook_frame) = 0;

  [[nodiscard]] virtual bool irqs_enabled() const = 0;
  virtual void set_interrupts(bool enabled) = 0;  // without the point
  [[nodiscard]] virtual bool irq_pending() const = 0;
  [[nodiscard]] virtual bool in_irq() const = 0;
  [[nodiscard]] virtual bool in_interrupt() const = 0;
  virtual void send_ipi(unsigned cpu, unsigned vector, const void* hook_frame) = 0;
  virtual void raise_softirq(unsigned number, const void* hook_frame) = 0;

  // False if the time passed first; kNoLimit is none.
  [[nodiscard]] virtual bool wait(bool (*ready)(void*), void* argument, bool irq_ends, std::uint64_t ticks,
                                  const void* hook_frame) = 0;
  [[nodiscard]] virtual std::uint64_t now() = 0;
  [[nodiscard]] virtual unsigned create_cpu(void (*entry)(void*), void* argument, const void* hook_frame) = 0;
  [[nodiscard]] virtual bool cpu_ended(unsigned cpu) = 0;
  virtual void step_begins() = 0;
  virtual void step_ends() = 0;
  [[noreturn]] virtual void fail(RunEnd end, const char* what, const char* file, int line, const void* hook_frame) = 0;

  // ThreadSanitizer's report, from inside the access that it is about.
  virtual void sanitizer_reported(const RawRace& race) = 0;
  [[nodiscard]] virtual Site site_of(std::uint64_t code_address) const = 0;
  // Where the code that the cpu runs was entered: walks of its frames end there.
  [[nodiscard]] virtual std::uint64_t stack_boundary() const = 0;

  static constexpr std::uint64_t kNoLimit = UINT64_MAX;

 protected:
  ~ParallelCpu() = default;
};

// The cpu whose thread this is, or nullptr.
[[nodiscard, gnu::always_inline]] inline ParallelCpu* parallel_cpu() {
  return current_gate->parallel;
}

}  // namespace gridlock
