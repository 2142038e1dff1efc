// The ticket spinlock: who comes draws the next ticket and waits until the owner counter shows it. Its counters are so
// narrow here that they wrap within a few acquisitions, as 16-bit ones do within a few thousand; README.md says what is
// from where.
//
//     byte 0  owner  the ticket that may hold the lock
//     byte 1  next   the ticket that is drawn next; equal to owner: the lock is free
//
// May include: engine/hook, the standard library.
#include <cstdint>
#include <new>

#include "engine/hook/gridlock.h"
#include "engine/hook/oracles.h"

namespace {

// In the order of kVariants.
enum Variant : unsigned { kTrylockPartial, kUnlockWaitOwner, kTicket };
constexpr gl_variant_entry kVariants[] = {
    {"trylock-partial", "trylock compares one half of what its exchange found (before 202fb4ef81e3)", "assertion"},
    {"unlock-wait-owner", "spin_unlock_wait looks for a free lock once, and then only for another owner", "hang"},
    {"ticket", "trylock compares the whole word; spin_unlock_wait looks for both in every round", "ok"},
    {},
};

// In the order of kParameters.
enum Parameter : unsigned { kTicketBits };
// A lock of n bits serves 2^n - 1 cpus: with as many tickets drawn as there are, it looks free.
constexpr unsigned kCpusMax = 3;
constexpr gl_parameter_entry kParameters[] = {{"ticket_bits", 2, 8, 2, 2}, {}};

constexpr unsigned kNextShift = 8;
struct Halves {
  std::uint8_t owner;
  std::uint8_t next;
};
union arch_spinlock_t {
  std::uint16_t slock = 0;
  Halves tickets;
};

struct State {
  arch_spinlock_t lock;
  oracle::Exclusion section{oracle::Ordering::kJudged};
  oracle::Fairness fairness{0};
  // The holders of the lock, for spin_unlock_wait: who held it when the wait began has let go when it ends.
  oracle::GracePeriod holders;
};
State* state;

// One ticket. The counters use the upper bits of their bytes, so that they wrap where the bytes do.
std::uint8_t ticket() {
  return static_cast<std::uint8_t>(1U << (8 - gl_parameter(kTicketBits)));
}
Halves halves(std::uint16_t slock) {
  return {.owner = static_cast<std::uint8_t>(slock), .next = static_cast<std::uint8_t>(slock >> kNextShift)};
}
bool is_free(Halves lock) {
  return lock.owner == lock.next;
}

[[gnu::noinline]] void arch_spin_lock(arch_spinlock_t& lock) {
  const auto drawn = static_cast<std::uint16_t>(ticket() << kNextShift);
  const Halves found = halves(__atomic_fetch_add(&lock.slock, drawn, __ATOMIC_ACQUIRE));
  state->fairness.announce();
  if (!is_free(found)) {
    while (__atomic_load_n(&lock.tickets.owner, __ATOMIC_ACQUIRE) != found.next) gl_cpu_relax();
  }
  state->fairness.come_in();
}

// The exchange fails if the lock is not as it was found. The instruction tells what it saw instead of success; the
// historic code compared only the next ticket of that, which may have come round while the lock is held.
[[gnu::noinline]] bool arch_spin_trylock(arch_spinlock_t& lock) {
  std::uint16_t seen = __atomic_load_n(&lock.slock, __ATOMIC_RELAXED);
  const std::uint16_t expected = seen;
  if (!is_free(halves(expected))) return false;
  const auto taken = static_cast<std::uint16_t>(expected + (ticket() << kNextShift));
  __atomic_compare_exchange_n(&lock.slock, &seen, taken, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
  const bool has_lock =
      gl_variant() == kTrylockPartial ? halves(seen).next == halves(expected).owner : seen == expected;
  if (!has_lock) return false;
  GL_PROMISE(is_free(halves(seen)), "mutual exclusion: trylock takes no lock that is held");
  state->fairness.come_in();
  return true;
}

[[gnu::noinline]] void arch_spin_unlock(arch_spinlock_t& lock) {
  const auto owner = static_cast<std::uint8_t>(__atomic_load_n(&lock.tickets.owner, __ATOMIC_RELAXED) + ticket());
  __atomic_store_n(&lock.tickets.owner, owner, __ATOMIC_RELEASE);
}

// Waits until whoever holds the lock at the call has let it go. Another owner shows that, but not if the counter has
// come round in between; and then the lock may stay free for good.
[[gnu::noinline]] void arch_spin_unlock_wait(arch_spinlock_t& lock) {
  const Halves first = halves(__atomic_load_n(&lock.slock, __ATOMIC_ACQUIRE));
  if (is_free(first)) return;
  for (;;) {
    gl_cpu_relax();
    const Halves now = halves(__atomic_load_n(&lock.slock, __ATOMIC_ACQUIRE));
    if (now.owner != first.owner) return;
    if (gl_variant() != kUnlockWaitOwner && is_free(now)) return;
  }
}

void pass_section(unsigned how) {
  state->holders.reader_begins();
  state->section.enter(how);
  state->section.leave();
  state->holders.reader_ends();
  arch_spin_unlock(state->lock);
}

void section(const std::uint32_t*) {
  arch_spin_lock(state->lock);
  pass_section(GL_LOCK_EXCLUSIVE);
}

void try_section(const std::uint32_t*) {
  if (arch_spin_trylock(state->lock)) pass_section(GL_LOCK_TRY);
}

void unlock_wait(const std::uint32_t*) {
  const oracle::GracePeriod::Start start = state->holders.period_begins();
  arch_spin_unlock_wait(state->lock);
  state->holders.period_ends(start);
}

constexpr gl_operation_entry kOperations[] = {
    {"section", section, {}}, {"try_section", try_section, {}}, {"unlock_wait", unlock_wait, {}}, {}};

bool lock_is_free() {
  return is_free(halves(__atomic_load_n(&state->lock.slock, __ATOMIC_RELAXED))) && state->section.is_empty();
}

constexpr gl_invariant_entry kInvariants[] = {{"the lock is free at rest", lock_is_free, nullptr}, {}};

constexpr gl_bug_entry kBugs[] = {
    {"trylock-partial", "ticket", "Linux 202fb4ef81e3 (2018)",
     "trylock takes a held lock after the next ticket has come round between its load and its exchange"},
    {},
};

void setup() {
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
  gl_name(&state->section, sizeof(state->section), "section");
  gl_name(&state->lock.tickets.owner, sizeof(state->lock.tickets.owner), "lock.owner");
  gl_name(&state->lock.tickets.next, sizeof(state->lock.tickets.next), "lock.next");
}

}  // namespace

extern "C" const gl_target gl_target_ticket_lock;

const gl_target gl_target_ticket_lock = {
    .name = "ticket-lock",
    .summary = "the ticket spinlock, with counters so narrow that they wrap",
    .models = "Linux arch/arm64 and arch/x86 ticket spinlocks, 2.6.25 to 4.18; the trylock that 202fb4ef81e3 fixed",
    .cpus_minimum = 2,
    .cpus_maximum = kCpusMax,
    .variants = kVariants,
    .parameters = kParameters,
    .operations = kOperations,
    .invariants = kInvariants,
    .bugs = kBugs,
    .setup = setup,
};
