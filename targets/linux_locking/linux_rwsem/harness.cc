// Linux 6.1's own reader-writer semaphore, compiled from its source: the count with its hand-over, optimistic spinning,
// and a list of sleepers under a queued spin lock. The scheduler's tick ends optimistic spinning, a signal ends waits,
// and the device's interrupt takes a spin lock over all of it.
//
// May include: engine/hook, the standard library, the shim.
#include <new>

#include "engine/hook/oracles.h"
#include "targets/linux_locking/shim/locks.h"

namespace {

// In the order of kVariants.
enum Variant : unsigned { kAsShipped, kWakeTooEarly, kCmpxchgSplit };
constexpr gl_variant_entry kVariants[] = {
    {"as-shipped", "kernel/locking/rwsem.c, osq_lock.c and qspinlock.c as they are", "ok"},
    {"wake-too-early", "the machine's wake_up_process does nothing for a task that has not gone to sleep yet",
     "deadlock"},
    {"cmpxchg-split", "the machine's atomic_try_cmpxchg is a load and a store: two get the lock", "assertion"},
    {},
};

// A waiter asks for a hand-over when it has waited for a jiffy, or at once if its task is a real-time one.
enum Parameter : unsigned { kTicksAJiffy, kRtTasks };
constexpr gl_parameter_entry kParameters[] = {{"ticks_a_jiffy", 1, 4000, 8, 64}, {"rt_tasks", 0, 4, 0, 2}, {}};

constexpr unsigned kCpusMax = 4;

struct State {
  rw_semaphore* sem = linux_rwsem_new("sem");
  qspinlock* irq_lock = linux_spin_new("irq_lock");
  oracle::Exclusion section{gl_variant() == kCmpxchgSplit ? oracle::Ordering::kIgnored : oracle::Ordering::kJudged,
                            "rwsem"};
  oracle::Exclusion irq_section{gl_variant() == kCmpxchgSplit ? oracle::Ordering::kIgnored : oracle::Ordering::kJudged,
                                "irq_lock"};
};
State* state;

void read_section(unsigned how = GL_LOCK_SHARED) {
  state->section.enter_shared(how);
  state->section.leave_shared();
  linux_up_read(state->sem);
}

void write_section(unsigned how = GL_LOCK_EXCLUSIVE) {
  state->section.enter(how);
  state->section.leave();
  linux_up_write(state->sem);
}

void read(const std::uint32_t*) {
  linux_down_read(state->sem);
  read_section();
  linux_return_to_user();
}

void read_interruptible(const std::uint32_t*) {
  if (linux_down_read_interruptible(state->sem)) read_section();
  linux_return_to_user();
}

void read_trylock(const std::uint32_t*) {
  if (linux_down_read_trylock(state->sem)) read_section(GL_LOCK_SHARED | GL_LOCK_TRY);
  linux_return_to_user();
}

void write(const std::uint32_t*) {
  linux_down_write(state->sem);
  write_section();
  linux_return_to_user();
}

void write_killable(const std::uint32_t*) {
  if (linux_down_write_killable(state->sem)) write_section();
  linux_return_to_user();
}

void write_trylock(const std::uint32_t*) {
  if (linux_down_write_trylock(state->sem)) write_section(GL_LOCK_TRY);
  linux_return_to_user();
}

// No other writer gets in between.
void downgrade(const std::uint32_t*) {
  linux_down_write(state->sem);
  state->section.enter();
  state->section.leave();
  linux_downgrade_write(state->sem);
  read_section();
  linux_return_to_user();
}

void device_interrupt() {
  linux_spin_lock(state->irq_lock);
  state->irq_section.enter();
  state->irq_section.leave();
  linux_spin_unlock(state->irq_lock);
}

constexpr gl_operation_entry kOperations[] = {
    {"down_read", read, {}},
    {"down_read_interruptible", read_interruptible, {}},
    {"down_read_trylock", read_trylock, {}},
    {"down_write", write, {}},
    {"down_write_killable", write_killable, {}},
    {"down_write_trylock", write_trylock, {}},
    {"downgrade_write", downgrade, {}},
    {},
};
constexpr gl_vector_entry kVectors[] = {
    {"device", device_interrupt, true},
    {"tick", linux_tick, true},
    {"signal", linux_signal, true},
    {},
};

bool semaphore_is_free() {
  return linux_rwsem_is_free(state->sem) && state->section.is_empty();
}
constexpr gl_invariant_entry kInvariants[] = {
    {"the semaphore is free at rest, without waiters", semaphore_is_free, nullptr},
    {"no queue node is in use at rest", linux_spin_nodes_are_free, nullptr},
    {},
};

void setup() {
  linux_environment environment = {};
  environment.pending_loops = 1;
  environment.ticks_a_jiffy = gl_parameter(kTicksAJiffy);
  environment.rt_tasks = gl_parameter(kRtTasks);
  environment.wakes_too_early = gl_variant() == kWakeTooEarly;
  environment.cmpxchg_is_split = gl_variant() == kCmpxchgSplit;
  linux_setup(&environment);
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
}

}  // namespace

extern "C" const gl_target gl_target_linux_rwsem;
const gl_target gl_target_linux_rwsem = {
    .name = "linux-rwsem",
    .summary = "Linux's own reader-writer semaphore, compiled from its source",
    .models = "Linux 6.1 kernel/locking/rwsem.c, osq_lock.c, qspinlock.c, unmodified",
    .cpus_minimum = 3,
    .cpus_maximum = kCpusMax,
    .variants = kVariants,
    .parameters = kParameters,
    .operations = kOperations,
    .vectors = kVectors,
    .invariants = kInvariants,
    .setup = setup,
};
