// For tests: tiny lock programs in a line, run through the lock watch as a machine would that runs one cpu after the
// other, and an oracle that tries all interleavings.
//
//     A As Ar A?     takes A: exclusively, as a reader behind waiting writers, as any reader, only if it is free (else
//                    goes on behind the next -A)
//     -A             gives A back
//     cli sti        disables and enables the cpu's interrupts
//     task | handler what stands behind the bar is a handler that may come once, at any time
//
// Used by tests only. May include: base, model.
#pragma once

#include <array>
#include <cstdint>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "engine/machine/lock_watch.h"

namespace gridlock {

struct LockStep {
  enum class Kind : std::uint8_t { kTake, kTry, kRelease, kDisable, kEnable } kind = Kind::kTake;
  std::uint32_t lock = 0;
  LockMode mode = LockMode::kExclusive;
};

struct LockProgram {
  std::vector<LockStep> task, handler;
};

inline std::vector<LockStep> parse_lock_steps(const std::string& text) {
  using enum LockStep::Kind;
  std::vector<LockStep> steps;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    LockStep step;
    if (word == "cli") {
      step.kind = kDisable;
    } else if (word == "sti") {
      step.kind = kEnable;
    } else if (word[0] == '-') {
      step = {kRelease, static_cast<std::uint32_t>(word[1] - 'A')};
    } else {
      step.lock = static_cast<std::uint32_t>(word[0] - 'A');
      if (word.ends_with("?")) step.kind = kTry;
      if (word.ends_with("s")) step.mode = LockMode::kShared;
      if (word.ends_with("r")) step.mode = LockMode::kRecursiveRead;
    }
    steps.push_back(step);
  }
  return steps;
}

inline LockProgram parse_lock_program(const std::string& text) {
  const std::size_t bar = text.find('|');
  LockProgram program{.task = parse_lock_steps(text.substr(0, bar)), .handler = {}};
  if (bar != std::string::npos) program.handler = parse_lock_steps(text.substr(bar + 1));
  return program;
}

// ---- a run that goes well ----

class LockProgramRun {
 public:
  LockProgramRun() { watch_.begin_run(); }
  [[nodiscard]] LockWatch& watch() { return watch_; }

  // The whole program of one cpu. The handler comes before step `handler_at` of the task, or at its end.
  void run(std::uint32_t cpu, const LockProgram& program, std::size_t handler_at) {
    irqs_enabled_ = true;
    for (std::size_t at = 0; at < program.task.size(); ++at) {
      if (at == handler_at) run_handler(cpu, program);
      step(cpu, 0, at, program.task[at]);
    }
    if (handler_at >= program.task.size()) run_handler(cpu, program);
  }

 private:
  void run_handler(std::uint32_t cpu, const LockProgram& program) {
    const bool irqs_before = irqs_enabled_;
    irqs_enabled_ = false;
    for (std::size_t at = 0; at < program.handler.size(); ++at) step(cpu, 1, at, program.handler[at]);
    irqs_enabled_ = irqs_before;
  }

  void step(std::uint32_t cpu, std::uint32_t depth, std::size_t at, const LockStep& step) {
    const LockPlace place{.cpu = cpu,
                          .context = depth == 0 ? ContextView::Kind::kTask : ContextView::Kind::kIrq,
                          .depth = depth,
                          .comes_any_time = depth != 0,
                          .irqs_enabled = irqs_enabled_,
                          .chain = at};
    const LockObject lock{.offset = (step.lock + 1) * 64, .name = "lock"};
    switch (step.kind) {
      case LockStep::Kind::kTake:
      case LockStep::Kind::kTry:
        static_cast<void>(watch_.acquired(place, lock, step.mode, step.kind == LockStep::Kind::kTry));
        break;
      case LockStep::Kind::kRelease:
        watch_.released(cpu, lock.offset);
        break;
      case LockStep::Kind::kDisable:
        irqs_enabled_ = false;
        break;
      case LockStep::Kind::kEnable:
        irqs_enabled_ = true;
        if (!watch_.holds_any(cpu)) break;
        LockPlace enabled = place;
        enabled.irqs_enabled = true;
        static_cast<void>(watch_.irqs_enabled(enabled));
        break;
    }
  }

  LockWatch watch_;
  bool irqs_enabled_ = true;
};

// ---- the oracle: slow and obvious ----

// Whether some interleaving of the programs ends with a cpu that is not done and nobody who can go on.
class LockOracle {
 public:
  explicit LockOracle(const std::vector<LockProgram>& programs) : programs_(programs) {}

  [[nodiscard]] bool can_deadlock() {
    visit(State{});
    return found_;
  }

 private:
  static constexpr std::size_t kCpus = 3;
  static constexpr std::size_t kLocks = 8;

  struct State {
    std::array<std::array<std::uint8_t, 2>, kCpus> at{};                       // by cpu: of the task, of the handler
    std::array<std::uint8_t, kCpus> handler{};                                 // 0 to come, 1 runs, 2 done
    std::array<bool, kCpus> masked{};                                          // interrupts, in the task
    std::array<bool, kCpus> waits{};                                           // as a writer, for the lock of its step
    std::array<std::array<std::uint8_t, kCpus>, kLocks> writers{}, readers{};  // by lock and cpu: how often
    auto operator<=>(const State&) const = default;
  };

  [[nodiscard]] const std::vector<LockStep>& code(std::size_t cpu, std::size_t context) const {
    return context == 0 ? programs_[cpu].task : programs_[cpu].handler;
  }

  void visit(const State& state) {
    if (found_ || !visited_.insert(state).second) return;
    bool moved = false;
    bool all_done = true;
    for (std::size_t cpu = 0; cpu < programs_.size(); ++cpu) {
      State next = state;
      const bool handler_comes = !programs_[cpu].handler.empty() && state.handler[cpu] == 0 && !state.masked[cpu];
      if (handler_comes) {
        next.handler[cpu] = 1;
        moved = true;
        visit(next);
        next = state;
      }
      const std::size_t context = state.handler[cpu] == 1 ? 1 : 0;
      if (context == 0 && state.at[cpu][0] == programs_[cpu].task.size()) continue;
      all_done = false;
      if (!step(next, cpu, context)) continue;
      moved = true;
      visit(next);
    }
    if (!moved && !all_done) found_ = true;
  }

  // False if the cpu can only wait.
  bool step(State& state, std::size_t cpu, std::size_t context) {
    std::uint8_t& at = state.at[cpu][context];
    const LockStep& step = code(cpu, context)[at];
    switch (step.kind) {
      case LockStep::Kind::kTake:
        if (!is_free(state, step)) {
          const bool begins_to_wait = step.mode == LockMode::kExclusive && !state.waits[cpu];
          state.waits[cpu] = step.mode == LockMode::kExclusive;
          return begins_to_wait;
        }
        take(state, cpu, step);
        break;
      case LockStep::Kind::kTry:
        if (is_free(state, step)) {
          take(state, cpu, step);
        } else {
          while (!is_release(code(cpu, context)[at], step.lock)) ++at;
        }
        break;
      case LockStep::Kind::kRelease:
        --(state.writers[step.lock][cpu] != 0 ? state.writers : state.readers)[step.lock][cpu];
        break;
      case LockStep::Kind::kDisable:
        state.masked[cpu] = true;
        break;
      case LockStep::Kind::kEnable:
        state.masked[cpu] = false;
        break;
    }
    ++at;
    if (context == 1 && at == programs_[cpu].handler.size()) state.handler[cpu] = 2;
    return true;
  }

  static bool is_release(const LockStep& step, std::uint32_t lock) {
    return step.kind == LockStep::Kind::kRelease && step.lock == lock;
  }

  static void take(State& state, std::size_t cpu, const LockStep& step) {
    ++(step.mode == LockMode::kExclusive ? state.writers : state.readers)[step.lock][cpu];
    state.waits[cpu] = false;
  }

  [[nodiscard]] bool is_free(const State& state, const LockStep& step) const {
    for (std::size_t cpu = 0; cpu < programs_.size(); ++cpu) {
      if (state.writers[step.lock][cpu] != 0) return false;
      if (step.mode == LockMode::kExclusive && state.readers[step.lock][cpu] != 0) return false;
      if (step.mode == LockMode::kShared && state.waits[cpu] && waits_for(state, cpu) == step.lock) return false;
    }
    return true;
  }

  [[nodiscard]] std::uint32_t waits_for(const State& state, std::size_t cpu) const {
    const std::size_t context = state.handler[cpu] == 1 ? 1 : 0;
    return code(cpu, context)[state.at[cpu][context]].lock;
  }

  const std::vector<LockProgram>& programs_;
  std::set<State> visited_;
  bool found_ = false;
};

}  // namespace gridlock
