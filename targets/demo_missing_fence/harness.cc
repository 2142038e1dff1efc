// Expected: no-release-fence data-race, no-acquire-fence data-race, fence-after-store data-race, fences ok.
//
// Message passing by a relaxed flag and fences. A release fence orders what stands before it with the stores behind
// it, an acquire fence the loads before it with what stands behind it; so each has one right side of its access, and
// both are needed.
//
// May include: engine/hook, the standard library.
#include <atomic>
#include <cstdint>
#include <new>

#include "engine/hook/gridlock.h"

namespace {

// In the order of kVariants.
enum Variant : unsigned { kNoReleaseFence, kNoAcquireFence, kFenceAfterStore, kFences };
constexpr gl_variant_entry kVariants[] = {
    {"no-release-fence", "no fence between message and flag: the flag may be seen first", "data-race"},
    {"no-acquire-fence", "no fence between flag and message: the message may be read first", "data-race"},
    {"fence-after-store", "the release fence stands behind the flag's store, where it orders nothing", "data-race"},
    {"fences", "a release fence before the store and an acquire fence behind the load order the message", "ok"},
    {},
};

constexpr std::uint32_t kMessage = 42;

struct State {
  std::uint32_t message = 0;
  std::atomic<std::uint32_t> ready{0};
  std::atomic<std::uint32_t> sent{0};  // there is one message a run; orders nothing
};
State* state;

void send(const std::uint32_t*) {
  if (state->sent.exchange(1, std::memory_order_relaxed) != 0) return;
  const unsigned variant = gl_variant();
  state->message = kMessage;
  if (variant == kNoAcquireFence || variant == kFences) std::atomic_thread_fence(std::memory_order_release);
  state->ready.store(1, std::memory_order_relaxed);
  if (variant == kFenceAfterStore) std::atomic_thread_fence(std::memory_order_release);
}

void receive(const std::uint32_t*) {
  if (state->ready.load(std::memory_order_relaxed) == 0) return;
  if (gl_variant() != kNoAcquireFence) std::atomic_thread_fence(std::memory_order_acquire);
  GL_ASSERT(state->message == kMessage);
}

constexpr gl_operation_entry kOperations[] = {{"send", send, {}}, {"receive", receive, {}}, {}};

void setup() {
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
  gl_name(&state->message, sizeof(state->message), "message");
  gl_name(&state->ready, sizeof(state->ready), "ready");
  gl_name(&state->sent, sizeof(state->sent), "sent");
}

}  // namespace

extern "C" const gl_target gl_target_demo_missing_fence;

const gl_target gl_target_demo_missing_fence = {
    .name = "demo-missing-fence",
    .summary = "a puzzle: plain data published by a relaxed flag and fences",
    .models = "the litmus test MP with WRITE_ONCE, smp_wmb, READ_ONCE and smp_rmb, as C++11 fences",
    .cpus_minimum = 2,
    .cpus_maximum = 3,
    .variants = kVariants,
    .operations = kOperations,
    .setup = setup,
};
