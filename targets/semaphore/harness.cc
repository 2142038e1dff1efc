// The counting semaphore of Linux: a count and a list of waiters under a spinlock. `up` hands a permit to the first
// waiter and wakes it; a waiter that is woken without one goes back to sleep. README.md says what is from where.
//
// May include: engine/hook, the standard library.
#include <atomic>
#include <cstdint>
#include <new>

#include "engine/hook/gridlock.h"
#include "engine/hook/oracles.h"

namespace {

// In the order of kVariants.
enum Variant : unsigned { kLateState, kTrustsWakeup, kHandsOver };
constexpr gl_variant_entry kVariants[] = {
    {"late-state", "a waiter says that it sleeps after it let go of the lock: a wakeup in between is lost",
     "assertion"},
    {"trusts-wakeup", "a waiter that is woken takes it for a permit, whoever woke it", "assertion"},
    {"hands-over", "the state is set under the lock, and the permit is looked for after each wakeup", "ok"},
    {},
};

constexpr unsigned kCpusMax = 4;
constexpr std::uint32_t TASK_RUNNING = 0;
constexpr std::uint32_t TASK_UNINTERRUPTIBLE = 2;

// In the order of kParameters.
enum Parameter : unsigned { kPermits };
constexpr gl_parameter_entry kParameters[] = {{"permits", 0, 8, 0, 1}, {}};

// On the stack of the task that waits; under the lock.
struct semaphore_waiter {
  semaphore_waiter* next = nullptr;
  unsigned task = 0;  // the cpu: tasks do not move
  bool up = false;    // it was handed a permit, and is in the list no more
};

struct semaphore {
  std::atomic<std::uint8_t> lock{0};
  std::uint32_t count = 0;
  semaphore_waiter* wait_list = nullptr;  // first come, first served
};

struct State {
  semaphore sem;
  std::atomic<std::uint32_t> task_state[kCpusMax]{};
  oracle::Permits permits{gl_parameter(kPermits)};
};
State* state;

[[gnu::noinline]] void spin_lock(std::atomic<std::uint8_t>& lock) {
  while (lock.exchange(1, std::memory_order_acquire) != 0) gl_cpu_relax();
}
void spin_unlock(std::atomic<std::uint8_t>& lock) {
  lock.store(0, std::memory_order_release);
}

void set_current_state(std::uint32_t task_state) {
  state->task_state[gl_this_cpu()].store(task_state);
}
[[gnu::noinline]] void wake_up_process(unsigned task) {
  state->task_state[task].store(TASK_RUNNING);
}

void append(semaphore& sem, semaphore_waiter& waiter) {
  semaphore_waiter** end = &sem.wait_list;
  while (*end != nullptr) end = &(*end)->next;
  *end = &waiter;
}
void remove(semaphore& sem, semaphore_waiter& waiter) {
  semaphore_waiter** at = &sem.wait_list;
  while (*at != &waiter) at = &(*at)->next;
  *at = waiter.next;
}

bool is_running(void*) {
  return state->task_state[gl_this_cpu()].load() == TASK_RUNNING;
}
// Asked when all sleep. Not instrumented: the list is under the lock, which nobody holds then.
GL_ORACLE bool has_permit(void* waiter) {
  return static_cast<const semaphore_waiter*>(waiter)->up || state->permits.left() != 0;
}

// False if all sleep and this task has nothing to wake up for.
[[gnu::noinline]] bool schedule(semaphore_waiter& waiter) {
  const bool is_woken = oracle::Sleep::until(is_running, has_permit, &waiter);
  set_current_state(TASK_RUNNING);
  return is_woken;
}

// With the lock held. True: has been handed a permit. False: it gave up, as nobody will ever hand it one.
[[gnu::noinline]] bool __down(semaphore& sem) {
  semaphore_waiter waiter{.task = gl_this_cpu()};
  append(sem, waiter);
  for (;;) {
    if (gl_variant() != kLateState) set_current_state(TASK_UNINTERRUPTIBLE);
    spin_unlock(sem.lock);
    if (gl_variant() == kLateState) set_current_state(TASK_UNINTERRUPTIBLE);
    const bool is_woken = schedule(waiter);
    spin_lock(sem.lock);
    if (waiter.up) return true;
    const bool is_let_in = is_woken && gl_variant() == kTrustsWakeup;
    if (is_woken && !is_let_in) continue;
    remove(sem, waiter);
    return is_let_in;
  }
}

[[gnu::noinline]] bool down(semaphore& sem) {
  spin_lock(sem.lock);
  bool has_one = sem.count != 0;
  if (has_one) {
    --sem.count;
  } else {
    has_one = __down(sem);
  }
  if (has_one) state->permits.take();
  spin_unlock(sem.lock);
  return has_one;
}

[[gnu::noinline]] void __up(semaphore& sem) {
  semaphore_waiter& first = *sem.wait_list;
  sem.wait_list = first.next;
  first.up = true;
  wake_up_process(first.task);
}

[[gnu::noinline]] void up(semaphore& sem) {
  spin_lock(sem.lock);
  state->permits.give();
  if (sem.wait_list == nullptr) {
    ++sem.count;
  } else {
    __up(sem);
  }
  spin_unlock(sem.lock);
}

void down_operation(const std::uint32_t*) {
  down(state->sem);
}
void up_operation(const std::uint32_t*) {
  up(state->sem);
}
// From somewhere else in the kernel: a task must be ready to be woken for nothing.
void stray_wakeup(const std::uint32_t* arguments) {
  wake_up_process(arguments[0] % gl_cpu_count());
}

constexpr gl_operation_entry kOperations[] = {{"down", down_operation, {}},
                                              {"up", up_operation, {}},
                                              {"stray_wakeup", stray_wakeup, {{"task", 0, kCpusMax - 1}}},
                                              {}};

bool count_is_what_is_left() {
  return state->sem.count == state->permits.left() && state->sem.wait_list == nullptr;
}

constexpr gl_invariant_entry kInvariants[] = {
    {"at rest the count is what was given and not taken", count_is_what_is_left, nullptr}, {}};

void setup() {
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
  state->sem.count = gl_parameter(kPermits);
  gl_name(&state->sem.lock, sizeof(state->sem.lock), "sem.lock");
  gl_name(&state->sem.count, sizeof(state->sem.count), "sem.count");
  gl_name(&state->sem.wait_list, sizeof(semaphore_waiter*), "sem.wait_list");
  for (unsigned task = 0; task < kCpusMax; ++task) {
    gl_name(&state->task_state[task], sizeof(state->task_state[task]), "task_state[%u]", task);
  }
}

}  // namespace

extern "C" const gl_target gl_target_semaphore;

const gl_target gl_target_semaphore = {
    .name = "semaphore",
    .summary = "the counting semaphore with a list of waiters, which up hands permits to",
    .models = "Linux kernel/locking/semaphore.c, 2.6.26 to 6.1",
    .cpus_minimum = 2,
    .cpus_maximum = kCpusMax,
    .variants = kVariants,
    .parameters = kParameters,
    .operations = kOperations,
    .invariants = kInvariants,
    .setup = setup,
};
