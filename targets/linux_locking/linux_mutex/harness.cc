// Linux 6.1's own mutex, compiled from its source: the owner word with its hand-over, the optimistic spin queue, and a
// list of sleepers under a queued spin lock. The scheduler's tick ends optimistic spinning, a signal ends interruptible
// waits, and the device's interrupt takes a spin lock over all of it.
//
// May include: engine/hook, the standard library, the shim.
#include <new>

#include "engine/hook/oracles.h"
#include "targets/linux_locking/shim/locks.h"

namespace {

// In the order of kVariants.
enum Variant : unsigned { kAsShipped, kWakeTooEarly, kCmpxchgSplit };
constexpr gl_variant_entry kVariants[] = {
    {"as-shipped", "kernel/locking/mutex.c, osq_lock.c and qspinlock.c as they are", "ok"},
    {"wake-too-early", "the machine's wake_up_process does nothing for a task that has not gone to sleep yet",
     "deadlock"},
    {"cmpxchg-split", "the machine's atomic_try_cmpxchg is a load and a store: two get the lock", "assertion"},
    {},
};

constexpr unsigned kCpusMax = 4;

struct State {
  mutex* lock = linux_mutex_new("mutex");
  qspinlock* irq_lock = linux_spin_new("irq_lock");
  oracle::Exclusion section{gl_variant() == kCmpxchgSplit ? oracle::Ordering::kIgnored : oracle::Ordering::kJudged,
                            "mutex"};
  oracle::Exclusion irq_section{gl_variant() == kCmpxchgSplit ? oracle::Ordering::kIgnored : oracle::Ordering::kJudged,
                                "irq_lock"};
};
State* state;

void enter_and_leave(unsigned how = GL_LOCK_EXCLUSIVE) {
  state->section.enter(how);
  state->section.leave();
  linux_mutex_unlock(state->lock);
}

void lock(const std::uint32_t*) {
  linux_mutex_lock(state->lock);
  enter_and_leave();
  linux_return_to_user();
}

void lock_interruptible(const std::uint32_t*) {
  if (linux_mutex_lock_interruptible(state->lock)) enter_and_leave();
  linux_return_to_user();
}

void trylock(const std::uint32_t*) {
  if (linux_mutex_trylock(state->lock)) enter_and_leave(GL_LOCK_TRY);
  linux_return_to_user();
}

void device_interrupt() {
  linux_spin_lock(state->irq_lock);
  state->irq_section.enter();
  state->irq_section.leave();
  linux_spin_unlock(state->irq_lock);
}

constexpr gl_operation_entry kOperations[] = {
    {"mutex_lock", lock, {}},
    {"mutex_lock_interruptible", lock_interruptible, {}},
    {"mutex_trylock", trylock, {}},
    {},
};
constexpr gl_vector_entry kVectors[] = {
    {"device", device_interrupt, true},
    {"tick", linux_tick, true},
    {"signal", linux_signal, true},
    {},
};

bool mutex_is_free() {
  return linux_mutex_is_free(state->lock) && state->section.is_empty();
}
constexpr gl_invariant_entry kInvariants[] = {
    {"the mutex is free at rest, without waiters", mutex_is_free, nullptr},
    {"no queue node is in use at rest", linux_spin_nodes_are_free, nullptr},
    {},
};

void setup() {
  linux_environment environment = {};
  environment.pending_loops = 1;
  environment.ticks_a_jiffy = 1;
  environment.wakes_too_early = gl_variant() == kWakeTooEarly;
  environment.cmpxchg_is_split = gl_variant() == kCmpxchgSplit;
  linux_setup(&environment);
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
}

}  // namespace

extern "C" const gl_target gl_target_linux_mutex;
const gl_target gl_target_linux_mutex = {
    .name = "linux-mutex",
    .summary = "Linux's own mutex, compiled from its source",
    .models = "Linux 6.1 kernel/locking/mutex.c, osq_lock.c, qspinlock.c, unmodified",
    .cpus_minimum = 3,
    .cpus_maximum = kCpusMax,
    .variants = kVariants,
    .operations = kOperations,
    .vectors = kVectors,
    .invariants = kInvariants,
    .setup = setup,
};
