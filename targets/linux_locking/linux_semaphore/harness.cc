// Linux 6.1's own counting semaphore, compiled from its source: a count and a list of sleepers under a queued spin
// lock. An interrupt handler gives permits and tries to take them; signals and time end waits.
//
// May include: engine/hook, the standard library, the shim.
#include <new>

#include "engine/hook/oracles.h"
#include "targets/linux_locking/shim/locks.h"

namespace {

// In the order of kVariants.
enum Variant : unsigned { kAsShipped, kWakeTooEarly };
constexpr gl_variant_entry kVariants[] = {
    {"as-shipped", "kernel/locking/semaphore.c and qspinlock.c as they are", "ok"},
    {"wake-too-early", "the machine's wake_up_process does nothing for a task that has not gone to sleep yet",
     "deadlock"},
    {},
};

// One permit makes it a lock.
enum Parameter : unsigned { kPermits };
constexpr gl_parameter_entry kParameters[] = {{"permits", 1, 4, 1, 2}, {}};

constexpr unsigned kCpusMax = 4;
constexpr unsigned kTimeoutJiffies = 20;

struct State {
  semaphore* sem = linux_semaphore_new("sem", gl_parameter(kPermits));
  oracle::Permits permits{gl_parameter(kPermits)};
  oracle::Exclusion section{oracle::Ordering::kJudged, "semaphore"};
};
State* state;

void use_and_give_back() {
  state->permits.take();
  if (gl_parameter(kPermits) == 1) {
    state->section.enter();
    state->section.leave();
  }
  state->permits.give();
  linux_up(state->sem);
}

void down(const std::uint32_t*) {
  linux_down(state->sem);
  use_and_give_back();
  linux_return_to_user();
}

void down_interruptible(const std::uint32_t*) {
  if (linux_down_interruptible(state->sem)) use_and_give_back();
  linux_return_to_user();
}

void down_timeout(const std::uint32_t*) {
  if (linux_down_timeout(state->sem, kTimeoutJiffies)) use_and_give_back();
  linux_return_to_user();
}

void down_trylock(const std::uint32_t*) {
  if (linux_down_trylock(state->sem)) use_and_give_back();
  linux_return_to_user();
}

void device_interrupt() {
  if (!linux_down_trylock(state->sem)) return;
  state->permits.take();
  state->permits.give();
  linux_up(state->sem);
}

constexpr gl_operation_entry kOperations[] = {
    {"down", down, {}},
    {"down_interruptible", down_interruptible, {}},
    {"down_timeout", down_timeout, {}},
    {"down_trylock", down_trylock, {}},
    {},
};
constexpr gl_vector_entry kVectors[] = {
    {"device", device_interrupt, true},
    {"signal", linux_signal, true},
    {},
};

bool all_permits_are_back() {
  return linux_semaphore_has(state->sem, gl_parameter(kPermits)) && state->permits.left() == gl_parameter(kPermits);
}
constexpr gl_invariant_entry kInvariants[] = {
    {"all permits are back at rest", all_permits_are_back, nullptr},
    {"no queue node is in use at rest", linux_spin_nodes_are_free, nullptr},
    {},
};

void setup() {
  linux_environment environment = {};
  environment.pending_loops = 1;
  environment.ticks_a_jiffy = 1;
  environment.wakes_too_early = gl_variant() == kWakeTooEarly;
  linux_setup(&environment);
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
}

}  // namespace

extern "C" const gl_target gl_target_linux_semaphore;
const gl_target gl_target_linux_semaphore = {
    .name = "linux-semaphore",
    .summary = "Linux's own counting semaphore, compiled from its source",
    .models = "Linux 6.1 kernel/locking/semaphore.c, qspinlock.c, unmodified",
    .cpus_minimum = 3,
    .cpus_maximum = kCpusMax,
    .variants = kVariants,
    .parameters = kParameters,
    .operations = kOperations,
    .vectors = kVectors,
    .invariants = kInvariants,
    .setup = setup,
};
