// Memory errors, what looks like them and is none, and what kills a process in every flavour.
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <new>

#include "engine/machine/test_targets/test_targets.h"

namespace {

struct State {
  std::atomic<std::uint32_t> word{0};
  std::atomic<std::atomic<std::uint32_t>*> local{nullptr};
  std::uint32_t* null = nullptr;
};
State* state;
void setup() {
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
}

std::uint32_t* freed_block() {
  auto* const block = static_cast<std::uint32_t*>(gl_alloc(4, 4));
  gl_free(block);
  return block;
}

__attribute__((noinline)) void use_atomically(std::uint32_t* block) {
  __atomic_fetch_add(block, 1, __ATOMIC_RELAXED);
}
__attribute__((noinline)) void use_plainly(std::uint32_t* block) {
  *block = 1;
}
__attribute__((noinline)) void use_volatile(volatile std::uint32_t* block) {
  *block = 1;
}
__attribute__((noinline)) void clear(void* block, std::size_t bytes) {
  std::memset(block, 0, bytes);
}

void freed_atomic(const std::uint32_t*) {
  use_atomically(freed_block());
}
void freed_plain(const std::uint32_t*) {
  use_plainly(freed_block());
}
void freed_volatile(const std::uint32_t*) {
  use_volatile(freed_block());
}
void overflow(const std::uint32_t* arguments) {
  clear(gl_alloc(24, 8), arguments[0]);
}

__attribute__((noinline)) void write_null() {
  *state->null = 1;
}
__attribute__((noinline)) void write_null_atomically() {
  __atomic_store_n(state->null, 1, __ATOMIC_RELAXED);
}
void null_plain(const std::uint32_t*) {
  write_null();
}
void null_atomic(const std::uint32_t*) {
  write_null_atomically();
}
void abort_now(const std::uint32_t*) {
  state->word.load();
  std::abort();
}
__attribute__((noinline)) std::uint32_t recurse(std::uint32_t depth) {
  volatile char frame[256];
  frame[0] = static_cast<char>(depth);
  if (depth == UINT32_MAX) return 0;
  return recurse(depth + 1) + static_cast<std::uint32_t>(frame[0]);
}
void overflow_stack(const std::uint32_t*) {
  state->word.store(recurse(0));
}
// ---- locals of handlers and of the task under them ----
__attribute__((noinline)) std::uint32_t sum(const volatile std::uint32_t* words, std::uint32_t count) {
  std::uint32_t total = 0;
  for (std::uint32_t i = 0; i < count; ++i) total += words[i];
  return total;
}
// A frame of plain and volatile words, deeper and deeper.
__attribute__((noinline)) std::uint32_t frames(std::uint32_t depth) {
  std::uint32_t words[8] = {};
  std::uint32_t* volatile escaped = words;
  for (std::uint32_t i = 0; i < 8; ++i) escaped[i] = depth + i;
  return sum(words, 8) + (depth == 0 ? 0 : frames(depth - 1));
}
void publish_local() {
  std::atomic<std::uint32_t> local{1};
  state->local.store(&local);
}
void increment_lent() {
  if (std::atomic<std::uint32_t>* const lent = state->local.load()) lent->fetch_add(1);
}
void run_frames() {
  frames(2);
}
void read_local_of_handler(const std::uint32_t*) {
  state->word.load();
  state->word.load();
  if (const std::atomic<std::uint32_t>* const local = state->local.load()) local->load();
}
void lend_local_to_handler(const std::uint32_t*) {
  std::atomic<std::uint32_t> local{1};
  state->local.store(&local);
  state->word.load();
  state->local.store(nullptr);
  GL_ASSERT(local.load() == 2);
}
void nested_frames(const std::uint32_t* arguments) {
  for (int round = 0; round < 3; ++round) {
    state->word.fetch_add(frames(arguments[0]));
    state->word.load();
  }
}
void fine(const std::uint32_t*) {
  clear(gl_alloc(24, 8), 24);
}

const gl_operation_entry operations[] = {{"freed_atomic", freed_atomic, {}},
                                         {"freed_plain", freed_plain, {}},
                                         {"freed_volatile", freed_volatile, {}},
                                         {"overflow", overflow, {}},
                                         {"null_plain", null_plain, {}},
                                         {"null_atomic", null_atomic, {}},
                                         {"abort", abort_now, {}},
                                         {"recurse", overflow_stack, {}},
                                         {"fine", fine, {}},
                                         {"read_local_of_handler", read_local_of_handler, {}},
                                         {"lend_local_to_handler", lend_local_to_handler, {}},
                                         {"nested_frames", nested_frames, {}},
                                         {}};
const gl_vector_entry vectors[] = {{"publish_local", publish_local, true},
                                   {"increment_lent", increment_lent, true},
                                   {"run_frames", run_frames, true},
                                   {}};
const gl_variant_entry variants[] = {{"only", "", "memory-error"}, {}};

}  // namespace

namespace test_targets {
const gl_target memory_errors = {.name = "memory_errors",
                                 .cpus_minimum = 1,
                                 .cpus_maximum = 4,
                                 .variants = variants,
                                 .operations = operations,
                                 .vectors = vectors,
                                 .setup = setup};
}  // namespace test_targets
