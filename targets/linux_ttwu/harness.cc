// Linux wakeups on two cpus or more: tasks that block, are woken while they are still being switched out, move to the
// waker's cpu and end there. README.md says what is from where.
//
// Tasks are data, not stacks: an operation acts for the task that is current on its cpu, and schedule() makes another
// one current.
//
// May include: engine/hook, the standard library.
#include <atomic>
#include <cstdint>
#include <new>

#include "engine/hook/gridlock.h"
#include "engine/hook/oracles.h"

namespace {

// In the order of kVariants.
enum Variant : unsigned { kSharedWord, kStateLate, kFixed };
constexpr gl_variant_entry kVariants[] = {
    {"shared-word", "schedule and the waker each write a bit-field, and both lie in one word", "data-race"},
    {"state-after-on-cpu", "prev->state is read when on_cpu is 0 already", "assertion"},
    {"fixed", "the bit-fields lie in words of their own; prev->state is read before on_cpu is 0", "ok"},
    {},
};
constexpr gl_bug_entry kBugs[] = {
    {"shared-word", "fixed", "Linux f97bb527",
     "schedule() and try_to_wake_up() update different bits of one word: one update is lost, the load average drifts"},
    {"state-after-on-cpu", "fixed", "Linux 95913d97",
     "the read of prev->state slips behind on_cpu = 0: the task runs and dies elsewhere, and is dropped twice"},
    {},
};

enum TaskState : std::uint32_t { TASK_RUNNING = 0, TASK_INTERRUPTIBLE = 1, TASK_DEAD = 128 };
constexpr unsigned kTasks = 3;

// Two flags of a task that different cpus write.
struct Flags {
  unsigned sched_contributes_to_load : 1;
  unsigned sched_remote_wakeup : 1;
};
struct FlagsApart {
  unsigned sched_contributes_to_load : 1;
  unsigned : 0;
  unsigned sched_remote_wakeup : 1;
};

struct spinlock_t {
  std::atomic<std::uint8_t> locked{0};
};

struct task_struct {
  spinlock_t pi_lock;
  std::atomic<std::uint32_t> state{TASK_RUNNING};  // written by the task itself, and by a waker that holds pi_lock
  std::atomic<std::uint32_t> on_cpu{0};
  std::atomic<std::uint32_t> on_rq{0};
  Flags flags{};
  FlagsApart flags_apart{};
  task_struct* next = nullptr;    // in the run queue
  oracle::Permits references{1};  // the scheduler's, dropped when the task is dead
};

struct State {
  task_struct tasks[kTasks];
  spinlock_t rq_lock;  // one run queue for all cpus
  task_struct* head = nullptr;
  task_struct* curr[oracle::kCpusMax];  // nullptr: idle
};
State* state;

[[gnu::noinline]] void spin_lock(spinlock_t& lock) {
  while (lock.locked.exchange(1, std::memory_order_acquire) != 0) {
    while (lock.locked.load(std::memory_order_relaxed) != 0) gl_cpu_relax();
  }
}
void spin_unlock(spinlock_t& lock) {
  lock.locked.store(0, std::memory_order_release);
}

task_struct*& current() {
  return state->curr[gl_this_cpu()];
}

// REQUIRES of both: rq_lock.
void enqueue(task_struct& p) {
  p.next = nullptr;
  task_struct** end = &state->head;
  while (*end != nullptr) end = &(*end)->next;
  *end = &p;
}
task_struct* pick_next_task() {
  task_struct* const p = state->head;
  if (p != nullptr) state->head = p->next;
  return p;
}

[[gnu::noinline]] void put_task_struct(task_struct& p) {
  p.references.take();
}

std::uint32_t state_of(const task_struct& p) {
  return p.state.load(std::memory_order_relaxed);
}
void set_state(task_struct& p, TaskState to) {
  p.state.store(to, std::memory_order_relaxed);
}

// The task may run on another cpu as soon as on_cpu is 0. Whether it is dead is what it was when it left this cpu.
[[gnu::noinline]] void finish_task_switch(task_struct* prev) {
  if (prev == nullptr) return;
  std::uint32_t prev_state = 0;
  if (gl_variant() == kStateLate) {
    prev->on_cpu.store(0, std::memory_order_release);
    prev_state = state_of(*prev);
  } else {
    prev_state = state_of(*prev);
    prev->on_cpu.store(0, std::memory_order_release);
  }
  if (prev_state == TASK_DEAD) put_task_struct(*prev);
}

[[gnu::noinline]] void deactivate_task(task_struct& prev) {
  if (gl_variant() == kSharedWord) {
    prev.flags.sched_contributes_to_load = 1;
  } else {
    prev.flags_apart.sched_contributes_to_load = 1;
  }
  prev.on_rq.store(0, std::memory_order_relaxed);
}

[[gnu::noinline]] void schedule() {
  spin_lock(state->rq_lock);
  task_struct* const prev = current();
  if (prev != nullptr) {
    if (state_of(*prev) == TASK_RUNNING) {
      enqueue(*prev);
    } else {
      deactivate_task(*prev);
    }
  }
  task_struct* const next = pick_next_task();
  if (next != prev && next != nullptr) {
    // It may be the task that another cpu is just leaving.
    while (next->on_cpu.load(std::memory_order_acquire) != 0) gl_cpu_relax();
    next->on_cpu.store(1, std::memory_order_relaxed);
  }
  current() = next;
  spin_unlock(state->rq_lock);
  if (next != prev) finish_task_switch(prev);
}

[[gnu::noinline]] void ttwu_queue_wakelist(task_struct& p) {
  if (gl_variant() == kSharedWord) {
    p.flags.sched_remote_wakeup = 1;
  } else {
    p.flags_apart.sched_remote_wakeup = 1;
  }
}

// Wakes a task that sleeps, if need be while its cpu still leaves it.
[[gnu::noinline]] void try_to_wake_up(task_struct& p) {
  spin_lock(p.pi_lock);
  if (p.on_rq.load(std::memory_order_relaxed) == 0) {
    if (p.on_cpu.load(std::memory_order_relaxed) != 0) ttwu_queue_wakelist(p);
    while (p.on_cpu.load(std::memory_order_acquire) != 0) gl_cpu_relax();
    if (state_of(p) == TASK_INTERRUPTIBLE) {
      set_state(p, TASK_RUNNING);
      spin_lock(state->rq_lock);
      p.on_rq.store(1, std::memory_order_relaxed);
      enqueue(p);
      spin_unlock(state->rq_lock);
    }
  }
  spin_unlock(p.pi_lock);
}

void block(const std::uint32_t*) {
  if (current() != nullptr) set_state(*current(), TASK_INTERRUPTIBLE);
  schedule();
}
void do_exit(const std::uint32_t*) {
  if (current() != nullptr) set_state(*current(), TASK_DEAD);
  schedule();
}
void sched_yield(const std::uint32_t*) {
  schedule();
}
void wake_up_process(const std::uint32_t arguments[4]) {
  try_to_wake_up(state->tasks[arguments[0]]);
}

constexpr gl_operation_entry kOperations[] = {{"block", block, {}},
                                              {"do_exit", do_exit, {}},
                                              {"sched_yield", sched_yield, {}},
                                              {"wake_up_process", wake_up_process, {{"task", 0, kTasks - 1}}},
                                              {}};

bool a_task_that_is_on_rq_is_queued_or_current_once() {
  for (task_struct& p : state->tasks) {
    unsigned count = 0;
    for (const task_struct* q = state->head; q != nullptr; q = q->next) count += q == &p;
    for (unsigned cpu = 0; cpu < gl_cpu_count(); ++cpu) count += state->curr[cpu] == &p;
    if (count != p.on_rq.load(std::memory_order_relaxed)) return false;
  }
  return true;
}
bool exactly_the_dead_are_dropped() {
  for (task_struct& p : state->tasks) {
    if ((p.references.left() == 0) != (state_of(p) == TASK_DEAD)) return false;
  }
  return true;
}
constexpr gl_invariant_entry kInvariants[] = {
    {"a task that is on_rq is queued or current, once", a_task_that_is_on_rq_is_queued_or_current_once, nullptr},
    {"exactly the dead tasks have been dropped", exactly_the_dead_are_dropped, nullptr},
    {}};

// Each cpu starts with a task of its own; what is left is queued.
void setup() {
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
  gl_name(&state->rq_lock, sizeof(state->rq_lock), "rq.lock");
  for (unsigned number = 0; number < kTasks; ++number) {
    task_struct& p = state->tasks[number];
    p.on_rq.store(1, std::memory_order_relaxed);
    if (number < gl_cpu_count()) {
      state->curr[number] = &p;
      p.on_cpu.store(1, std::memory_order_relaxed);
    } else {
      enqueue(p);
    }
    gl_name(&p.pi_lock, sizeof(p.pi_lock), "task[%u].pi_lock", number);
    gl_name(&p.state, sizeof(p.state), "task[%u].state", number);
    gl_name(&p.on_cpu, sizeof(p.on_cpu), "task[%u].on_cpu", number);
    gl_name(&p.on_rq, sizeof(p.on_rq), "task[%u].on_rq", number);
    gl_name(&p.flags, sizeof(p.flags), "task[%u].flags", number);
  }
}

}  // namespace

extern "C" const gl_target gl_target_linux_ttwu;

const gl_target gl_target_linux_ttwu = {
    .name = "linux-ttwu",
    .summary = "Linux tasks that are woken while their cpu still leaves them",
    .models = "Linux try_to_wake_up, schedule and finish_task_switch; fixed by f97bb527 and 95913d97",
    .cpus_minimum = 2,
    .cpus_maximum = 3,
    .variants = kVariants,
    .operations = kOperations,
    .invariants = kInvariants,
    .bugs = kBugs,
    .setup = setup,
};
