// Races in every order, on plain, atomic and volatile memory, and pairs that are ordered and so are none. The racing
// accesses stand in functions of their own, which a report must name.
#include <atomic>
#include <new>

#include "engine/machine/test_targets/test_targets.h"

namespace {

struct Big {
  std::uint64_t words[3];
};
// ThreadSanitizer remembers four accesses of each eight bytes, so what does not race with each other lies apart.
struct State {
  alignas(8) std::uint32_t word = 0;
  alignas(8) std::uint32_t other = 0;
  alignas(8) volatile std::uint32_t flag = 0;
  alignas(8) std::atomic<std::uint32_t> gate{0};
  alignas(8) std::atomic<std::uint32_t> published{0};
  std::atomic<Big> big{};
};
State* state;
void setup() {
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
}

__attribute__((noinline)) void write_word() {
  state->word = 1;
}
__attribute__((noinline)) void read_word() {
  volatile std::uint32_t sink = state->word;
  static_cast<void>(sink);
}
__attribute__((noinline)) void write_word_atomically() {
  __atomic_store_n(&state->word, 2, __ATOMIC_RELAXED);
}
__attribute__((noinline)) void read_word_atomically() {
  static_cast<void>(__atomic_load_n(&state->word, __ATOMIC_RELAXED));
}
__attribute__((noinline)) void write_flag() {
  state->flag = 1;
}
__attribute__((noinline)) void read_flag() {
  static_cast<void>(state->flag);
}
__attribute__((noinline)) void write_flag_plainly() {
  *const_cast<std::uint32_t*>(&state->flag) = 1;
}

// Not of the arena, so nothing that Gridlock judges.
std::uint32_t outside;
__attribute__((noinline)) void write_outside() {
  outside = 1;
  asm volatile("" : : "m"(outside));  // or the compiler drops what nobody reads
}

// A relaxed access on each side gives every access a point in front of it and one behind, without ordering anything.
template <void (*access)()>
void racing(const std::uint32_t*) {
  state->gate.load(std::memory_order_relaxed);
  access();
  state->gate.load(std::memory_order_relaxed);
}

void publish(const std::uint32_t*) {
  state->other = 1;
  state->published.store(1, std::memory_order_release);
}
void consume(const std::uint32_t*) {
  while (state->published.load(std::memory_order_acquire) == 0) gl_cpu_relax();
  GL_ASSERT(state->other == 1);
}
// Ordered by fences, of which ThreadSanitizer knows nothing.
void publish_by_fence(const std::uint32_t*) {
  state->other = 1;
  std::atomic_thread_fence(std::memory_order_release);
  state->published.store(1, std::memory_order_relaxed);
}
void consume_by_fence(const std::uint32_t*) {
  while (state->published.load(std::memory_order_relaxed) == 0) gl_cpu_relax();
  std::atomic_thread_fence(std::memory_order_acquire);
  GL_ASSERT(state->other == 1);
}
void store_big(const std::uint32_t* arguments) {
  state->big.store(Big{{arguments[0], arguments[0], arguments[0]}});
  const Big big = state->big.load();
  GL_ASSERT(big.words[0] == big.words[2]);
}

const gl_operation_entry operations[] = {{"write", racing<write_word>, {}},
                                         {"read", racing<read_word>, {}},
                                         {"atomic_write", racing<write_word_atomically>, {}},
                                         {"atomic_read", racing<read_word_atomically>, {}},
                                         {"volatile_write", racing<write_flag>, {}},
                                         {"volatile_read", racing<read_flag>, {}},
                                         {"plain_flag_write", racing<write_flag_plainly>, {}},
                                         {"outside_write", racing<write_outside>, {}},
                                         {"publish", publish, {}},
                                         {"consume", consume, {}},
                                         {"store_big", store_big, {}},
                                         {"publish_by_fence", publish_by_fence, {}},
                                         {"consume_by_fence", consume_by_fence, {}},
                                         {}};
const gl_variant_entry variants[] = {{"only", "", "data-race"}, {}};

}  // namespace

namespace test_targets {
const gl_target races = {.name = "races",
                         .cpus_minimum = 1,
                         .cpus_maximum = 4,
                         .variants = variants,
                         .operations = operations,
                         .setup = setup};
}  // namespace test_targets
