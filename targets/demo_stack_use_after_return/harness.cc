// Expected: local memory-error, copied ok.
//
// An interrupt handler hands its task a reading by publishing where it lies. If that is a local of the handler, the
// address outlives the handler's stack frame: the task reads whatever is there by now. All accesses are atomic and the
// publication is ordered: this is no data race.
//
// May include: engine/hook, the standard library.
#include <atomic>
#include <cstdint>
#include <new>

#include "engine/hook/gridlock.h"

namespace {

// In the order of kVariants.
enum Variant : unsigned { kLocal, kCopied };
constexpr gl_variant_entry kVariants[] = {
    {"local", "the handler publishes the address of its own local", "memory-error"},
    {"copied", "the handler copies its reading to memory that stays, and publishes that", "ok"},
    {},
};

using Reading = std::atomic<std::uint32_t>;

struct State {
  Reading interrupts{0};
  Reading kept{0};
  std::atomic<Reading*> latest{nullptr};
  Reading total{0};
};
State* state;

void sensor_interrupt() {
  Reading reading;
  reading.store(state->interrupts.fetch_add(1, std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  state->kept.store(reading.load(std::memory_order_relaxed), std::memory_order_relaxed);
  state->latest.store(gl_variant() == kLocal ? &reading : &state->kept, std::memory_order_release);
}

void poll_sensor(const std::uint32_t*) {
  const Reading* const latest = state->latest.load(std::memory_order_acquire);
  if (latest == nullptr) return;
  state->total.fetch_add(latest->load(std::memory_order_relaxed), std::memory_order_relaxed);
}

constexpr gl_operation_entry kOperations[] = {{"poll_sensor", poll_sensor, {}}, {}};
constexpr gl_vector_entry kVectors[] = {{"sensor", sensor_interrupt, true}, {}};

void setup() {
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
  gl_name(&state->interrupts, sizeof(Reading), "interrupts");
  gl_name(&state->kept, sizeof(Reading), "kept");
  gl_name(&state->latest, sizeof(state->latest), "latest");
  gl_name(&state->total, sizeof(Reading), "total");
}

}  // namespace

extern "C" const gl_target gl_target_demo_stack_use_after_return;

const gl_target gl_target_demo_stack_use_after_return = {
    .name = "demo-stack-use-after-return",
    .summary = "a puzzle: an interrupt handler publishes the address of its local",
    .models = "a handler that passes data to its task by address",
    .cpus_minimum = 1,
    .cpus_maximum = 1,
    .variants = kVariants,
    .operations = kOperations,
    .vectors = kVectors,
    .setup = setup,
};
