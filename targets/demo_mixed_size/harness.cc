// Expected: relaxed-half data-race, release-half ok.
//
// A 32-bit lock word whose upper half is written alone, as 16 bits, and read with the rest, as 32. What the half
// publishes, a queue node, is ordered for whoever reads it out of the whole word: release and acquire meet on the bytes
// that they share, not on equal addresses and sizes.
//
// May include: engine/hook, the standard library.
#include <atomic>
#include <cstdint>
#include <new>

#include "engine/hook/gridlock.h"

namespace {

// In the order of kVariants.
enum Variant : unsigned { kRelaxedHalf, kReleaseHalf };
constexpr gl_variant_entry kVariants[] = {
    {"relaxed-half", "the tail is stored relaxed: it may be seen before the node it names", "data-race"},
    {"release-half", "a 16-bit release store that a 32-bit acquire load sees orders the node", "ok"},
    {},
};

struct Node {
  std::uint32_t locked = 0;
};

// Little-endian, as on x86: the tail is the upper half of the word.
union LockWord {
  std::uint32_t val = 0;
  struct {
    std::uint16_t locked_pending;
    std::uint16_t tail;  // the number of the last node + 1; 0: nobody waits
  } half;
};
constexpr unsigned kTailShift = 16;
constexpr std::uint16_t kTail = 1;

struct State {
  LockWord word;
  Node node;
  std::atomic<std::uint32_t> queued{0};  // one waiter queues up in a run; orders nothing
};
State* state;

void queue_up(const std::uint32_t*) {
  if (state->queued.exchange(1, std::memory_order_relaxed) != 0) return;
  state->node.locked = 1;
  __atomic_store_n(&state->word.half.tail, kTail, gl_variant() == kRelaxedHalf ? __ATOMIC_RELAXED : __ATOMIC_RELEASE);
}

void inspect_queue(const std::uint32_t*) {
  const std::uint32_t val = __atomic_load_n(&state->word.val, __ATOMIC_ACQUIRE);
  if (val >> kTailShift != kTail) return;
  GL_ASSERT(state->node.locked == 1);
}

constexpr gl_operation_entry kOperations[] = {{"queue_up", queue_up, {}}, {"inspect_queue", inspect_queue, {}}, {}};

void setup() {
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
  gl_name(&state->word, sizeof(state->word), "lock.val");
  gl_name(&state->node, sizeof(state->node), "node");
  gl_name(&state->queued, sizeof(state->queued), "queued");
}

}  // namespace

extern "C" const gl_target gl_target_demo_mixed_size;

const gl_target gl_target_demo_mixed_size = {
    .name = "demo-mixed-size",
    .summary = "a puzzle: half of a lock word is stored alone and loaded with the whole",
    .models = "struct qspinlock of Linux: the tail is written as 16 bits and the word read as 32",
    .cpus_minimum = 2,
    .cpus_maximum = 3,
    .variants = kVariants,
    .operations = kOperations,
    .setup = setup,
};
