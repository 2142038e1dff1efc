// The CLH lock: a queue in which each waiter spins on the node of its predecessor, and takes that node along for the
// next time once it is let in. README.md says what is from where.
//
//     tail -> node of the last     locked 1: has or wants the lock; 0: has let it go
//
// May include: engine/hook, the standard library.
#include <atomic>
#include <cstdint>
#include <new>

#include "engine/hook/gridlock.h"
#include "engine/hook/oracles.h"

namespace {

// In the order of kVariants.
enum Variant : unsigned { kOwnNode, kTrylockAba, kClh };
constexpr gl_variant_entry kVariants[] = {
    {"own-node", "an unlock keeps its own node for the next time, which a waiter may still spin on", "hang"},
    {"trylock-aba", "trylock believes its exchange of the tail, though the node may have come round", "assertion"},
    {"clh", "an unlock takes its predecessor's node; trylock looks at its predecessor once more", "ok"},
    {},
};

constexpr unsigned kCpusMax = 4;

// A node is passed around by its number; the last is the one that an unused lock begins with.
constexpr unsigned kNodes = kCpusMax + 1;
constexpr unsigned kInitialNode = kCpusMax;

struct clh_node {
  std::atomic<std::uint32_t> locked{0};
};

// Of one cpu alone.
struct Place {
  unsigned node = 0;      // the node that it queues next
  unsigned previous = 0;  // while it has or wants the lock: its predecessor's node
};

struct State {
  std::atomic<unsigned> tail{kInitialNode};
  clh_node nodes[kNodes];
  Place places[kCpusMax];
  oracle::Exclusion section{gl_variant() == kTrylockAba ? oracle::Ordering::kIgnored : oracle::Ordering::kJudged};
  oracle::Fairness fairness{0};
};
State* state;

Place& this_place() {
  return state->places[gl_this_cpu()];
}

bool is_locked(unsigned node) {
  return state->nodes[node].locked.load(std::memory_order_acquire) != 0;
}

// For the oracle, hence not instrumented: no point, no order.
GL_ORACLE bool has_let_go(const clh_node& node) {
  return *reinterpret_cast<const std::uint32_t*>(&node.locked) == 0;
}

[[gnu::noinline]] void wait_for_predecessor(unsigned previous) {
  while (is_locked(previous)) gl_cpu_relax();
}

// The rest of the way, once this cpu has put its node at the tail, behind `previous`.
[[gnu::noinline]] void follow(unsigned previous, bool may_be_held) {
  this_place().previous = previous;
  state->fairness.announce();
  if (may_be_held) wait_for_predecessor(previous);
  GL_PROMISE(has_let_go(state->nodes[previous]), "mutual exclusion: who comes in has been let in");
  state->fairness.come_in();
}

[[gnu::noinline]] void clh_lock() {
  const unsigned node = this_place().node;
  state->nodes[node].locked.store(1, std::memory_order_relaxed);
  follow(state->tail.exchange(node, std::memory_order_acq_rel), true);
}

// The lock was free with this node at the tail, and this node is at the tail: but it may have been taken away, used
// and queued again, and then its new owner holds the lock. Whoever has joined the queue can only wait.
[[gnu::noinline]] bool clh_trylock() {
  const unsigned node = this_place().node;
  unsigned last = state->tail.load(std::memory_order_relaxed);
  if (is_locked(last)) return false;
  state->nodes[node].locked.store(1, std::memory_order_relaxed);
  if (!state->tail.compare_exchange_strong(last, node, std::memory_order_acq_rel, std::memory_order_relaxed))
    return false;
  follow(last, gl_variant() != kTrylockAba);
  return true;
}

// A successor may look at this node for as long as it likes. The predecessor's is of no interest to anybody any more.
[[gnu::noinline]] void clh_unlock() {
  Place& place = this_place();
  state->nodes[place.node].locked.store(0, std::memory_order_release);
  if (gl_variant() != kOwnNode) place.node = place.previous;
}

void pass_section(unsigned how) {
  state->section.enter(how);
  state->section.leave();
  clh_unlock();
}

void section(const std::uint32_t*) {
  clh_lock();
  pass_section(GL_LOCK_EXCLUSIVE);
}

void try_section(const std::uint32_t*) {
  if (clh_trylock()) pass_section(GL_LOCK_TRY);
}

constexpr gl_operation_entry kOperations[] = {{"section", section, {}}, {"try_section", try_section, {}}, {}};

bool lock_is_free() {
  return !is_locked(state->tail.load(std::memory_order_relaxed)) && state->section.is_empty();
}

constexpr gl_invariant_entry kInvariants[] = {{"the lock is free at rest", lock_is_free, nullptr}, {}};

void setup() {
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
  for (unsigned cpu = 0; cpu < kCpusMax; ++cpu) state->places[cpu].node = cpu;
  gl_name(&state->section, sizeof(state->section), "section");
  gl_name(&state->tail, sizeof(state->tail), "tail");
  for (unsigned node = 0; node < kNodes; ++node) {
    gl_name(&state->nodes[node], sizeof(state->nodes[node]), "node[%u].locked", node);
  }
}

}  // namespace

extern "C" const gl_target gl_target_clh_lock;

const gl_target gl_target_clh_lock = {
    .name = "clh-lock",
    .summary = "the CLH queue lock, whose waiters spin on their predecessor's node",
    .models = "Craig (1993); Magnussen, Landin and Hagersten (1994)",
    .cpus_minimum = 2,
    .cpus_maximum = kCpusMax,
    .variants = kVariants,
    .operations = kOperations,
    .invariants = kInvariants,
    .setup = setup,
};
