// The parking of a runtime's workers: tasks go into one queue, a worker that finds none looks around as a searcher and
// then parks, and who submits a task wakes a parked worker only if nobody searches. README.md says what is from where.
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
enum Variant : unsigned { kCheckThenRegister, kRegisterThenCheck };
constexpr gl_variant_entry kVariants[] = {
    {"check-then-register", "a worker looks into the queue and registers as parked behind it", "assertion"},
    {"register-then-check", "a worker registers, and if nobody searches any more it looks once again", "ok"},
    {},
};

constexpr std::uint32_t kCpusMax = 4;
constexpr std::uint32_t kCapacity = 8;
constexpr std::uint32_t kNothing = UINT32_MAX;

// The queue under its mutex; `length` also tells without it whether there is something.
struct Queue {
  explicit Queue(futex::Futex& futex) : mutex(futex) {}
  futex::Mutex mutex;
  std::uint32_t tasks[kCapacity] = {};
  std::uint32_t first = 0;
  std::atomic<std::uint32_t> length{0};
};

struct State {
  futex::Futex futex;
  Queue queue{futex};
  std::atomic<std::uint32_t> searching{0};  // workers that look for a task: a submitter leaves its task to them
  std::atomic<std::uint32_t> parked{0};     // a bit for each cpu
  std::atomic<std::uint32_t> is_unparked[kCpusMax]{};
  std::uint32_t payload[oracle::Delivery::kItemsMax] = {};  // plain: written by who submits, read by who runs
  std::uint32_t submitted = 0;                              // guarded by the queue's mutex
  oracle::Delivery delivery;
  bool is_over = false;  // all sleep and nobody needs to: the run has nothing more to tell
};
State* state;

GL_ORACLE bool is_over() {
  return state->is_over;
}
GL_ORACLE void end_run() {
  state->is_over = true;
}
GL_ORACLE bool tasks_wait(void*) {
  return state->delivery.count() != 0;
}

[[gnu::noinline]] bool push(std::uint32_t payload) {
  Queue& queue = state->queue;
  queue.mutex.lock();
  const std::uint32_t length = queue.length.load(std::memory_order_relaxed);
  const bool has_room = length < kCapacity && state->submitted < oracle::Delivery::kItemsMax;
  if (has_room) {
    const std::uint32_t task = state->submitted++;
    state->payload[task] = payload + task;
    queue.tasks[(queue.first + length) % kCapacity] = task;
    state->delivery.put(task);
    queue.length.store(length + 1);
  }
  queue.mutex.unlock();
  return has_room;
}

[[gnu::noinline]] std::uint32_t pop() {
  Queue& queue = state->queue;
  if (queue.length.load() == 0) return kNothing;
  queue.mutex.lock();
  const std::uint32_t length = queue.length.load(std::memory_order_relaxed);
  std::uint32_t task = kNothing;
  if (length != 0) {
    task = queue.tasks[queue.first];
    queue.first = (queue.first + 1) % kCapacity;
    queue.length.store(length - 1);
    state->delivery.take(task);
  }
  queue.mutex.unlock();
  return task;
}

// Wakes one parked worker as a searcher. Whoever takes its bit owns the wake.
[[gnu::noinline]] void unpark_one() {
  std::uint32_t parked = state->parked.load();
  while (parked != 0) {
    const std::uint32_t bit = parked & -parked;
    if (!state->parked.compare_exchange_strong(parked, parked & ~bit)) continue;
    state->searching.fetch_add(1);
    state->is_unparked[__builtin_ctz(bit)].store(1, std::memory_order_release);
    return;
  }
}

// One searcher is enough: it wakes the next when it has found something.
[[gnu::noinline]] void notify_work() {
  if (state->searching.load() == 0) unpark_one();
}

bool is_unparked(void*) {
  return state->is_unparked[gl_this_cpu()].load(std::memory_order_acquire) != 0;
}

// Takes the own bit back. False if somebody has it and is about to unpark this worker.
bool unregister(std::uint32_t bit) {
  return (state->parked.fetch_and(~bit) & bit) != 0;
}

// A searcher finds nothing and sleeps. It is a searcher again when it returns; false if it never will be needed.
[[gnu::noinline]] bool park() {
  const std::uint32_t bit = std::uint32_t{1} << gl_this_cpu();
  if (gl_variant() == kCheckThenRegister && state->queue.length.load() != 0) return true;
  state->is_unparked[gl_this_cpu()].store(0, std::memory_order_relaxed);
  state->parked.fetch_or(bit);
  // From here on submitters count on nobody if this was the last one.
  const bool was_last = state->searching.fetch_sub(1) == 1;
  const bool looks_again = gl_variant() == kRegisterThenCheck && was_last;
  if (looks_again && state->queue.length.load() != 0 && unregister(bit)) {
    state->searching.fetch_add(1);
    return true;
  }
  return oracle::Sleep::until(is_unparked, tasks_wait, nullptr);
}

// Stops to search: if it was the last and there may be more, another one takes over.
[[gnu::noinline]] void stop_searching() {
  if (state->searching.fetch_sub(1) == 1 && state->queue.length.load() != 0) notify_work();
}

[[gnu::noinline]] void run_task(std::uint32_t task) {
  GL_PROMISE(state->payload[task] >= task, "a task comes with what its submitter wrote");
  gl_cpu_relax();
}

// A worker's loop until it has run so many tasks.
void work(const std::uint32_t arguments[4]) {
  for (std::uint32_t i = 0; i < arguments[0]; ++i) {
    if (is_over()) return;
    state->searching.fetch_add(1);
    std::uint32_t task = pop();
    while (task == kNothing) {
      if (!park()) return end_run();
      task = pop();
    }
    stop_searching();
    run_task(task);
  }
}

void submit(const std::uint32_t arguments[4]) {
  for (std::uint32_t i = 0; i < arguments[0] && !is_over(); ++i) {
    if (push(gl_this_cpu())) notify_work();
  }
}

constexpr gl_operation_entry kOperations[] = {
    {"work", work, {{"tasks", 1, 2}}}, {"submit", submit, {{"tasks", 1, 2}}}, {}};

bool nobody_searches() {
  return state->searching.load(std::memory_order_relaxed) == 0;
}
bool queue_is_what_was_not_taken() {
  return state->queue.length.load(std::memory_order_relaxed) == state->delivery.count();
}

constexpr gl_invariant_entry kInvariants[] = {
    {"nobody searches at rest", nobody_searches, nullptr},
    {"the queue holds what was put in and not taken", queue_is_what_was_not_taken, nullptr},
    {}};

void setup() {
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
  state->futex.name();
  state->queue.mutex.name("queue.mutex");
  gl_name(&state->queue.length, sizeof(state->queue.length), "queue.length");
  gl_name(&state->searching, sizeof(state->searching), "searching");
  gl_name(&state->parked, sizeof(state->parked), "parked");
  for (unsigned cpu = 0; cpu < kCpusMax; ++cpu) {
    gl_name(&state->is_unparked[cpu], sizeof(state->is_unparked[cpu]), "is_unparked[%u]", cpu);
  }
}

}  // namespace

extern "C" const gl_target gl_target_task_queue;

const gl_target gl_target_task_queue = {
    .name = "task-queue",
    .summary = "a runtime's workers, their queue and how they park",
    .models = "the idle protocol of work-stealing runtimes (tokio, Go, oneTBB), with one shared queue",
    .cpus_minimum = 2,
    .cpus_maximum = kCpusMax,
    .variants = kVariants,
    .operations = kOperations,
    .invariants = kInvariants,
    .setup = setup,
};
