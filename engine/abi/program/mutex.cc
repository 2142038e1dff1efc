// pthread_mutex_*. See mutex.h.
//
// May include: base, hook, machine, judge/race.
#include "engine/abi/program/mutex.h"

#include "engine/abi/program/clock.h"

namespace gridlock::program {

// Who locks one of these next is told, and has to make it consistent.
void robust_owner_died(Thread& thread) {
  while (Mutex* const mutex = thread.robust_mutexes) {
    thread.robust_mutexes = mutex->next_robust;
    mutex->death = Death::kOwnerDied;
    mutex->count = 0;
    MachineImpl::current()->lock_released(mutex, __builtin_frame_address(0));
    releases(&mutex->owner);
    change(mutex->owner, 0U);
  }
}

}  // namespace gridlock::program

using namespace gridlock;
using namespace gridlock::program;

extern "C" {

GRIDLOCK_WRAP(int, pthread_mutex_init, (pthread_mutex_t * mutex, const pthread_mutexattr_t* attributes)) {
  if (!in_run()) return __real_pthread_mutex_init(mutex, attributes);
  const std::uint32_t bits = attributes == nullptr ? 0 : *reinterpret_cast<const std::uint32_t*>(attributes);
  const auto type = static_cast<std::int32_t>(bits & kAttributeTypeBits);
  make_mutex(mutex, (bits & kAttributeRobust) != 0 ? type | Mutex::kRobust : type);
  return 0;
}

GRIDLOCK_WRAP(int, pthread_mutex_destroy, (pthread_mutex_t * mutex)) {
  if (!in_run()) return __real_pthread_mutex_destroy(mutex);
  destroy_mutex(mutex);
  return 0;
}

GRIDLOCK_WRAP(int, pthread_mutex_lock, (pthread_mutex_t * mutex)) {
  if (!in_run()) return __real_pthread_mutex_lock(mutex);
  return lock_mutex(mutex, kForever);
}
GRIDLOCK_WRAP(int, pthread_mutex_trylock, (pthread_mutex_t * mutex)) {
  if (!in_run()) return __real_pthread_mutex_trylock(mutex);
  return lock_mutex(mutex, kNotAtAll);
}
// Of a mutex that is free the time is not looked at, as with glibc.
GRIDLOCK_WRAP(int, pthread_mutex_clocklock, (pthread_mutex_t * mutex, clockid_t clock, const timespec* time)) {
  if (!in_run()) return __real_pthread_mutex_clocklock(mutex, clock, time);
  if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC) return EINVAL;
  if (!is_timespec(*time) && object_at<Mutex>(mutex).owner != 0) return EINVAL;
  return lock_mutex(mutex, until(clock, *time));
}
GRIDLOCK_WRAP(int, pthread_mutex_timedlock, (pthread_mutex_t * mutex, const timespec* time)) {
  if (!in_run()) return __real_pthread_mutex_timedlock(mutex, time);
  if (!is_timespec(*time) && object_at<Mutex>(mutex).owner != 0) return EINVAL;
  return lock_mutex(mutex, until(CLOCK_REALTIME, *time));
}

GRIDLOCK_WRAP(int, pthread_mutex_unlock, (pthread_mutex_t * mutex)) {
  if (!in_run()) return __real_pthread_mutex_unlock(mutex);
  return unlock_mutex(mutex);
}

GRIDLOCK_WRAP(int, pthread_mutex_consistent, (pthread_mutex_t * object)) {
  if (!in_run()) return __real_pthread_mutex_consistent(object);
  Mutex& mutex = mutex_at(object);
  if (!mutex.is_robust() || mutex.death != Death::kInconsistent) return EINVAL;
  if (mutex.owner != this_thread().number + 1) return EINVAL;
  mutex.death = Death::kNone;
  return 0;
}

// Priorities order nothing here, where every thread may run at any time; a ceiling is as good as none.
GRIDLOCK_WRAP(int, pthread_mutex_getprioceiling, (const pthread_mutex_t* mutex, int* ceiling)) {
  if (!in_run()) return __real_pthread_mutex_getprioceiling(mutex, ceiling);
  return EINVAL;
}
GRIDLOCK_WRAP(int, pthread_mutex_setprioceiling, (pthread_mutex_t * mutex, int ceiling, int* old)) {
  if (!in_run()) return __real_pthread_mutex_setprioceiling(mutex, ceiling, old);
  return EINVAL;
}

}  // extern "C"
