// libcds' spin locks, as Debian's package has them: the plain one and the reentrant one. The parameter `lock` says
// which. README.md says what is checked.
//
// May include: engine/hook, the standard library, libcds.
#include <cds/sync/spinlock.h>

#include <cstdint>
#include <new>

#include "engine/hook/gridlock.h"
#include "engine/hook/oracles.h"

// Of the target alone, which is linked apart: each virtual cpu is a thread of its own, and yields in a spin.
extern "C" {
pthread_t pthread_self() noexcept {
  return gl_this_cpu() + 1;
}
int sched_yield() noexcept {
  gl_cpu_relax();
  return 0;
}
// What the library tells a ThreadSanitizer of its locks. The judge goes by the accesses alone.
void AnnotateRWLockCreate(const char*, int, void*) {}
void AnnotateRWLockDestroy(const char*, int, void*) {}
void AnnotateRWLockAcquired(const char*, int, void*, long) {}
void AnnotateRWLockReleased(const char*, int, void*, long) {}
void AnnotateIgnoreReadsBegin(const char*, int) {}
void AnnotateIgnoreReadsEnd(const char*, int) {}
}

namespace {

// In the order of kVariants.
enum Variant : unsigned { kUnlocksTwice, kAsShipped };
constexpr gl_variant_entry kVariants[] = {
    {"unlocks-twice", "a lock is unlocked once more than it was locked: misuse by the harness", "assertion"},
    {"as-shipped", "the package's headers", "ok"},
    {},
};

enum Lock : unsigned { kSpin, kReentrant, kLocks };
// In the order of kParameters.
enum Parameter : unsigned { kLock };
constexpr gl_parameter_entry kParameters[] = {{"lock", 0, kLocks - 1, 0, kLocks - 1}, {}};

// Without libcds' exponential backoff, which only counts to 16,384 before it yields.
using Spin = cds::sync::spin_lock<cds::backoff::yield>;
using Reentrant = cds::sync::reentrant_spin_lock<std::uint32_t, cds::backoff::yield>;

struct State {
  Spin spin;
  Reentrant reentrant;
  oracle::Exclusion section{gl_variant() == kUnlocksTwice ? oracle::Ordering::kIgnored : oracle::Ordering::kJudged};
};
State* state;

bool is_reentrant() {
  return gl_parameter(kLock) == kReentrant;
}

void lock() {
  is_reentrant() ? state->reentrant.lock() : state->spin.lock();
}
bool try_lock(std::uint32_t times) {
  return is_reentrant() ? state->reentrant.try_lock(times) : state->spin.try_lock(times);
}
void unlock() {
  is_reentrant() ? state->reentrant.unlock() : state->spin.unlock();
}

void pass_section(unsigned how) {
  state->section.enter(how);
  state->section.leave();
  unlock();
  if (gl_variant() == kUnlocksTwice) unlock();
}

void section(const std::uint32_t*) {
  lock();
  pass_section(GL_LOCK_EXCLUSIVE);
}

void try_section(const std::uint32_t* arguments) {
  if (try_lock(arguments[0])) pass_section(GL_LOCK_TRY);
}

// The owner comes in again, and stays the owner when it has let go as often but one.
void nested_section(const std::uint32_t*) {
  if (!is_reentrant()) return;
  lock();
  lock();
  GL_PROMISE(try_lock(1), "reentrance: the owner gets its lock again");
  state->section.enter();
  unlock();
  unlock();
  state->section.leave();
  unlock();
}

constexpr gl_operation_entry kOperations[] = {{"section", section, {}},
                                              {"try_section", try_section, {{"times", 1, 2}}},
                                              {"nested_section", nested_section, {}},
                                              {}};

bool is_free() {
  return state->section.is_empty() && !state->spin.is_locked() && !state->reentrant.is_locked();
}

constexpr gl_invariant_entry kInvariants[] = {{"the lock is free at rest", is_free, nullptr}, {}};

void setup() {
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
  gl_name(&state->section, sizeof(state->section), "section");
  gl_name(&state->spin, sizeof(state->spin), "spin");
  gl_name(&state->reentrant, sizeof(state->reentrant), "reentrant");
}

}  // namespace

extern "C" const gl_target gl_target_libcds_locks;

const gl_target gl_target_libcds_locks = {
    .name = "libcds-locks",
    .summary = "libcds' spin locks, unmodified",
    .models = "Debian's libcds-dev: cds/sync/spinlock.h, spin_lock and reentrant_spin_lock",
    .cpus_minimum = 2,
    .cpus_maximum = 4,
    .variants = kVariants,
    .parameters = kParameters,
    .operations = kOperations,
    .invariants = kInvariants,
    .setup = setup,
};
