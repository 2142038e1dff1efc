// Expected: relaxed-store data-race, relaxed-load data-race, release-acquire ok.
//
// Message passing by an atomic flag: plain data, then the flag; a receiver that sees the flag reads the data. It takes
// both halves to order the read after the write: the store must release what came before it, and the load must acquire
// it for what comes after. With either half relaxed, the data race as if there were no flag.
//
// May include: engine/hook, the standard library.
#include <atomic>
#include <cstdint>
#include <new>

#include "engine/hook/gridlock.h"

namespace {

// In the order of kVariants.
enum Variant : unsigned { kRelaxedStore, kRelaxedLoad, kReleaseAcquire };
constexpr gl_variant_entry kVariants[] = {
    {"relaxed-store", "the flag is stored relaxed: it may be seen before the message", "data-race"},
    {"relaxed-load", "the flag is loaded relaxed: the message may be read before it", "data-race"},
    {"release-acquire", "a release store that an acquire load sees orders the message", "ok"},
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
  state->message = kMessage;
  state->ready.store(1, gl_variant() == kRelaxedStore ? std::memory_order_relaxed : std::memory_order_release);
}

void receive(const std::uint32_t*) {
  const auto order = gl_variant() == kRelaxedLoad ? std::memory_order_relaxed : std::memory_order_acquire;
  if (state->ready.load(order) == 0) return;
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

extern "C" const gl_target gl_target_demo_message_passing;

const gl_target gl_target_demo_message_passing = {
    .name = "demo-message-passing",
    .summary = "a puzzle: plain data published by an atomic flag",
    .models = "the litmus test MP with smp_store_release and smp_load_acquire, and with either of them relaxed",
    .cpus_minimum = 2,
    .cpus_maximum = 3,
    .variants = kVariants,
    .operations = kOperations,
    .setup = setup,
};
