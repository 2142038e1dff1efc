// Linux's sleeping mutex: the owner and three flags in one word, one optimistic spinner, a list of sleepers, and a
// hand-over for the sleeper that was woken in vain. README.md says what is from where.
//
//     owner:  0 free;  task | WAITERS: unlock must wake;  task | HANDOFF: unlock must hand over to the first waiter
//             task | PICKUP: handed over to this task, which has not noticed yet
//
// May include: engine/hook, the standard library.
#include <atomic>
#include <cstdint>
#include <new>

#include "engine/hook/gridlock.h"
#include "engine/hook/oracles.h"

namespace {

// In the order of kVariants.
enum Variant : unsigned { kStateTooLate, kFlagBeforeRelease, kFixed };
constexpr gl_variant_entry kVariants[] = {
    {"state-too-late", "a waiter gives up wait_lock and then says that it sleeps: a wakeup in between is lost",
     "deadlock"},
    {"flag-before-release", "unlock looks for waiters and then frees the lock: who comes in between is forgotten",
     "deadlock"},
    {"fixed", "the mutex as in 6.1", "ok"},
    {},
};

// How often the spinner looks before something else wants its cpu; 0: nobody spins.
enum Parameter : unsigned { kSpinBudget };
constexpr gl_parameter_entry kParameters[] = {{"spin_budget", 0, 1024, 0, 2}, {}};

constexpr unsigned kCpusMax = 4;
constexpr std::uint32_t TASK_RUNNING = 0;
constexpr std::uint32_t TASK_UNINTERRUPTIBLE = 2;

constexpr std::uint32_t MUTEX_FLAG_WAITERS = 1;
constexpr std::uint32_t MUTEX_FLAG_HANDOFF = 2;
constexpr std::uint32_t MUTEX_FLAG_PICKUP = 4;
constexpr std::uint32_t MUTEX_FLAGS = 7;
constexpr unsigned kTaskShift = 3;

// One task a cpu. In the owner word it is its number, counted from 1; the kernel has its address there.
struct task_struct {
  std::atomic<std::uint32_t> state{TASK_RUNNING};
  std::atomic<std::uint32_t> on_cpu{1};
};

struct mutex {
  std::atomic<std::uint32_t> owner{0};
  std::atomic<std::uint8_t> wait_lock{0};
  std::atomic<std::uint8_t> spinner{0};  // the optimistic spin queue with room for one
  // Under wait_lock: the cpus that wait, first come first.
  std::uint32_t waiters[kCpusMax] = {};
  std::uint32_t waiter_count = 0;
};

struct State {
  mutex lock;
  task_struct tasks[kCpusMax];
  oracle::Exclusion section{oracle::Ordering::kJudged};
};
State* state;

std::uint32_t current() {
  return (gl_this_cpu() + 1) << kTaskShift;
}

task_struct& task_of(std::uint32_t owner) {
  return state->tasks[(owner >> kTaskShift) - 1];
}

void set_current_state(std::uint32_t task_state) {
  state->tasks[gl_this_cpu()].state.store(task_state);
}

bool is_running(void* task) {
  return static_cast<task_struct*>(task)->state.load() == TASK_RUNNING;
}

[[gnu::noinline]] void schedule() {
  task_struct& task = state->tasks[gl_this_cpu()];
  task.on_cpu.store(0, std::memory_order_relaxed);
  gl_wait(is_running, &task, GL_WAIT_PLAIN);
  task.on_cpu.store(1, std::memory_order_relaxed);
}

[[gnu::noinline]] void wake_up_process(std::uint32_t cpu) {
  state->tasks[cpu].state.exchange(TASK_RUNNING);
}

void lock_wait_lock(mutex& lock) {
  while (lock.wait_lock.exchange(1, std::memory_order_acquire) != 0) gl_cpu_relax();
}

void unlock_wait_lock(mutex& lock) {
  lock.wait_lock.store(0, std::memory_order_release);
}

// Takes the lock if it is free or was handed over to us; else asks for it to be handed over, if `handoff`. Returns 0,
// or the owner that is in the way.
[[gnu::noinline]] std::uint32_t __mutex_trylock_common(mutex& lock, bool handoff) {
  std::uint32_t owner = lock.owner.load(std::memory_order_relaxed);
  for (;;) {
    std::uint32_t flags = owner & MUTEX_FLAGS;
    std::uint32_t task = owner & ~MUTEX_FLAGS;
    if (task == 0) {
      task = current();
    } else if ((flags & MUTEX_FLAG_PICKUP) != 0) {
      if (task != current()) break;
      flags &= ~MUTEX_FLAG_PICKUP;
    } else if (handoff && (flags & MUTEX_FLAG_HANDOFF) == 0) {
      flags |= MUTEX_FLAG_HANDOFF;
    } else {
      break;
    }
    if (lock.owner.compare_exchange_strong(owner, task | flags, std::memory_order_acquire, std::memory_order_relaxed)) {
      if (task == current()) return 0;
      break;
    }
  }
  return owner & ~MUTEX_FLAGS;
}

bool __mutex_trylock(mutex& lock) {
  return __mutex_trylock_common(lock, false) == 0;
}

// Worth it only while the owner runs. True if the lock was got.
[[gnu::noinline]] bool mutex_optimistic_spin(mutex& lock) {
  for (unsigned budget = gl_parameter(kSpinBudget); budget != 0; --budget) {
    const std::uint32_t owner = __mutex_trylock_common(lock, false);
    if (owner == 0) return true;
    if (task_of(owner).on_cpu.load(std::memory_order_relaxed) == 0) return false;
    gl_cpu_relax();
  }
  return false;
}

// All but the first waiter spin one at a time.
bool spin_as_newcomer(mutex& lock) {
  if (lock.spinner.exchange(1, std::memory_order_acquire) != 0) return false;
  const bool got = mutex_optimistic_spin(lock);
  lock.spinner.store(0, std::memory_order_release);
  return got;
}

void __mutex_add_waiter(mutex& lock) {
  lock.waiters[lock.waiter_count++] = gl_this_cpu();
  if (lock.waiter_count == 1) lock.owner.fetch_or(MUTEX_FLAG_WAITERS);
}

bool __mutex_waiter_is_first(const mutex& lock) {
  return lock.waiters[0] == gl_this_cpu();
}

void __mutex_remove_waiter(mutex& lock) {
  std::uint32_t kept = 0;
  for (std::uint32_t i = 0; i < lock.waiter_count; ++i) {
    if (lock.waiters[i] != gl_this_cpu()) lock.waiters[kept++] = lock.waiters[i];
  }
  lock.waiter_count = kept;
  if (kept == 0) lock.owner.fetch_and(~MUTEX_FLAGS);
}

// Called and left with wait_lock held. The state is set before the lock is tried for the last time: then either the
// unlock's wakeup undoes it, or we see the unlock.
[[gnu::noinline]] void wait_for_lock(mutex& lock) {
  if (gl_variant() != kStateTooLate) set_current_state(TASK_UNINTERRUPTIBLE);
  bool got = __mutex_trylock(lock);
  while (!got) {
    const bool is_first = __mutex_waiter_is_first(lock);
    unlock_wait_lock(lock);
    if (gl_variant() == kStateTooLate) set_current_state(TASK_UNINTERRUPTIBLE);
    schedule();
    if (gl_variant() != kStateTooLate) set_current_state(TASK_UNINTERRUPTIBLE);
    got = __mutex_trylock_common(lock, is_first) == 0 || (is_first && mutex_optimistic_spin(lock));
    lock_wait_lock(lock);
    if (!got) got = __mutex_trylock(lock);
  }
  set_current_state(TASK_RUNNING);
}

[[gnu::noinline]] void __mutex_lock_slowpath(mutex& lock) {
  if (__mutex_trylock(lock) || spin_as_newcomer(lock)) return;
  lock_wait_lock(lock);
  if (!__mutex_trylock(lock)) {
    __mutex_add_waiter(lock);
    wait_for_lock(lock);
    __mutex_remove_waiter(lock);
  }
  unlock_wait_lock(lock);
}

[[gnu::noinline]] void mutex_lock(mutex& lock) {
  std::uint32_t free = 0;
  if (lock.owner.compare_exchange_strong(free, current(), std::memory_order_acquire, std::memory_order_relaxed)) return;
  __mutex_lock_slowpath(lock);
}

// Frees the lock, unless it is to be handed over. Returns the word as it was then.
[[gnu::noinline]] std::uint32_t release_owner(mutex& lock) {
  std::uint32_t owner = lock.owner.load(std::memory_order_relaxed);
  if (gl_variant() == kFlagBeforeRelease && (owner & MUTEX_FLAGS) == 0) {
    lock.owner.store(0, std::memory_order_release);
    return owner;
  }
  while ((owner & MUTEX_FLAG_HANDOFF) == 0 &&
         !lock.owner.compare_exchange_strong(owner, owner & MUTEX_FLAGS, std::memory_order_release,
                                             std::memory_order_relaxed)) {
  }
  return owner;
}

[[gnu::noinline]] void __mutex_handoff(mutex& lock, std::uint32_t cpu) {
  std::uint32_t owner = lock.owner.load(std::memory_order_relaxed);
  std::uint32_t next;
  do {
    next = (owner & MUTEX_FLAG_WAITERS) | MUTEX_FLAG_PICKUP | (cpu + 1) << kTaskShift;
  } while (!lock.owner.compare_exchange_strong(owner, next, std::memory_order_release, std::memory_order_relaxed));
}

[[gnu::noinline]] void __mutex_unlock_slowpath(mutex& lock) {
  const std::uint32_t owner = release_owner(lock);
  if ((owner & MUTEX_FLAGS) == 0) return;
  lock_wait_lock(lock);
  const bool anybody = lock.waiter_count != 0;
  const std::uint32_t next = lock.waiters[0];
  // Only a waiter asks for it, and it stays on the list until it has the lock.
  GL_ASSERT((owner & MUTEX_FLAG_HANDOFF) == 0 || anybody);
  if ((owner & MUTEX_FLAG_HANDOFF) != 0) __mutex_handoff(lock, next);
  unlock_wait_lock(lock);
  if (anybody) wake_up_process(next);
}

[[gnu::noinline]] void mutex_unlock(mutex& lock) {
  std::uint32_t mine = current();
  if (gl_variant() != kFlagBeforeRelease &&
      lock.owner.compare_exchange_strong(mine, 0, std::memory_order_release, std::memory_order_relaxed)) {
    return;
  }
  __mutex_unlock_slowpath(lock);
}

void section(const std::uint32_t*) {
  mutex_lock(state->lock);
  state->section.enter();
  state->section.leave();
  mutex_unlock(state->lock);
}

void try_section(const std::uint32_t*) {
  if (!__mutex_trylock(state->lock)) return;
  state->section.enter(GL_LOCK_TRY);
  state->section.leave();
  mutex_unlock(state->lock);
}

constexpr gl_operation_entry kOperations[] = {
    {"mutex_lock_section", section, {}}, {"mutex_trylock_section", try_section, {}}, {}};

bool mutex_is_free() {
  const mutex& lock = state->lock;
  return lock.owner.load(std::memory_order_relaxed) == 0 && lock.waiter_count == 0 && state->section.is_empty();
}

constexpr gl_invariant_entry kInvariants[] = {{"the mutex is free at rest, without waiters", mutex_is_free, nullptr},
                                              {}};

void setup() {
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
  mutex& lock = state->lock;
  gl_name(&lock.owner, sizeof(lock.owner), "owner");
  gl_name(&lock.wait_lock, sizeof(lock.wait_lock), "wait_lock");
  gl_name(&lock.spinner, sizeof(lock.spinner), "osq");
  gl_name(lock.waiters, sizeof(lock.waiters), "wait_list");
  gl_name(&lock.waiter_count, sizeof(lock.waiter_count), "wait_list.count");
  for (unsigned cpu = 0; cpu < gl_cpu_count(); ++cpu) {
    gl_name(&state->tasks[cpu].state, sizeof(std::uint32_t), "task[%u].state", cpu);
    gl_name(&state->tasks[cpu].on_cpu, sizeof(std::uint32_t), "task[%u].on_cpu", cpu);
  }
}

}  // namespace

extern "C" const gl_target gl_target_mutex;

const gl_target gl_target_mutex = {
    .name = "mutex",
    .summary = "Linux's sleeping mutex: owner word, optimistic spinner, hand-over",
    .models = "Linux 6.1 kernel/locking/mutex.c",
    .cpus_minimum = 2,
    .cpus_maximum = kCpusMax,
    .variants = kVariants,
    .parameters = kParameters,
    .operations = kOperations,
    .invariants = kInvariants,
    .setup = setup,
};
