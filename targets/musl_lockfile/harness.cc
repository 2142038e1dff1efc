// musl's lock of a stdio FILE: the owner's thread number and a bit that says that somebody may wait, in one word. The
// historic bug is the one that 0db393d3 fixed. README.md says what is from where.
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
enum Variant : unsigned { kBitSetOnce, kBitSetEachTime };
constexpr gl_variant_entry kVariants[] = {
    {"bit-set-once", "a woken waiter sleeps again on an owner that does not know of it", "deadlock"},
    {"bit-set-each-time", "a waiter sleeps only on an owner that has MAYBE_WAITERS set", "ok"},
    {},
};

constexpr gl_bug_entry kBugs[] = {
    {"bit-set-once", "bit-set-each-time", "musl 0db393d3",
     "MAYBE_WAITERS is wiped by a thread that gets in before the woken one, which sleeps again and is forgotten"},
    {},
};

constexpr std::uint32_t MAYBE_WAITERS = 0x40000000;

struct State {
  futex::Futex futex;
  futex::Word lock{0};  // 0: free; else the owner, and MAYBE_WAITERS
  oracle::Exclusion section{oracle::Ordering::kJudged};
};
State* state;

std::uint32_t tid() {
  return gl_this_cpu() + 1;
}

// a_cas: what the lock held. It was taken if that was 0.
std::uint32_t a_cas(std::uint32_t expected, std::uint32_t desired) {
  state->lock.compare_exchange_strong(expected, desired);
  return expected;
}

// False if the calling thread has the lock already, as a FILE may be locked again by its owner.
[[gnu::noinline]] bool __lockfile() {
  if ((state->lock.load(std::memory_order_relaxed) & ~MAYBE_WAITERS) == tid()) return false;
  if (a_cas(0, tid()) == 0) return true;
  bool has_slept = false;
  for (;;) {
    // With the bit, as others may sleep on.
    std::uint32_t owner = a_cas(0, tid() | MAYBE_WAITERS);
    if (owner == 0) return true;
    const bool sets_bit = gl_variant() == kBitSetEachTime || !has_slept;
    if (sets_bit && (owner & MAYBE_WAITERS) == 0) {
      if (a_cas(owner, owner | MAYBE_WAITERS) != owner) continue;
      owner |= MAYBE_WAITERS;
    }
    state->futex.wait(state->lock, owner);
    has_slept = true;
  }
}

[[gnu::noinline]] void __unlockfile() {
  if ((state->lock.exchange(0) & MAYBE_WAITERS) != 0) state->futex.wake(state->lock);
}

// FLOCK and FUNLOCK: only who took the lock gives it back.
void putc(const std::uint32_t*) {
  const bool is_mine = __lockfile();
  state->section.enter();
  state->section.leave();
  if (is_mine) __unlockfile();
}

void flockfile_and_putc(const std::uint32_t*) {
  const bool is_mine = __lockfile();
  putc(nullptr);
  putc(nullptr);
  if (is_mine) __unlockfile();
}

constexpr gl_operation_entry kOperations[] = {{"putc", putc, {}}, {"flockfile_and_putc", flockfile_and_putc, {}}, {}};

bool lock_is_free() {
  return state->lock.load(std::memory_order_relaxed) == 0 && state->section.is_empty();
}

constexpr gl_invariant_entry kInvariants[] = {{"the lock is free at rest", lock_is_free, nullptr}, {}};

void setup() {
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
  state->futex.name();
  gl_name(&state->lock, sizeof(state->lock), "f->lock");
}

}  // namespace

extern "C" const gl_target gl_target_musl_lockfile;

const gl_target gl_target_musl_lockfile = {
    .name = "musl-lockfile",
    .summary = "the lock of a stdio FILE, over a futex",
    .models = "musl 1.1.21, __lockfile and __unlockfile",
    .cpus_minimum = 2,
    .cpus_maximum = 4,
    .variants = kVariants,
    .operations = kOperations,
    .invariants = kInvariants,
    .bugs = kBugs,
    .setup = setup,
};
