// Linux's reader-writer semaphore: a count of readers with two flags, a list of sleepers, and wakeups that are
// collected under the lock of the list and done behind it. README.md says what is from where.
//
//     count:  readers from bit 8 | WAITERS: the list is not empty | WRITER_LOCKED
//
// May include: engine/hook, the standard library.
#include <atomic>
#include <cstdint>
#include <new>

#include "engine/hook/gridlock.h"
#include "engine/hook/oracles.h"

namespace {

// In the order of kVariants.
enum Variant : unsigned { kWakeBeforeGrant, kWakeQEarly, kFixed };
constexpr gl_variant_entry kVariants[] = {
    {"wake-before-grant", "readers are told that they are in before they are all counted", "assertion"},
    {"wake-q-early", "a reader is queued for its wakeup before it is told that it is in", "deadlock"},
    {"fixed", "readers are counted, told, and then queued for their wakeup, as in 6.1", "ok"},
    {},
};

// How often a writer looks before it queues; 0: nobody spins.
enum Parameter : unsigned { kSpinBudget };
constexpr gl_parameter_entry kParameters[] = {{"spin_budget", 0, 1024, 2, 6}, {}};

constexpr unsigned kCpusMax = 4;
constexpr std::uint32_t TASK_RUNNING = 0;
constexpr std::uint32_t TASK_UNINTERRUPTIBLE = 2;

constexpr std::uint32_t RWSEM_WRITER_LOCKED = 1;
constexpr std::uint32_t RWSEM_FLAG_WAITERS = 2;
constexpr std::uint32_t RWSEM_READER_BIAS = 1 << 8;
constexpr std::uint32_t RWSEM_READER_MASK = ~(RWSEM_READER_BIAS - 1);
constexpr std::uint32_t RWSEM_LOCK_MASK = RWSEM_WRITER_LOCKED | RWSEM_READER_MASK;

// One task a cpu.
struct task_struct {
  std::atomic<std::uint32_t> state{TASK_RUNNING};
  std::atomic<std::uint8_t> in_wake_q{0};  // somebody is about to wake it
};

enum class waiter_type : std::uint8_t { kRead, kWrite };

struct rwsem_waiter {
  std::atomic<std::uint8_t> task{0};  // of a reader: 0 once it has the semaphore
  waiter_type type = waiter_type::kRead;
};

struct rw_semaphore {
  std::atomic<std::uint32_t> count{0};
  std::atomic<std::uint8_t> wait_lock{0};
  // Under wait_lock: the cpus that wait, first come first.
  std::uint32_t wait_list[kCpusMax] = {};
  std::uint32_t wait_count = 0;
};

struct State {
  rw_semaphore sem;
  task_struct tasks[kCpusMax];
  rwsem_waiter waiters[kCpusMax];  // in the kernel on the waiter's stack
  oracle::Exclusion section{gl_variant() == kWakeBeforeGrant ? oracle::Ordering::kIgnored : oracle::Ordering::kJudged};
};
State* state;

task_struct& current() {
  return state->tasks[gl_this_cpu()];
}

bool is_running(void* task) {
  return static_cast<task_struct*>(task)->state.load() == TASK_RUNNING;
}

[[gnu::noinline]] void schedule() {
  gl_wait(is_running, &current(), GL_WAIT_PLAIN);
}

// Tasks to be woken when no lock is held any more.
struct wake_q_head {
  std::uint32_t cpus[kCpusMax];
  std::uint32_t count = 0;
};

// A task can be in one wake_q only. If it is in somebody else's, that one wakes it: at any time from now on.
[[gnu::noinline]] void wake_q_add(wake_q_head& head, std::uint32_t cpu) {
  std::uint8_t not_queued = 0;
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (!state->tasks[cpu].in_wake_q.compare_exchange_strong(not_queued, 1, std::memory_order_relaxed)) return;
  head.cpus[head.count++] = cpu;
}

[[gnu::noinline]] void wake_up_q(const wake_q_head& head) {
  for (std::uint32_t i = 0; i < head.count; ++i) {
    task_struct& task = state->tasks[head.cpus[i]];
    task.in_wake_q.store(0, std::memory_order_relaxed);
    task.state.exchange(TASK_RUNNING);
  }
}

void lock_wait_lock(rw_semaphore& sem) {
  while (sem.wait_lock.exchange(1, std::memory_order_acquire) != 0) gl_cpu_relax();
}

void unlock_wait_lock(rw_semaphore& sem) {
  sem.wait_lock.store(0, std::memory_order_release);
}

void rwsem_add_waiter(rw_semaphore& sem, waiter_type type) {
  rwsem_waiter& waiter = state->waiters[gl_this_cpu()];
  waiter.task.store(1, std::memory_order_relaxed);
  waiter.type = type;
  sem.wait_list[sem.wait_count++] = gl_this_cpu();
}

waiter_type type_at(const rw_semaphore& sem, std::uint32_t place) {
  return state->waiters[sem.wait_list[place]].type;
}

// Takes all readers off the list, wherever they stand on it.
wake_q_head take_readers(rw_semaphore& sem) {
  wake_q_head readers;
  std::uint32_t kept = 0;
  for (std::uint32_t place = 0; place < sem.wait_count; ++place) {
    const std::uint32_t cpu = sem.wait_list[place];
    if (type_at(sem, place) == waiter_type::kRead) {
      readers.cpus[readers.count++] = cpu;
    } else {
      sem.wait_list[kept++] = cpu;
    }
  }
  sem.wait_count = kept;
  return readers;
}

// Lets a reader in. It may be gone at once, and its waiter with it.
void grant(std::uint32_t cpu) {
  state->waiters[cpu].task.store(0, std::memory_order_release);
}

// Order of the wakeup: a task that is in another's wake_q may be woken before the next line, and looks only once.
void grant_and_queue(wake_q_head& wake_q, std::uint32_t cpu) {
  if (gl_variant() == kWakeQEarly) {
    wake_q_add(wake_q, cpu);
    grant(cpu);
  } else {
    grant(cpu);
    wake_q_add(wake_q, cpu);
  }
}

void grant_and_queue_all(wake_q_head& wake_q, const wake_q_head& readers) {
  for (std::uint32_t i = 0; i < readers.count; ++i) grant_and_queue(wake_q, readers.cpus[i]);
}

// The first waiter is a reader: the semaphore becomes the readers', and all of them come in. The first is counted at
// once, so that no writer steals it meanwhile. REQUIRES: wait_lock.
[[gnu::noinline]] void wake_readers(rw_semaphore& sem, wake_q_head& wake_q) {
  if ((sem.count.fetch_add(RWSEM_READER_BIAS) & RWSEM_WRITER_LOCKED) != 0) {
    sem.count.fetch_sub(RWSEM_READER_BIAS);  // a writer was faster; it wakes us when it leaves
    return;
  }
  const wake_q_head readers = take_readers(sem);
  if (gl_variant() == kWakeBeforeGrant) grant_and_queue_all(wake_q, readers);
  std::uint32_t adjustment = readers.count * RWSEM_READER_BIAS - RWSEM_READER_BIAS;
  if (sem.wait_count == 0) adjustment -= RWSEM_FLAG_WAITERS;
  if (adjustment != 0) sem.count.fetch_add(adjustment);
  if (gl_variant() != kWakeBeforeGrant) grant_and_queue_all(wake_q, readers);
}

// A writer is woken to try its luck, and stays on the list until it has the semaphore. REQUIRES: wait_lock.
[[gnu::noinline]] void rwsem_mark_wake(rw_semaphore& sem, wake_q_head& wake_q, bool readers_only) {
  if (sem.wait_count == 0) return;
  if (type_at(sem, 0) == waiter_type::kRead) {
    wake_readers(sem, wake_q);
  } else if (!readers_only) {
    wake_q_add(wake_q, sem.wait_list[0]);
  }
}

// Behind a change of the list by a newcomer who saw `count`: wakes whom nothing keeps out.
void rwsem_cond_wake_waiter(rw_semaphore& sem, wake_q_head& wake_q, std::uint32_t count) {
  if ((count & RWSEM_WRITER_LOCKED) != 0) return;
  rwsem_mark_wake(sem, wake_q, (count & RWSEM_READER_MASK) != 0);
}

[[gnu::noinline]] void rwsem_wake(rw_semaphore& sem) {
  wake_q_head wake_q;
  lock_wait_lock(sem);
  rwsem_mark_wake(sem, wake_q, false);
  unlock_wait_lock(sem);
  wake_up_q(wake_q);
}

// We are counted as a reader already.
[[gnu::noinline]] void rwsem_down_read_slowpath(rw_semaphore& sem) {
  wake_q_head wake_q;
  lock_wait_lock(sem);
  if (sem.wait_count == 0 && (sem.count.load(std::memory_order_acquire) & RWSEM_WRITER_LOCKED) == 0) {
    unlock_wait_lock(sem);
    return;
  }
  std::uint32_t adjustment = 0 - RWSEM_READER_BIAS;
  if (sem.wait_count == 0) adjustment += RWSEM_FLAG_WAITERS;
  rwsem_add_waiter(sem, waiter_type::kRead);
  rwsem_cond_wake_waiter(sem, wake_q, sem.count.fetch_add(adjustment) + adjustment);
  unlock_wait_lock(sem);
  wake_up_q(wake_q);
  for (;;) {
    current().state.store(TASK_UNINTERRUPTIBLE);
    if (state->waiters[gl_this_cpu()].task.load(std::memory_order_acquire) == 0) break;
    schedule();
  }
  current().state.store(TASK_RUNNING, std::memory_order_relaxed);
}

[[gnu::noinline]] void down_read(rw_semaphore& sem) {
  const std::uint32_t before = sem.count.fetch_add(RWSEM_READER_BIAS, std::memory_order_acquire);
  if ((before & (RWSEM_WRITER_LOCKED | RWSEM_FLAG_WAITERS)) != 0) rwsem_down_read_slowpath(sem);
}

[[gnu::noinline]] void up_read(rw_semaphore& sem) {
  const std::uint32_t left = sem.count.fetch_sub(RWSEM_READER_BIAS, std::memory_order_release) - RWSEM_READER_BIAS;
  if ((left & (RWSEM_LOCK_MASK | RWSEM_FLAG_WAITERS)) == RWSEM_FLAG_WAITERS) rwsem_wake(sem);
}

void remove_this_waiter(rw_semaphore& sem) {
  std::uint32_t kept = 0;
  for (std::uint32_t i = 0; i < sem.wait_count; ++i) {
    if (sem.wait_list[i] != gl_this_cpu()) sem.wait_list[kept++] = sem.wait_list[i];
  }
  sem.wait_count = kept;
}

// Any writer that is awake may take the semaphore, first or not. REQUIRES: wait_lock.
[[gnu::noinline]] bool rwsem_try_write_lock(rw_semaphore& sem) {
  std::uint32_t count = sem.count.load(std::memory_order_relaxed);
  std::uint32_t taken;
  do {
    if ((count & RWSEM_LOCK_MASK) != 0) return false;
    taken = count | RWSEM_WRITER_LOCKED;
    if (sem.wait_count == 1) taken &= ~RWSEM_FLAG_WAITERS;
  } while (!sem.count.compare_exchange_strong(count, taken, std::memory_order_acquire, std::memory_order_relaxed));
  remove_this_waiter(sem);
  return true;
}

// Past the queue and without wait_lock: a writer that runs takes what those who sleep are slow to take.
[[gnu::noinline]] bool rwsem_try_write_lock_unqueued(rw_semaphore& sem) {
  std::uint32_t count = sem.count.load(std::memory_order_relaxed);
  return (count & RWSEM_LOCK_MASK) == 0 &&
         sem.count.compare_exchange_strong(count, count | RWSEM_WRITER_LOCKED, std::memory_order_acquire,
                                           std::memory_order_relaxed);
}

[[gnu::noinline]] bool rwsem_optimistic_spin(rw_semaphore& sem) {
  for (unsigned budget = gl_parameter(kSpinBudget); budget != 0; --budget) {
    if (rwsem_try_write_lock_unqueued(sem)) return true;
    gl_cpu_relax();
  }
  return false;
}

[[gnu::noinline]] void rwsem_down_write_slowpath(rw_semaphore& sem) {
  if (rwsem_optimistic_spin(sem)) return;
  wake_q_head wake_q;
  lock_wait_lock(sem);
  rwsem_add_waiter(sem, waiter_type::kWrite);
  if (sem.wait_count == 1) {
    sem.count.fetch_or(RWSEM_FLAG_WAITERS);
  } else {
    rwsem_cond_wake_waiter(sem, wake_q, sem.count.load(std::memory_order_relaxed));
    unlock_wait_lock(sem);
    wake_up_q(wake_q);
    lock_wait_lock(sem);
  }
  for (;;) {
    current().state.store(TASK_UNINTERRUPTIBLE);
    if (rwsem_try_write_lock(sem)) break;
    unlock_wait_lock(sem);
    schedule();
    lock_wait_lock(sem);
  }
  current().state.store(TASK_RUNNING, std::memory_order_relaxed);
  unlock_wait_lock(sem);
}

[[gnu::noinline]] void down_write(rw_semaphore& sem) {
  std::uint32_t free = 0;
  if (!sem.count.compare_exchange_strong(free, RWSEM_WRITER_LOCKED, std::memory_order_acquire,
                                         std::memory_order_relaxed)) {
    rwsem_down_write_slowpath(sem);
  }
}

[[gnu::noinline]] void up_write(rw_semaphore& sem) {
  if ((sem.count.fetch_sub(RWSEM_WRITER_LOCKED, std::memory_order_release) & RWSEM_FLAG_WAITERS) != 0) rwsem_wake(sem);
}

void read_section(const std::uint32_t*) {
  down_read(state->sem);
  state->section.enter_shared();
  state->section.leave_shared();
  up_read(state->sem);
}

void write_section(const std::uint32_t*) {
  down_write(state->sem);
  state->section.enter();
  state->section.leave();
  up_write(state->sem);
}

constexpr gl_operation_entry kOperations[] = {{"read", read_section, {}}, {"write", write_section, {}}, {}};

bool semaphore_is_free() {
  const rw_semaphore& sem = state->sem;
  return sem.count.load(std::memory_order_relaxed) == 0 && sem.wait_count == 0 && state->section.is_empty();
}

constexpr gl_invariant_entry kInvariants[] = {
    {"the semaphore is free at rest, without waiters", semaphore_is_free, nullptr}, {}};

constexpr gl_bug_entry kBugs[] = {
    {"wake-before-grant", "fixed", "Linux a9e9bcb45b15 (2019)",
     "readers that are woken leave before the others are counted: a writer comes in beside those"},
    {"wake-q-early", "fixed", "Linux e158488be27b (2019)",
     "a reader is woken before its waiter.task is cleared, and sleeps on for ever"},
    {},
};

void setup() {
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
  rw_semaphore& sem = state->sem;
  gl_name(&sem.count, sizeof(sem.count), "count");
  gl_name(&sem.wait_lock, sizeof(sem.wait_lock), "wait_lock");
  gl_name(sem.wait_list, sizeof(sem.wait_list), "wait_list");
  gl_name(&sem.wait_count, sizeof(sem.wait_count), "wait_list.count");
  for (unsigned cpu = 0; cpu < gl_cpu_count(); ++cpu) {
    gl_name(&state->tasks[cpu].state, sizeof(std::uint32_t), "task[%u].state", cpu);
    gl_name(&state->tasks[cpu].in_wake_q, sizeof(std::uint8_t), "task[%u].in_wake_q", cpu);
    gl_name(&state->waiters[cpu].task, sizeof(std::uint8_t), "waiter[%u].task", cpu);
    gl_name(&state->waiters[cpu].type, sizeof(waiter_type), "waiter[%u].type", cpu);
  }
}

}  // namespace

extern "C" const gl_target gl_target_rwsem;

const gl_target gl_target_rwsem = {
    .name = "rwsem",
    .summary = "Linux's reader-writer semaphore and its wakeups",
    .models = "Linux 6.1 kernel/locking/rwsem.c without hand-over; two bugs of 2019",
    .cpus_minimum = 3,
    .cpus_maximum = kCpusMax,
    .variants = kVariants,
    .parameters = kParameters,
    .operations = kOperations,
    .invariants = kInvariants,
    .bugs = kBugs,
    .setup = setup,
};
