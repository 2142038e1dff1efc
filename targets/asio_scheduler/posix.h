// What Boost.Asio's scheduler calls of POSIX: a mutex, a condition variable and the clock, over the futex of
// engine/hook/futex.h. They are not under test and keep the standard's contract:
//
//     a wait gives the mutex back and sleeps in one step, as the word that it compares is read before;
//     a signal wakes one that sleeps, the first that came; a broadcast wakes all; nobody is remembered;
//     a wait may end for nothing: when a signal comes between its word and its sleep.
//
// A tick of virtual time is a microsecond.
//
// Include it in exactly one source of a target: it defines these functions, for that target alone.
//
// May include: engine/hook, the standard library.
#pragma once

#include <pthread.h>
#include <time.h>

#include <cerrno>
#include <cstdint>
#include <new>

#include "engine/hook/futex.h"
#include "engine/hook/gridlock.h"

namespace posix {

inline constexpr std::uint64_t kTicksPerSecond = 1'000'000;
inline constexpr std::uint64_t kNanosecondsPerTick = 1'000;

inline futex::Futex* sleepers = nullptr;

inline void begin_run() {
  sleepers = new (gl_alloc(sizeof(futex::Futex), alignof(futex::Futex))) futex::Futex();
  sleepers->name();
}

// What lies in the library's objects, which are larger.
using Mutex = futex::Mutex;
using Condition = futex::Word;
static_assert(sizeof(Mutex) <= sizeof(pthread_mutex_t) && sizeof(Condition) <= sizeof(pthread_cond_t));

inline Mutex& of(pthread_mutex_t* mutex) {
  return *std::launder(reinterpret_cast<Mutex*>(mutex));
}
inline Condition& of(pthread_cond_t* condition) {
  return *std::launder(reinterpret_cast<Condition*>(condition));
}

inline int wake(pthread_cond_t* condition, std::uint32_t count) {
  of(condition).fetch_add(1, std::memory_order_relaxed);
  sleepers->wake(of(condition), count);
  return 0;
}

// `sleep`: called with the word of the condition variable and what it held while the mutex was held.
template <class Sleep>
int wait(pthread_cond_t* condition, pthread_mutex_t* mutex, Sleep sleep) {
  const std::uint32_t seen = of(condition).load(std::memory_order_relaxed);
  pthread_mutex_unlock(mutex);
  const futex::Result result = sleep(of(condition), seen);
  pthread_mutex_lock(mutex);
  return result == futex::Result::kTimedOut ? ETIMEDOUT : 0;
}

}  // namespace posix

extern "C" {

int pthread_mutex_init(pthread_mutex_t* mutex, const pthread_mutexattr_t*) noexcept {
  new (mutex) posix::Mutex(*posix::sleepers);
  return 0;
}
int pthread_mutex_destroy(pthread_mutex_t*) noexcept {
  return 0;
}
int pthread_mutex_lock(pthread_mutex_t* mutex) noexcept {
  posix::of(mutex).lock();
  gl_lock_acquired(mutex, "mutex", GL_LOCK_EXCLUSIVE);
  return 0;
}
int pthread_mutex_unlock(pthread_mutex_t* mutex) noexcept {
  gl_lock_released(mutex);
  posix::of(mutex).unlock();
  return 0;
}

int pthread_condattr_init(pthread_condattr_t*) noexcept {
  return 0;
}
int pthread_condattr_setclock(pthread_condattr_t*, clockid_t) noexcept {
  return 0;
}
int pthread_cond_init(pthread_cond_t* condition, const pthread_condattr_t*) noexcept {
  new (condition) posix::Condition(0);
  return 0;
}
int pthread_cond_destroy(pthread_cond_t*) noexcept {
  return 0;
}
int pthread_cond_signal(pthread_cond_t* condition) noexcept {
  return posix::wake(condition, 1);
}
int pthread_cond_broadcast(pthread_cond_t* condition) noexcept {
  return posix::wake(condition, futex::kAll);
}
int pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* mutex) {
  return posix::wait(condition, mutex,
                     [](futex::Word& word, std::uint32_t seen) { return posix::sleepers->wait(word, seen); });
}
int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex, const timespec* deadline) {
  const std::uint64_t end = static_cast<std::uint64_t>(deadline->tv_sec) * posix::kTicksPerSecond +
                            static_cast<std::uint64_t>(deadline->tv_nsec) / posix::kNanosecondsPerTick;
  return posix::wait(condition, mutex, [end](futex::Word& word, std::uint32_t seen) {
    const std::uint64_t now = gl_now();
    return posix::sleepers->wait_for(word, seen, end > now ? end - now : 0);
  });
}

int clock_gettime(clockid_t, timespec* now) noexcept {
  now->tv_sec = static_cast<time_t>(gl_now() / posix::kTicksPerSecond);
  now->tv_nsec = static_cast<long>(gl_now() % posix::kTicksPerSecond * posix::kNanosecondsPerTick);
  return 0;
}

}  // extern "C"
