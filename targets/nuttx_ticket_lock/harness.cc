// The ticket spinlock of NuttX: two counters, each a word of its own. Who comes draws `next` and waits until `owner`
// shows it; the lock is free while the two are equal. README.md says what is from where.
//
// May include: engine/hook, the standard library.
#include <atomic>
#include <cstdint>
#include <new>

#include "engine/hook/gridlock.h"
#include "engine/hook/oracles.h"

namespace {

// In the order of kVariants.
enum Variant : unsigned { kTrylockWritesOwner, kUnlockZeroes, kTicket };
constexpr gl_variant_entry kVariants[] = {
    {"trylock-writes-owner", "a trylock that fails stores next into owner: the held lock looks free", "assertion"},
    {"unlock-zeroes", "an unlock sets both counters to 0 and forgets who has drawn a ticket", "assertion"},
    {"ticket", "a trylock that fails changes nothing; an unlock counts owner up", "ok"},
    {},
};

constexpr unsigned kCpusMax = 3;

struct spinlock_t {
  std::atomic<std::uint32_t> next{0};
  std::atomic<std::uint32_t> owner{0};
};

struct State {
  spinlock_t lock;
  oracle::Exclusion section{gl_variant() == kTicket ? oracle::Ordering::kJudged : oracle::Ordering::kIgnored};
  std::uint32_t tickets_out = 0;  // drawn and not given back; the oracle's
};
State* state;

// The oracle's view, told right behind the access that draws a ticket or writes a counter. Not instrumented.
GL_ORACLE std::uint32_t peek(const std::atomic<std::uint32_t>& counter) {
  return *reinterpret_cast<const std::uint32_t*>(&counter);
}
GL_ORACLE void draw() {
  ++state->tickets_out;
}
GL_ORACLE void give_back() {
  --state->tickets_out;
}
GL_ORACLE void check_that_tickets_count(const spinlock_t& lock) {
  GL_PROMISE(peek(lock.next) - peek(lock.owner) == state->tickets_out, "the counters count the tickets that are out");
}

[[gnu::noinline]] void spin_lock(spinlock_t& lock) {
  const std::uint32_t ticket = lock.next.fetch_add(1, std::memory_order_relaxed);
  draw();
  while (lock.owner.load(std::memory_order_acquire) != ticket) gl_cpu_relax();
}

// The historic code passed `owner` itself as the place of the expected value, and a compare-exchange that fails writes
// what it found there.
[[gnu::noinline]] bool spin_trylock(spinlock_t& lock) {
  std::uint32_t old = lock.owner.load(std::memory_order_acquire);
  if (lock.next.compare_exchange_strong(old, old + 1, std::memory_order_acquire, std::memory_order_relaxed)) {
    draw();
    return true;
  }
  if (gl_variant() == kTrylockWritesOwner) {
    lock.owner.store(old, std::memory_order_relaxed);
    check_that_tickets_count(lock);
  }
  return false;
}

[[gnu::noinline]] void spin_unlock(spinlock_t& lock) {
  if (gl_variant() == kUnlockZeroes) {
    lock.next.store(0, std::memory_order_relaxed);
    lock.owner.store(0, std::memory_order_release);
  } else {
    lock.owner.fetch_add(1, std::memory_order_release);
  }
  give_back();
  check_that_tickets_count(lock);
}

void pass_section(unsigned how) {
  state->section.enter(how);
  state->section.leave();
  spin_unlock(state->lock);
}

void section(const std::uint32_t*) {
  spin_lock(state->lock);
  pass_section(GL_LOCK_EXCLUSIVE);
}

void try_section(const std::uint32_t*) {
  if (spin_trylock(state->lock)) pass_section(GL_LOCK_TRY);
}

constexpr gl_operation_entry kOperations[] = {{"section", section, {}}, {"try_section", try_section, {}}, {}};

bool lock_is_free() {
  return state->lock.next.load(std::memory_order_relaxed) == state->lock.owner.load(std::memory_order_relaxed) &&
         state->section.is_empty();
}

constexpr gl_invariant_entry kInvariants[] = {{"the lock is free at rest", lock_is_free, nullptr}, {}};

constexpr gl_bug_entry kBugs[] = {
    {"trylock-writes-owner", "ticket", "NuttX pull request 19880 (2026), first defect",
     "a failed spin_trylock overwrites owner: the held lock looks free, and the ticket of a waiter is skipped"},
    {"unlock-zeroes", "ticket", "NuttX pull request 19880 (2026), second defect",
     "spin_unlock zeroes both counters while tickets are out: waiters are dropped, newcomers draw their tickets again"},
    {},
};

void setup() {
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
  gl_name(&state->lock.next, sizeof(state->lock.next), "lock.next");
  gl_name(&state->lock.owner, sizeof(state->lock.owner), "lock.owner");
  gl_name(&state->section, sizeof(state->section), "section");
}

}  // namespace

extern "C" const gl_target gl_target_nuttx_ticket_lock;

const gl_target gl_target_nuttx_ticket_lock = {
    .name = "nuttx-ticket-lock",
    .summary = "the ticket spinlock of NuttX, with two counters of 32 bits",
    .models = "NuttX include/nuttx/spinlock.h with CONFIG_TICKET_SPINLOCK; the two defects of pull request 19880",
    .cpus_minimum = 2,
    .cpus_maximum = kCpusMax,
    .variants = kVariants,
    .operations = kOperations,
    .invariants = kInvariants,
    .bugs = kBugs,
    .setup = setup,
};
