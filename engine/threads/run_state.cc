// See run_state.h. May include: base, model, hook, machine.
#include "engine/threads/run_state.h"

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "engine/threads/thread_cpu.h"

namespace gridlock {

void yield_core() {
  ::syscall(SYS_sched_yield);
}

void spin_cycles(std::uint64_t cycles) {
  const std::uint64_t start = time_stamp();
  while (time_stamp() - start < cycles) __builtin_ia32_pause();
}

RunState::RunState() = default;
RunState::~RunState() = default;

void SpinLock::lock() {
  while (taken_.exchange(true, std::memory_order_acquire)) yield_core();
}

std::uint64_t RunState::now() const {
  std::uint64_t points = 0;
  const std::uint32_t count = cpu_count.load();
  for (std::uint32_t cpu = 0; cpu < count; ++cpu) points += cpus[cpu]->points();
  return points + time_offset.load();
}

void RunState::falls_asleep() {
  if (awake.fetch_sub(1) == 1) host.wake();
}

void RunState::wakes_up() {
  awake.fetch_add(1);
  activity.fetch_add(1);
  progress.store(true, std::memory_order_relaxed);
}

}  // namespace gridlock
