// Barriers, laid over pthread_barrier_t. The last to come lets the others go by a word of each one's own, so that the
// barrier may be destroyed as soon as anybody has left it, and so that a thread that leaves late is not ordered after
// what others did when they came again.
//
// May include: base, hook, machine, judge/race.
#include <pthread.h>

#include <bit>
#include <cerrno>
#include <cstdint>

#include "engine/abi/program/step.h"
#include "engine/abi/program/threads.h"

namespace gridlock::program {
namespace {

struct Barrier {
  std::uint32_t arrived;
  std::uint32_t needed;   // 0: destroyed, or never made
  std::uint64_t waiting;  // bit per thread
};
static_assert(sizeof(Barrier) <= sizeof(pthread_barrier_t));

// BARRIER_MAX of glibc.
constexpr std::uint32_t kNeededMax = UINT32_MAX / 2;

bool is_let_go(void* thread) {
  return watch(&static_cast<Thread*>(thread)->wake) == Wake::kWoken;
}

[[gnu::always_inline]] inline void let_all_go(Barrier& barrier) {
  for (std::uint64_t left = barrier.waiting; left != 0; left &= left - 1) {
    Thread& other = *threads().by_number[std::countr_zero(left)];
    releases(&other.handed_over);
    change(other.wake, Wake::kWoken);
  }
  barrier.arrived = 0;
  barrier.waiting = 0;
}

}  // namespace
}  // namespace gridlock::program

using namespace gridlock;
using namespace gridlock::program;

extern "C" {

GRIDLOCK_WRAP(int, pthread_barrier_init,
              (pthread_barrier_t * object, const pthread_barrierattr_t* attributes, unsigned count)) {
  if (!in_run()) return __real_pthread_barrier_init(object, attributes, count);
  if (count == 0 || count > kNeededMax) return EINVAL;
  Barrier& barrier = object_at<Barrier>(object);
  makes(&barrier, sizeof(Barrier));
  barrier.arrived = 0;
  barrier.needed = count;
  barrier.waiting = 0;
  return 0;
}

GRIDLOCK_WRAP(int, pthread_barrier_destroy, (pthread_barrier_t * object)) {
  if (!in_run()) return __real_pthread_barrier_destroy(object);
  Barrier& barrier = object_at<Barrier>(object);
  if (barrier.arrived != 0) misused("a barrier was destroyed that threads wait at");
  makes(&barrier, sizeof(Barrier));
  barrier.needed = 0;
  return 0;
}

GRIDLOCK_WRAP(int, pthread_barrier_wait, (pthread_barrier_t * object)) {
  if (!in_run()) return __real_pthread_barrier_wait(object);
  Barrier& barrier = object_at<Barrier>(object);
  Thread& me = this_thread();
  point_on(&barrier.arrived);
  if (barrier.needed == 0) misused("a barrier was used that is not initialised, or destroyed");
  adds_release(&barrier.arrived);
  if (barrier.arrived + 1 == barrier.needed) {
    takes(&barrier.arrived);
    let_all_go(barrier);
    return PTHREAD_BARRIER_SERIAL_THREAD;
  }
  ++barrier.arrived;
  barrier.waiting |= std::uint64_t{1} << me.number;
  me.wake = Wake::kAsleep;
  static_cast<void>(wait_until(is_let_go, &me, kForever));
  acquires(&me.handed_over);
  return 0;
}

}  // extern "C"
