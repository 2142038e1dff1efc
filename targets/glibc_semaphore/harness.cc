// The semaphore of glibc: a value that is also a futex word, and a count of those who may sleep on it. A post adds to
// the value and wakes a sleeper if there may be one; after the addition a waiter may have destroyed the semaphore.
// README.md says what is from where.
//
//     low 4 bytes   value     permits that nobody has taken; the futex word
//     high 4 bytes  nwaiters  who sleeps or is about to
//
// Each cpu owes one post, and as many waits are let in as posts are owed. The last to come back from its wait
// destroys the semaphore: nobody waits any more, and all posts have been seen, if not all have returned.
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
enum Variant : unsigned { kPostReadsLate, kPostAddsOnce };
constexpr gl_variant_entry kVariants[] = {
    {"post-reads-late", "a post adds, and then reads nwaiters (before the fix of bug 12674, 2.21)", "memory-error"},
    {"post-adds-once", "a post adds to both halves' word and has read nwaiters with it", "ok"},
    {},
};

constexpr unsigned kCpusMax = 3;

union new_sem {
  std::uint64_t data = 0;
  struct {
    std::uint32_t value;
    std::uint32_t nwaiters;
  } part;
};
constexpr unsigned SEM_NWAITERS_SHIFT = 32;
constexpr std::uint64_t kOneWaiter = std::uint64_t{1} << SEM_NWAITERS_SHIFT;

struct State {
  new_sem* sem = nullptr;
  futex::Futex futex;
  std::atomic<std::uint32_t> waits_let_in{0};
  std::atomic<std::uint32_t> waits_over{0};
  bool has_posted[kCpusMax] = {};  // each of its own cpu alone
  oracle::Permits permits;
};
State* state;

bool there_is_a_permit(void*) {
  return state->permits.left() != 0;
}
futex::Word& futex_word(new_sem& sem) {
  return reinterpret_cast<futex::Word&>(sem.part.value);
}

bool cas_data(new_sem& sem, std::uint64_t& expected, std::uint64_t desired) {
  return __atomic_compare_exchange_n(&sem.data, &expected, desired, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}
std::uint32_t value_of(std::uint64_t data) {
  return static_cast<std::uint32_t>(data);
}

[[gnu::noinline]] bool __new_sem_wait_slow(new_sem& sem) {
  std::uint64_t data = __atomic_fetch_add(&sem.data, kOneWaiter, __ATOMIC_RELAXED) + kOneWaiter;
  for (;;) {
    if (value_of(data) != 0) {
      if (cas_data(sem, data, data - 1 - kOneWaiter)) return true;
      continue;
    }
    if (state->futex.wait(futex_word(sem), 0, there_is_a_permit, nullptr) == futex::Result::kAtRest) break;
    data = __atomic_load_n(&sem.data, __ATOMIC_RELAXED);
  }
  __atomic_fetch_sub(&sem.data, kOneWaiter, __ATOMIC_RELAXED);
  return false;
}

[[gnu::noinline]] bool sem_wait(new_sem& sem) {
  std::uint64_t data = __atomic_load_n(&sem.data, __ATOMIC_RELAXED);
  const bool is_taken = (value_of(data) != 0 && cas_data(sem, data, data - 1)) || __new_sem_wait_slow(sem);
  if (is_taken) state->permits.take();
  return is_taken;
}

[[gnu::noinline]] void sem_post(new_sem& sem) {
  if (gl_variant() == kPostReadsLate) {
    __atomic_fetch_add(&sem.part.value, 1, __ATOMIC_SEQ_CST);
    state->permits.give();
    if (__atomic_load_n(&sem.part.nwaiters, __ATOMIC_RELAXED) != 0) state->futex.wake(futex_word(sem));
    return;
  }
  const std::uint64_t data = __atomic_fetch_add(&sem.data, 1, __ATOMIC_RELEASE);
  state->permits.give();
  if (data >> SEM_NWAITERS_SHIFT != 0) state->futex.wake(futex_word(sem));
}

void post(const std::uint32_t*) {
  bool& has_posted = state->has_posted[gl_this_cpu()];
  if (has_posted) return;
  has_posted = true;
  sem_post(*state->sem);
}

void wait(const std::uint32_t*) {
  if (state->waits_let_in.fetch_add(1) >= gl_cpu_count()) return;
  if (!sem_wait(*state->sem)) return;
  if (state->waits_over.fetch_add(1) + 1 == gl_cpu_count()) gl_free(state->sem);
}

constexpr gl_operation_entry kOperations[] = {{"post", post, {}}, {"wait", wait, {}}, {}};

constexpr gl_bug_entry kBugs[] = {
    {"post-reads-late", "post-adds-once", "glibc bug 12674", "sem_post reads the semaphore that its waiter destroyed"},
    {},
};

void setup() {
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
  state->sem = new (gl_alloc(sizeof(new_sem), alignof(new_sem))) new_sem();
  gl_name(&state->sem->part.value, sizeof(state->sem->part.value), "sem.value");
  gl_name(&state->sem->part.nwaiters, sizeof(state->sem->part.nwaiters), "sem.nwaiters");
  gl_name(&state->waits_let_in, sizeof(state->waits_let_in), "waits_let_in");
  gl_name(&state->waits_over, sizeof(state->waits_over), "waits_over");
  state->futex.name();
}

}  // namespace

extern "C" const gl_target gl_target_glibc_semaphore;

const gl_target gl_target_glibc_semaphore = {
    .name = "glibc-semaphore",
    .summary = "the POSIX semaphore, destroyed as soon as its last waiter is through",
    .models = "glibc nptl/sem_post.c and sem_waitcommon.c, 2.20 and 2.21; bug 12674",
    .cpus_minimum = 2,
    .cpus_maximum = kCpusMax,
    .variants = kVariants,
    .operations = kOperations,
    .bugs = kBugs,
    .setup = setup,
};
