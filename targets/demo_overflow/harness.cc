// Expected: index memory-error, memset memory-error, bounded ok.
//
// Two bounds that are checked, but not on the value that is used. `push` checks how full a ring is and then takes a
// slot, which is another number once another cpu has taken one in between; `receive` checks a length and then fetches
// it again, after another cpu has changed it. Alone on its cpu, each is right.
//
// May include: engine/hook, the standard library.
#include <atomic>
#include <cstdint>
#include <cstring>
#include <new>

#include "engine/hook/gridlock.h"

namespace {

// In the order of kVariants.
enum Variant : unsigned { kIndex, kMemset, kBounded };
constexpr gl_variant_entry kVariants[] = {
    {"index", "push checks how full the ring was, not the slot it got", "memory-error"},
    {"memset", "receive checks a length and clears as many bytes as a second fetch says", "memory-error"},
    {"bounded", "what is checked is what is used", "ok"},
    {},
};

constexpr std::uint32_t kSlots = 2;
constexpr std::uint32_t kBufferBytes = 32;
constexpr std::uint32_t kLengthMax = 64;

struct State {
  std::atomic<std::uint32_t> used{0};
  std::atomic<std::uint32_t>* slots = nullptr;  // kSlots of them
  std::atomic<std::uint32_t> length{0};         // of the next message, as the other side announces it
};
State* state;

void push(const std::uint32_t*) {
  const std::uint32_t seen = state->used.load(std::memory_order_relaxed);
  if (seen >= kSlots) return;
  const std::uint32_t slot = state->used.fetch_add(1, std::memory_order_relaxed);
  const std::uint32_t checked = gl_variant() == kIndex ? seen : slot;
  if (checked >= kSlots) return;
  state->slots[slot].store(gl_this_cpu() + 1, std::memory_order_relaxed);
}

void announce(const std::uint32_t* arguments) {
  state->length.store(arguments[0], std::memory_order_relaxed);
}

void receive(const std::uint32_t*) {
  const std::uint32_t checked = state->length.load(std::memory_order_relaxed);
  if (checked > kBufferBytes) return;
  void* const buffer = gl_alloc(kBufferBytes, alignof(std::uint64_t));
  const std::uint32_t bytes = gl_variant() == kMemset ? state->length.load(std::memory_order_relaxed) : checked;
  std::memset(buffer, 0xff, bytes);
  asm volatile("" : : "r"(buffer) : "memory");
  gl_free(buffer);
}

constexpr gl_operation_entry kOperations[] = {
    {"push", push, {}},
    {"announce", announce, {{"length", 0, kLengthMax}}},
    {"receive", receive, {}},
    {},
};

void setup() {
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
  using Slot = std::atomic<std::uint32_t>;
  state->slots = static_cast<Slot*>(gl_alloc(kSlots * sizeof(Slot), alignof(Slot)));
  for (std::uint32_t slot = 0; slot < kSlots; ++slot) new (&state->slots[slot]) Slot(0);
  gl_name(&state->used, sizeof(state->used), "used");
  gl_name(state->slots, kSlots * sizeof(Slot), "slots");
  gl_name(&state->length, sizeof(state->length), "length");
}

}  // namespace

extern "C" const gl_target gl_target_demo_overflow;

const gl_target gl_target_demo_overflow = {
    .name = "demo-overflow",
    .summary = "a puzzle: bounds that hold when they are checked and not when they are used",
    .models = "check-then-act on an index, and the double fetch of a length from shared memory",
    .cpus_minimum = 2,
    .cpus_maximum = 3,
    .variants = kVariants,
    .operations = kOperations,
    .setup = setup,
};
