// Sleepable RCU: readers count themselves under one of two indices; an updater flips the index and waits for the old
// one to drain. README.md says what is from where.
//
// May include: engine/hook, the standard library.
#include <atomic>
#include <cstdint>
#include <new>

#include "engine/hook/gridlock.h"
#include "engine/hook/oracles.h"

namespace {

// In the order of kVariants.
enum Variant : unsigned { kOneFlip, kOneSum, kTwoFlips };
constexpr gl_variant_entry kVariants[] = {
    {"one-flip", "a reader that took the index before the flip and counts after it is not waited for", "assertion"},
    {"one-sum", "one counter a cpu goes up and down: a reader that moves is counted on no cpu", "assertion"},
    {"two-flips", "both indices drain, and entries are counted apart from exits", "ok"},
    {},
};

constexpr unsigned kIndices = 2;

struct srcu_data {
  std::atomic<std::uint32_t> srcu_lock_count[kIndices];
  std::atomic<std::uint32_t> srcu_unlock_count[kIndices];
};

struct Node {
  std::uint32_t value = 0;  // plain: publishing and the grace period order it
};

struct State {
  srcu_data data[oracle::kCpusMax];
  std::atomic<std::uint32_t> srcu_idx{0};
  std::atomic<std::uint8_t> updater_lock{0};
  std::atomic<Node*> pointer{nullptr};
  oracle::GracePeriod grace;
};
State* state;

[[gnu::noinline]] unsigned srcu_read_lock() {
  const unsigned index = state->srcu_idx.load(std::memory_order_relaxed) & 1;
  state->data[gl_this_cpu()].srcu_lock_count[index].fetch_add(1, std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_seq_cst);
  return index;
}

// A reader may sleep and wake up elsewhere: its end is counted on `cpu`.
[[gnu::noinline]] void srcu_read_unlock(unsigned index, unsigned cpu) {
  std::atomic_thread_fence(std::memory_order_seq_cst);
  state->data[cpu].srcu_unlock_count[index].fetch_add(1, std::memory_order_relaxed);
}

std::uint32_t sum_of(std::atomic<std::uint32_t> (srcu_data::*counts)[kIndices], unsigned index) {
  std::uint32_t sum = 0;
  for (unsigned cpu = 0; cpu < gl_cpu_count(); ++cpu) {
    sum += (state->data[cpu].*counts)[index].load(std::memory_order_relaxed);
  }
  return sum;
}

// The ends are summed before the beginnings: a reader that ends while this goes on is then seen as still inside.
[[gnu::noinline]] bool srcu_readers_active_idx_check(unsigned index) {
  if (gl_variant() == kOneSum) {
    std::uint32_t inside = 0;
    for (unsigned cpu = 0; cpu < gl_cpu_count(); ++cpu) {
      inside += state->data[cpu].srcu_lock_count[index].load(std::memory_order_relaxed) -
                state->data[cpu].srcu_unlock_count[index].load(std::memory_order_relaxed);
    }
    std::atomic_thread_fence(std::memory_order_seq_cst);
    return inside == 0;
  }
  const std::uint32_t unlocks = sum_of(&srcu_data::srcu_unlock_count, index);
  std::atomic_thread_fence(std::memory_order_seq_cst);
  const std::uint32_t locks = sum_of(&srcu_data::srcu_lock_count, index);
  std::atomic_thread_fence(std::memory_order_seq_cst);
  return locks == unlocks;
}

void wait_for_index(unsigned index) {
  while (!srcu_readers_active_idx_check(index)) gl_cpu_relax();
}

void srcu_flip() {
  std::atomic_thread_fence(std::memory_order_seq_cst);
  state->srcu_idx.store(state->srcu_idx.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_seq_cst);
}

// REQUIRES: the updater's lock.
[[gnu::noinline]] void synchronize_srcu() {
  std::atomic_thread_fence(std::memory_order_seq_cst);
  // A reader that has taken the index, and not yet counted itself, counts after this check under the index that is no
  // longer current; so that one is waited for before the flip as well as the other after it.
  if (gl_variant() != kOneFlip) wait_for_index((state->srcu_idx.load(std::memory_order_relaxed) & 1) ^ 1);
  srcu_flip();
  wait_for_index((state->srcu_idx.load(std::memory_order_relaxed) & 1) ^ 1);
  std::atomic_thread_fence(std::memory_order_seq_cst);
}

void read(const std::uint32_t arguments[4]) {
  const unsigned index = srcu_read_lock();
  state->grace.reader_begins();
  if (const Node* const node = state->pointer.load(std::memory_order_acquire)) {
    gl_cpu_relax();
    static_cast<void>(*static_cast<const volatile std::uint32_t*>(&node->value));
  }
  state->grace.reader_ends();
  srcu_read_unlock(index, arguments[0] % gl_cpu_count());
}

void lock_updater() {
  while (state->updater_lock.exchange(1, std::memory_order_acquire) != 0) gl_cpu_relax();
}

void update(const std::uint32_t*) {
  lock_updater();
  Node* const node = new (gl_alloc(sizeof(Node), alignof(Node))) Node();
  Node* const old = state->pointer.exchange(node, std::memory_order_acq_rel);
  const oracle::GracePeriod::Start start = state->grace.period_begins();
  synchronize_srcu();
  state->grace.period_ends(start);
  if (old != nullptr) gl_free(old);
  state->updater_lock.store(0, std::memory_order_release);
}

constexpr gl_operation_entry kOperations[] = {{"read", read, {{"end_cpu", 0, 2}}}, {"update", update, {}}, {}};

void setup() {
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
  gl_name(&state->srcu_idx, sizeof(state->srcu_idx), "srcu_idx");
  gl_name(&state->pointer, sizeof(state->pointer), "pointer");
  for (unsigned cpu = 0; cpu < gl_cpu_count(); ++cpu) {
    gl_name(&state->data[cpu].srcu_lock_count, sizeof(state->data[cpu].srcu_lock_count), "srcu_lock_count[%u]", cpu);
    gl_name(&state->data[cpu].srcu_unlock_count, sizeof(state->data[cpu].srcu_unlock_count), "srcu_unlock_count[%u]",
            cpu);
  }
}

}  // namespace

extern "C" const gl_target gl_target_srcu;

const gl_target gl_target_srcu = {
    .name = "srcu",
    .summary = "sleepable RCU: two indices, entries and exits counted apart",
    .models = "Linux SRCU (kernel/rcu/srcutree.c, reduced to one node)",
    .cpus_minimum = 2,
    .cpus_maximum = 3,
    .variants = kVariants,
    .operations = kOperations,
    .setup = setup,
};
