// Boost.Lockfree's queue, stack and spsc_queue, as Debian's package has them. The parameter `structure` says which: one
// harness with one oracle asks them all. README.md says what is checked, and what their plain accesses are.
//
// May include: engine/hook, the standard library.
#include <cstdint>
#include <new>

#include "engine/hook/gridlock.h"
#include "engine/hook/handover.h"
#include "targets/boost_lockfree/kinds.h"

namespace {

using boost_lockfree::Kind;

// In the order of kVariants.
enum Variant : unsigned { kTwoConsumers, kPlainAccesses, kAsShipped };
constexpr gl_variant_entry kVariants[] = {
    {"two-consumers", "a queue for one consumer is popped by all: misuse by the harness", "assertion"},
    {"plain-accesses",
     "as shipped, its plain accesses judged: it reads nodes that others reuse, and drops what it read", "data-race"},
    {"as-shipped", "the package's headers; what a plain access reads while it can change is never used", "ok"},
    {},
};

// In the order of kParameters.
enum Parameter : unsigned { kStructure };
constexpr gl_parameter_entry kParameters[] = {
    {"structure", 0, boost_lockfree::kKindCount - 1, 0, boost_lockfree::kKindCount - 1}, {}};

const Kind& kind() {
  if (gl_variant() == kTwoConsumers) return boost_lockfree::kUnjudged[boost_lockfree::kSpscQueue];
  const Kind* const kinds = gl_variant() == kPlainAccesses ? boost_lockfree::kJudged : boost_lockfree::kUnjudged;
  return kinds[gl_parameter(kStructure)];
}

struct State {
  oracle::Handover handover{
      kind().is_fifo && gl_variant() != kTwoConsumers ? oracle::Order::kFirstInFirstOut : oracle::Order::kAny,
      gl_variant() == kTwoConsumers ? oracle::Ordering::kIgnored : oracle::Ordering::kJudged};
  void* structure = nullptr;
};
State* state;

// A queue for two has cpu 0 as its producer and cpu 1 as its consumer.
bool may_push() {
  return !kind().is_for_two || gl_this_cpu() == 0;
}
bool may_pop() {
  return !kind().is_for_two || gl_variant() == kTwoConsumers || gl_this_cpu() == 1;
}

void push(const std::uint32_t* arguments) {
  for (std::uint32_t i = 0; i < arguments[0] && may_push(); ++i) {
    const std::uint32_t item = state->handover.make();
    if (item == oracle::Handover::kNone) return;
    if (kind().push(state->structure, item)) {
      state->handover.pushed(item);
    } else {
      state->handover.withdraw(item);
    }
  }
}

void pop(const std::uint32_t* arguments) {
  for (std::uint32_t i = 0; i < arguments[0] && may_pop(); ++i) {
    state->handover.looks();
    std::uint32_t item = 0;
    if (kind().pop(state->structure, item)) {
      state->handover.takes(item);
    } else {
      state->handover.found_nothing();
    }
  }
}

constexpr gl_operation_entry kOperations[] = {{"push", push, {{"count", 1, 3}}}, {"pop", pop, {{"count", 1, 3}}}, {}};

void setup() {
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
  state->structure = kind().make();
}

}  // namespace

extern "C" const gl_target gl_target_boost_lockfree;

const gl_target gl_target_boost_lockfree = {
    .name = "boost-lockfree",
    .summary = "Boost.Lockfree's queue, stack and spsc_queue, unmodified",
    .models = "Debian's libboost1.74-dev: boost/lockfree",
    .cpus_minimum = 2,
    .cpus_maximum = oracle::Handover::kMakersMax,
    .variants = kVariants,
    .parameters = kParameters,
    .operations = kOperations,
    .setup = setup,
};
