// Linux 6.1's own queued reader-writer lock, compiled from its source. Tasks read with interrupts on, because a handler
// that reads comes in under readers and past writers that wait; they write with interrupts off.
//
// May include: engine/hook, the standard library, the shim.
#include <new>

#include "engine/hook/oracles.h"
#include "targets/linux_locking/shim/locks.h"

namespace {

// In the order of kVariants.
enum Variant : unsigned { kAsShipped, kCmpxchgSplit };
constexpr gl_variant_entry kVariants[] = {
    {"as-shipped", "kernel/locking/qrwlock.c and qspinlock.c as they are", "ok"},
    {"cmpxchg-split", "the machine's atomic_try_cmpxchg is a load and a store: two get the lock", "assertion"},
    {},
};

constexpr unsigned kCpusMax = 4;

struct State {
  qrwlock* lock = linux_rw_new("lock");
  oracle::Exclusion section{gl_variant() == kCmpxchgSplit ? oracle::Ordering::kIgnored : oracle::Ordering::kJudged,
                            "rwlock"};
};
State* state;

void read_section(unsigned how) {
  state->section.enter_shared(how);
  state->section.leave_shared();
  linux_read_unlock(state->lock);
}

void write_section(unsigned how) {
  state->section.enter(how);
  state->section.leave();
  linux_write_unlock(state->lock);
}

void read(const std::uint32_t*) {
  linux_read_lock(state->lock);
  read_section(GL_LOCK_SHARED);
}

void read_trylock(const std::uint32_t*) {
  if (linux_read_trylock(state->lock)) read_section(GL_LOCK_SHARED | GL_LOCK_TRY);
}

void write(const std::uint32_t*) {
  gl_irq_disable();
  linux_write_lock(state->lock);
  write_section(GL_LOCK_EXCLUSIVE);
  gl_irq_enable();
}

void write_trylock(const std::uint32_t*) {
  gl_irq_disable();
  if (linux_write_trylock(state->lock)) write_section(GL_LOCK_TRY);
  gl_irq_enable();
}

// Does not wait for writers that wait.
void device_interrupt() {
  linux_read_lock(state->lock);
  read_section(GL_LOCK_RECURSIVE_READ);
}

constexpr gl_operation_entry kOperations[] = {
    {"read_lock", read, {}},
    {"read_trylock", read_trylock, {}},
    {"write_lock_irq", write, {}},
    {"write_trylock", write_trylock, {}},
    {},
};
constexpr gl_vector_entry kVectors[] = {{"device", device_interrupt, true}, {}};

bool lock_is_free() {
  return linux_rw_is_free(state->lock) && state->section.is_empty();
}
constexpr gl_invariant_entry kInvariants[] = {
    {"the lock is free at rest", lock_is_free, nullptr},
    {"no queue node is in use at rest", linux_spin_nodes_are_free, nullptr},
    {},
};

void setup() {
  linux_environment environment = {};
  environment.pending_loops = 1;
  environment.cmpxchg_is_split = gl_variant() == kCmpxchgSplit;
  linux_setup(&environment);
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
}

}  // namespace

extern "C" const gl_target gl_target_linux_qrwlock;
const gl_target gl_target_linux_qrwlock = {
    .name = "linux-qrwlock",
    .summary = "Linux's own queued reader-writer lock, compiled from its source",
    .models = "Linux 6.1 kernel/locking/qrwlock.c, qspinlock.c, unmodified",
    .cpus_minimum = 3,
    .cpus_maximum = kCpusMax,
    .variants = kVariants,
    .operations = kOperations,
    .vectors = kVectors,
    .invariants = kInvariants,
    .setup = setup,
};
