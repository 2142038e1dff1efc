// Static locals of C++: who comes first initialises, others wait and are ordered after it.
//
//     guard: | byte 0: has been initialised, which the program tests itself | word 1: 0, or the number of the thread +
//     1 |
//
// May include: base, hook, machine, judge/race.
#include <cstdint>

#include "engine/abi/program/step.h"
#include "engine/abi/program/threads.h"

namespace gridlock::program {
namespace {

struct Guard {
  std::uint8_t is_done;
  std::uint8_t unused[3];
  std::uint32_t owner;
};

bool nobody_initialises(void* guard) {
  return watch(&static_cast<Guard*>(guard)->owner) == 0;
}

}  // namespace
}  // namespace gridlock::program

using namespace gridlock;
using namespace gridlock::program;

extern "C" {

GRIDLOCK_WRAP(int, __cxa_guard_acquire, (std::uint64_t* object)) {
  if (!in_run()) return __real___cxa_guard_acquire(object);
  Guard& guard = object_at<Guard>(object);
  const std::uint32_t mine = this_thread().number + 1;
  point_at(StepKind::kCompareExchange, &guard.owner, 0, mine, __ATOMIC_ACQUIRE);
  if (guard.owner == mine) misused("a static local is initialised by its own initialisation");
  if (guard.owner != 0) static_cast<void>(wait_until(nobody_initialises, &guard, kForever));
  if (guard.is_done != 0) {
    acquires(&guard.is_done);
    return 0;
  }
  takes(&guard.owner);
  change(guard.owner, mine);
  return 1;
}

GRIDLOCK_WRAP(void, __cxa_guard_release, (std::uint64_t* object)) {
  if (!in_run()) {
    __real___cxa_guard_release(object);
    return;
  }
  Guard& guard = object_at<Guard>(object);
  point_at(StepKind::kStore, &guard.is_done, 1, 0, __ATOMIC_RELEASE);
  releases(&guard.is_done);
  change(guard.is_done, std::uint8_t{1});
  change(guard.owner, 0U);
}

// By an exception: the next one tries again.
GRIDLOCK_WRAP(void, __cxa_guard_abort, (std::uint64_t* object)) {
  if (!in_run()) {
    __real___cxa_guard_abort(object);
    return;
  }
  Guard& guard = object_at<Guard>(object);
  point_at(StepKind::kStore, &guard.owner, 0, 0, __ATOMIC_RELEASE);
  releases(&guard.owner);
  change(guard.owner, 0U);
}

}  // extern "C"
