// Read-write locks, laid over pthread_rwlock_t.
//
//     | writer | readers | waiting_writers | ... | preference (word 12)         32-bit words
//
// Two words stand for what it orders: `writer` for writers before whoever comes later, `readers` for readers before
// later writers. With one word for both a reader would be ordered after readers before it, which the lock does not
// promise, and a race between two readers would be missed.
//
// Who may come in is glibc's rule: readers pass writers that wait, unless the lock prefers writers
// (PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP). Among those who may it is the schedule's choice.
//
// May include: base, hook, machine, judge/race.
#include <pthread.h>

#include <cerrno>
#include <cstdint>

#include "engine/abi/program/clock.h"
#include "engine/abi/program/step.h"
#include "engine/abi/program/threads.h"

namespace gridlock::program {
namespace {

struct Rwlock {
  std::uint32_t writer;  // number of the thread + 1; 0: none
  std::uint32_t readers;
  alignas(8) std::uint32_t waiting_writers;
  std::uint32_t destroyed;
  std::uint32_t unused[8];
  std::uint32_t preference;  // PTHREAD_RWLOCK_*, where glibc's initialisers have it

  [[nodiscard]] bool prefers_writers() const { return preference == PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP; }
};
static_assert(sizeof(Rwlock) <= sizeof(pthread_rwlock_t) && offsetof(Rwlock, preference) == 48);

constexpr std::uint32_t kDestroyedRwlock = 0xdead;

[[nodiscard, gnu::always_inline]] inline Rwlock& rwlock_at(void* object) {
  Rwlock& lock = object_at<Rwlock>(object);
  if (lock.destroyed == kDestroyedRwlock) misused("a read-write lock was used that has been destroyed");
  return lock;
}

bool may_read(const Rwlock& lock) {
  return lock.writer == 0 && (!lock.prefers_writers() || lock.waiting_writers == 0);
}
bool may_write(const Rwlock& lock) {
  return lock.writer == 0 && lock.readers == 0;
}
bool reader_is_ready(void* object) {
  const Rwlock& lock = *static_cast<Rwlock*>(object);
  static_cast<void>(watch(&lock.writer));
  static_cast<void>(watch(&lock.waiting_writers));
  return may_read(lock);
}
bool writer_is_ready(void* object) {
  const Rwlock& lock = *static_cast<Rwlock*>(object);
  static_cast<void>(watch(&lock.writer));
  static_cast<void>(watch(&lock.readers));
  return may_write(lock);
}

[[gnu::always_inline]] inline void tell_acquired(Rwlock& lock, unsigned mode, Limit limit) {
  const unsigned how = limit.kind == Limit::Kind::kForever ? mode : mode | GL_LOCK_TRY;
  MachineImpl::current()->lock_acquired(&lock, "rwlock", how, __builtin_frame_address(0));
}

[[gnu::always_inline]] inline int lock_to_read(void* object, Limit limit) {
  Rwlock& lock = rwlock_at(object);
  Thread& me = this_thread();
  point_at(StepKind::kFetchAdd, &lock.readers, 0, 0, __ATOMIC_ACQUIRE);
  if (!may_read(lock)) {
    if (limit.kind == Limit::Kind::kNotAtAll) {
      looks_at(&lock.writer);
      return EBUSY;
    }
    if (lock.writer == me.number + 1) return EDEADLK;
    if (!wait_until(reader_is_ready, &lock, limit)) return ETIMEDOUT;
  }
  acquires(&lock.writer);
  change(lock.readers, lock.readers + 1);
  tell_acquired(lock, lock.prefers_writers() ? GL_LOCK_SHARED : GL_LOCK_RECURSIVE_READ, limit);
  return 0;
}

[[gnu::always_inline]] inline int lock_to_write(void* object, Limit limit) {
  Rwlock& lock = rwlock_at(object);
  Thread& me = this_thread();
  point_on(&lock.writer);
  if (!may_write(lock)) {
    if (limit.kind == Limit::Kind::kNotAtAll) {
      looks_at(&lock.writer);
      return EBUSY;
    }
    if (lock.writer == me.number + 1) return EDEADLK;
    change(lock.waiting_writers, lock.waiting_writers + 1);
    const bool in_time = wait_until(writer_is_ready, &lock, limit);
    change(lock.waiting_writers, lock.waiting_writers - 1);
    if (!in_time) return ETIMEDOUT;
  }
  takes(&lock.writer);
  acquires(&lock.readers);
  change(lock.writer, me.number + 1);
  tell_acquired(lock, GL_LOCK_EXCLUSIVE, limit);
  return 0;
}

[[gnu::always_inline]] inline int unlock(void* object) {
  Rwlock& lock = rwlock_at(object);
  point_on(&lock.writer);
  if (lock.writer == 0 && lock.readers == 0) misused("a read-write lock was unlocked that is not locked");
  if (lock.writer != 0 && lock.writer != this_thread().number + 1) {
    misused("a read-write lock was unlocked that another thread holds for writing");
  }
  MachineImpl::current()->lock_released(&lock, __builtin_frame_address(0));
  if (lock.writer != 0) {
    releases(&lock.writer);
    change(lock.writer, 0U);
  } else {
    adds_release(&lock.readers);
    change(lock.readers, lock.readers - 1);
  }
  return 0;
}

}  // namespace
}  // namespace gridlock::program

using namespace gridlock;
using namespace gridlock::program;

extern "C" {

GRIDLOCK_WRAP(int, pthread_rwlock_init, (pthread_rwlock_t * object, const pthread_rwlockattr_t* attributes)) {
  if (!in_run()) return __real_pthread_rwlock_init(object, attributes);
  Rwlock& lock = object_at<Rwlock>(object);
  makes(&lock, sizeof(Rwlock));
  lock.readers = lock.waiting_writers = lock.destroyed = lock.writer = 0;
  // glibc keeps the preference in the first word of the attributes.
  lock.preference = attributes == nullptr ? 0 : *reinterpret_cast<const std::uint32_t*>(attributes);
  return 0;
}

GRIDLOCK_WRAP(int, pthread_rwlock_destroy, (pthread_rwlock_t * object)) {
  if (!in_run()) return __real_pthread_rwlock_destroy(object);
  Rwlock& lock = rwlock_at(object);
  if (!may_write(lock)) misused("a read-write lock was destroyed that is locked");
  makes(&lock, sizeof(Rwlock));
  lock.destroyed = kDestroyedRwlock;
  return 0;
}

GRIDLOCK_WRAP(int, pthread_rwlock_unlock, (pthread_rwlock_t * lock)) {
  if (!in_run()) return __real_pthread_rwlock_unlock(lock);
  return unlock(lock);
}

#define WRAP_RWLOCK(side, function)                                                                       \
  GRIDLOCK_WRAP(int, pthread_rwlock_##side##lock, (pthread_rwlock_t * lock)) {                            \
    if (!in_run()) return __real_pthread_rwlock_##side##lock(lock);                                       \
    return function(lock, kForever);                                                                      \
  }                                                                                                       \
  GRIDLOCK_WRAP(int, pthread_rwlock_try##side##lock, (pthread_rwlock_t * lock)) {                         \
    if (!in_run()) return __real_pthread_rwlock_try##side##lock(lock);                                    \
    return function(lock, kNotAtAll);                                                                     \
  }                                                                                                       \
  GRIDLOCK_WRAP(int, pthread_rwlock_timed##side##lock, (pthread_rwlock_t * lock, const timespec* time)) { \
    if (!in_run()) return __real_pthread_rwlock_timed##side##lock(lock, time);                            \
    if (!is_timespec(*time)) return EINVAL;                                                               \
    return function(lock, until(CLOCK_REALTIME, *time));                                                  \
  }                                                                                                       \
  GRIDLOCK_WRAP(int, pthread_rwlock_clock##side##lock,                                                    \
                (pthread_rwlock_t * lock, clockid_t clock, const timespec* time)) {                       \
    if (!in_run()) return __real_pthread_rwlock_clock##side##lock(lock, clock, time);                     \
    if (!is_timespec(*time) || (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC)) return EINVAL;      \
    return function(lock, until(clock, *time));                                                           \
  }

WRAP_RWLOCK(rd, lock_to_read)
WRAP_RWLOCK(wr, lock_to_write)

}  // extern "C"
