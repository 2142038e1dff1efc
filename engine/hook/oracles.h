// What locks, semaphores, queues and grace periods promise, as objects that a harness tells what happens and that end
// the run with an assertion when a promise is broken. One place for all targets, so that "mutual exclusion" is the same
// claim everywhere.
//
// How they are used: an oracle is a member of the target's state (memory from gl_alloc). The harness calls it right
// after the atomic access that makes a thing true, with nothing between: control changes hands only at points, so what
// is told is exactly in step with what happened.
//
// How they stay out of the way: their functions are not instrumented. What they read and write is no point, is not
// judged for data races and orders nothing. So an oracle changes neither the schedule nor what is a race. (That holds
// for plain data only: std::atomic is instrumented in any function, so oracles have none.)
//
// On real cores (gl_in_parallel) each call is one step, but not one step with the access that it is told of. So there
// an oracle promises only what is told inside of what it is about: Exclusion, Permits, Delivery and GracePeriod hold,
// because they are told after coming in and before going out. Fairness is about who came first, and says nothing there.
//
// What needs no oracle: a waiter that nobody can ever wake is proven by the engine (hang, deadlock), and missing
// ordering by the race judge, if the harness touches plain data where the lock allows it (see Exclusion).
//
// May include: engine/hook, the standard library. C++23; header only, because it is compiled as part of each target.
#pragma once

#include <cstdint>

#include "engine/hook/gridlock.h"

#define GL_ORACLE __attribute__((noinline, no_sanitize("thread")))

// What is broken is named by the promise, not by the expression that shows it.
#define GL_PROMISE(condition, promise) \
  (__builtin_expect(!!(condition), 1) ? (void)0 : gl_assertion_failed(promise, __FILE__, __LINE__))

namespace oracle {

inline constexpr unsigned kCpusMax = 64;

// What an oracle's function does is one step.
class Step {
 public:
  GL_ORACLE Step() { gl_step_begin(); }
  GL_ORACLE ~Step() { gl_step_end(); }
  Step(const Step&) = delete;
  Step& operator=(const Step&) = delete;
};

// Whether the data that a lock protects is touched, so that the race judge sees whether the lock orders too.
enum class Ordering {
  kJudged,
  // For a variant that breaks exclusion: two that pass unordered one after the other are a data race already, and the
  // smaller finding, and would be told instead of the overlap that makes the bug plain.
  kIgnored
};

// Mutual exclusion, and exclusion between readers and writers. Breaking it is an assertion in the function that enters
// second.
//
//     lock(); section.enter(); section.leave(); unlock();
//
// Each of the two holds a point, so another cpu can come in while one is inside. The section tells the engine that the
// cpu has a lock, so that an order of locks can be predicted; `how` is made of GL_LOCK_*: a lock
// that was tried says GL_LOCK_TRY, a reader that may come in under readers GL_LOCK_RECURSIVE_READ.
class Exclusion {
 public:
  // `name`: of the class of the lock; lives as long as the program.
  explicit Exclusion(Ordering ordering, const char* name = "lock")
      : touches_data_(ordering == Ordering::kJudged), name_(name) {}
  void enter(unsigned how = GL_LOCK_EXCLUSIVE) {
    come_in(how);
    gl_cpu_relax();
    if (touches_data_) data_ = data_ + 1;
  }
  void leave() {
    if (touches_data_) data_ = data_ + 1;
    gl_cpu_relax();
    go_out();
  }
  void enter_shared(unsigned how = GL_LOCK_SHARED) {
    come_in_shared(how);
    gl_cpu_relax();
    if (touches_data_) remember(data_);
  }
  void leave_shared() {
    if (touches_data_) GL_PROMISE(remembered() == data_, "what a reader reads stays as it is");
    gl_cpu_relax();
    go_out_shared();
  }
  // For invariants: nobody is inside.
  GL_ORACLE bool is_empty() const { return writer_ == 0 && readers_ == 0; }

 private:
  GL_ORACLE void come_in(unsigned how) {
    const Step step;
    GL_PROMISE(writer_ == 0, "mutual exclusion: one at a time");
    GL_PROMISE(readers_ == 0, "exclusion: no writer beside readers");
    writer_ = gl_this_cpu() + 1;
    gl_lock_acquired(this, name_, how);
  }
  GL_ORACLE void go_out() {
    const Step step;
    GL_ASSERT(writer_ == gl_this_cpu() + 1);
    gl_lock_released(this);
    writer_ = 0;
  }
  // A handler may read inside the section of a reader that it interrupted.
  GL_ORACLE void remember(std::uint32_t data) {
    const Step step;
    std::uint32_t& depth = depth_[gl_this_cpu()];
    GL_ASSERT(depth < kNestingMax);
    seen_[gl_this_cpu()][depth++] = data;
  }
  GL_ORACLE std::uint32_t remembered() { return seen_[gl_this_cpu()][--depth_[gl_this_cpu()]]; }
  GL_ORACLE void come_in_shared(unsigned how) {
    const Step step;
    GL_PROMISE(writer_ == 0, "exclusion: no reader beside a writer");
    ++readers_;
    gl_lock_acquired(this, name_, how);
  }
  GL_ORACLE void go_out_shared() {
    const Step step;
    GL_ASSERT(readers_ != 0);
    gl_lock_released(this);
    --readers_;
  }

  static constexpr unsigned kNestingMax = 4;

  const bool touches_data_;
  const char* const name_;
  std::uint32_t writer_ = 0;  // the cpu + 1; 0 for none
  std::uint32_t readers_ = 0;
  std::uint32_t data_ = 0;  // plain, on purpose
  std::uint32_t depth_[kCpusMax] = {};
  std::uint32_t seen_[kCpusMax][kNestingMax] = {};
};

// Bounded bypass: once a cpu has announced itself (taken its ticket, joined the queue), at most `bypass_max` others
// that announced themselves later come in before it. 0 is first come, first served.
class Fairness {
 public:
  explicit Fairness(std::uint32_t bypass_max) : bypass_max_(bypass_max) {}
  // Right after the access that gives the cpu its place. REQUIRES: it has none.
  GL_ORACLE void announce() {
    bypassed_[gl_this_cpu()] = 0;
    arrival_[gl_this_cpu()] = ++arrivals_;
  }
  // Gives up the place without coming in (a trylock that timed out).
  GL_ORACLE void withdraw() { arrival_[gl_this_cpu()] = 0; }
  // Right after the access that lets it in.
  GL_ORACLE void come_in() {
    if (gl_in_parallel()) return;
    const std::uint32_t mine = arrival_[gl_this_cpu()];
    arrival_[gl_this_cpu()] = 0;
    bool anybody_waits = false;
    for (unsigned cpu = 0; cpu < kCpusMax; ++cpu) {
      if (arrival_[cpu] == 0) continue;
      anybody_waits = true;
      // Without a place of its own it came later than all who have one.
      if (mine != 0 && arrival_[cpu] > mine) continue;
      ++bypassed_[cpu];
      GL_PROMISE(bypassed_[cpu] <= bypass_max_, "bounded bypass: a waiter is passed by too many who came later");
    }
    // Counting from 0 again keeps the state of a loop the same in each of its rounds.
    if (!anybody_waits) arrivals_ = 0;
  }

 private:
  std::uint32_t bypass_max_;
  std::uint32_t arrivals_ = 0;
  std::uint32_t arrival_[kCpusMax] = {};  // by cpu: its place; 0 for none
  std::uint32_t bypassed_[kCpusMax] = {};
};

// Permits: nobody takes what was not given. Of a semaphore, an event count, a condition variable's signals.
class Permits {
 public:
  explicit Permits(std::uint32_t initially = 0) : left_(initially) {}
  // Right before the access that makes a permit available.
  GL_ORACLE void give(std::uint32_t count = 1) {
    const Step step;
    left_ += count;
  }
  // Right after the access that takes one.
  GL_ORACLE void take() {
    const Step step;
    GL_PROMISE(left_ != 0, "permits: one was taken that nobody gave");
    --left_;
  }
  GL_ORACLE std::uint32_t left() const { return left_; }

 private:
  std::uint32_t left_;
};

// A wait that must end as soon as there is something to wait for. Sleeps like gl_wait, and tells an idle sleeper from a
// forgotten one: if the whole machine has come to a stand and `needed` says that this sleeper has something to do, its
// wakeup was lost, and that is an assertion. If not, nobody will ever need it: returns false.
// `ready` and `needed` only read; `needed` is best asked of another oracle. Returns true if `ready` ended the wait.
class Sleep {
 public:
  static bool until(bool (*ready)(void*), bool (*needed)(void*), void* arg) {
    if (gl_wait_for(ready, arg, GL_WAIT_PLAIN, ticks_to_my_turn())) return true;
    GL_PROMISE(!needed(arg), "lost wakeup: all sleep, and this one is needed");
    return false;
  }

 private:
  // Virtual time gets there only by jumping, which it does when all cpus sleep. Each cpu has turns of its own, so a
  // jump wakes one: it is asked while all others sleep, and what it then does lies far before the turn of the next.
  static std::uint64_t ticks_to_my_turn() {
    constexpr std::uint64_t kTurn = std::uint64_t{1} << 40;
    constexpr std::uint64_t kRound = kTurn * kCpusMax;
    const std::uint64_t now = gl_now();
    const std::uint64_t mine = gl_this_cpu() * kTurn;
    const std::uint64_t round = now < mine ? 0 : (now - mine) / kRound + 1;
    return round * kRound + mine - now;
  }
};

// Each item is taken once, by one: of queues, deques, free lists. Items are numbered 0 to kItemsMax - 1.
class Delivery {
 public:
  static constexpr std::uint32_t kItemsMax = 256;
  // Right before the access that makes the item available.
  GL_ORACLE void put(std::uint32_t item) {
    const Step step;
    GL_ASSERT(item < kItemsMax);
    GL_PROMISE(!available_[item], "delivery: an item is put in that is in already");
    available_[item] = true;
    ++count_;
  }
  // Right after the access that takes it.
  GL_ORACLE void take(std::uint32_t item) {
    const Step step;
    GL_ASSERT(item < kItemsMax);
    GL_PROMISE(available_[item], "delivery: an item is taken twice, or was never put in");
    available_[item] = false;
    --count_;
  }
  // For a check right after an access, and for invariants.
  GL_ORACLE bool is_in(std::uint32_t item) const { return available_[item]; }
  // For invariants: how many are in.
  GL_ORACLE std::uint32_t count() const { return count_; }

 private:
  bool available_[kItemsMax] = {};
  std::uint32_t count_ = 0;
};

// A grace period ends only after all readers that had begun before it did.
//
//     reader:  rcu_read_lock(); grace.reader_begins(); ... grace.reader_ends(); rcu_read_unlock();
//     updater: const Start start = grace.period_begins(); synchronize_rcu(); grace.period_ends(start);
class GracePeriod {
 public:
  // By cpu: which of its read sections was open; 0 for none.
  struct Start {
    std::uint32_t open[kCpusMax] = {};
  };
  // Sections of one cpu may nest; the outermost counts.
  GL_ORACLE void reader_begins() {
    const Step step;
    if (depth_[gl_this_cpu()]++ == 0) ++section_[gl_this_cpu()];
  }
  GL_ORACLE void reader_ends() {
    const Step step;
    GL_ASSERT(depth_[gl_this_cpu()] != 0);
    --depth_[gl_this_cpu()];
  }
  GL_ORACLE Start period_begins() const {
    const Step step;
    Start start;
    for (unsigned cpu = 0; cpu < kCpusMax; ++cpu) start.open[cpu] = depth_[cpu] != 0 ? section_[cpu] : 0;
    return start;
  }
  GL_ORACLE void period_ends(const Start& start) const {
    const Step step;
    for (unsigned cpu = 0; cpu < kCpusMax; ++cpu) {
      const bool still_open = depth_[cpu] != 0 && section_[cpu] == start.open[cpu];
      GL_PROMISE(!still_open, "grace period: a reader that began before it is still reading");
    }
  }

 private:
  std::uint32_t depth_[kCpusMax] = {};
  std::uint32_t section_[kCpusMax] = {};
};

}  // namespace oracle
