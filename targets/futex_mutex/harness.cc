// The mutex over a futex that most C libraries have: one word, free, taken, or taken and waited for. README.md says
// what is from where.
//
// May include: engine/hook, the standard library.
#include <atomic>
#include <cstdint>
#include <new>

#include "engine/hook/futex.h"
#include "engine/hook/gridlock.h"
#include "engine/hook/oracles.h"

namespace {

// In the order of kVariants.
enum Variant : unsigned { kWokenTakesAsFirst, kUnlockInTwoSteps, kThreeStates };
constexpr gl_variant_entry kVariants[] = {
    {"woken-takes-as-first", "a woken waiter takes the lock as one that has no others waiting behind it", "deadlock"},
    {"unlock-in-two-steps", "unlock looks whether somebody waits, then stores: a waiter comes in between", "deadlock"},
    {"three-states", "a waiter always takes the lock as waited for, and unlock exchanges", "ok"},
    {},
};

enum LockWord : std::uint32_t { kFree, kTaken, kWaitedFor };

struct State {
  futex::Futex futex;
  futex::Word lock{kFree};
  oracle::Exclusion section{oracle::Ordering::kJudged};
};
State* state;

[[gnu::noinline]] bool try_lock() {
  std::uint32_t found = kFree;
  return state->lock.compare_exchange_strong(found, kTaken, std::memory_order_acquire, std::memory_order_relaxed);
}

// Whether others sleep is not known to one that is woken, so it has to assume it: the worst is one wake too many.
[[gnu::noinline]] void lock_slow() {
  if (gl_variant() == kWokenTakesAsFirst) {
    while (!try_lock()) {
      std::uint32_t found = kTaken;
      if (state->lock.compare_exchange_strong(found, kWaitedFor, std::memory_order_relaxed) || found == kWaitedFor) {
        state->futex.wait(state->lock, kWaitedFor);
      }
    }
    return;
  }
  while (state->lock.exchange(kWaitedFor, std::memory_order_acquire) != kFree) {
    state->futex.wait(state->lock, kWaitedFor);
  }
}

void lock() {
  if (!try_lock()) lock_slow();
}

[[gnu::noinline]] void unlock() {
  if (gl_variant() == kUnlockInTwoSteps) {
    const bool is_waited_for = state->lock.load(std::memory_order_relaxed) == kWaitedFor;
    state->lock.store(kFree, std::memory_order_release);
    if (is_waited_for) state->futex.wake(state->lock);
    return;
  }
  if (state->lock.exchange(kFree, std::memory_order_release) == kWaitedFor) state->futex.wake(state->lock);
}

void section(const std::uint32_t*) {
  lock();
  state->section.enter();
  state->section.leave();
  unlock();
}

void try_section(const std::uint32_t*) {
  if (!try_lock()) return;
  state->section.enter(GL_LOCK_TRY);
  state->section.leave();
  unlock();
}

constexpr gl_operation_entry kOperations[] = {{"section", section, {}}, {"try_section", try_section, {}}, {}};

bool lock_is_free() {
  return state->lock.load(std::memory_order_relaxed) == kFree && state->section.is_empty();
}
bool nobody_sleeps() {
  return state->futex.sleepers() == 0;
}

constexpr gl_invariant_entry kInvariants[] = {
    {"the lock is free at rest", lock_is_free, nullptr}, {"nobody sleeps at rest", nobody_sleeps, nullptr}, {}};

void setup() {
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
  state->futex.name();
  gl_name(&state->lock, sizeof(state->lock), "lock");
}

}  // namespace

extern "C" const gl_target gl_target_futex_mutex;

const gl_target gl_target_futex_mutex = {
    .name = "futex-mutex",
    .summary = "the three-state mutex over a futex",
    .models = "the second mutex of Drepper's \"Futexes Are Tricky\"; glibc's normal mutex is one",
    .cpus_minimum = 2,
    .cpus_maximum = 4,
    .variants = kVariants,
    .operations = kOperations,
    .invariants = kInvariants,
    .setup = setup,
};
