// The test-and-set spinlock: one byte, taken by an atomic exchange. The smallest lock there is, and the model of how a
// target under targets/ is written; README.md says what is from where.
//
// May include: engine/hook, the standard library.
#include <atomic>
#include <cstdint>
#include <new>

#include "engine/hook/gridlock.h"
#include "engine/hook/oracles.h"

namespace {

// In the order of kVariants.
enum Variant : unsigned { kTestThenSet, kTestAndSet };
constexpr gl_variant_entry kVariants[] = {
    {"test-then-set", "the lock is found free by a load and taken by a store: two can find it free", "assertion"},
    {"test-and-set", "the lock is taken by one exchange", "ok"},
    {},
};

struct State {
  std::atomic<std::uint8_t> locked{0};
  oracle::Exclusion section{gl_variant() == kTestAndSet ? oracle::Ordering::kJudged : oracle::Ordering::kIgnored};
};
State* state;

[[gnu::noinline]] bool try_lock() {
  if (gl_variant() == kTestThenSet) {
    if (state->locked.load(std::memory_order_acquire) != 0) return false;
    state->locked.store(1, std::memory_order_relaxed);
    return true;
  }
  return state->locked.exchange(1, std::memory_order_acquire) == 0;
}

// Reads while the lock is taken, so that waiters share its cache line (test-and-test-and-set).
[[gnu::noinline]] void lock() {
  while (!try_lock()) {
    while (state->locked.load(std::memory_order_relaxed) != 0) gl_cpu_relax();
  }
}

[[gnu::noinline]] void unlock() {
  state->locked.store(0, std::memory_order_release);
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
  return state->locked.load(std::memory_order_relaxed) == 0 && state->section.is_empty();
}

constexpr gl_invariant_entry kInvariants[] = {{"the lock is free at rest", lock_is_free, nullptr}, {}};

void setup() {
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
  gl_name(&state->locked, sizeof(state->locked), "lock");
}

}  // namespace

extern "C" const gl_target gl_target_tas_lock;

const gl_target gl_target_tas_lock = {
    .name = "tas-lock",
    .summary = "the test-and-set spinlock",
    .models = "the textbook lock; Linux i386 byte spinlocks up to 2.6.24 are one",
    .cpus_minimum = 2,
    .cpus_maximum = 4,
    .variants = kVariants,
    .operations = kOperations,
    .invariants = kInvariants,
    .setup = setup,
};
