// Expected: lost-step hang, counted ok.
//
// A wait that is long and not for ever: whoever flushes waits until all steps that were announced are done, which takes
// the workers hundreds of points. No patience tells it from a hang; what does is that the count still changes. If two
// workers count a step at once with a load and a store, one step is lost and the count stops short: a hang.
//
// May include: engine/hook, the standard library.
#include <atomic>
#include <cstdint>
#include <new>

#include "engine/hook/gridlock.h"

namespace {

// In the order of kVariants.
enum Variant : unsigned { kLostStep, kCounted };
constexpr gl_variant_entry kVariants[] = {
    {"lost-step", "steps are counted by a load and a store: two at once count as one", "hang"},
    {"counted", "steps are counted by one atomic addition; the wait is long, but it ends", "ok"},
    {},
};

constexpr unsigned kSteps = 0;  // the parameter
constexpr gl_parameter_entry kParameters[] = {{"steps", 1, 10000, 100, 200}, {}};

struct State {
  std::atomic<std::uint32_t> announced{0};
  std::atomic<std::uint32_t> done{0};
};
State* state;

[[gnu::noinline]] void count_step() {
  if (gl_variant() == kCounted) {
    state->done.fetch_add(1, std::memory_order_release);
  } else {
    state->done.store(state->done.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  }
}

void work(const std::uint32_t*) {
  const std::uint32_t steps = gl_parameter(kSteps);
  state->announced.fetch_add(steps, std::memory_order_relaxed);
  for (std::uint32_t step = 0; step < steps; ++step) count_step();
}

// Waits for what is announced by now.
void flush(const std::uint32_t*) {
  const std::uint32_t announced = state->announced.load(std::memory_order_relaxed);
  while (state->done.load(std::memory_order_acquire) < announced) gl_cpu_relax();
}

constexpr gl_operation_entry kOperations[] = {{"work", work, {}}, {"flush", flush, {}}, {}};

void setup() {
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
  gl_name(&state->announced, sizeof(state->announced), "announced");
  gl_name(&state->done, sizeof(state->done), "done");
}

}  // namespace

extern "C" const gl_target gl_target_demo_long_wait;

const gl_target gl_target_demo_long_wait = {
    .name = "demo-long-wait",
    .summary = "a puzzle: a wait that is long, and one that is for ever",
    .models = "flush_work and its like: a wait for all that was queued before",
    .cpus_minimum = 2,
    .cpus_maximum = 2,
    .variants = kVariants,
    .parameters = kParameters,
    .operations = kOperations,
    .setup = setup,
};
