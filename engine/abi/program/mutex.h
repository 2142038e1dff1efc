// A mutex of any type, laid over pthread_mutex_t and mtx_t; what the initialisers of the C library leave in them is a
// free one.
//
//     | owner | count | death | - | kind | - | next_robust | ...      32-bit words, then a pointer
//
// It orders an unlock before later locks of the same mutex, and nothing else: not a trylock that fails.
//
// May include: base, hook, machine, judge/race.
#pragma once

#include <pthread.h>

#include <cerrno>
#include <cstdint>

#include "engine/abi/program/step.h"
#include "engine/abi/program/threads.h"

namespace gridlock::program {

// Of a robust one.
enum class Death : std::uint32_t { kNone, kOwnerDied, kInconsistent, kNotRecoverable };

struct Mutex {
  std::uint32_t owner;  // number of the thread + 1; 0: free
  std::uint32_t count;  // of a recursive one: how often its owner has it beyond once
  Death death;
  std::uint32_t unused;
  std::int32_t kind;  // as glibc's initialisers have it: the type, and bits above it
  std::uint32_t unused_2;
  Mutex* next_robust;  // of those that its owner holds

  static constexpr std::int32_t kTypeBits = 3;
  static constexpr std::int32_t kRobust = 16;
  static constexpr std::int32_t kDestroyed = -1;

  [[nodiscard]] std::int32_t type() const { return kind & kTypeBits; }
  [[nodiscard]] bool is_robust() const { return (kind & kRobust) != 0; }
  // A normal (or adaptive) one: what is wrong with its use is undefined, and no error code.
  [[nodiscard]] bool is_unchecked() const {
    return !is_robust() && (type() == PTHREAD_MUTEX_TIMED_NP || type() == PTHREAD_MUTEX_ADAPTIVE_NP);
  }
};
static_assert(sizeof(Mutex) <= sizeof(pthread_mutex_t));

// What glibc keeps in a pthread_mutexattr_t: a word with the type in its low bits. Its getters are intercepted by the
// sanitizers, which would take them for accesses of the engine's.
inline constexpr std::uint32_t kAttributeRobust = 0x40000000;
inline constexpr std::uint32_t kAttributeTypeBits = 3;

inline bool mutex_is_free(void* mutex) {
  return watch(&static_cast<Mutex*>(mutex)->owner) == 0;
}

[[nodiscard, gnu::always_inline]] inline Mutex& mutex_at(void* object) {
  Mutex& mutex = object_at<Mutex>(object);
  if (mutex.kind == Mutex::kDestroyed) misused("a mutex was used that has been destroyed");
  return mutex;
}

// The mutex is free, and from now on the calling thread's.
[[gnu::always_inline]] inline int take_mutex(Mutex& mutex, Thread& me, bool tries) {
  if (mutex.death == Death::kNotRecoverable) return ENOTRECOVERABLE;
  takes(&mutex.owner);
  change(mutex.owner, me.number + 1);
  MachineImpl::current()->lock_acquired(&mutex, "mutex", tries ? GL_LOCK_EXCLUSIVE | GL_LOCK_TRY : GL_LOCK_EXCLUSIVE,
                                        __builtin_frame_address(0));
  if (!mutex.is_robust()) return 0;
  mutex.next_robust = me.robust_mutexes;
  me.robust_mutexes = &mutex;
  if (mutex.death != Death::kOwnerDied) return 0;
  mutex.death = Death::kInconsistent;
  return EOWNERDEAD;
}

// After the point: sleeps until the mutex is free, and takes it.
[[gnu::always_inline]] inline int wait_for_mutex(Mutex& mutex, Thread& me, Limit limit) {
  if (mutex.owner != 0 && limit.kind == Limit::Kind::kNotAtAll) {
    looks_at(&mutex.owner);
    return EBUSY;
  }
  if (mutex.owner != 0 && !wait_until(mutex_is_free, &mutex, limit)) return ETIMEDOUT;
  return take_mutex(mutex, me, limit.kind != Limit::Kind::kForever);
}

[[nodiscard, gnu::always_inline]] inline int lock_mutex(void* object, Limit limit) {
  Mutex& mutex = mutex_at(object);
  Thread& me = this_thread();
  point_at(StepKind::kCompareExchange, &mutex.owner, 0, me.number + 1, __ATOMIC_ACQUIRE);
  if (mutex.owner == me.number + 1) {
    if (mutex.type() == PTHREAD_MUTEX_RECURSIVE_NP) {
      if (mutex.count == UINT32_MAX) return EAGAIN;
      ++mutex.count;
      return 0;
    }
    const bool is_checked = mutex.type() == PTHREAD_MUTEX_ERRORCHECK_NP;
    if (is_checked && limit.kind != Limit::Kind::kNotAtAll) return EDEADLK;
  }
  return wait_for_mutex(mutex, me, limit);
}

[[gnu::always_inline]] inline void forget_robust(Mutex& mutex, Thread& me) {
  for (Mutex** link = &me.robust_mutexes; *link != nullptr; link = &(*link)->next_robust) {
    if (*link != &mutex) continue;
    *link = mutex.next_robust;
    return;
  }
}

// In the step that runs; the calling thread has it once.
[[gnu::always_inline]] inline void give_mutex(Mutex& mutex, Thread& me) {
  if (mutex.is_robust()) {
    forget_robust(mutex, me);
    if (mutex.death == Death::kInconsistent) mutex.death = Death::kNotRecoverable;
  }
  MachineImpl::current()->lock_released(&mutex, __builtin_frame_address(0));
  releases(&mutex.owner);
  change(mutex.owner, 0U);
}

[[nodiscard, gnu::always_inline]] inline int unlock_mutex(void* object) {
  Mutex& mutex = mutex_at(object);
  Thread& me = this_thread();
  const bool gives = mutex.owner == me.number + 1 && mutex.count == 0;
  point_at(gives ? StepKind::kStore : StepKind::kLoad, &mutex.owner, 0, 0, __ATOMIC_RELEASE);
  if (mutex.owner != me.number + 1) {
    looks_at(&mutex.owner);
    if (!mutex.is_unchecked()) return EPERM;
    misused(mutex.owner == 0 ? "a mutex was unlocked that is not locked"
                             : "a mutex was unlocked that another thread holds");
  }
  if (mutex.count != 0) {
    --mutex.count;
  } else {
    give_mutex(mutex, me);
  }
  return 0;
}

[[gnu::always_inline]] inline void make_mutex(void* object, std::int32_t kind) {
  Mutex& mutex = object_at<Mutex>(object);
  makes(&mutex, sizeof(Mutex));
  mutex.count = 0;
  mutex.death = Death::kNone;
  mutex.kind = kind;
  mutex.next_robust = nullptr;
  change(mutex.owner, 0U);
}

// EBUSY is what glibc says of a locked one; it goes on to be used then, or its memory is freed under its owner.
[[gnu::always_inline]] inline void destroy_mutex(void* object) {
  Mutex& mutex = mutex_at(object);
  if (mutex.owner != 0) misused("a mutex was destroyed that is locked");
  makes(&mutex, sizeof(Mutex));
  mutex.kind = Mutex::kDestroyed;
}

}  // namespace gridlock::program
