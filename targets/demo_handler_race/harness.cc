// Expected: irqs-enabled data-race, irqs-disabled ok.
//
// A plain counter that an interrupt handler counts up and a task of the same cpu takes and resets. One cpu is enough
// for a race: the handler may run between any two instructions of the task, here between its read and its reset, and
// what it counted is lost. Disabling interrupts around the task's accesses is the lock against a handler of one's own
// cpu.
//
// May include: engine/hook, the standard library.
#include <atomic>
#include <cstdint>
#include <new>

#include "engine/hook/gridlock.h"

namespace {

// In the order of kVariants.
enum Variant : unsigned { kIrqsEnabled, kIrqsDisabled };
constexpr gl_variant_entry kVariants[] = {
    {"irqs-enabled", "the task takes the counter while the handler may count", "data-race"},
    {"irqs-disabled", "the task takes the counter with interrupts disabled", "ok"},
    {},
};

struct State {
  std::uint32_t received = 0;           // since it was last taken: shared with the handler
  std::atomic<std::uint32_t> total{0};  // what was taken
};
State* state;

void receive_interrupt() {
  ++state->received;
}

void take_received(const std::uint32_t*) {
  const bool disables = gl_variant() == kIrqsDisabled;
  const unsigned long flags = disables ? gl_irq_save() : 0;
  const std::uint32_t taken = state->received;
  state->total.fetch_add(taken, std::memory_order_relaxed);
  state->received = 0;
  if (disables) gl_irq_restore(flags);
}

constexpr gl_operation_entry kOperations[] = {{"take_received", take_received, {}}, {}};
constexpr gl_vector_entry kVectors[] = {{"receive", receive_interrupt, true}, {}};

void setup() {
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
  gl_name(&state->received, sizeof(state->received), "received");
  gl_name(&state->total, sizeof(state->total), "total");
}

}  // namespace

extern "C" const gl_target gl_target_demo_handler_race;

const gl_target gl_target_demo_handler_race = {
    .name = "demo-handler-race",
    .summary = "a puzzle: a counter shared by a task and an interrupt handler of one cpu",
    .models = "per-cpu statistics that a handler counts and a task reads, with and without local_irq_save",
    .cpus_minimum = 1,
    .cpus_maximum = 1,
    .variants = kVariants,
    .operations = kOperations,
    .vectors = kVectors,
    .setup = setup,
};
