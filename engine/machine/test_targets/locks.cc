// A ticket lock (correct), two locks in two orders (deadlocks by spinning), a flag nobody sets, a pair that undoes each
// other's work for ever.
#include <atomic>
#include <cstdio>
#include <new>

#include "engine/machine/test_targets/test_targets.h"

namespace {

template <typename T>
T* make() {
  return new (gl_alloc(sizeof(T), alignof(T))) T();
}

// ---- ticket ----
struct Ticket {
  std::atomic<std::uint16_t> next{0};
  std::atomic<std::uint16_t> owner{0};
  std::uint32_t counter = 0;
};
Ticket* ticket_lock;

void ticket_setup() {
  (ticket_lock = make<Ticket>())->owner.store(0);  // where nobody runs: no point
}

void ticket_section(const std::uint32_t*) {
  const std::uint16_t mine = ticket_lock->next.fetch_add(1, std::memory_order_relaxed);
  while (ticket_lock->owner.load(std::memory_order_acquire) != mine) gl_cpu_relax();
  ++ticket_lock->counter;
  ticket_lock->owner.store(static_cast<std::uint16_t>(mine + 1), std::memory_order_release);
}

bool ticket_at_rest() {
  return ticket_lock->next.load() == ticket_lock->owner.load();
}

// What is shown: the plain counter, which changes at no point of its own, and a constant.
void show_counter(char* text, size_t size) {
  std::snprintf(text, size, "%u", ticket_lock->counter);
}
void show_name(char* text, size_t size) {
  std::snprintf(text, size, "ticket");
}

const gl_state_entry ticket_states[] = {{"counter", show_counter}, {"name", show_name}, {}};
const gl_operation_entry ticket_operations[] = {{"section", ticket_section, {}}, {}};
const gl_invariant_entry ticket_invariants[] = {{"all-tickets-served", ticket_at_rest, nullptr}, {}};
const gl_variant_entry ok_variants[] = {{"only", "", "ok"}, {}};
const gl_variant_entry hang_variants[] = {{"only", "", "hang"}, {}};

// ---- abba ----
struct Abba {
  std::atomic<std::uint32_t> locks[2]{};
};
Abba* abba_locks;
void abba_setup() {
  abba_locks = make<Abba>();
}

__attribute__((noinline)) void spin_lock(std::atomic<std::uint32_t>& lock) {
  while (lock.exchange(1, std::memory_order_acquire) != 0) {
    while (lock.load(std::memory_order_relaxed) != 0) gl_cpu_relax();
  }
}
__attribute__((noinline)) void spin_unlock(std::atomic<std::uint32_t>& lock) {
  lock.store(0, std::memory_order_release);
}

void abba_both(const std::uint32_t* arguments) {
  const std::uint32_t first = arguments[0];
  spin_lock(abba_locks->locks[first]);
  spin_lock(abba_locks->locks[1 - first]);
  spin_unlock(abba_locks->locks[1 - first]);
  spin_unlock(abba_locks->locks[first]);
}
const gl_operation_entry abba_operations[] = {{"both", abba_both, {{"first", 0, 1}}}, {}};

// ---- lost wakeup: the flag is tested, then the sleeper registers; who sets it in between wakes nobody ----
struct Wakeup {
  std::atomic<std::uint32_t> condition{0}, registered{0}, woken{0};
};
Wakeup* wakeup;
void wakeup_setup() {
  wakeup = make<Wakeup>();
}
bool is_woken(void*) {
  return wakeup->woken.load(std::memory_order_acquire) != 0;
}

void wakeup_wait(const std::uint32_t*) {
  if (wakeup->condition.load() != 0) return;
  wakeup->registered.store(1);
  gl_wait(is_woken, nullptr, GL_WAIT_PLAIN);
}
void wakeup_signal(const std::uint32_t*) {
  wakeup->condition.store(1);
  if (wakeup->registered.load() != 0) wakeup->woken.store(1);
}
const gl_operation_entry wakeup_operations[] = {{"wait", wakeup_wait, {}}, {"signal", wakeup_signal, {}}, {}};

// ---- spins: on an atomic without a hint; finite but long; polling under a lock ----
struct Flags {
  std::atomic<std::uint32_t> flag{0}, lock{0}, done{0};
};
Flags* flags;
void flags_setup() {
  flags = make<Flags>();
}

__attribute__((noinline)) void spin_on_flag(const std::uint32_t*) {
  while (flags->flag.load(std::memory_order_acquire) == 0) {
  }
}
void count_to(const std::uint32_t* arguments) {
  for (std::uint32_t i = 0; i < arguments[0]; ++i) gl_cpu_relax();
}
void set_flag(const std::uint32_t*) {
  flags->flag.store(1, std::memory_order_release);
}
const gl_operation_entry spin_operations[] = {
    {"spin", spin_on_flag, {}}, {"count", count_to, {{"rounds", 0, 20'000}}}, {"set", set_flag, {}}, {}};

void poll_under_lock(const std::uint32_t*) {
  for (;;) {
    spin_lock(flags->lock);
    const bool done = flags->done.load(std::memory_order_relaxed) != 0;
    spin_unlock(flags->lock);
    if (done) return;
  }
}
void finish_under_lock(const std::uint32_t*) {
  spin_lock(flags->lock);
  flags->done.store(1, std::memory_order_relaxed);
  spin_unlock(flags->lock);
}
const gl_operation_entry polling_operations[] = {{"poll", poll_under_lock, {}}, {"finish", finish_under_lock, {}}, {}};

// ---- livelock: each waits for the word to be its own number and writes the other's ----
void undo(const std::uint32_t* arguments) {
  for (;;) {
    std::uint32_t mine = arguments[0];
    while (flags->flag.load() != mine) gl_cpu_relax();
    flags->flag.store(1 - mine);
    if (flags->done.load() != 0) return;
  }
}
const gl_operation_entry livelock_operations[] = {{"undo", undo, {{"mine", 0, 1}}}, {}};

}  // namespace

namespace test_targets {
const gl_target ticket = {.name = "ticket",
                          .cpus_minimum = 1,
                          .cpus_maximum = 64,
                          .variants = ok_variants,
                          .operations = ticket_operations,
                          .invariants = ticket_invariants,
                          .states = ticket_states,
                          .setup = ticket_setup};
const gl_target abba = {.name = "abba",
                        .cpus_minimum = 1,
                        .cpus_maximum = 4,
                        .variants = hang_variants,
                        .operations = abba_operations,
                        .setup = abba_setup};
const gl_target lost_wakeup = {.name = "lost_wakeup",
                               .cpus_minimum = 1,
                               .cpus_maximum = 4,
                               .variants = hang_variants,
                               .operations = wakeup_operations,
                               .setup = wakeup_setup};
const gl_target spin_forever = {.name = "spin_forever",
                                .cpus_minimum = 1,
                                .cpus_maximum = 4,
                                .variants = hang_variants,
                                .operations = spin_operations,
                                .setup = flags_setup};
const gl_target polling = {.name = "polling",
                           .cpus_minimum = 1,
                           .cpus_maximum = 4,
                           .variants = ok_variants,
                           .operations = polling_operations,
                           .setup = flags_setup};
const gl_target livelock = {.name = "livelock",
                            .cpus_minimum = 1,
                            .cpus_maximum = 4,
                            .variants = hang_variants,
                            .operations = livelock_operations,
                            .setup = flags_setup};
}  // namespace test_targets
