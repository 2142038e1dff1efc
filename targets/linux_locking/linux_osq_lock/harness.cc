// Linux 6.1's own optimistic spin queue, compiled from its source: an MCS queue that a waiter leaves again when the
// scheduler wants its cpu, which is what the tick says.
//
// May include: engine/hook, the standard library, the shim.
#include <new>

#include "engine/hook/oracles.h"
#include "targets/linux_locking/shim/locks.h"

namespace {

constexpr gl_variant_entry kVariants[] = {{"as-shipped", "kernel/locking/osq_lock.c as it is", "ok"}, {}};

constexpr unsigned kCpusMax = 4;

// Two queues: a cpu has one node for all. They exclude and order nothing: who gets a queue has read a relaxed flag.
struct State {
  optimistic_spin_queue* queues[2] = {linux_osq_new("osq[0]"), linux_osq_new("osq[1]")};
  oracle::Exclusion sections[2] = {oracle::Exclusion{oracle::Ordering::kIgnored, "osq[0]"},
                                   oracle::Exclusion{oracle::Ordering::kIgnored, "osq[1]"}};
};
State* state;

void lock(const std::uint32_t* arguments) {
  const std::uint32_t which = arguments[0];
  if (linux_osq_lock(state->queues[which])) {
    state->sections[which].enter();
    state->sections[which].leave();
    linux_osq_unlock(state->queues[which]);
  }
  linux_return_to_user();
}

constexpr gl_operation_entry kOperations[] = {{"osq_lock", lock, {{"queue", 0, 1}}}, {}};
constexpr gl_vector_entry kVectors[] = {{"tick", linux_tick, true}, {}};

bool queues_are_free() {
  return linux_osq_is_free(state->queues[0]) && linux_osq_is_free(state->queues[1]) && state->sections[0].is_empty() &&
         state->sections[1].is_empty();
}
constexpr gl_invariant_entry kInvariants[] = {{"the queues are empty at rest", queues_are_free, nullptr}, {}};

void setup() {
  const linux_environment environment = {};
  linux_setup(&environment);
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
}

}  // namespace

extern "C" const gl_target gl_target_linux_osq_lock;
const gl_target gl_target_linux_osq_lock = {
    .name = "linux-osq-lock",
    .summary = "Linux's own optimistic spin queue, compiled from its source",
    .models = "Linux 6.1 kernel/locking/osq_lock.c, unmodified",
    .cpus_minimum = 3,
    .cpus_maximum = kCpusMax,
    .variants = kVariants,
    .operations = kOperations,
    .vectors = kVectors,
    .invariants = kInvariants,
    .setup = setup,
};
