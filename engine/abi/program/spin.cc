// Spin locks. As with glibc the word is 1 when the lock is free; here it is 2 + the number of the thread that holds it,
// and who waits sleeps instead of burning points.
//
// May include: base, hook, machine, judge/race.
#include <pthread.h>

#include <cerrno>
#include <cstdint>

#include "engine/abi/program/step.h"
#include "engine/abi/program/threads.h"

namespace gridlock::program {
namespace {

constexpr std::uint32_t kFree = 1;
constexpr std::uint32_t kHeld = 2;  // + number

using SpinWord = std::uint32_t;

bool spin_is_free(void* word) {
  return watch(static_cast<SpinWord*>(word)) == kFree;
}

[[gnu::always_inline]] inline SpinWord& spin_at(volatile void* object) {
  return object_at<SpinWord>(const_cast<void*>(object));
}

[[gnu::always_inline]] inline int lock_spin(volatile void* object, bool tries) {
  SpinWord& word = spin_at(object);
  const std::uint32_t mine = kHeld + this_thread().number;
  point_at(StepKind::kCompareExchange, &word, kFree, mine, __ATOMIC_ACQUIRE);
  if (word != kFree) {
    if (tries) {
      looks_at(&word);
      return EBUSY;
    }
    static_cast<void>(wait_until(spin_is_free, &word, kForever));
  }
  takes(&word);
  change(word, mine);
  MachineImpl::current()->lock_acquired(&word, "spin lock", tries ? GL_LOCK_TRY : GL_LOCK_EXCLUSIVE,
                                        __builtin_frame_address(0));
  return 0;
}

}  // namespace
}  // namespace gridlock::program

using namespace gridlock;
using namespace gridlock::program;

extern "C" {

GRIDLOCK_WRAP(int, pthread_spin_init, (pthread_spinlock_t * lock, int shared)) {
  if (!in_run()) return __real_pthread_spin_init(lock, shared);
  SpinWord& word = spin_at(lock);
  makes(&word, sizeof(word));
  change(word, kFree);
  return 0;
}

GRIDLOCK_WRAP(int, pthread_spin_destroy, (pthread_spinlock_t * lock)) {
  if (!in_run()) return __real_pthread_spin_destroy(lock);
  SpinWord& word = spin_at(lock);
  if (word >= kHeld) misused("a spin lock was destroyed that is locked");
  makes(&word, sizeof(word));
  return 0;
}

GRIDLOCK_WRAP(int, pthread_spin_lock, (pthread_spinlock_t * lock)) {
  if (!in_run()) return __real_pthread_spin_lock(lock);
  return lock_spin(lock, false);
}
GRIDLOCK_WRAP(int, pthread_spin_trylock, (pthread_spinlock_t * lock)) {
  if (!in_run()) return __real_pthread_spin_trylock(lock);
  return lock_spin(lock, true);
}

GRIDLOCK_WRAP(int, pthread_spin_unlock, (pthread_spinlock_t * lock)) {
  if (!in_run()) return __real_pthread_spin_unlock(lock);
  SpinWord& word = spin_at(lock);
  point_at(StepKind::kStore, &word, kFree, 0, __ATOMIC_RELEASE);
  if (word < kHeld) misused("a spin lock was unlocked that is not locked");
  if (word != kHeld + this_thread().number) misused("a spin lock was unlocked that another thread holds");
  MachineImpl::current()->lock_released(&word, __builtin_frame_address(0));
  releases(&word);
  change(word, kFree);
  return 0;
}

}  // extern "C"
