// glibc's read-write lock since 2.25, without time limits and without the hand-over among writers. The historic bugs
// are the two of BZ 23844. README.md says what is from where.
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
enum Variant : unsigned { kTryrdlockDoesNotWake, kTrywrlockDropsUsed, kFixed };
constexpr gl_variant_entry kVariants[] = {
    {"tryrdlock-does-not-wake", "tryrdlock starts a read phase and does not wake the readers that sleep", "deadlock"},
    {"trywrlock-drops-used", "trywrlock stores 1 over the bit that says that readers sleep", "deadlock"},
    {"fixed", "both fixed", "ok"},
    {},
};

constexpr gl_bug_entry kBugs[] = {
    {"tryrdlock-does-not-wake", "fixed", "glibc BZ 23844 (2019), pthread_rwlock_tryrdlock",
     "a reader sleeps for ever on __wrphase_futex although the read phase has begun"},
    {"trywrlock-drops-used", "fixed", "glibc BZ 23844 (2019), pthread_rwlock_trywrlock",
     "FUTEX_USED is lost from __wrphase_futex, and unlock wakes no reader"},
    {},
};

// The first is PTHREAD_RWLOCK_PREFER_READER_NP.
constexpr gl_parameter_entry kParameters[] = {{"prefers_writer", 0, 1, 0, 1}, {}};

// __readers: two bits and the number of readers that have or want the lock.
constexpr std::uint32_t WRPHASE = 1;   // the phase: a writer's, even if it has left
constexpr std::uint32_t WRLOCKED = 2;  // there is a primary writer
constexpr std::uint32_t kReader = 8;
// The futex words are 0 or 1, and this bit if somebody may sleep.
constexpr std::uint32_t FUTEX_USED = 2;

struct pthread_rwlock {
  futex::Word readers{0};
  futex::Word wrphase_futex{0};  // 1: readers wait in a write phase; 0: the primary writer waits in a read phase
  futex::Word writers_futex{0};  // 1: there is a primary writer
};

struct State {
  futex::Futex futex;
  pthread_rwlock rwlock;
  oracle::Exclusion section{oracle::Ordering::kJudged};
};
State* state;

bool prefers_writer() {
  return gl_parameter(0) != 0;
}
bool has_readers(std::uint32_t readers) {
  return readers / kReader != 0;
}

// Sets the word that others sleep on and wakes them if there are any.
void hand_over(futex::Word& word, std::uint32_t value) {
  if ((word.exchange(value, std::memory_order_relaxed) & FUTEX_USED) != 0) state->futex.wake(word, futex::kAll);
}

// Who cannot begin its phase itself waits until it is told: __readers says that the phase is there, and the futex word
// that who began it has told so. The word may still be that of the phase before, so it is looked at once more.
[[gnu::noinline]] void wait_for_hand_over(std::uint32_t other_phase_futex, std::uint32_t my_phase) {
  pthread_rwlock& rwlock = state->rwlock;
  for (bool ready = false;;) {
    std::uint32_t wpf = rwlock.wrphase_futex.load(std::memory_order_relaxed);
    while ((wpf | FUTEX_USED) == (other_phase_futex | FUTEX_USED)) {
      const std::uint32_t used = wpf | FUTEX_USED;
      if (wpf == used || rwlock.wrphase_futex.compare_exchange_strong(wpf, used, std::memory_order_relaxed)) {
        state->futex.wait(rwlock.wrphase_futex, used);
        wpf = rwlock.wrphase_futex.load(std::memory_order_relaxed);
      }
    }
    if (ready) return;
    ready = (rwlock.readers.load(std::memory_order_acquire) & WRPHASE) == my_phase;
    if (!ready) gl_cpu_relax();
  }
}

[[gnu::noinline]] void __pthread_rwlock_rdlock() {
  pthread_rwlock& rwlock = state->rwlock;
  std::uint32_t r = rwlock.readers.fetch_add(kReader, std::memory_order_acquire) + kReader;
  if ((r & WRPHASE) == 0) return;
  // A write phase without a writer: it is ours to end, and others may sleep already.
  while ((r & WRPHASE) != 0 && (r & WRLOCKED) == 0) {
    if (rwlock.readers.compare_exchange_strong(r, r ^ WRPHASE, std::memory_order_acquire)) {
      return hand_over(rwlock.wrphase_futex, 0);
    }
  }
  wait_for_hand_over(1, 0);
}

[[gnu::noinline]] bool __pthread_rwlock_tryrdlock() {
  pthread_rwlock& rwlock = state->rwlock;
  std::uint32_t r = rwlock.readers.load(std::memory_order_relaxed);
  std::uint32_t rnew = 0;
  do {
    if ((r & WRPHASE) == 0) {
      rnew = r + kReader;
    } else {
      if ((r & WRLOCKED) != 0) return false;
      rnew = (r + kReader) ^ WRPHASE;
    }
  } while (!rwlock.readers.compare_exchange_strong(r, rnew, std::memory_order_acquire));
  if ((r & WRPHASE) == 0) return true;
  if (gl_variant() == kTryrdlockDoesNotWake) {
    rwlock.wrphase_futex.store(0, std::memory_order_relaxed);
  } else {
    hand_over(rwlock.wrphase_futex, 0);
  }
  return true;
}

[[gnu::noinline]] void __pthread_rwlock_rdunlock() {
  pthread_rwlock& rwlock = state->rwlock;
  std::uint32_t r = rwlock.readers.load(std::memory_order_relaxed);
  std::uint32_t rnew = 0;
  do {
    rnew = r - kReader;
    if (!has_readers(rnew) && (rnew & WRLOCKED) != 0) rnew |= WRPHASE;
  } while (!rwlock.readers.compare_exchange_strong(r, rnew, std::memory_order_release));
  if ((rnew & WRPHASE) != 0) hand_over(rwlock.wrphase_futex, 1);
}

// Becomes the primary writer: the only one that looks at the phase.
[[gnu::noinline]] std::uint32_t become_primary_writer() {
  pthread_rwlock& rwlock = state->rwlock;
  std::uint32_t r = rwlock.readers.fetch_or(WRLOCKED, std::memory_order_acquire);
  // One that was woken may have others behind it, whose bit went when the word was cleared.
  std::uint32_t may_share_futex_used_flag = 0;
  while ((r & WRLOCKED) != 0) {
    std::uint32_t wf = rwlock.writers_futex.load(std::memory_order_relaxed);
    if ((wf & ~FUTEX_USED) == 0) {
      gl_cpu_relax();  // the primary writer is about to set it, or has unlocked
    } else if ((wf & FUTEX_USED) != 0 || rwlock.writers_futex.compare_exchange_strong(wf, 1 | FUTEX_USED)) {
      if (state->futex.wait(rwlock.writers_futex, 1 | FUTEX_USED) == futex::Result::kWoken) {
        may_share_futex_used_flag = FUTEX_USED;
      }
    }
    r = rwlock.readers.fetch_or(WRLOCKED, std::memory_order_acquire);
  }
  rwlock.writers_futex.store(1 | may_share_futex_used_flag, std::memory_order_relaxed);
  return r | WRLOCKED;
}

[[gnu::noinline]] void __pthread_rwlock_wrlock() {
  pthread_rwlock& rwlock = state->rwlock;
  std::uint32_t r = become_primary_writer();
  if ((r & WRPHASE) != 0) return;
  while ((r & WRPHASE) == 0 && !has_readers(r)) {
    if (rwlock.readers.compare_exchange_strong(r, r | WRPHASE, std::memory_order_acquire)) {
      // Nobody can sleep on it: readers do so in write phases only, and there is no other primary writer.
      rwlock.wrphase_futex.store(1, std::memory_order_relaxed);
      return;
    }
  }
  wait_for_hand_over(0, WRPHASE);
}

// With a preference for writers it gets in before readers that wait for a phase that none of them has begun yet.
[[gnu::noinline]] bool __pthread_rwlock_trywrlock() {
  pthread_rwlock& rwlock = state->rwlock;
  std::uint32_t r = rwlock.readers.load(std::memory_order_relaxed);
  while ((r & WRLOCKED) == 0 && (!has_readers(r) || (prefers_writer() && (r & WRPHASE) != 0))) {
    if (!rwlock.readers.compare_exchange_strong(r, r | WRPHASE | WRLOCKED, std::memory_order_acquire)) continue;
    rwlock.writers_futex.store(1, std::memory_order_relaxed);
    // In a write phase it is 1 already, and readers may have set FUTEX_USED.
    if ((r & WRPHASE) == 0 || gl_variant() == kTrywrlockDropsUsed) {
      rwlock.wrphase_futex.store(1, std::memory_order_relaxed);
    }
    return true;
  }
  return false;
}

[[gnu::noinline]] void __pthread_rwlock_wrunlock() {
  pthread_rwlock& rwlock = state->rwlock;
  const bool wakes_writer = (rwlock.writers_futex.exchange(0, std::memory_order_relaxed) & FUTEX_USED) != 0;
  std::uint32_t r = rwlock.readers.load(std::memory_order_relaxed);
  while (!rwlock.readers.compare_exchange_strong(r, r ^ WRLOCKED ^ (has_readers(r) ? WRPHASE : 0),
                                                 std::memory_order_release)) {
  }
  if (has_readers(r)) hand_over(rwlock.wrphase_futex, 0);
  if (wakes_writer) state->futex.wake(rwlock.writers_futex);
}

void read_and_unlock(unsigned how) {
  state->section.enter_shared(how);
  state->section.leave_shared();
  __pthread_rwlock_rdunlock();
}
void write_and_unlock(unsigned how) {
  state->section.enter(how);
  state->section.leave();
  __pthread_rwlock_wrunlock();
}

void read(const std::uint32_t*) {
  __pthread_rwlock_rdlock();
  read_and_unlock(GL_LOCK_RECURSIVE_READ);
}
void try_read(const std::uint32_t*) {
  if (__pthread_rwlock_tryrdlock()) read_and_unlock(GL_LOCK_RECURSIVE_READ | GL_LOCK_TRY);
}
void write(const std::uint32_t*) {
  __pthread_rwlock_wrlock();
  write_and_unlock(GL_LOCK_EXCLUSIVE);
}
void try_write(const std::uint32_t*) {
  if (__pthread_rwlock_trywrlock()) write_and_unlock(GL_LOCK_TRY);
}

constexpr gl_operation_entry kOperations[] = {
    {"read", read, {}}, {"try_read", try_read, {}}, {"write", write, {}}, {"try_write", try_write, {}}, {}};

bool lock_is_free() {
  return (state->rwlock.readers.load(std::memory_order_relaxed) & ~WRPHASE) == 0 && state->section.is_empty();
}

constexpr gl_invariant_entry kInvariants[] = {{"the lock is free at rest", lock_is_free, nullptr}, {}};

void setup() {
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
  state->futex.name();
  gl_name(&state->rwlock.readers, sizeof(state->rwlock.readers), "__readers");
  gl_name(&state->rwlock.wrphase_futex, sizeof(state->rwlock.wrphase_futex), "__wrphase_futex");
  gl_name(&state->rwlock.writers_futex, sizeof(state->rwlock.writers_futex), "__writers_futex");
}

}  // namespace

extern "C" const gl_target gl_target_glibc_rwlock;

const gl_target gl_target_glibc_rwlock = {
    .name = "glibc-rwlock",
    .summary = "glibc's read-write lock of phases",
    .models = "glibc 2.25 to 2.29, pthread_rwlock_common.c and the two try functions",
    .cpus_minimum = 2,
    .cpus_maximum = 4,
    .variants = kVariants,
    .parameters = kParameters,
    .operations = kOperations,
    .invariants = kInvariants,
    .bugs = kBugs,
    .setup = setup,
};
