// The futex of Linux, as an object that a target owns: "sleep if this word still holds that value", and "wake as many
// who sleep on this word". One model for all targets, so that a lost wakeup is the lock's fault everywhere.
//
//     wait:  load the word; is it `expected`?  --no-->  kChanged
//            join the queue, at its end                                 one step: no point lies between
//            sleep                                                      until woken, interrupted, or for ever
//     wake:  take the first `count` who sleep on the word off the queue one step
//            make them runnable, one after the other                    a point before each
//
// So a wake that comes between the load and the sleep finds the sleeper, as the lock of the kernel's hash bucket
// ensures, and one that is under way when its sleeper is interrupted counts as a wake.
//
// What it orders: nothing. Its own accesses are relaxed, so the race judge sees only what the words of the lock order;
// a woken thread that does not look at its word again has read nothing.
//
// State: fixed arrays, by cpu, in queue order without gaps or growing numbers; a waiting loop that comes round leaves
// them as they were, which the proof of a hang needs. A cpu sleeps in one wait at a time: no handler may wait.
//
// May include: engine/hook, the standard library. C++23; header only, because it is compiled as part of each target.
#pragma once

#include <atomic>
#include <cstdint>

#include "engine/hook/gridlock.h"
#include "engine/hook/oracles.h"

namespace futex {

using Word = std::atomic<std::uint32_t>;

inline constexpr std::uint32_t kAll = UINT32_MAX;  // for wake: INT_MAX of the system call

enum class Result {
  kWoken,
  kChanged,      // EAGAIN: the word does not hold what was expected
  kInterrupted,  // EINTR: a signal, or a spurious return
  kTimedOut,     // ETIMEDOUT: only of wait_for
  kAtRest        // only of a wait with `needed`: all sleep for ever, and this one is not needed
};

class Futex {
 public:
  // Names for traces. Call from setup().
  void name() const {
    gl_name(&calls_, sizeof(calls_), "futex_wake");
    for (unsigned cpu = 0; cpu < gl_cpu_count(); ++cpu) {
      gl_name(&sleeper_[cpu].state, sizeof(sleeper_[cpu].state), "sleeper[%u]", cpu);
    }
  }
  // Sleeps until another cpu wakes it. If nobody ever can, the engine proves it: a deadlock.
  [[gnu::noinline]] Result wait(Word& word, std::uint32_t expected) {
    if (!joins(word, expected)) return Result::kChanged;
    gl_wait(is_awake, &sleeper_[gl_this_cpu()], GL_WAIT_PLAIN);
    return reason();
  }
  // The same for one that may rightly stay asleep: see oracle::Sleep for `needed`, which only reads.
  [[gnu::noinline]] Result wait(Word& word, std::uint32_t expected, bool (*needed)(void*), void* arg) {
    if (!joins(word, expected)) return Result::kChanged;
    Idle idle{&sleeper_[gl_this_cpu()], needed, arg};
    if (oracle::Sleep::until(idle_is_awake, idle_is_needed, &idle)) return reason();
    leave();
    return Result::kAtRest;
  }

  // The same for at most `ticks` of virtual time.
  [[gnu::noinline]] Result wait_for(Word& word, std::uint32_t expected, std::uint64_t ticks) {
    if (!joins(word, expected)) return Result::kChanged;
    Sleeper* const mine = &sleeper_[gl_this_cpu()];
    if (gl_wait_for(is_awake, mine, GL_WAIT_PLAIN, ticks)) return reason();
    if (take_out(gl_this_cpu())) return Result::kTimedOut;
    gl_wait(is_awake, mine, GL_WAIT_PLAIN);  // a waker has it already
    return reason();
  }

  // Wakes at most `count` of those who sleep on `word`, first come, first served; returns how many. Never touches the
  // word itself, which may be gone by now.
  [[gnu::noinline]] std::uint32_t wake(const Word& word, std::uint32_t count = 1) {
    enter_kernel();
    Woken woken;
    take(word, count, woken);
    for (std::uint32_t i = 0; i < woken.count; ++i) {
      wake_up(woken.cpus[i], kWoken);
    }
    return woken.count;
  }

  // For a handler: a signal of the calling cpu's thread. Ends its wait with kInterrupted; without one does nothing.
  [[gnu::noinline]] void interrupt() {
    if (take_out(gl_this_cpu())) wake_up(gl_this_cpu(), kInterrupted);
  }

  // For invariants: how many sleep, or are woken and have not run yet.
  GL_ORACLE std::uint32_t sleepers() const { return queued_; }

 private:
  enum State : std::uint32_t { kWoken, kInterrupted, kAsleep };
  struct Sleeper {
    // Not std::atomic, whose accesses are points everywhere: join must hold none.
    std::uint32_t state = kWoken;
    const Word* word = nullptr;  // compared, never read through
  };
  struct Woken {
    std::uint32_t count;
    std::uint8_t cpus[oracle::kCpusMax];
  };
  struct Idle {
    Sleeper* sleeper;
    bool (*needed)(void*);
    void* arg;
  };

  // Step: no wake comes between the load and the queue.
  [[gnu::always_inline]] bool joins(const Word& word, std::uint32_t expected) {
    const oracle::Step step;
    if (word.load(std::memory_order_relaxed) != expected) return false;
    join(word);
    return true;
  }
  static bool is_awake(void* sleeper) {
    return std::atomic_ref(static_cast<Sleeper*>(sleeper)->state).load(std::memory_order_relaxed) != kAsleep;
  }
  static bool idle_is_awake(void* idle) { return is_awake(static_cast<Idle*>(idle)->sleeper); }
  static bool idle_is_needed(void* idle) {
    const Idle& mine = *static_cast<Idle*>(idle);
    return mine.needed(mine.arg);
  }
  void wake_up(unsigned cpu, State reason) {
    std::atomic_ref(sleeper_[cpu].state).store(reason, std::memory_order_relaxed);
  }
  // A system call begins with a point, as a waiter may go to sleep just before the queue is looked at.
  void enter_kernel() { static_cast<void>(calls_.load(std::memory_order_relaxed)); }

  GL_ORACLE void join(const Word& word) {
    const unsigned cpu = gl_this_cpu();
    GL_ASSERT(sleeper_[cpu].word == nullptr);
    sleeper_[cpu].state = kAsleep;
    sleeper_[cpu].word = &word;
    queue_[queued_++] = static_cast<std::uint8_t>(cpu);
  }
  GL_ORACLE void remove(std::uint32_t place) {
    sleeper_[queue_[place]].word = nullptr;
    --queued_;
    for (std::uint32_t i = place; i < queued_; ++i) queue_[i] = queue_[i + 1];
    queue_[queued_] = 0;
  }
  GL_ORACLE void take(const Word& word, std::uint32_t count, Woken& woken) {
    const oracle::Step step;
    woken.count = 0;
    for (std::uint32_t place = 0; place < queued_ && woken.count < count;) {
      if (sleeper_[queue_[place]].word == &word) {
        woken.cpus[woken.count++] = queue_[place];
        remove(place);
      } else {
        ++place;
      }
    }
  }
  // False if a waker has it already.
  GL_ORACLE bool take_out(unsigned cpu) {
    const oracle::Step step;
    for (std::uint32_t place = 0; place < queued_; ++place) {
      if (queue_[place] != cpu) continue;
      remove(place);
      return true;
    }
    return false;
  }
  GL_ORACLE void leave() { take_out(gl_this_cpu()); }
  GL_ORACLE Result reason() const {
    return sleeper_[gl_this_cpu()].state == kInterrupted ? Result::kInterrupted : Result::kWoken;
  }

  Word calls_{0};
  Sleeper sleeper_[oracle::kCpusMax];
  std::uint8_t queue_[oracle::kCpusMax] = {};  // cpus, first come first
  std::uint32_t queued_ = 0;
};

// A mutex that is not under test: what a condition variable is used with. 0 free, 1 taken, 2 taken and waited for.
class Mutex {
 public:
  explicit Mutex(Futex& futex) : futex_(futex) {}
  [[gnu::noinline]] void lock() {
    std::uint32_t found = 0;
    if (word_.compare_exchange_strong(found, 1, std::memory_order_acquire, std::memory_order_relaxed)) return;
    while (word_.exchange(2, std::memory_order_acquire) != 0) futex_.wait(word_, 2);
  }
  [[gnu::noinline]] void unlock() {
    if (word_.exchange(0, std::memory_order_release) == 2) futex_.wake(word_);
  }
  void name(const char* name) const { gl_name(&word_, sizeof(word_), "%s", name); }
  // For invariants.
  bool is_free() const { return word_.load(std::memory_order_relaxed) == 0; }

 private:
  Word word_{0};  // first: where a mutex of POSIX stands for one of these, its address is the word's
  Futex& futex_;
};

}  // namespace futex
