// What every cpu is doing, step by step: "run", "ready", "spin rq[0].lock", "wait", "irq blkif", "idle", "end".
//
// May include: base, model.
#pragma once

#include <string>
#include <vector>

#include "engine/explain/words.h"

namespace gridlock {

class CpuStates {
 public:
  CpuStates(std::size_t cpu_count, const Words& words) : words_(words), cpus_(cpu_count) {}

  // REQUIRES: the cpu of `step` is below cpu_count.
  void apply(const Step& step);
  // The cpu goes round in a loop: it spins on what it read last.
  void set_spinning(CpuId cpu);

  [[nodiscard]] std::string text(CpuId cpu) const;
  [[nodiscard]] std::vector<std::string> texts() const;
  // What the cpu read last without changing it, by name; empty if nothing yet.
  [[nodiscard]] const std::string& last_read(CpuId cpu) const { return cpus_[cpu.value()].last_read; }
  // True from where the cpu was found stuck to its next act.
  [[nodiscard]] bool is_stuck(CpuId cpu) const { return cpus_[cpu.value()].stuck; }
  // True from the entry of a wait to its end, outside of handlers over it.
  [[nodiscard]] bool waits(CpuId cpu) const;

 private:
  enum class Activity : std::uint8_t { kNew, kReady, kRun, kSpin, kIdle, kEnd };
  struct Context {
    std::string name;  // "irq blkif"; empty for the task
    bool waits = false;
  };
  struct State {
    Activity activity = Activity::kNew;
    std::vector<Context> contexts{Context{}};  // never empty, the task first
    std::string last_read;
    bool stuck = false;
    bool program_done = false;  // only handlers run from here on
  };

  void act(CpuId cpu);
  static void leave(State& state);

  const Words& words_;
  std::vector<State> cpus_;
};

}  // namespace gridlock
