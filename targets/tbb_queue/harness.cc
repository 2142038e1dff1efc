// oneTBB's concurrent_queue and concurrent_bounded_queue, as Debian's package has them. The parameter `queue` says
// which: one harness with one oracle asks both. README.md says what is checked.
//
// May include: engine/hook, the standard library, oneTBB.
#include <oneapi/tbb/concurrent_queue.h>

#include <cstdint>
#include <new>

#include "engine/hook/gridlock.h"
#include "engine/hook/handover.h"
#include "targets/tbb_locks/runtime.h"

// Of the bounded queue's waiting; the operations here are those that do not wait.
namespace tbb::detail::r1 {

std::uint8_t* allocate_bounded_queue_rep(std::size_t size) {
  return static_cast<std::uint8_t*>(cache_aligned_allocate(size));
}
void deallocate_bounded_queue_rep(std::uint8_t* block, std::size_t) {
  cache_aligned_deallocate(block);
}
void notify_bounded_queue_monitor(concurrent_monitor*, std::size_t, std::size_t) {}
void abort_bounded_queue_monitors(concurrent_monitor*) {}

}  // namespace tbb::detail::r1

namespace {

// In the order of kVariants.
enum Variant : unsigned { kSharedResult, kAsShipped };
constexpr gl_variant_entry kVariants[] = {
    {"shared-result", "all pop into one variable: misuse by the harness", "data-race"},
    {"as-shipped", "the package's headers", "ok"},
    {},
};

enum Queue : unsigned { kUnbounded, kBounded, kQueues };
// In the order of kParameters.
enum Parameter : unsigned { kQueue };
constexpr gl_parameter_entry kParameters[] = {{"queue", 0, kQueues - 1, 0, kQueues - 1}, {}};

constexpr std::ptrdiff_t kCapacity = 3;

// So large that a page holds one: pages come and go with each item.
struct Item {
  std::uint32_t number = 0;
  char filling[128] = {};
};

struct State {
  oracle::Handover handover{oracle::Order::kFirstInFirstOut};
  Item result;  // of pops, in the variant that shares it
  tbb::concurrent_queue<Item>* unbounded = nullptr;
  tbb::concurrent_bounded_queue<Item>* bounded = nullptr;
};
State* state;

bool is_bounded() {
  return gl_parameter(kQueue) == kBounded;
}

bool push_item(std::uint32_t number) {
  Item item;
  item.number = number;
  if (is_bounded()) return state->bounded->try_push(item);
  state->unbounded->push(item);
  return true;
}

void push(const std::uint32_t* arguments) {
  for (std::uint32_t i = 0; i < arguments[0]; ++i) {
    const std::uint32_t item = state->handover.make();
    if (item == oracle::Handover::kNone) return;
    if (push_item(item)) {
      state->handover.pushed(item);
    } else {
      state->handover.withdraw(item);
    }
  }
}

void pop(const std::uint32_t* arguments) {
  for (std::uint32_t i = 0; i < arguments[0]; ++i) {
    state->handover.looks();
    Item mine;
    Item& item = gl_variant() == kSharedResult ? state->result : mine;
    if (is_bounded() ? state->bounded->try_pop(item) : state->unbounded->try_pop(item)) {
      state->handover.takes(item.number);
    } else {
      state->handover.found_nothing();
    }
  }
}

constexpr gl_operation_entry kOperations[] = {{"push", push, {{"count", 1, 3}}}, {"pop", pop, {{"count", 1, 3}}}, {}};

bool has_what_was_not_taken() {
  const auto left = is_bounded() ? static_cast<std::size_t>(state->bounded->size()) : state->unbounded->unsafe_size();
  return left == state->handover.count();
}

constexpr gl_invariant_entry kInvariants[] = {
    {"the queue has what was pushed and not taken", has_what_was_not_taken, nullptr}, {}};

template <class Q>
Q* make() {
  return new (gl_alloc(sizeof(Q), alignof(Q))) Q();
}

void setup() {
  tbb_runtime::begin_run(true);
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
  if (is_bounded()) {
    state->bounded = make<tbb::concurrent_bounded_queue<Item>>();
    state->bounded->set_capacity(kCapacity);
  } else {
    state->unbounded = make<tbb::concurrent_queue<Item>>();
  }
}

}  // namespace

extern "C" const gl_target gl_target_tbb_queue;

const gl_target gl_target_tbb_queue = {
    .name = "tbb-queue",
    .summary = "oneTBB's concurrent queues, unmodified",
    .models = "Debian's libtbb-dev: concurrent_queue, concurrent_bounded_queue",
    .cpus_minimum = 2,
    .cpus_maximum = oracle::Handover::kMakersMax,
    .variants = kVariants,
    .parameters = kParameters,
    .operations = kOperations,
    .invariants = kInvariants,
    .setup = setup,
};
