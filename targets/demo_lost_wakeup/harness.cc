// Expected: check-then-sleep deadlock, sleep-then-check ok.
//
// A task sleeps until all updates are through, and the last update wakes whoever sleeps. If the task checks first and
// says afterwards that it sleeps, the last update can end in between: it finds nobody to wake, and nobody wakes the
// task again. It has to say that it sleeps first, and then check once more.
//
// May include: engine/hook, the standard library.
#include <atomic>
#include <cstdint>
#include <new>

#include "engine/hook/gridlock.h"

namespace {

// In the order of kVariants.
enum Variant : unsigned { kCheckThenSleep, kSleepThenCheck };
constexpr gl_variant_entry kVariants[] = {
    {"check-then-sleep", "the state is set behind the check: a wakeup in between is lost", "deadlock"},
    {"sleep-then-check", "the state is set before the check: a wakeup in between undoes it", "ok"},
    {},
};

constexpr unsigned kCpusMax = 3;
constexpr std::uint32_t TASK_RUNNING = 0;
constexpr std::uint32_t TASK_UNINTERRUPTIBLE = 1;

struct State {
  std::atomic<std::uint32_t> updates{0};              // under way
  std::atomic<std::uint32_t> task_state[kCpusMax]{};  // of the task of each cpu
};
State* state;

bool is_running(void* task_state) {
  return static_cast<std::atomic<std::uint32_t>*>(task_state)->load() == TASK_RUNNING;
}

[[gnu::noinline]] void wait_for_updates(const std::uint32_t*) {
  std::atomic<std::uint32_t>& task_state = state->task_state[gl_this_cpu()];
  for (;;) {
    if (gl_variant() == kSleepThenCheck) task_state.store(TASK_UNINTERRUPTIBLE);
    if (state->updates.load() == 0) break;
    if (gl_variant() == kCheckThenSleep) task_state.store(TASK_UNINTERRUPTIBLE);
    gl_wait(is_running, &task_state, GL_WAIT_PLAIN);  // schedule()
  }
  task_state.store(TASK_RUNNING);
}

void update(const std::uint32_t*) {
  state->updates.fetch_add(1);
  if (state->updates.fetch_sub(1) != 1) return;
  for (unsigned cpu = 0; cpu < gl_cpu_count(); ++cpu) {
    if (state->task_state[cpu].load() != TASK_RUNNING) state->task_state[cpu].store(TASK_RUNNING);
  }
}

constexpr gl_operation_entry kOperations[] = {{"update", update, {}}, {"wait_for_updates", wait_for_updates, {}}, {}};

void setup() {
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
  gl_name(&state->updates, sizeof(state->updates), "updates");
  for (unsigned cpu = 0; cpu < kCpusMax; ++cpu) {
    gl_name(&state->task_state[cpu], sizeof(state->task_state[cpu]), "task_state[%u]", cpu);
  }
}

}  // namespace

extern "C" const gl_target gl_target_demo_lost_wakeup;

const gl_target gl_target_demo_lost_wakeup = {
    .name = "demo-lost-wakeup",
    .summary = "a puzzle: a task that goes to sleep while it is woken",
    .models = "set_current_state and schedule of Linux, before and behind the check of the condition",
    .cpus_minimum = 2,
    .cpus_maximum = kCpusMax,
    .variants = kVariants,
    .operations = kOperations,
    .setup = setup,
};
