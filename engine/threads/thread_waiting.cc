// How a cpu lets time pass on its thread: waits, idling, and the delays that make a schedule.
//
// A wait asks its condition again and again, because nobody tells which words a condition reads; between two rounds it
// gives up the core, then sleeps for moments. A cpu that has found its condition false is no longer awake, and the host
// looks when nobody is: then nothing can change any more but virtual time.
//
// May include: base, model, hook, machine.
#include "engine/base/check.h"
#include "engine/threads/frames.h"
#include "engine/threads/thread_cpu.h"

namespace gridlock {

namespace {

// Rounds of a wait before the core is given up, and before the thread sleeps.
constexpr std::uint32_t kSpinRounds = 32;
constexpr std::uint32_t kYieldRounds = 36;
// Longest sleep inside a wait: nobody wakes the thread when its condition comes true.
constexpr std::uint32_t kRoundSleepMicroseconds = 100;
// While it idles the thread is woken by whoever sends it something, and looks around all the same.
constexpr std::uint32_t kIdleSleepMicroseconds = 20'000;
constexpr std::uint32_t kIdleSpins = 200;

// A demoted cpu goes on when another has passed this many points (or nobody else can), at the latest after this time.
constexpr std::uint32_t kOthersPointsMax = 48;
constexpr std::uint32_t kDemotedNsMax = 200'000;
// Delays of one cpu in one run, in points: a spin would otherwise hold back at each of its rounds.
constexpr std::uint32_t kPointsBetweenLongDelays = 8;

}  // namespace

// ---- waits ----

void ThreadCpu::set_asleep(ThreadActivity activity) {
  if (activity_.load() != ThreadActivity::kRunning) return;
  activity_ = activity;
  run_.falls_asleep();
}

void ThreadCpu::set_awake() {
  if (activity_.load() == ThreadActivity::kRunning) return;
  run_.wakes_up();
  activity_ = ThreadActivity::kRunning;
}

bool ThreadCpu::is_over(Wait& wait, bool& by_time) {
  receive();
  if (interrupts_.deliverable()) {
    set_awake();
    take_interrupts();
  }
  if (wait.irq_ends && (wait.interrupted || interrupts_.pending() != 0)) return true;
  mode_ = Mode::kWatching;
  const bool ready = wait.ready(wait.argument);
  mode_ = Mode::kRun;
  if (ready) return true;
  by_time = wait.deadline != kNoLimit && run_.now() >= wait.deadline;
  return by_time;
}

bool ThreadCpu::wait(bool (*ready)(void*), void* argument, bool irq_ends, std::uint64_t ticks, const void* hook_frame) {
  GRIDLOCK_CHECK(mode_ == Mode::kRun && step_depth_ == 0 && "gl_wait outside of a run or inside of a step");
  Wait wait{.ready = ready, .argument = argument, .irq_ends = irq_ends};
  if (ticks != kNoLimit) wait.deadline = run_.now() + ticks;
  bool* const outer = contexts_[depth_].wait_interrupted;
  contexts_[depth_].wait_interrupted = &wait.interrupted;
  stands_at_ = hook_frame;
  bool by_time = false;
  for (std::uint32_t round = 0; !is_over(wait, by_time); ++round) {
    if (run_.failing.load(std::memory_order_relaxed)) park();
    deadline_ = wait.deadline;
    holds_ = interrupts_.any_deferral() && interrupts_.pending() != 0;
    set_asleep(ThreadActivity::kWaiting);
    wait_rounds_.fetch_add(1);
    sleep_a_round(round);
  }
  set_awake();
  deadline_ = kNoLimit;
  holds_ = false;
  stands_at_ = nullptr;
  contexts_[depth_].wait_interrupted = outer;
  return !by_time;
}

void ThreadCpu::sleep_a_round(std::uint32_t round) {
  const std::uint32_t word = wake_word_.value();
  if (has_mail()) return;
  if (round < kSpinRounds) {
    __builtin_ia32_pause();
  } else if (round < kYieldRounds) {
    yield_core();
  } else {
    wake_word_.sleep(word, kRoundSleepMicroseconds);
  }
}

// The program has ended; the cpu takes interrupts until it is started for the next run.
void ThreadCpu::idle(std::uint32_t started) {
  for (std::uint32_t round = 0; started_.load() == started; ++round) {
    receive();
    if (interrupts_.deliverable()) {
      set_awake();
      take_interrupts();
    }
    holds_ = interrupts_.any_deferral() && interrupts_.pending() != 0;
    if (activity_.load() == ThreadActivity::kRunning) {
      sanitizer::release(&flag_object_);
      set_asleep(ThreadActivity::kIdle);
      round = 0;
    }
    const std::uint32_t word = wake_word_.value();
    if (has_mail() || started_.load() != started) continue;
    if (round < kIdleSpins && !run_.crowded) {
      __builtin_ia32_pause();
    } else {
      wake_word_.sleep(word, kIdleSleepMicroseconds);
    }
  }
}

// ---- delays ----

bool ThreadCpu::somebody_above_runs() const {
  const std::uint32_t count = run_.cpu_count.load(std::memory_order_relaxed);
  for (std::uint32_t cpu = 0; cpu < count; ++cpu) {
    const ThreadCpu& other = *run_.cpus[cpu];
    if (cpu != id_ && other.activity() == ThreadActivity::kRunning && other.priority() > priority()) return true;
  }
  return false;
}

void ThreadCpu::hold_back(std::uint32_t nanoseconds) {
  priority_.store(perturbation_.priority(), std::memory_order_relaxed);
  if (nanoseconds == 0) return;
  // A cpu that holds back at each round of a spin would make nothing but a slow run.
  const bool is_due = points() < 4 * run_.points_expected || points() % kPointsBetweenLongDelays == 0;
  if (!is_due) return;
  const auto cycles = static_cast<std::uint64_t>(nanoseconds * run_.cycles_per_ns);
  if (!perturbation_.holds_back_for_others()) {
    spin_cycles(cycles);
    return;
  }
  const std::uint64_t start = time_stamp();
  while (time_stamp() - start < cycles && somebody_above_runs()) {
    if (run_.crowded) {
      yield_core();
    } else {
      __builtin_ia32_pause();
    }
  }
}

// A `demote`: whoever can go on does, a random stretch of the way.
void ThreadCpu::let_others_pass() {
  const std::uint32_t stretch = 1 + perturbation_.prng().below(kOthersPointsMax);
  const std::uint32_t count = run_.cpu_count.load();
  std::array<std::uint32_t, kCpusMax> goal;
  for (std::uint32_t cpu = 0; cpu < count; ++cpu) goal[cpu] = run_.cpus[cpu]->points() + stretch;
  const auto cycles = static_cast<std::uint64_t>(kDemotedNsMax * run_.cycles_per_ns);
  const std::uint64_t start = time_stamp();
  while (time_stamp() - start < cycles && !run_.failing.load(std::memory_order_relaxed)) {
    bool anybody_runs = false;
    for (std::uint32_t cpu = 0; cpu < count; ++cpu) {
      const ThreadCpu& other = *run_.cpus[cpu];
      if (cpu == id_) continue;
      if (other.points() >= goal[cpu]) return;
      anybody_runs = anybody_runs || other.activity() == ThreadActivity::kRunning;
    }
    if (!anybody_runs) return;
    yield_core();
  }
}

}  // namespace gridlock
