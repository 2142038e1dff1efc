// Semaphores, laid over sem_t: a count that posts add to and waits take from. A wait is ordered after every post that
// came before it, as with the C library, whose posts are read-modify-writes of one word. Who waits and runs first
// takes: the schedule's choice. Named semaphores are shared with other processes and refused.
//
// May include: base, hook, machine, judge/race.
#include <fcntl.h>
#include <semaphore.h>

#include <cerrno>
#include <climits>
#include <cstdarg>
#include <cstdint>

#include "engine/abi/program/clock.h"
#include "engine/abi/program/step.h"
#include "engine/abi/program/threads.h"

namespace gridlock::program {
namespace {

struct Semaphore {
  std::uint32_t value;
};

bool can_take(void* semaphore) {
  Thread& me = this_thread();
  static_cast<void>(watch(&me.cancel_requested));
  return watch(&static_cast<Semaphore*>(semaphore)->value) != 0 || is_canceled(me);
}

[[gnu::always_inline]] inline int fails(int error) {
  errno = error;
  return -1;
}

[[gnu::always_inline]] inline int take(sem_t* object, Limit limit) {
  Semaphore& semaphore = object_at<Semaphore>(object);
  Thread& me = this_thread();
  const bool tries = limit.kind == Limit::Kind::kNotAtAll;
  point_on(&semaphore.value);
  if (!tries && is_canceled(me)) act_on_cancel();
  if (semaphore.value == 0) {
    if (tries) {
      looks_at(&semaphore.value);
      return fails(EAGAIN);
    }
    const bool in_time = wait_until(can_take, &semaphore, limit);
    if (is_canceled(me)) act_on_cancel();
    if (!in_time) return fails(ETIMEDOUT);
  }
  takes(&semaphore.value);
  change(semaphore.value, semaphore.value - 1);
  return 0;
}

}  // namespace
}  // namespace gridlock::program

using namespace gridlock;
using namespace gridlock::program;

extern "C" {

GRIDLOCK_WRAP(int, sem_init, (sem_t * object, int shared, unsigned value)) {
  if (!in_run()) return __real_sem_init(object, shared, value);
  if (value > SEM_VALUE_MAX) return fails(EINVAL);
  Semaphore& semaphore = object_at<Semaphore>(object);
  makes(&semaphore, sizeof(Semaphore));
  change(semaphore.value, value);
  return 0;
}
GRIDLOCK_WRAP(int, sem_destroy, (sem_t * object)) {
  if (!in_run()) return __real_sem_destroy(object);
  makes(&object_at<Semaphore>(object), sizeof(Semaphore));
  return 0;
}

GRIDLOCK_WRAP(int, sem_wait, (sem_t * object)) {
  if (!in_run()) return __real_sem_wait(object);
  return take(object, kForever);
}
GRIDLOCK_WRAP(int, sem_trywait, (sem_t * object)) {
  if (!in_run()) return __real_sem_trywait(object);
  return take(object, kNotAtAll);
}
GRIDLOCK_WRAP(int, sem_clockwait, (sem_t * object, clockid_t clock, const timespec* time)) {
  if (!in_run()) return __real_sem_clockwait(object, clock, time);
  if (!is_timespec(*time) || (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC)) return fails(EINVAL);
  return take(object, until(clock, *time));
}
GRIDLOCK_WRAP(int, sem_timedwait, (sem_t * object, const timespec* time)) {
  if (!in_run()) return __real_sem_timedwait(object, time);
  if (!is_timespec(*time)) return fails(EINVAL);
  return take(object, until(CLOCK_REALTIME, *time));
}

GRIDLOCK_WRAP(int, sem_post, (sem_t * object)) {
  if (!in_run()) return __real_sem_post(object);
  Semaphore& semaphore = object_at<Semaphore>(object);
  point_at(StepKind::kFetchAdd, &semaphore.value, 1, 0, __ATOMIC_RELEASE);
  if (semaphore.value == SEM_VALUE_MAX) return fails(EOVERFLOW);
  adds_release(&semaphore.value);
  change(semaphore.value, semaphore.value + 1);
  return 0;
}

GRIDLOCK_WRAP(int, sem_getvalue, (sem_t * object, int* value)) {
  if (!in_run()) return __real_sem_getvalue(object, value);
  Semaphore& semaphore = object_at<Semaphore>(object);
  point_at(StepKind::kLoad, &semaphore.value, 0, 0, __ATOMIC_RELAXED);
  looks_at(&semaphore.value);
  *value = static_cast<int>(semaphore.value);
  return 0;
}

GRIDLOCK_WRAP(sem_t*, sem_open, (const char* name, int flags, ...)) {
  if (in_run()) not_controlled("sem_open");
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
  const unsigned value = (flags & O_CREAT) != 0 ? va_arg(rest, unsigned) : 0;
  va_end(rest);
  return __real_sem_open(name, flags, mode, value);
}

}  // extern "C"
