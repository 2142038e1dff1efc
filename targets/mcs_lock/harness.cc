// The MCS lock: a queue of nodes, and each waiter spins on its own. README.md says what is from where.
//
//     tail -> [node of the last]     its predecessor's `next` names it as soon as it has said so
//
// May include: engine/hook, the standard library.
#include <atomic>
#include <cstdint>
#include <new>

#include "engine/hook/gridlock.h"
#include "engine/hook/oracles.h"

namespace {

// In the order of kVariants.
enum Variant : unsigned { kUnlockNoWait, kLateInit, kMcs };
constexpr gl_variant_entry kVariants[] = {
    {"unlock-no-wait", "an unlock that sees no successor empties the queue by a store", "hang"},
    {"late-init", "a node is initialised after its predecessor knows it (before DPDK 021b698e)", "hang"},
    {"mcs", "initialised, then published; unlock waits for a successor that is on its way", "ok"},
    {},
};

constexpr unsigned kCpusMax = 4;

// The successor is kept as an integer, not as an atomic pointer: libstdc++ does not always inline that one, and call
// chains are to be the kernel's.
struct mcs_spinlock {
  std::atomic<std::uintptr_t> next{0};
  std::atomic<std::uint32_t> locked{0};  // 1: the lock is handed over
};

// The broken variants lose waiters, and who is lost is passed as often as there are others.
bool is_broken() {
  return gl_variant() != kMcs;
}

struct State {
  std::atomic<std::uintptr_t> tail{0};
  mcs_spinlock nodes[kCpusMax];
  oracle::Exclusion section{is_broken() ? oracle::Ordering::kIgnored : oracle::Ordering::kJudged};
  oracle::Fairness fairness{is_broken() ? UINT32_MAX : 0};
};
State* state;

std::uintptr_t address_of(mcs_spinlock& node) {
  return reinterpret_cast<std::uintptr_t>(&node);
}
mcs_spinlock& node_at(std::uintptr_t address) {
  return *reinterpret_cast<mcs_spinlock*>(address);
}

// The predecessor hands the lock over as soon as it knows the node, so `locked` is 0 before it does.
[[gnu::noinline]] void mcs_spin_lock(mcs_spinlock& node) {
  node.next.store(0, std::memory_order_relaxed);
  if (gl_variant() != kLateInit) node.locked.store(0, std::memory_order_relaxed);
  const std::uintptr_t previous = state->tail.exchange(address_of(node), std::memory_order_acq_rel);
  state->fairness.announce();
  if (previous != 0) {
    node_at(previous).next.store(address_of(node), std::memory_order_release);
    if (gl_variant() == kLateInit) node.locked.store(0, std::memory_order_relaxed);
    while (node.locked.load(std::memory_order_acquire) == 0) gl_cpu_relax();
  }
  state->fairness.come_in();
}

// Without a successor the queue is emptied, unless one has joined it since; then it is about to say who it is.
[[gnu::noinline]] void mcs_spin_unlock(mcs_spinlock& node) {
  std::uintptr_t next = node.next.load(std::memory_order_acquire);
  if (next == 0) {
    if (gl_variant() == kUnlockNoWait) {
      state->tail.store(0, std::memory_order_release);
      return;
    }
    std::uintptr_t expected = address_of(node);
    if (state->tail.compare_exchange_strong(expected, 0, std::memory_order_release, std::memory_order_relaxed)) return;
    while ((next = node.next.load(std::memory_order_acquire)) == 0) gl_cpu_relax();
  }
  node_at(next).locked.store(1, std::memory_order_release);
}

void section(const std::uint32_t*) {
  mcs_spinlock& node = state->nodes[gl_this_cpu()];
  mcs_spin_lock(node);
  state->section.enter();
  state->section.leave();
  mcs_spin_unlock(node);
}

constexpr gl_operation_entry kOperations[] = {{"section", section, {}}, {}};

bool lock_is_free() {
  return state->tail.load(std::memory_order_relaxed) == 0 && state->section.is_empty();
}

constexpr gl_invariant_entry kInvariants[] = {{"the lock is free at rest", lock_is_free, nullptr}, {}};

constexpr gl_bug_entry kBugs[] = {
    {"late-init", "mcs", "DPDK 021b698e",
     "a waiter wipes out the hand-over that it was just given, and waits for ever"},
    {},
};

void setup() {
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
  gl_name(&state->section, sizeof(state->section), "section");
  gl_name(&state->tail, sizeof(state->tail), "tail");
  for (unsigned cpu = 0; cpu < kCpusMax; ++cpu) {
    mcs_spinlock& node = state->nodes[cpu];
    gl_name(&node.next, sizeof(node.next), "node[%u].next", cpu);
    gl_name(&node.locked, sizeof(node.locked), "node[%u].locked", cpu);
  }
}

}  // namespace

extern "C" const gl_target gl_target_mcs_lock;

const gl_target gl_target_mcs_lock = {
    .name = "mcs-lock",
    .summary = "the MCS queue lock",
    .models = "Mellor-Crummey and Scott (1991); kernel/locking/mcs_spinlock.h of Linux; rte_mcslock of DPDK",
    .cpus_minimum = 2,
    .cpus_maximum = kCpusMax,
    .variants = kVariants,
    .operations = kOperations,
    .invariants = kInvariants,
    .bugs = kBugs,
    .setup = setup,
};
