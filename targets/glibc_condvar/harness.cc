// The target table of glibc-condvar: consumers wait for items with glibc's condition variable, producers signal.
// condvar.h says how it works, README.md what is from where.
//
// May include: engine/hook, the standard library, this target.
#include <cstdint>
#include <new>

#include "engine/hook/futex.h"
#include "engine/hook/gridlock.h"
#include "engine/hook/oracles.h"
#include "targets/glibc_condvar/condvar.h"

namespace {

// In the order of Variant.
constexpr gl_variant_entry kVariants[] = {
    {"stolen-signal", "a slow waiter takes, or gives back, a signal of a later group in its slot", "assertion"},
    {"counted-from-g1-start", "what a group counts up to is no count of another one", "ok"},
    {},
};

constexpr gl_bug_entry kBugs[] = {
    {"stolen-signal", "counted-from-g1-start", "glibc BZ 25847, fixed by 1db84775 (2.41)",
     "pthread_cond_signal gives its signal to a group that has no waiter left, while one sleeps in the other"},
    {},
};

struct State {
  futex::Futex futex;
  futex::Mutex mutex{futex};
  pthread_cond cond{futex};
  std::uint32_t items = 0;  // plain: the mutex guards it
  bool is_over = false;     // all sleep and nobody needs to: the run has nothing more to tell
};
State* state;

GL_ORACLE bool is_over() {
  return state->is_over;
}
GL_ORACLE void end_run() {
  state->is_over = true;
}
GL_ORACLE bool there_are_items(void*) {
  return state->items != 0;
}

void consume(const std::uint32_t arguments[4]) {
  for (std::uint32_t i = 0; i < arguments[0]; ++i) {
    if (is_over()) return;
    state->mutex.lock();
    while (state->items == 0) {
      if (!__pthread_cond_wait(state->cond, state->mutex, there_are_items, nullptr)) return end_run();
    }
    --state->items;
    state->mutex.unlock();
  }
}

void add_items(std::uint32_t count) {
  state->mutex.lock();
  state->items += count;
  state->mutex.unlock();
}

void produce(const std::uint32_t arguments[4]) {
  for (std::uint32_t i = 0; i < arguments[0] && !is_over(); ++i) {
    add_items(1);
    __pthread_cond_signal(state->cond);
  }
}

// Long enough that the slots change hands several times in one operation.
constexpr gl_range kConsumed = {"count", 1, 4};
constexpr gl_range kProduced = {"count", 1, 6};
constexpr gl_operation_entry kOperations[] = {{"consume", consume, {kConsumed}}, {"produce", produce, {kProduced}}, {}};

bool mutexes_are_free() {
  return state->mutex.is_free() && state->cond.lock.is_free();
}
bool groups_hold_no_references() {
  return state->is_over || (state->cond.wrefs.load(std::memory_order_relaxed) == 0 &&
                            state->cond.g_refs[0].load(std::memory_order_relaxed) >> 1 == 0 &&
                            state->cond.g_refs[1].load(std::memory_order_relaxed) >> 1 == 0);
}

constexpr gl_invariant_entry kInvariants[] = {{"the mutexes are free at rest", mutexes_are_free, nullptr},
                                              {"no waiter is counted at rest", groups_hold_no_references, nullptr},
                                              {}};

void setup() {
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
  state->futex.name();
  state->mutex.name("mutex");
  name_cond(state->cond);
  gl_name(&state->items, sizeof(state->items), "items");
}

}  // namespace

extern "C" const gl_target gl_target_glibc_condvar;

const gl_target gl_target_glibc_condvar = {
    .name = "glibc-condvar",
    .summary = "glibc's condition variable with its two groups of waiters",
    .models = "glibc 2.25 to 2.40 (stolen-signal) and 2.41 (counted-from-g1-start)",
    .cpus_minimum = 4,
    .cpus_maximum = 4,
    .variants = kVariants,
    .operations = kOperations,
    .invariants = kInvariants,
    .bugs = kBugs,
    .setup = setup,
};
