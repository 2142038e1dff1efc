// A reader of a terminal and its wait queue: how a Linux task goes to sleep without missing what it waits for. Written
// from the description of the bug in n_tty; README.md says what is from where.
//
// May include: engine/hook, the standard library.
#include <atomic>
#include <cstdint>
#include <new>

#include "engine/hook/gridlock.h"
#include "engine/hook/oracles.h"

namespace {

// In the order of kVariants.
enum Variant : unsigned { kTestThenState, kStateThenTest };
constexpr gl_variant_entry kVariants[] = {
    {"test-then-state", "the reader tests for input before it says that it sleeps: a wakeup between is lost",
     "assertion"},
    {"state-then-test", "the reader says that it sleeps, then tests", "ok"},
    {},
};
constexpr gl_bug_entry kBugs[] = {
    {"test-then-state", "state-then-test", "Linux 1aa1bf11",
     "input and its wakeup come between the test and set_current_state: the reader sleeps beside input"},
    {},
};

enum TaskState : std::uint32_t { TASK_RUNNING = 0, TASK_INTERRUPTIBLE = 1 };

struct spinlock_t {
  std::atomic<std::uint8_t> locked{0};
};
struct task_struct {
  std::atomic<std::uint32_t> state{TASK_RUNNING};
};

struct State {
  task_struct tasks[oracle::kCpusMax];  // one a cpu
  spinlock_t wait_lock;
  bool waiting[oracle::kCpusMax];          // who is on the wait queue; under wait_lock
  std::atomic<std::uint32_t> read_cnt{0};  // characters in the buffer
  oracle::Permits characters;
};
State* state;

void spin_lock(spinlock_t& lock) {
  while (lock.locked.exchange(1, std::memory_order_acquire) != 0) {
    while (lock.locked.load(std::memory_order_relaxed) != 0) gl_cpu_relax();
  }
}
void spin_unlock(spinlock_t& lock) {
  lock.locked.store(0, std::memory_order_release);
}

task_struct& current() {
  return state->tasks[gl_this_cpu()];
}
// smp_store_mb: the state is visible before anything that follows is read.
void set_current_state(TaskState to) {
  current().state.store(to, std::memory_order_seq_cst);
}

void set_waiting(bool waiting) {
  spin_lock(state->wait_lock);
  state->waiting[gl_this_cpu()] = waiting;
  spin_unlock(state->wait_lock);
}

bool is_running(void* task) {
  return static_cast<task_struct*>(task)->state.load(std::memory_order_acquire) == TASK_RUNNING;
}
bool input_is_left(void*) {
  return state->characters.left() != 0;
}

// False if nobody will ever wake the task, and there is nothing that it should be woken for.
[[gnu::noinline]] bool schedule() {
  return oracle::Sleep::until(is_running, input_is_left, &current());
}

[[gnu::noinline]] void wake_up() {
  spin_lock(state->wait_lock);
  for (unsigned cpu = 0; cpu < gl_cpu_count(); ++cpu) {
    std::uint32_t asleep = TASK_INTERRUPTIBLE;
    if (state->waiting[cpu]) state->tasks[cpu].state.compare_exchange_strong(asleep, TASK_RUNNING);
  }
  spin_unlock(state->wait_lock);
}

// True if a character was there and is taken.
bool copy_from_read_buf() {
  std::uint32_t count = state->read_cnt.load(std::memory_order_acquire);
  while (count != 0) {
    if (!state->read_cnt.compare_exchange_weak(count, count - 1)) continue;
    state->characters.take();
    return true;
  }
  return false;
}
[[gnu::noinline]] bool input_available() {
  return state->read_cnt.load(std::memory_order_acquire) != 0;
}

// Blocks until it has read one character, or none will ever come.
[[gnu::noinline]] void n_tty_read(const std::uint32_t*) {
  set_waiting(true);
  while (!copy_from_read_buf()) {
    bool available = false;
    if (gl_variant() == kTestThenState) {
      available = input_available();
      set_current_state(TASK_INTERRUPTIBLE);
    } else {
      set_current_state(TASK_INTERRUPTIBLE);
      available = input_available();
    }
    if (!available && !schedule()) break;
    set_current_state(TASK_RUNNING);
  }
  set_current_state(TASK_RUNNING);
  set_waiting(false);
}

[[gnu::noinline]] void n_tty_receive_buf(const std::uint32_t*) {
  state->characters.give();
  state->read_cnt.fetch_add(1, std::memory_order_seq_cst);
  wake_up();
}

constexpr gl_operation_entry kOperations[] = {
    {"n_tty_read", n_tty_read, {}}, {"n_tty_receive_buf", n_tty_receive_buf, {}}, {}};

bool nobody_waits() {
  for (unsigned cpu = 0; cpu < gl_cpu_count(); ++cpu) {
    if (state->waiting[cpu]) return false;
  }
  return state->wait_lock.locked.load(std::memory_order_relaxed) == 0;
}
constexpr gl_invariant_entry kInvariants[] = {{"nobody is on the wait queue at rest", nobody_waits, nullptr}, {}};

void setup() {
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
  gl_name(&state->wait_lock, sizeof(state->wait_lock), "read_wait.lock");
  gl_name(&state->read_cnt, sizeof(state->read_cnt), "read_cnt");
  for (unsigned cpu = 0; cpu < gl_cpu_count(); ++cpu) {
    gl_name(&state->tasks[cpu].state, sizeof(state->tasks[cpu].state), "task[%u].state", cpu);
  }
}

}  // namespace

extern "C" const gl_target gl_target_wait_queue;

const gl_target gl_target_wait_queue = {
    .name = "wait-queue",
    .summary = "a reader of a terminal that sleeps on a wait queue",
    .models = "Linux n_tty_read, set_current_state and wake_up; the lost wakeup fixed by 1aa1bf11",
    .cpus_minimum = 2,
    .cpus_maximum = 4,
    .variants = kVariants,
    .operations = kOperations,
    .invariants = kInvariants,
    .bugs = kBugs,
    .setup = setup,
};
