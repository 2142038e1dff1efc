// The condition variable of early musl: one word that a waiter sets and sleeps on, and that a signal clears. The
// historic bug is the one that 97c5b5a8 fixed. README.md says what is from where.
//
// How it is used here: threads wait for different events with one condition variable and are all woken by each, as
// POSIX allows. So a thread that sleeps on although its event has come was forgotten.
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
enum Variant : unsigned { kBlockIsOne, kBlockIsTid };
constexpr gl_variant_entry kVariants[] = {
    {"block-is-one", "all waiters set the word to 1: set, cleared and set again looks like not cleared", "assertion"},
    {"block-is-tid", "a waiter sets the word to its thread number", "ok"},
    {},
};

constexpr gl_bug_entry kBugs[] = {
    {"block-is-one", "block-is-tid", "musl 97c5b5a8",
     "a waiter between unlock and sleep misses a signal, because another has set the word to 1 again"},
    {},
};

constexpr std::uint32_t kEvents = 2;

struct pthread_cond {
  std::atomic<std::uint32_t> waiters{0};
  futex::Word block{0};
};

struct State {
  futex::Futex futex;
  futex::Mutex mutex{futex};
  pthread_cond cond;
  bool has_come[kEvents] = {};  // plain: the mutex guards it
  bool is_over = false;         // all sleep and nobody needs to: the run has nothing more to tell
};
State* state;

GL_ORACLE bool is_over() {
  return state->is_over;
}
GL_ORACLE void end_run() {
  state->is_over = true;
}
GL_ORACLE bool event_has_come(void* event) {
  return *static_cast<const bool*>(event);
}

// False at rest: then the mutex is not taken again.
[[gnu::noinline]] bool pthread_cond_wait(bool& event) {
  pthread_cond& c = state->cond;
  c.waiters.fetch_add(1);
  const std::uint32_t token = gl_variant() == kBlockIsTid ? gl_this_cpu() + 1 : 1;
  c.block.store(token);
  state->mutex.unlock();
  futex::Result result = futex::Result::kInterrupted;
  do {
    result = state->futex.wait(c.block, token, event_has_come, &event);
  } while (result == futex::Result::kInterrupted && c.block.load() == token);
  c.waiters.fetch_sub(1);
  if (result == futex::Result::kAtRest) return false;
  state->mutex.lock();
  return true;
}

[[gnu::noinline]] void pthread_cond_broadcast() {
  state->cond.block.store(0);
  if (state->cond.waiters.load() != 0) state->futex.wake(state->cond.block, futex::kAll);
}

void await(const std::uint32_t arguments[4]) {
  if (is_over()) return;
  bool& event = state->has_come[arguments[0]];
  state->mutex.lock();
  while (!event) {
    if (!pthread_cond_wait(event)) return end_run();
  }
  state->mutex.unlock();
}

void announce(const std::uint32_t arguments[4]) {
  if (is_over()) return;
  state->mutex.lock();
  state->has_come[arguments[0]] = true;
  state->mutex.unlock();
  pthread_cond_broadcast();
}

constexpr gl_operation_entry kOperations[] = {
    {"await", await, {{"event", 0, kEvents - 1}}}, {"announce", announce, {{"event", 0, kEvents - 1}}}, {}};

// A signal that is handled while the thread waits: the wait goes on.
void signal_handler() {
  state->futex.interrupt();
}

constexpr gl_vector_entry kVectors[] = {{"signal", signal_handler, true}, {}};

bool mutex_is_free() {
  return state->mutex.is_free();
}
bool nobody_is_counted() {
  return state->cond.waiters.load(std::memory_order_relaxed) == 0;
}

constexpr gl_invariant_entry kInvariants[] = {{"the mutex is free at rest", mutex_is_free, nullptr},
                                              {"no waiter is counted at rest", nobody_is_counted, nullptr},
                                              {}};

void setup() {
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
  state->futex.name();
  state->mutex.name("mutex");
  gl_name(&state->cond.waiters, sizeof(state->cond.waiters), "c->waiters");
  gl_name(&state->cond.block, sizeof(state->cond.block), "c->block");
  gl_name(&state->has_come, sizeof(state->has_come), "has_come");
}

}  // namespace

extern "C" const gl_target gl_target_musl_condvar;

const gl_target gl_target_musl_condvar = {
    .name = "musl-condvar",
    .summary = "a condition variable of one word, over a futex",
    .models = "musl 0.7 and 0.8, pthread_cond_timedwait and pthread_cond_broadcast",
    .cpus_minimum = 2,
    .cpus_maximum = 4,
    .variants = kVariants,
    .operations = kOperations,
    .vectors = kVectors,
    .invariants = kInvariants,
    .bugs = kBugs,
    .setup = setup,
};
