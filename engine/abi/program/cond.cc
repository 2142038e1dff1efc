// Condition variables: who takes which signal, and pthread_cond_*. See cond.h.
//
// The signals on offer are in the order in which they were made, and each waiter may take all but the first `barred` of
// them: those who may take an earlier one may take the later ones too. Waiters and signals match as long as at least
// i + 1 of those who wait may take one of the first i + 1 signals, for each i (Hall's theorem for nested sets). Taking
// the oldest that a waiter may take keeps that; a waiter that goes without may break it for one signal, which goes too.
//
// May include: base, hook, machine, judge/race.
#include "engine/abi/program/cond.h"

#include "engine/abi/program/clock.h"

namespace gridlock::program {

namespace {

Thread& waiter(std::uint64_t bits) {
  return *threads().by_number[std::countr_zero(bits)];
}

std::uint32_t count_who_may_take(const Cond& cond, std::uint32_t signal) {
  std::uint32_t count = 0;
  for (std::uint64_t left = cond.waiting; left != 0; left &= left - 1) count += waiter(left).barred <= signal ? 1U : 0U;
  return count;
}

// The later ones move up.
void remove_signal(Cond& cond, std::uint32_t signal) {
  for (std::uint64_t left = cond.waiting; left != 0; left &= left - 1) {
    Thread& other = waiter(left);
    if (other.barred > signal) --other.barred;
  }
  change(cond.signals, cond.signals - 1);
}

}  // namespace

void join_cond(Cond& cond, Thread& me) {
  me.wake = Wake::kAsleep;
  me.barred = cond.signals;
  me.waits_spuriously = true;
  cond.waiting |= std::uint64_t{1} << me.number;
}

void take_signal(Cond& cond, Thread& me) {
  cond.waiting &= ~(std::uint64_t{1} << me.number);
  remove_signal(cond, me.barred);
}

void leave_cond(Cond& cond, Thread& me) {
  cond.waiting &= ~(std::uint64_t{1} << me.number);
  for (std::uint32_t signal = 0; signal < cond.signals; ++signal) {
    if (count_who_may_take(cond, signal) > signal) continue;
    remove_signal(cond, signal);
    return;
  }
}

void offer_signal(Cond& cond) {
  const auto count = static_cast<std::uint32_t>(std::popcount(cond.waiting));
  if (count == 0) return;
  if (cond.signals + 1 == count) {
    wake_all(cond);
  } else {
    change(cond.signals, cond.signals + 1);
  }
}

void wake_all(Cond& cond) {
  for (std::uint64_t left = cond.waiting; left != 0; left &= left - 1) change(waiter(left).wake, Wake::kWoken);
  cond.waiting = 0;
  cond.signals = 0;
}

}  // namespace gridlock::program

using namespace gridlock;
using namespace gridlock::program;

namespace {

// What glibc keeps in a pthread_condattr_t: the clock above the bit for sharing between processes.
std::uint32_t clock_of(const pthread_condattr_t* attributes) {
  return attributes == nullptr ? CLOCK_REALTIME : *reinterpret_cast<const std::uint32_t*>(attributes) >> 1 & 1;
}

}  // namespace

extern "C" {

GRIDLOCK_WRAP(int, pthread_cond_init, (pthread_cond_t * cond, const pthread_condattr_t* attributes)) {
  if (!in_run()) return __real_pthread_cond_init(cond, attributes);
  make_cond(cond, clock_of(attributes));
  return 0;
}
GRIDLOCK_WRAP(int, pthread_cond_destroy, (pthread_cond_t * cond)) {
  if (!in_run()) return __real_pthread_cond_destroy(cond);
  destroy_cond(cond);
  return 0;
}

GRIDLOCK_WRAP(int, pthread_cond_wait, (pthread_cond_t * cond, pthread_mutex_t* mutex)) {
  if (!in_run()) return __real_pthread_cond_wait(cond, mutex);
  return wait_on_cond(cond, mutex, kForever);
}
GRIDLOCK_WRAP(int, pthread_cond_timedwait, (pthread_cond_t * cond, pthread_mutex_t* mutex, const timespec* time)) {
  if (!in_run()) return __real_pthread_cond_timedwait(cond, mutex, time);
  if (!is_timespec(*time)) return EINVAL;
  const auto clock = static_cast<clockid_t>(cond_at(cond).clock);
  return wait_on_cond(cond, mutex, until(clock, *time));
}
GRIDLOCK_WRAP(int, pthread_cond_clockwait,
              (pthread_cond_t * cond, pthread_mutex_t* mutex, clockid_t clock, const timespec* time)) {
  if (!in_run()) return __real_pthread_cond_clockwait(cond, mutex, clock, time);
  if (!is_timespec(*time) || (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC)) return EINVAL;
  return wait_on_cond(cond, mutex, until(clock, *time));
}

GRIDLOCK_WRAP(int, pthread_cond_signal, (pthread_cond_t * cond)) {
  if (!in_run()) return __real_pthread_cond_signal(cond);
  signal_cond(cond);
  return 0;
}
GRIDLOCK_WRAP(int, pthread_cond_broadcast, (pthread_cond_t * cond)) {
  if (!in_run()) return __real_pthread_cond_broadcast(cond);
  broadcast_cond(cond);
  return 0;
}

}  // extern "C"
