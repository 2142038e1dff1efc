// What the threads of one run share: what is run, who is awake, virtual time, and the first thing that went wrong.
//
// May include: base, model, hook, machine.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

#include "engine/hook/gridlock.h"
#include "engine/machine/fixed_memory.h"
#include "engine/machine/raw_race.h"
#include "engine/model/run_view.h"
#include "engine/strategy/directive_table.h"
#include "engine/threads/perturbation.h"
#include "engine/threads/wake_word.h"

namespace gridlock {

class ThreadCpu;

// Starts one more cpu in the middle of a run.
class Spawner {
 public:
  // The cpu, which counts as awake and will run entry(argument); nullptr if there are kCpusMax. Thread safe.
  virtual ThreadCpu* spawn(void (*entry)(void*), void* argument) = 0;

 protected:
  ~Spawner() = default;
};

// A lock for the engine's own few instructions; whoever holds it may lose its core, so waiters yield. Thread safe.
class SpinLock {
 public:
  void lock();
  void unlock() { taken_.store(false, std::memory_order_release); }

 private:
  std::atomic<bool> taken_ = false;
};

// A failure as it is noted on the thread that meets it, which goes no further.
struct ThreadFailure {
  RunEnd end = RunEnd::kCompleted;
  const char* what = nullptr;
  const char* file = nullptr;
  int line = 0;
  std::uint32_t cpu = 0;
  std::uint32_t frame_count = 0;
  Site frames[kFailureFramesMax] = {};
};

struct RunState {
  RunState();
  ~RunState();

  // Set by the host while no cpu runs.
  const gl_target* target = nullptr;
  const Scenario* scenario = nullptr;
  Spawner* spawner = nullptr;
  std::uint32_t variant = 0;
  std::uint32_t vector_count = 0;
  std::uint32_t softirq_count = 0;
  std::uint64_t external_vectors = 0;  // bit per vector that a schedule may raise
  std::uint64_t load_bias = 0;
  RunManner manner;
  bool crowded = false;      // there are more cpus than cores
  double cycles_per_ns = 1;  // of the time stamp counter
  std::uint32_t points_expected = 64;
  DirectiveTable directives;  // each cpu takes its own
  FixedMemory memory;         // under `memory_lock`
  SpinLock memory_lock;

  std::array<std::unique_ptr<ThreadCpu>, kCpusMax> cpus;
  std::atomic<std::uint32_t> cpu_count = 0;
  std::atomic<std::uint32_t> arrived = 0;  // at the start of the run
  WakeWord start_line;
  std::uint32_t starters = 0;  // how many must arrive before anybody goes on

  // Who neither sleeps in a wait nor idles; the host looks when it is nobody. `activity` counts who became awake.
  std::atomic<std::uint32_t> awake = 0;
  std::atomic<std::uint64_t> activity = 0;
  WakeWord host;

  std::atomic<std::uint64_t> time_offset = 0;     // virtual time = points of all + this
  std::atomic<std::uint32_t> deferral_epoch = 0;  // raised: every deferral ends
  SpinLock step_lock;                             // of gl_step_begin

  // While the host suspects a hang: a cpu that changes anything says so.
  std::atomic<bool> observing = false;
  std::atomic<bool> progress = false;

  std::atomic<bool> quitting = false;  // threads end when they are started next
  std::atomic<bool> failed = false;    // set once `failure` is whole
  std::atomic<bool> failing = false;
  ThreadFailure failure;
  std::atomic<bool> raced = false;  // set once `race` is whole
  std::atomic<bool> racing = false;
  RawRace race;

  [[nodiscard]] std::uint64_t now() const;
  // A cpu begins or ends to sleep or idle. ENSURES: the host is woken when nobody is awake.
  void falls_asleep();
  void wakes_up();
};

// ---- what threads pass the time with; no libc function that a sanitizer intercepts ----
[[nodiscard]] inline std::uint64_t time_stamp() {
  return __builtin_ia32_rdtsc();
}
void yield_core();
// Holds back without giving up the core.
void spin_cycles(std::uint64_t cycles);

}  // namespace gridlock
