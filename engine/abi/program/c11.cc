// threads.h of C11, on the same threads, mutexes and condition variables.
//
// May include: base, hook, machine, judge/race.
#include <threads.h>

#include <cerrno>

#include "engine/abi/program/clock.h"
#include "engine/abi/program/cond.h"
#include "engine/abi/program/mutex.h"
#include "engine/abi/program/step.h"
#include "engine/abi/program/thread_calls.h"
#include "engine/abi/program/threads.h"

namespace gridlock::program {
namespace {

int c11_result(int error) {
  switch (error) {
    case 0:
      return thrd_success;
    case EBUSY:
      return thrd_busy;
    case ETIMEDOUT:
      return thrd_timedout;
    case ENOMEM:
      return thrd_nomem;
    default:
      return thrd_error;
  }
}

// A start function of C11 returns int where one of pthread returns a pointer; both come back in the same register.
using PthreadStart = void* (*)(void*);

}  // namespace
}  // namespace gridlock::program

using namespace gridlock;
using namespace gridlock::program;

extern "C" {

GRIDLOCK_WRAP(int, thrd_create, (thrd_t * id, thrd_start_t start, void* argument)) {
  if (!in_run()) return __real_thrd_create(id, start, argument);
  point_on(&threads().calls);
  *id = create_thread(reinterpret_cast<PthreadStart>(reinterpret_cast<void*>(start)), argument, false,
                      __builtin_frame_address(0));
  return thrd_success;
}

GRIDLOCK_WRAP(thrd_t, thrd_current, ()) {
  if (!in_run()) return __real_thrd_current();
  return reinterpret_cast<thrd_t>(&this_thread());
}

GRIDLOCK_WRAP(int, thrd_join, (thrd_t id, int* result)) {
  if (!in_run()) return __real_thrd_join(id, result);
  void* value = nullptr;
  const int error = join_thread(id, kForever, &value);
  if (result != nullptr) *result = static_cast<int>(reinterpret_cast<std::intptr_t>(value));
  return c11_result(error);
}

GRIDLOCK_WRAP(int, thrd_detach, (thrd_t id)) {
  if (!in_run()) return __real_thrd_detach(id);
  return c11_result(detach_thread(id));
}

[[noreturn]] void __real_thrd_exit(int result);
[[noreturn]] GRIDLOCK_HOOK void __wrap_thrd_exit(int result) {
  if (!in_run()) __real_thrd_exit(result);
  point_on(&threads().calls);
  leave_thread(reinterpret_cast<void*>(static_cast<std::intptr_t>(result)));
}

GRIDLOCK_WRAP(int, mtx_init, (mtx_t * mutex, int type)) {
  if (!in_run()) return __real_mtx_init(mutex, type);
  // Of the type the C library looks at this bit alone.
  make_mutex(mutex, (type & mtx_recursive) != 0 ? PTHREAD_MUTEX_RECURSIVE_NP : PTHREAD_MUTEX_TIMED_NP);
  return thrd_success;
}
GRIDLOCK_WRAP(void, mtx_destroy, (mtx_t * mutex)) {
  if (!in_run()) {
    __real_mtx_destroy(mutex);
    return;
  }
  destroy_mutex(mutex);
}
GRIDLOCK_WRAP(int, mtx_lock, (mtx_t * mutex)) {
  if (!in_run()) return __real_mtx_lock(mutex);
  return c11_result(lock_mutex(mutex, kForever));
}
GRIDLOCK_WRAP(int, mtx_trylock, (mtx_t * mutex)) {
  if (!in_run()) return __real_mtx_trylock(mutex);
  return c11_result(lock_mutex(mutex, kNotAtAll));
}
GRIDLOCK_WRAP(int, mtx_timedlock, (mtx_t * mutex, const timespec* time)) {
  if (!in_run()) return __real_mtx_timedlock(mutex, time);
  if (!is_timespec(*time) && object_at<Mutex>(mutex).owner != 0) return thrd_error;
  return c11_result(lock_mutex(mutex, until(CLOCK_REALTIME, *time)));
}
GRIDLOCK_WRAP(int, mtx_unlock, (mtx_t * mutex)) {
  if (!in_run()) return __real_mtx_unlock(mutex);
  return c11_result(unlock_mutex(mutex));
}

GRIDLOCK_WRAP(int, cnd_init, (cnd_t * cond)) {
  if (!in_run()) return __real_cnd_init(cond);
  make_cond(cond, CLOCK_REALTIME);
  return thrd_success;
}
GRIDLOCK_WRAP(void, cnd_destroy, (cnd_t * cond)) {
  if (!in_run()) {
    __real_cnd_destroy(cond);
    return;
  }
  destroy_cond(cond);
}
GRIDLOCK_WRAP(int, cnd_wait, (cnd_t * cond, mtx_t* mutex)) {
  if (!in_run()) return __real_cnd_wait(cond, mutex);
  return c11_result(wait_on_cond(cond, mutex, kForever));
}
GRIDLOCK_WRAP(int, cnd_timedwait, (cnd_t * cond, mtx_t* mutex, const timespec* time)) {
  if (!in_run()) return __real_cnd_timedwait(cond, mutex, time);
  if (!is_timespec(*time)) return thrd_error;
  return c11_result(wait_on_cond(cond, mutex, until(CLOCK_REALTIME, *time)));
}
GRIDLOCK_WRAP(int, cnd_signal, (cnd_t * cond)) {
  if (!in_run()) return __real_cnd_signal(cond);
  signal_cond(cond);
  return thrd_success;
}
GRIDLOCK_WRAP(int, cnd_broadcast, (cnd_t * cond)) {
  if (!in_run()) return __real_cnd_broadcast(cond);
  broadcast_cond(cond);
  return thrd_success;
}

}  // extern "C"
