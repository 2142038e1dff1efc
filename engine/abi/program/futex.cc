// Raw futexes through syscall(2), as atomic::wait of the C++ library uses them, and the few other numbers whose answer
// would not be the same in every run. A futex orders nothing; the atomic accesses around it do.
//
// A wait compares and joins the queue in one step, so that no wake is lost in between. Sleepers are woken first come,
// first served, as the kernel does for equal priorities. A wake never touches the word, which may be gone.
//
// May include: base, hook, machine, judge/race.
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdint>

#include "engine/abi/program/clock.h"
#include "engine/abi/program/step.h"
#include "engine/abi/program/threads.h"

namespace gridlock::program {
namespace {

struct FutexCall {
  std::uint32_t* word;
  int operation;
  std::uint32_t value;
  const timespec* time;  // or the second number of a requeue
  std::uint32_t* word_2;
  std::uint32_t value_3;
};

struct Woken {
  Threads& all;
  long count = 0;
};

bool futex_wait_is_over(void* thread) {
  return watch(&static_cast<Thread*>(thread)->wake) != Wake::kAsleep;
}

Thread& queued(Threads& all, std::uint32_t at) {
  return *all.by_number[all.futex_queue[at]];
}

void join_queue(Threads& all, Thread& me, const FutexCall& call, std::uint32_t bits) {
  me.wake = Wake::kAsleep;
  me.futex = call.word;
  me.futex_bits = bits;
  me.waits_spuriously = true;
  all.futex_queue[all.futex_queued++] = static_cast<std::uint8_t>(me.number);
}

void leave_queue(Threads& all, std::uint32_t at) {
  queued(all, at).futex = nullptr;
  --all.futex_queued;
  for (std::uint32_t i = at; i < all.futex_queued; ++i) all.futex_queue[i] = all.futex_queue[i + 1];
}

void leave_queue_of(Threads& all, const Thread& me) {
  for (std::uint32_t at = 0; at < all.futex_queued; ++at) {
    if (&queued(all, at) == &me) return leave_queue(all, at);
  }
}

// Of those who sleep on `word` with one of `bits`.
long wake(const void* word, std::uint32_t count, std::uint32_t bits) {
  Threads& all = threads();
  long woken = 0;
  for (std::uint32_t at = 0; at < all.futex_queued && static_cast<std::uint32_t>(woken) < count;) {
    Thread& sleeper = queued(all, at);
    if (sleeper.futex != word || (sleeper.futex_bits & bits) == 0) {
      ++at;
      continue;
    }
    leave_queue(all, at);
    change(sleeper.wake, Wake::kWoken);
    ++woken;
  }
  return woken;
}

// The rest of those who sleep on `from` go on sleeping, on `to`.
long requeue(const void* from, const void* to, std::uint32_t count) {
  Threads& all = threads();
  long moved = 0;
  for (std::uint32_t at = 0; at < all.futex_queued && static_cast<std::uint32_t>(moved) < count; ++at) {
    Thread& sleeper = queued(all, at);
    if (sleeper.futex != from) continue;
    sleeper.futex = to;
    ++moved;
  }
  return moved;
}

[[gnu::always_inline]] inline long fails(int error) {
  errno = error;
  return -1;
}

[[gnu::always_inline]] inline long futex_wait(const FutexCall& call, Limit limit, std::uint32_t bits) {
  point_at(StepKind::kLoad, call.word, 0, 0, __ATOMIC_RELAXED);
  looks_at(call.word);
  if (*const_cast<volatile std::uint32_t*>(call.word) != call.value) return fails(EAGAIN);
  Threads& all = threads();
  Thread& me = this_thread();
  join_queue(all, me, call, bits);
  const bool in_time = wait_until(futex_wait_is_over, &me, limit);
  me.waits_spuriously = false;
  if (me.wake == Wake::kWoken) return 0;
  leave_queue_of(all, me);
  // A return for no reason looks like one that was woken.
  return in_time ? 0 : fails(ETIMEDOUT);
}

// Of FUTEX_WAIT it is how long, of FUTEX_WAIT_BITSET until when.
Limit limit_of(const FutexCall& call) {
  if (call.time == nullptr) return kForever;
  if ((call.operation & FUTEX_CMD_MASK) == FUTEX_WAIT) {
    return {Limit::Kind::kTicks, ticks_of(call.time->tv_sec, call.time->tv_nsec)};
  }
  return until((call.operation & FUTEX_CLOCK_REALTIME) != 0 ? CLOCK_REALTIME : CLOCK_MONOTONIC, *call.time);
}

[[gnu::always_inline]] inline long futex_requeue(const FutexCall& call, bool compares) {
  if (compares) {
    point_at(StepKind::kLoad, call.word, 0, 0, __ATOMIC_RELAXED);
    looks_at(call.word);
    if (*const_cast<volatile std::uint32_t*>(call.word) != call.value_3) return fails(EAGAIN);
  } else {
    point_on(&threads().calls);
  }
  const long woken = wake(call.word, call.value, FUTEX_BITSET_MATCH_ANY);
  const auto moved_max = static_cast<std::uint32_t>(reinterpret_cast<std::uint64_t>(call.time));
  const long moved = requeue(call.word, call.word_2, moved_max);
  return compares ? woken + moved : woken;
}

[[gnu::always_inline]] inline long futex_call(const FutexCall& call) {
  const int command = call.operation & FUTEX_CMD_MASK;
  switch (command) {
    case FUTEX_WAIT:
    case FUTEX_WAIT_BITSET: {
      if (call.time != nullptr && (!is_timespec(*call.time) || call.time->tv_sec < 0)) return fails(EINVAL);
      const std::uint32_t bits = command == FUTEX_WAIT ? FUTEX_BITSET_MATCH_ANY : call.value_3;
      return bits == 0 ? fails(EINVAL) : futex_wait(call, limit_of(call), bits);
    }
    case FUTEX_WAKE:
    case FUTEX_WAKE_BITSET: {
      const std::uint32_t bits = command == FUTEX_WAKE ? FUTEX_BITSET_MATCH_ANY : call.value_3;
      point_on(&threads().calls);
      return bits == 0 ? fails(EINVAL) : wake(call.word, call.value, bits);
    }
    case FUTEX_REQUEUE:
      return futex_requeue(call, false);
    case FUTEX_CMP_REQUEUE:
      return futex_requeue(call, true);
    default:
      not_controlled("syscall(SYS_futex) with an operation other than wait, wake and requeue");
  }
}

}  // namespace

constexpr long kThreadIdBase = 1'000'000;

}  // namespace gridlock::program

using namespace gridlock;
using namespace gridlock::program;

extern "C" {

GRIDLOCK_WRAP(long, syscall, (long number, long a, long b, long c, long d, long e, long f)) {
  if (!in_run()) return __real_syscall(number, a, b, c, d, e, f);
  switch (number) {
    case SYS_futex:
      return futex_call({.word = reinterpret_cast<std::uint32_t*>(a),
                         .operation = static_cast<int>(b),
                         .value = static_cast<std::uint32_t>(c),
                         .time = reinterpret_cast<const timespec*>(d),
                         .word_2 = reinterpret_cast<std::uint32_t*>(e),
                         .value_3 = static_cast<std::uint32_t>(f)});
    case SYS_gettid:
      return kThreadIdBase + this_thread().number;
    case SYS_fork:
    case SYS_vfork:
    case SYS_clone:
    case SYS_clone3:
    case SYS_execve:
    case SYS_execveat:
      not_controlled("syscall of fork, clone or exec");
    case SYS_rt_sigaction:
    case SYS_kill:
    case SYS_tkill:
    case SYS_tgkill:
      not_controlled("syscall of signals");
    case SYS_exit:
    case SYS_exit_group:
      not_controlled("syscall of exit");
    case SYS_nanosleep:
    case SYS_clock_nanosleep:
    case SYS_clock_gettime:
    case SYS_sched_yield:
      not_controlled("syscall of clocks, sleeping or yielding, which the C library has functions for,");
    default:
      return __real_syscall(number, a, b, c, d, e, f);
  }
}

GRIDLOCK_WRAP(pid_t, gettid, ()) {
  if (!in_run()) return __real_gettid();
  return static_cast<pid_t>(kThreadIdBase + this_thread().number);
}

}  // extern "C"
