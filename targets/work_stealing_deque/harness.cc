// The work-stealing deque of Chase and Lev on a ring of fixed size: its owner pushes and takes at the bottom, others
// steal at the top. Every cpu owns one and steals from all. README.md says what is from where.
//
// May include: engine/hook, the standard library.
#include <atomic>
#include <cstdint>
#include <new>

#include "engine/hook/gridlock.h"
#include "engine/hook/oracles.h"

namespace {

// In the order of kVariants.
enum Variant : unsigned { kLastWithoutCas, kBottomReadFirst, kChaseLev };
constexpr gl_variant_entry kVariants[] = {
    {"last-without-cas", "the owner takes the last item as it takes the others, without a compare-exchange",
     "assertion"},
    {"bottom-read-first", "a thief reads bottom before top, so it can find items that are not there any more",
     "assertion"},
    {"chase-lev", "the last item goes to whom the compare-exchange of top succeeds", "ok"},
    {},
};

constexpr std::uint32_t kCpusMax = 4;
constexpr std::uint32_t kCapacity = 2;
constexpr std::uint32_t kNothing = UINT32_MAX;

// bottom - top; the owner's bottom may be one below top for a moment.
std::int32_t distance(std::uint32_t top, std::uint32_t bottom) {
  return static_cast<std::int32_t>(bottom - top);
}

struct Deque {
  std::atomic<std::uint32_t> top{0};
  std::atomic<std::uint32_t> bottom{0};
  std::atomic<std::uint32_t> items[kCapacity]{};
};

struct State {
  Deque deques[kCpusMax];
  // What an item stands for: written before it is pushed, read by who has it.
  std::uint32_t tasks[oracle::Delivery::kItemsMax] = {};
  std::uint32_t made[kCpusMax] = {};  // by cpu: how many items
  oracle::Delivery delivery;
};
State* state;

// Owner only. False if the ring is full.
[[gnu::noinline]] bool push(Deque& deque, std::uint32_t item) {
  const std::uint32_t b = deque.bottom.load(std::memory_order_relaxed);
  const std::uint32_t t = deque.top.load(std::memory_order_acquire);
  if (distance(t, b) >= static_cast<std::int32_t>(kCapacity)) return false;
  deque.items[b % kCapacity].store(item, std::memory_order_relaxed);
  state->delivery.put(item);
  deque.bottom.store(b + 1, std::memory_order_release);
  return true;
}

// Owner only. Reserves the bottom item first and looks then whether a thief can be at it.
[[gnu::noinline]] std::uint32_t take(Deque& deque) {
  const std::uint32_t b = deque.bottom.load(std::memory_order_relaxed) - 1;
  deque.bottom.store(b, std::memory_order_seq_cst);
  std::uint32_t t = deque.top.load(std::memory_order_seq_cst);
  const std::int32_t left = distance(t, b);
  if (left < 0) {
    deque.bottom.store(b + 1, std::memory_order_relaxed);
    return kNothing;
  }
  const std::uint32_t item = deque.items[b % kCapacity].load(std::memory_order_relaxed);
  if (left > 0) return item;
  bool is_mine = true;
  if (gl_variant() == kLastWithoutCas) {
    deque.top.store(t + 1, std::memory_order_seq_cst);
  } else {
    is_mine = deque.top.compare_exchange_strong(t, t + 1, std::memory_order_seq_cst);
  }
  deque.bottom.store(b + 1, std::memory_order_release);
  return is_mine ? item : kNothing;
}

// Anybody. The item is read before it is sure to be ours, as its slot may be filled again right after.
[[gnu::noinline]] std::uint32_t steal(Deque& deque) {
  std::uint32_t b = 0;
  if (gl_variant() == kBottomReadFirst) b = deque.bottom.load(std::memory_order_acquire);
  std::uint32_t t = deque.top.load(std::memory_order_seq_cst);
  if (gl_variant() != kBottomReadFirst) b = deque.bottom.load(std::memory_order_seq_cst);
  if (distance(t, b) <= 0) return kNothing;
  const std::uint32_t item = deque.items[t % kCapacity].load(std::memory_order_relaxed);
  if (!deque.top.compare_exchange_strong(t, t + 1, std::memory_order_seq_cst)) return kNothing;
  return item;
}

// Each item is delivered once, and with it what its maker wrote.
void run(std::uint32_t item) {
  if (item == kNothing) return;
  state->delivery.take(item);
  // Where items are taken twice, they are also read unordered, which would be told instead.
  if (gl_variant() == kChaseLev) GL_PROMISE(state->tasks[item] == item + 1, "an item comes with what its maker wrote");
}

Deque& mine() {
  return state->deques[gl_this_cpu()];
}

void push_some(const std::uint32_t arguments[4]) {
  for (std::uint32_t i = 0; i < arguments[0]; ++i) {
    // Numbers by maker: cpu, then which of its own.
    std::uint32_t& made = state->made[gl_this_cpu()];
    const std::uint32_t per_cpu = oracle::Delivery::kItemsMax / kCpusMax;
    if (made == per_cpu) return;
    const std::uint32_t item = gl_this_cpu() * per_cpu + made;
    state->tasks[item] = item + 1;
    if (!push(mine(), item)) return;
    ++made;
  }
}

void take_some(const std::uint32_t arguments[4]) {
  for (std::uint32_t i = 0; i < arguments[0]; ++i) run(take(mine()));
}

void steal_from(const std::uint32_t arguments[4]) {
  run(steal(state->deques[arguments[0] % gl_cpu_count()]));
}

constexpr gl_operation_entry kOperations[] = {{"push", push_some, {{"count", 1, 2}}},
                                              {"take", take_some, {{"count", 1, 2}}},
                                              {"steal", steal_from, {{"victim", 0, kCpusMax - 1}}},
                                              {}};

bool what_is_in_is_in() {
  std::uint32_t count = 0;
  for (const Deque& deque : state->deques) {
    count += static_cast<std::uint32_t>(
        distance(deque.top.load(std::memory_order_relaxed), deque.bottom.load(std::memory_order_relaxed)));
  }
  return count == state->delivery.count();
}

constexpr gl_invariant_entry kInvariants[] = {{"no item is lost", what_is_in_is_in, nullptr}, {}};

void setup() {
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
  for (unsigned cpu = 0; cpu < kCpusMax; ++cpu) {
    Deque& deque = state->deques[cpu];
    gl_name(&deque.top, sizeof(deque.top), "top[%u]", cpu);
    gl_name(&deque.bottom, sizeof(deque.bottom), "bottom[%u]", cpu);
    gl_name(&deque.items, sizeof(deque.items), "items[%u]", cpu);
  }
  gl_name(&state->tasks, sizeof(state->tasks), "tasks");
}

}  // namespace

extern "C" const gl_target gl_target_work_stealing_deque;

const gl_target gl_target_work_stealing_deque = {
    .name = "work-stealing-deque",
    .summary = "the deque of a work-stealing scheduler",
    .models = "Chase and Lev, Dynamic Circular Work-Stealing Deque (2005), on a ring that does not grow",
    .cpus_minimum = 2,
    .cpus_maximum = kCpusMax,
    .variants = kVariants,
    .operations = kOperations,
    .invariants = kInvariants,
    .setup = setup,
};
