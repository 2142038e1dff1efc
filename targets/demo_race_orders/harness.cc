// Expected: write-write data-race, write-read data-race, read-write data-race, read-read ok, locked ok.
//
// Two plain accesses to one word by two cpus, in every order. `second` makes its access only if it sees that `first`
// has made its own, so each variant's order is the order in the run. But a relaxed flag orders nothing: without the
// lock, two accesses of which one is a write are a race.
//
// May include: engine/hook, the standard library.
#include <atomic>
#include <cstdint>
#include <new>

#include "engine/hook/gridlock.h"

namespace {

constexpr gl_variant_entry kVariants[] = {
    {"write-write", "the second write overtakes the first: nothing orders them", "data-race"},
    {"write-read", "the read follows the write in time, but nothing orders it after the write", "data-race"},
    {"read-write", "the write follows the read in time, but nothing keeps it from coming before", "data-race"},
    {"read-read", "two reads need no order", "ok"},
    {"locked", "a lock around both accesses orders the read after the write", "ok"},
    {},
};

// In the order of kVariants.
struct Accesses {
  bool first_writes, second_writes, locked;
};
constexpr Accesses kAccesses[] = {
    {.first_writes = true, .second_writes = true, .locked = false},
    {.first_writes = true, .second_writes = false, .locked = false},
    {.first_writes = false, .second_writes = true, .locked = false},
    {.first_writes = false, .second_writes = false, .locked = false},
    {.first_writes = true, .second_writes = false, .locked = true},
};

// Who makes an access claims it first: each is made once a run, by whichever cpu comes first.
struct State {
  std::uint32_t word = 0;
  std::atomic<std::uint32_t> lock{0};
  std::atomic<std::uint32_t> first_claimed{0}, first_done{0}, second_claimed{0};
};
State* state;

bool claim(std::atomic<std::uint32_t>& claimed) {
  return claimed.exchange(1, std::memory_order_relaxed) == 0;
}

[[gnu::noinline]] void write_word() {
  state->word = gl_this_cpu() + 1;
}

[[gnu::noinline]] void read_word() {
  const std::uint32_t value = state->word;
  asm volatile("" : : "r"(value));
}

void access(bool writes) {
  const bool locked = kAccesses[gl_variant()].locked;
  while (locked && state->lock.exchange(1, std::memory_order_acquire) != 0) gl_cpu_relax();
  if (writes) {
    write_word();
  } else {
    read_word();
  }
  if (locked) state->lock.store(0, std::memory_order_release);
}

void first(const std::uint32_t*) {
  if (!claim(state->first_claimed)) return;
  access(kAccesses[gl_variant()].first_writes);
  state->first_done.store(1, std::memory_order_relaxed);
}

void second(const std::uint32_t*) {
  if (state->first_done.load(std::memory_order_relaxed) == 0 || !claim(state->second_claimed)) return;
  access(kAccesses[gl_variant()].second_writes);
}

constexpr gl_operation_entry kOperations[] = {{"first", first, {}}, {"second", second, {}}, {}};

void setup() {
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
  gl_name(&state->word, sizeof(state->word), "word");
  gl_name(&state->lock, sizeof(state->lock), "lock");
  gl_name(&state->first_claimed, sizeof(state->first_claimed), "first_claimed");
  gl_name(&state->first_done, sizeof(state->first_done), "first_done");
  gl_name(&state->second_claimed, sizeof(state->second_claimed), "second_claimed");
}

}  // namespace

extern "C" const gl_target gl_target_demo_race_orders;

const gl_target gl_target_demo_race_orders = {
    .name = "demo-race-orders",
    .summary = "a puzzle: two plain accesses to one word, in every order",
    .models = "the definition of a data race in C11 and C++11",
    .cpus_minimum = 2,
    .cpus_maximum = 2,
    .variants = kVariants,
    .operations = kOperations,
    .setup = setup,
};
