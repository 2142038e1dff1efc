// glibc's robust mutex: when its owner dies, the kernel marks the word and the next one recovers what the mutex guards.
// The historic bugs are BZ 20973 and BZ 21778. README.md says what is from where.
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
enum Variant : unsigned { kForgottenWaiters, kStaleExpected, kFixed };
constexpr gl_variant_entry kVariants[] = {
    {"forgotten-waiters", "one that was woken takes over from a dead owner without FUTEX_WAITERS", "deadlock"},
    {"stale-expected", "a compare-exchange that fails leaves what is expected as it was", "hang"},
    {"fixed", "both fixed", "ok"},
    {},
};

constexpr gl_bug_entry kBugs[] = {
    {"forgotten-waiters", "fixed", "glibc BZ 20973 (2017)",
     "the owner dies, one recovers without FUTEX_WAITERS, and another sleeps for ever"},
    {"stale-expected", "fixed", "glibc BZ 21778 (2017)",
     "pthread_mutex_lock compares with a value that the word had once, for ever"},
    {},
};

constexpr std::uint32_t FUTEX_WAITERS = 0x80000000;
constexpr std::uint32_t FUTEX_OWNER_DIED = 0x40000000;

struct State {
  futex::Futex futex;
  futex::Word lock{0};  // 0: free; else the owner's thread number and the two bits
  oracle::Exclusion section{oracle::Ordering::kJudged};
};
State* state;

std::uint32_t tid() {
  return gl_this_cpu() + 1;
}

enum class Locked { kNormally, kOwnerDead };

// One that was woken does not know whether others sleep on: unlock has cleared the whole word. So from then on it
// assumes that they do.
[[gnu::noinline]] Locked __pthread_mutex_lock_full() {
  std::uint32_t assume_other_futex_waiters = 0;
  std::uint32_t oldval = state->lock.load(std::memory_order_relaxed);
  for (;;) {
    if (oldval == 0) {
      const std::uint32_t newval = tid() | assume_other_futex_waiters;
      if (state->lock.compare_exchange_strong(oldval, newval, std::memory_order_acquire)) return Locked::kNormally;
      continue;
    }
    if ((oldval & FUTEX_OWNER_DIED) != 0) {
      std::uint32_t newval = tid() | (oldval & FUTEX_WAITERS);
      if (gl_variant() != kForgottenWaiters) newval |= assume_other_futex_waiters;
      if (state->lock.compare_exchange_strong(oldval, newval, std::memory_order_acquire)) return Locked::kOwnerDead;
      continue;
    }
    if ((oldval & FUTEX_WAITERS) == 0) {
      std::uint32_t found = oldval;
      if (!state->lock.compare_exchange_strong(found, oldval | FUTEX_WAITERS, std::memory_order_relaxed)) {
        if (gl_variant() != kStaleExpected) oldval = found;
        continue;
      }
      oldval |= FUTEX_WAITERS;
    }
    assume_other_futex_waiters |= FUTEX_WAITERS;
    state->futex.wait(state->lock, oldval);
    oldval = state->lock.load(std::memory_order_relaxed);
  }
}

[[gnu::noinline]] Locked pthread_mutex_lock() {
  return __pthread_mutex_lock_full();
}

[[gnu::noinline]] void __pthread_mutex_unlock_full() {
  if ((state->lock.exchange(0, std::memory_order_release) & FUTEX_WAITERS) != 0) state->futex.wake(state->lock);
}

// The kernel's walk over the list of robust mutexes of a thread that exits: only a word that is its own is marked, and
// one waiter is woken to recover it. The cpu runs on as another thread.
[[gnu::noinline]] void handle_futex_death() {
  std::uint32_t uval = state->lock.load(std::memory_order_relaxed);
  do {
    if ((uval & ~(FUTEX_WAITERS | FUTEX_OWNER_DIED)) != tid()) return;
  } while (!state->lock.compare_exchange_strong(uval, (uval & FUTEX_WAITERS) | FUTEX_OWNER_DIED));
  if ((uval & FUTEX_WAITERS) != 0) state->futex.wake(state->lock);
}

// Recovery (pthread_mutex_consistent) is the section itself: it finds the data as a dead owner left them.
void section(const std::uint32_t*) {
  pthread_mutex_lock();
  state->section.enter();
  state->section.leave();
  __pthread_mutex_unlock_full();
}

void die_in_section(const std::uint32_t*) {
  pthread_mutex_lock();
  state->section.enter();
  state->section.leave();
  handle_futex_death();
}

constexpr gl_operation_entry kOperations[] = {{"section", section, {}}, {"die_in_section", die_in_section, {}}, {}};

bool nobody_owns_the_lock() {
  return (state->lock.load(std::memory_order_relaxed) & ~(FUTEX_WAITERS | FUTEX_OWNER_DIED)) == 0;
}

constexpr gl_invariant_entry kInvariants[] = {{"nobody owns the lock at rest", nobody_owns_the_lock, nullptr}, {}};

void setup() {
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
  state->futex.name();
  gl_name(&state->lock, sizeof(state->lock), "__lock");
}

}  // namespace

extern "C" const gl_target gl_target_robust_mutex;

const gl_target gl_target_robust_mutex = {
    .name = "robust-mutex",
    .summary = "a mutex that survives the death of its owner",
    .models = "glibc 2.25, __pthread_mutex_lock_full, and the kernel's handle_futex_death",
    .cpus_minimum = 2,
    .cpus_maximum = 4,
    .variants = kVariants,
    .operations = kOperations,
    .invariants = kInvariants,
    .bugs = kBugs,
    .setup = setup,
};
