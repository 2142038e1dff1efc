// Expected: read-again memory-error, fetch-sub ok.
//
// The last holder of an object frees it. Who is the last is what the decrement itself returns; a count that is read
// again afterwards may be the work of others, and then two cpus both think that they are the last.
//
// May include: engine/hook, the standard library.
#include <atomic>
#include <cstdint>
#include <new>

#include "engine/hook/gridlock.h"

namespace {

// In the order of kVariants.
enum Variant : unsigned { kReadAgain, kFetchSub };
constexpr gl_variant_entry kVariants[] = {
    {"read-again", "the count is read again behind the decrement: two cpus see zero and both free", "memory-error"},
    {"fetch-sub", "the decrement returns the count: one cpu is the last", "ok"},
    {},
};

constexpr unsigned kCpusMax = 3;

struct State {
  std::atomic<std::uint32_t> references{0};  // one a cpu at first; outside the object, so that only the free is wrong
  void* object = nullptr;
  bool holds[kCpusMax] = {};  // each cpu's own
};
State* state;

[[gnu::noinline]] bool drop_reference() {
  const std::uint32_t before = state->references.fetch_sub(1, std::memory_order_acq_rel);
  if (gl_variant() == kFetchSub) return before == 1;
  return state->references.load(std::memory_order_acquire) == 0;
}

void put(const std::uint32_t*) {
  bool& holds = state->holds[gl_this_cpu()];
  if (!holds) return;
  holds = false;
  if (drop_reference()) gl_free(state->object);
}

constexpr gl_operation_entry kOperations[] = {{"put", put, {}}, {}};

void setup() {
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
  state->object = gl_alloc(sizeof(std::uint64_t), alignof(std::uint64_t));
  state->references.store(gl_cpu_count(), std::memory_order_relaxed);
  for (unsigned cpu = 0; cpu < gl_cpu_count(); ++cpu) state->holds[cpu] = true;
  gl_name(&state->references, sizeof(state->references), "references");
  gl_name(state->object, sizeof(std::uint64_t), "object");
}

}  // namespace

extern "C" const gl_target gl_target_demo_double_free;

const gl_target gl_target_demo_double_free = {
    .name = "demo-double-free",
    .summary = "a puzzle: two cpus both think that they hold the last reference",
    .models = "kref_put built from atomic_dec and atomic_read, and from atomic_dec_and_test",
    .cpus_minimum = 2,
    .cpus_maximum = kCpusMax,
    .variants = kVariants,
    .operations = kOperations,
    .setup = setup,
};
