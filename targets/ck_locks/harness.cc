// Concurrency Kit's spin and reader-writer locks, as Debian's package has them. The parameter `lock` says which: all of
// them have the same promises, so one harness with one oracle asks them all. README.md says what is checked.
//
// May include: engine/hook, the standard library.
#include <cstdint>
#include <new>

#include "engine/hook/gridlock.h"
#include "engine/hook/oracles.h"
#include "targets/ck_locks/locks.h"

namespace {

// In the order of kVariants.
enum Variant : unsigned { kTwoWriters, kWithoutFences, kPlainAccesses, kCohortTrylock, kUnslotted, kAsShipped };
constexpr gl_variant_entry kVariants[] = {
    {"two-writers", "a lock for one writer is written by all: misuse by the harness", "assertion"},
    {"without-fences", "the fences that x86 makes needless are left out, on a machine that is not x86", "data-race"},
    {"plain-accesses", "the builtin port to the letter: its accesses of pointers are plain, as are first ones of nodes",
     "data-race"},
    {"cohort-trylock", "as shipped, the cohort's trylock too: it leaves the global lock taken, a bug of the library",
     "hang"},
    {"bytelock-unslotted", "as shipped, cpus without a slot write too: a bug of the library", "hang"},
    {"as-shipped", "the package's headers on the compiler's atomics, with all fences", "ok"},
    {},
};

// In the order of kParameters.
enum Parameter : unsigned { kLock };
constexpr gl_parameter_entry kParameters[] = {{"lock", 0, kCkKinds - 1, 0, kCkKinds - 1}, {}};

struct State {
  oracle::Exclusion section{gl_variant() == kTwoWriters ? oracle::Ordering::kIgnored : oracle::Ordering::kJudged};
  void* lock = nullptr;
};
State* state;

const ck_lock_kind& kind() {
  if (gl_variant() == kTwoWriters) return ck_lock_kinds[kCkSwlock];
  if (gl_variant() == kCohortTrylock) return ck_lock_kinds[kCkCohort];
  if (gl_variant() == kUnslotted) return ck_lock_kinds[kCkBytelock];
  if (gl_variant() == kWithoutFences) return ck_lock_kinds_without_fences[gl_parameter(kLock)];
  if (gl_variant() == kPlainAccesses) return ck_lock_kinds_plain_accesses[kCkClh];
  return ck_lock_kinds[gl_parameter(kLock)];
}

bool is_unslotted() {
  return &kind() == &ck_lock_kinds[kCkBytelock] && gl_this_cpu() >= kCkSlottedCpus;
}

// A lock for one writer has cpu 0 as its writer; a bytelock's cpus without a slot of their own only read, but for a
// variant.
bool may_write() {
  if (gl_variant() == kTwoWriters || gl_variant() == kUnslotted) return true;
  return kind().has_one_writer ? gl_this_cpu() == 0 : !is_unslotted();
}

// The variant that lets two in ends in a hang soon after, which is the one verdict that it is to have.
bool tells_oracle() {
  return gl_variant() != kUnslotted;
}

void pass_section(unsigned how) {
  if (tells_oracle()) {
    state->section.enter(how);
    state->section.leave();
  }
  kind().unlock(state->lock, gl_this_cpu());
}

void pass_read_section(unsigned how) {
  if (tells_oracle()) {
    state->section.enter_shared(how);
    state->section.leave_shared();
  }
  kind().read_unlock(state->lock, gl_this_cpu());
}

void write(const std::uint32_t*) {
  if (!may_write()) return;
  kind().lock(state->lock, gl_this_cpu());
  pass_section(GL_LOCK_EXCLUSIVE);
}

// The cohort's trylock is a variant of its own.
bool may_try() {
  return may_write() && kind().trylock != nullptr &&
         (&kind() != &ck_lock_kinds[kCkCohort] || gl_variant() == kCohortTrylock);
}

void try_write(const std::uint32_t*) {
  if (!may_try()) return;
  if (kind().trylock(state->lock, gl_this_cpu())) pass_section(GL_LOCK_TRY);
}

// What has no readers is locked as it is.
void read(const std::uint32_t* arguments) {
  if (kind().read_lock == nullptr) return write(arguments);
  kind().read_lock(state->lock, gl_this_cpu());
  pass_read_section(GL_LOCK_SHARED);
}

void try_read(const std::uint32_t* arguments) {
  if (kind().read_trylock == nullptr) return try_write(arguments);
  if (kind().read_trylock(state->lock, gl_this_cpu())) pass_read_section(GL_LOCK_SHARED | GL_LOCK_TRY);
}

// A writer becomes a reader: no other writer comes in between.
void downgrade(const std::uint32_t* arguments) {
  if (!may_write() || is_unslotted() || kind().downgrade == nullptr) return read(arguments);
  kind().lock(state->lock, gl_this_cpu());
  if (tells_oracle()) {
    state->section.enter();
    state->section.leave();
  }
  kind().downgrade(state->lock, gl_this_cpu());
  pass_read_section(GL_LOCK_SHARED);
}

constexpr gl_operation_entry kOperations[] = {{"write", write, {}},         {"try_write", try_write, {}},
                                              {"read", read, {}},           {"try_read", try_read, {}},
                                              {"downgrade", downgrade, {}}, {}};

bool nobody_is_inside() {
  return state->section.is_empty();
}

constexpr gl_invariant_entry kInvariants[] = {{"nobody is inside at rest", nobody_is_inside, nullptr}, {}};

void setup() {
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
  state->lock = gl_alloc(ck_lock_bytes, kCkLockAlign);
  kind().init(state->lock);
  gl_name(&state->section, sizeof(state->section), "section");
  gl_name(state->lock, ck_lock_bytes, "%s", kind().name);
}

}  // namespace

extern "C" const gl_target gl_target_ck_locks;

const gl_target gl_target_ck_locks = {
    .name = "ck-locks",
    .summary = "Concurrency Kit's spin and reader-writer locks, unmodified",
    .models =
        "Debian's libck-dev: ck_spinlock, ck_cohort, ck_rwlock, ck_pflock, ck_tflock, ck_swlock, ck_bytelock, "
        "ck_brlock",
    .cpus_minimum = 2,
    .cpus_maximum = kCkCpusMax,
    .variants = kVariants,
    .parameters = kParameters,
    .operations = kOperations,
    .invariants = kInvariants,
    .setup = setup,
};
