// tokio's Notify: notify_one wakes one waiter or leaves a permit for the next, notify_waiters wakes all there are. The
// historic bugs are the permit that a waiter takes although it was notified (9f132172) and the permit that
// notify_waiters overwrites (PR 3660). README.md says what is from where.
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
enum Variant : unsigned { kPermitBeforeCalls, kCallsByStore, kFixed };
constexpr gl_variant_entry kVariants[] = {
    {"permit-before-calls", "a first poll looks for a permit before it sees that notify_waiters was called",
     "assertion"},
    {"calls-by-store", "notify_waiters counts itself by a store: a permit given meanwhile is overwritten", "assertion"},
    {"fixed", "both fixed", "ok"},
    {},
};

constexpr gl_bug_entry kBugs[] = {
    {"permit-before-calls", "fixed", "tokio 9f132172 (2026)",
     "a waiter that notify_waiters has woken eats the permit of a later notify_one, and another waits for ever"},
    {"calls-by-store", "fixed", "tokio PR 3660 (2021)",
     "notify_waiters writes EMPTY over NOTIFIED: the permit of notify_one is lost"},
    {},
};

constexpr std::uint32_t kCpusMax = 4;

// The state word: two bits, and how often notify_waiters was called.
constexpr std::uint32_t EMPTY = 0;
constexpr std::uint32_t WAITING = 1;
constexpr std::uint32_t NOTIFIED = 2;
constexpr std::uint32_t kStateMask = 3;
constexpr std::uint32_t kCall = 4;

std::uint32_t with_state(std::uint32_t word, std::uint32_t state) {
  return (word & ~kStateMask) | state;
}

// A future of notified(). Where it waits it is in the list; each cpu has one at a time.
struct Waiter {
  std::atomic<std::uint32_t> is_woken{0};  // the waker: what its task sleeps on
  std::uint32_t calls_at_creation = 0;
};

struct Notify {
  std::atomic<std::uint32_t> state{EMPTY};
  // Guarded by the mutex: cpus that wait, the oldest first.
  std::uint32_t waiters[kCpusMax] = {};
  std::uint32_t waiter_count = 0;
};

struct State {
  futex::Futex futex;
  futex::Mutex mutex{futex};
  Notify notify;
  Waiter waiters[kCpusMax];
  // What is promised: a permit that was given is there until one takes it that was not notified otherwise.
  bool permit_is_owed = false;
  bool is_over = false;  // all sleep and nobody needs to: the run has nothing more to tell
};
State* state;

GL_ORACLE void note_permit(bool is_owed) {
  state->permit_is_owed = is_owed;
}
GL_ORACLE bool permit_is_owed(void*) {
  return state->permit_is_owed;
}
GL_ORACLE bool is_over() {
  return state->is_over;
}
GL_ORACLE void end_run() {
  state->is_over = true;
}

// Tries to change the two bits; `word` is what was read. Returns false, with `word` read anew, if it has changed.
bool change(std::uint32_t& word, std::uint32_t to) {
  return state->notify.state.compare_exchange_strong(word, with_state(word, to));
}

// The waiter's calls differ: notify_waiters was called since notified(), and that is all it waits for.
bool was_notified(const Waiter& waiter, std::uint32_t word) {
  return waiter.calls_at_creation != word / kCall;
}

bool take_permit(const Waiter& waiter, std::uint32_t& word) {
  const oracle::Step step;  // what is told of a permit comes in the order of the changes, on real cores too
  if (!change(word, EMPTY)) return false;
  if (!was_notified(waiter, word)) note_permit(false);
  return true;
}

// Joins the list, unless it has been notified by now. True if it has.
[[gnu::noinline]] bool poll_locked(Waiter& waiter) {
  Notify& notify = state->notify;
  std::uint32_t word = notify.state.load();
  for (;;) {
    if (was_notified(waiter, word)) return true;
    if ((word & kStateMask) == NOTIFIED) {
      if (take_permit(waiter, word)) return true;
    } else if ((word & kStateMask) == WAITING || change(word, WAITING)) {
      break;
    }
  }
  waiter.is_woken.store(0, std::memory_order_relaxed);
  notify.waiters[notify.waiter_count++] = gl_this_cpu();
  return false;
}

// The first poll. True if the future is ready.
[[gnu::noinline]] bool poll_notified(Waiter& waiter) {
  std::uint32_t word = state->notify.state.load();
  if (gl_variant() != kPermitBeforeCalls && was_notified(waiter, word)) return true;
  if ((word & kStateMask) == NOTIFIED && take_permit(waiter, word)) return true;
  state->mutex.lock();
  const bool is_ready = poll_locked(waiter);
  state->mutex.unlock();
  return is_ready;
}

// Inlined: a call chain of its own would be none of the original's.
[[gnu::always_inline]] inline bool permits(std::uint32_t& word) {
  const oracle::Step step;
  if (!change(word, NOTIFIED)) return false;
  note_permit(true);
  return true;
}

[[gnu::noinline]] void notify_one() {
  Notify& notify = state->notify;
  std::uint32_t word = notify.state.load();
  while ((word & kStateMask) != WAITING) {
    if (permits(word)) return;
  }
  state->mutex.lock();
  word = notify.state.load();
  while ((word & kStateMask) != WAITING) {
    if (!permits(word)) continue;
    return state->mutex.unlock();
  }
  Waiter& first = state->waiters[notify.waiters[0]];
  --notify.waiter_count;
  for (std::uint32_t i = 0; i < notify.waiter_count; ++i) notify.waiters[i] = notify.waiters[i + 1];
  if (notify.waiter_count == 0) notify.state.store(with_state(word, EMPTY));
  state->mutex.unlock();
  first.is_woken.store(1, std::memory_order_release);
}

// While the mutex is held and nobody waits, only notify_one and those who take its permit change the word.
[[gnu::noinline]] void notify_waiters() {
  Notify& notify = state->notify;
  state->mutex.lock();
  const std::uint32_t word = notify.state.load();
  if ((word & kStateMask) != WAITING) {
    if (gl_variant() == kCallsByStore) {
      notify.state.store(word + kCall);
    } else {
      notify.state.fetch_add(kCall);
    }
    return state->mutex.unlock();
  }
  notify.state.store(with_state(word + kCall, EMPTY));
  std::uint32_t woken[kCpusMax];
  const std::uint32_t count = notify.waiter_count;
  for (std::uint32_t i = 0; i < count; ++i) woken[i] = notify.waiters[i];
  notify.waiter_count = 0;
  state->mutex.unlock();
  for (std::uint32_t i = 0; i < count; ++i) state->waiters[woken[i]].is_woken.store(1, std::memory_order_release);
}

bool is_woken(void* waiter) {
  return static_cast<const Waiter*>(waiter)->is_woken.load(std::memory_order_acquire) != 0;
}

// notified().await: between the two, others may notify.
void await_notified(const std::uint32_t*) {
  if (is_over()) return;
  Waiter& waiter = state->waiters[gl_this_cpu()];
  waiter.calls_at_creation = state->notify.state.load() / kCall;
  if (poll_notified(waiter)) return;
  if (!oracle::Sleep::until(is_woken, permit_is_owed, &waiter)) end_run();
}

void call_notify_one(const std::uint32_t*) {
  if (!is_over()) notify_one();
}

void call_notify_waiters(const std::uint32_t*) {
  if (!is_over()) notify_waiters();
}

constexpr gl_operation_entry kOperations[] = {{"notified_await", await_notified, {}},
                                              {"notify_one", call_notify_one, {}},
                                              {"notify_waiters", call_notify_waiters, {}},
                                              {}};

bool waits_if_listed() {
  const bool waits = (state->notify.state.load(std::memory_order_relaxed) & kStateMask) == WAITING;
  return waits == (state->notify.waiter_count != 0);
}

constexpr gl_invariant_entry kInvariants[] = {
    {"the state is WAITING if the list is not empty", waits_if_listed, nullptr}, {}};

void setup() {
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
  state->futex.name();
  state->mutex.name("waiters.mutex");
  gl_name(&state->notify.state, sizeof(state->notify.state), "state");
  gl_name(&state->notify.waiters, sizeof(state->notify.waiters), "waiters");
  for (unsigned cpu = 0; cpu < kCpusMax; ++cpu) {
    gl_name(&state->waiters[cpu].is_woken, sizeof(state->waiters[cpu].is_woken), "is_woken[%u]", cpu);
  }
}

}  // namespace

extern "C" const gl_target gl_target_tokio_notify;

const gl_target gl_target_tokio_notify = {
    .name = "tokio-notify",
    .summary = "an asynchronous notification with one permit",
    .models = "tokio, sync::Notify",
    .cpus_minimum = 2,
    .cpus_maximum = kCpusMax,
    .variants = kVariants,
    .operations = kOperations,
    .invariants = kInvariants,
    .bugs = kBugs,
    .setup = setup,
};
