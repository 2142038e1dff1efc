// Clocks and sleeping on virtual time. See clock.h.
//
// May include: base, hook, machine, judge/race.
#include "engine/abi/program/clock.h"

#include <sched.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>

#include "engine/abi/program/threads.h"

namespace gridlock::program {

timespec read_clock(clockid_t clock) {
  const auto ticks = static_cast<std::int64_t>(MachineImpl::current()->read_clock());
  return {.tv_sec = clock_start_s(clock) + ticks / kTicksPerSecond,
          .tv_nsec = ticks % kTicksPerSecond * kNanosecondsPerTick};
}

Limit until(clockid_t clock, const timespec& time) {
  const timespec now = read_clock(clock);
  std::int64_t seconds = time.tv_sec < now.tv_sec ? -1 : time.tv_sec - now.tv_sec;
  std::int64_t nanoseconds = time.tv_nsec - now.tv_nsec;
  if (nanoseconds < 0) {
    nanoseconds += kNanosecondsPerSecond;
    --seconds;
  }
  return {Limit::Kind::kTicks, ticks_of(seconds, nanoseconds)};
}

namespace {

bool never_but_canceled(void* thread) {
  Thread& me = *static_cast<Thread*>(thread);
  static_cast<void>(watch(&me.cancel_requested));
  return is_canceled(me);
}

// A cancellation point, as every way to sleep.
[[gnu::always_inline]] inline void sleep_for(Limit limit) {
  point_on(&threads().calls);
  Thread& me = this_thread();
  static_cast<void>(wait_until(never_but_canceled, &me, limit));
  if (is_canceled(me)) act_on_cancel();
}

[[gnu::always_inline]] inline timespec clock_call(clockid_t clock) {
  point_at(StepKind::kLoad, &threads().calls, 0, 0, __ATOMIC_RELAXED);
  return read_clock(clock);
}

[[gnu::always_inline]] inline void yield_call() {
  --current_gate->countdown;
  gridlock_point(nullptr, 0, 0, 0, 0, point_code(StepKind::kRelax));
}

}  // namespace
}  // namespace gridlock::program

using namespace gridlock::program;

extern "C" {

GRIDLOCK_WRAP(int, clock_gettime, (clockid_t clock, timespec* time)) {
  if (!in_run()) return __real_clock_gettime(clock, time);
  *time = clock_call(clock);
  return 0;
}

GRIDLOCK_WRAP(int, gettimeofday, (timeval * time, void* zone)) {
  if (!in_run()) return __real_gettimeofday(time, zone);
  const timespec now = clock_call(CLOCK_REALTIME);
  if (time != nullptr) *time = {.tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000};
  return 0;
}

GRIDLOCK_WRAP(time_t, time, (time_t* seconds)) {
  if (!in_run()) return __real_time(seconds);
  const timespec now = clock_call(CLOCK_REALTIME);
  if (seconds != nullptr) *seconds = now.tv_sec;
  return now.tv_sec;
}

GRIDLOCK_WRAP(int, timespec_get, (timespec * time, int base)) {
  if (!in_run()) return __real_timespec_get(time, base);
  if (base != TIME_UTC) return 0;
  *time = clock_call(CLOCK_REALTIME);
  return base;
}

GRIDLOCK_WRAP(int, nanosleep, (const timespec* length, timespec* left)) {
  if (!in_run()) return __real_nanosleep(length, left);
  if (!is_timespec(*length) || length->tv_sec < 0) {
    errno = EINVAL;
    return -1;
  }
  sleep_for({Limit::Kind::kTicks, ticks_of(length->tv_sec, length->tv_nsec)});
  return 0;
}

GRIDLOCK_WRAP(int, clock_nanosleep, (clockid_t clock, int flags, const timespec* time, timespec* left)) {
  if (!in_run()) return __real_clock_nanosleep(clock, flags, time, left);
  if (!is_timespec(*time)) return EINVAL;
  const bool is_absolute = (flags & TIMER_ABSTIME) != 0;
  if (time->tv_sec < 0) return is_absolute ? 0 : EINVAL;
  const Limit relative{Limit::Kind::kTicks, ticks_of(time->tv_sec, time->tv_nsec)};
  sleep_for(is_absolute ? until(clock, *time) : relative);
  return 0;
}

GRIDLOCK_WRAP(int, usleep, (useconds_t microseconds)) {
  if (!in_run()) return __real_usleep(microseconds);
  sleep_for({Limit::Kind::kTicks, microseconds});
  return 0;
}

GRIDLOCK_WRAP(unsigned, sleep, (unsigned seconds)) {
  if (!in_run()) return __real_sleep(seconds);
  sleep_for({Limit::Kind::kTicks, ticks_of(seconds, 0)});
  return 0;
}

GRIDLOCK_WRAP(int, thrd_sleep, (const timespec* length, timespec* left)) {
  if (!in_run()) return __real_thrd_sleep(length, left);
  constexpr int kFailed = -2;  // any negative number but -1, which is for signals
  if (!is_timespec(*length) || length->tv_sec < 0) return kFailed;
  sleep_for({Limit::Kind::kTicks, ticks_of(length->tv_sec, length->tv_nsec)});
  return 0;
}

GRIDLOCK_WRAP(int, sched_yield, ()) {
  if (!in_run()) return __real_sched_yield();
  yield_call();
  return 0;
}

GRIDLOCK_WRAP(void, thrd_yield, ()) {
  if (!in_run()) {
    __real_thrd_yield();
    return;
  }
  yield_call();
}

}  // extern "C"
