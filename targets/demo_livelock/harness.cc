// Expected: after-you livelock, turn ok.
//
// Peterson's lock for two cpus: whoever wants it lets the other go first, and goes when the turn comes back. A cpu that
// gives the turn away again each time it gets it, as long as the other wants the lock too, is one too polite: the two
// hand the turn to and fro for ever, both always busy and neither inside.
//
// May include: engine/hook, the standard library.
#include <atomic>
#include <cstdint>
#include <new>

#include "engine/hook/gridlock.h"

namespace {

// In the order of kVariants.
enum Variant : unsigned { kAfterYou, kTurn };
constexpr gl_variant_entry kVariants[] = {
    {"after-you", "a cpu whose turn it is gives it away again while the other waits too", "livelock"},
    {"turn", "a cpu whose turn it is goes", "ok"},
    {},
};

// Sequentially consistent throughout: Peterson's lock needs it.
struct State {
  std::atomic<std::uint32_t> wants[2];
  std::atomic<std::uint32_t> turn{0};
  std::uint32_t inside = 0;
};
State* state;

[[gnu::noinline]] void lock(unsigned me) {
  const unsigned other = 1 - me;
  state->wants[me].store(1);
  do {
    state->turn.store(other);
    while (state->wants[other].load() != 0 && state->turn.load() != me) gl_cpu_relax();
  } while (gl_variant() == kAfterYou && state->wants[other].load() != 0);
}

[[gnu::noinline]] void unlock(unsigned me) {
  state->wants[me].store(0);
}

void critical_section(const std::uint32_t*) {
  const unsigned me = gl_this_cpu();
  lock(me);
  GL_ASSERT(state->inside == 0);
  state->inside = 1;
  gl_cpu_relax();
  state->inside = 0;
  unlock(me);
}

constexpr gl_operation_entry kOperations[] = {{"critical_section", critical_section, {}}, {}};

void setup() {
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
  gl_name(&state->wants[0], sizeof(state->wants[0]), "wants[0]");
  gl_name(&state->wants[1], sizeof(state->wants[1]), "wants[1]");
  gl_name(&state->turn, sizeof(state->turn), "turn");
  gl_name(&state->inside, sizeof(state->inside), "inside");
}

}  // namespace

extern "C" const gl_target gl_target_demo_livelock;

const gl_target gl_target_demo_livelock = {
    .name = "demo-livelock",
    .summary = "a puzzle: two cpus that let each other go first",
    .models = "Peterson's lock (Myths about the mutual exclusion problem, IPL 1981), right and too polite",
    .cpus_minimum = 2,
    .cpus_maximum = 2,
    .variants = kVariants,
    .operations = kOperations,
    .setup = setup,
};
