// Expected: read-once hang, read-each-time ok.
//
// A wait for a flag to clear that reads the flag once: what a compiler makes of `while (busy) {}` on a plain variable,
// whose value it may keep in a register. The loop has no atomic access and not even a spin hint, so the cpu never comes
// to a point again and no schedule can take it off: a parent process has to notice that nothing happens any more.
//
// May include: engine/hook, the standard library.
#include <atomic>
#include <cstdint>
#include <new>

#include "engine/hook/gridlock.h"

namespace {

// In the order of kVariants.
enum Variant : unsigned { kReadOnce, kReadEachTime };
constexpr gl_variant_entry kVariants[] = {
    {"read-once", "the loop looks at a copy of the flag in a register, for ever", "hang"},
    {"read-each-time", "the loop reads the flag in each round, and hints that it spins", "ok"},
    {},
};

struct State {
  std::atomic<std::uint32_t> updates{0};  // under way
};
State* state;

void update(const std::uint32_t*) {
  state->updates.fetch_add(1, std::memory_order_acquire);
  state->updates.fetch_sub(1, std::memory_order_release);
}

[[gnu::noinline]] void wait_for_updates(const std::uint32_t*) {
  std::uint32_t seen = state->updates.load(std::memory_order_acquire);
  while (seen != 0) {
    // As far as the compiler knows this changes `seen`: it must not conclude that the loop ends.
    asm volatile("" : "+r"(seen));
    if (gl_variant() == kReadOnce) continue;
    gl_cpu_relax();
    seen = state->updates.load(std::memory_order_acquire);
  }
}

constexpr gl_operation_entry kOperations[] = {{"update", update, {}}, {"wait_for_updates", wait_for_updates, {}}, {}};

void setup() {
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
  gl_name(&state->updates, sizeof(state->updates), "updates");
}

}  // namespace

extern "C" const gl_target gl_target_demo_plain_spin;

const gl_target gl_target_demo_plain_spin = {
    .name = "demo-plain-spin",
    .summary = "a puzzle: a loop that waits for a flag and reads it once",
    .models = "a missing READ_ONCE in a spin loop, as it is compiled",
    .cpus_minimum = 2,
    .cpus_maximum = 2,
    .variants = kVariants,
    .operations = kOperations,
    .setup = setup,
};
