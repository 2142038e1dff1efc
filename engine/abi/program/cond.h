// A condition variable, laid over pthread_cond_t and cnd_t.
//
//     | signals | clock | waiting | ...       two 32-bit words, then a bit for each thread
//
// A signal is on offer to all who wait when it is made, and whoever of them runs first takes it: which one is a
// decision of the schedule. It is not for those who come later. So a waiter remembers how many of the signals on offer
// were there before it (Thread::barred), which it may not take; of the others it takes the oldest. What a signal leaves
// no choice about (no more wait than are on offer), and what a broadcast wakes, is woken at once and does not look at
// the variable again, which may be destroyed then.
//
// It orders nothing: the mutex does.
//
// May include: base, hook, machine, judge/race.
#pragma once

#include <bit>
#include <cstdint>

#include "engine/abi/program/mutex.h"
#include "engine/abi/program/step.h"
#include "engine/abi/program/threads.h"

namespace gridlock::program {

struct Cond {
  std::uint32_t signals;  // on offer, fewer than wait
  std::uint32_t clock;    // of pthread_cond_timedwait
  std::uint64_t waiting;  // bit per thread
  std::uint32_t destroyed;
};
static_assert(sizeof(Cond) <= sizeof(pthread_cond_t));

inline constexpr std::uint32_t kDestroyedCond = 0xdead;

[[nodiscard, gnu::always_inline]] inline Cond& cond_at(void* object) {
  Cond& cond = object_at<Cond>(object);
  if (cond.destroyed == kDestroyedCond) misused("a condition variable was used that has been destroyed");
  return cond;
}

// Where a thread waits; in the frame of the wrapper.
struct CondWait {
  Cond& cond;
  Thread& me;
};

inline bool may_take_signal(const CondWait& wait) {
  return wait.me.barred < wait.cond.signals;
}

// Once the thread has been woken the variable is not looked at.
inline bool cond_wait_is_over(void* argument) {
  const CondWait& wait = *static_cast<CondWait*>(argument);
  if (watch(&wait.me.wake) != Wake::kAsleep) return true;
  static_cast<void>(watch(&wait.cond.signals));
  static_cast<void>(watch(&wait.me.cancel_requested));
  return may_take_signal(wait) || is_canceled(wait.me);
}

// The functions below are steps of the wrapper that calls them: no point lies in them.
void join_cond(Cond& cond, Thread& me);
// The oldest signal that it may take. REQUIRES: may_take_signal().
void take_signal(Cond& cond, Thread& me);
// It goes without a signal, and those on offer that nobody is left for go with it.
void leave_cond(Cond& cond, Thread& me);
void offer_signal(Cond& cond);
void wake_all(Cond& cond);

// 0, or ETIMEDOUT; the error of the mutex, if it cannot be locked again.
[[nodiscard, gnu::always_inline]] inline int wait_on_cond(void* object, void* mutex_object, Limit limit) {
  Cond& cond = cond_at(object);
  Mutex& mutex = mutex_at(mutex_object);
  Thread& me = this_thread();
  point_on(&cond.signals);
  if (is_canceled(me)) act_on_cancel();
  touches(&cond.signals);
  if (mutex.owner != me.number + 1) {
    if (!mutex.is_unchecked()) return EPERM;
    misused("a thread waits on a condition variable without the mutex");
  }
  join_cond(cond, me);
  if (mutex.count != 0) {
    --mutex.count;
  } else {
    give_mutex(mutex, me);
  }
  CondWait wait{cond, me};
  const bool in_time = wait_until(cond_wait_is_over, &wait, limit);
  me.waits_spuriously = false;
  bool is_woken = me.wake == Wake::kWoken;
  if (!is_woken && may_take_signal(wait) && !is_canceled(me)) {
    take_signal(cond, me);
    is_woken = true;
  } else if (!is_woken) {
    leave_cond(cond, me);
  }
  const int error = wait_for_mutex(mutex, me, kForever);
  if (is_canceled(me)) act_on_cancel();
  return error != 0 ? error : !in_time && !is_woken ? ETIMEDOUT : 0;
}

[[gnu::always_inline]] inline void signal_cond(void* object) {
  Cond& cond = cond_at(object);
  point_on(&cond.signals);
  touches(&cond.signals);
  offer_signal(cond);
}
[[gnu::always_inline]] inline void broadcast_cond(void* object) {
  Cond& cond = cond_at(object);
  point_on(&cond.signals);
  touches(&cond.signals);
  wake_all(cond);
}
[[gnu::always_inline]] inline void make_cond(void* object, std::uint32_t clock) {
  Cond& cond = object_at<Cond>(object);
  makes(&cond, sizeof(Cond));
  cond.signals = 0;
  cond.clock = clock;
  cond.waiting = 0;
  cond.destroyed = 0;
}
[[gnu::always_inline]] inline void destroy_cond(void* object) {
  Cond& cond = cond_at(object);
  if (cond.waiting != 0) misused("a condition variable was destroyed that threads wait on");
  makes(&cond, sizeof(Cond));
  cond.destroyed = kDestroyedCond;
}

}  // namespace gridlock::program
