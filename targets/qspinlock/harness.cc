// What the cpus do with queued spinlocks, and the table of the target. Two locks: one that tasks take with interrupts
// on, and one that an interrupt handler takes too, and tasks therefore with interrupts off. So a handler may come while
// its cpu is anywhere in the slow path of the first lock, and queue for the second with another of the cpu's nodes.
//
// May include: engine/hook, the standard library, this target.
#include <new>

#include "targets/qspinlock/qspinlock.h"

namespace {

constexpr gl_variant_entry kVariants[] = {
    {"init-before-count", "the node is initialised before it is counted: an interrupt in between uses it", "assertion"},
    {"no-undo", "who sets the pending bit and finds a queue leaves the bit set", "hang"},
    {"fixed", "the lock as in 6.1", "ok"},
    {},
};

// The kernel looks once on most architectures and 512 times on x86. One node makes nested waiters take the fallback.
constexpr gl_parameter_entry kParameters[] = {
    {"pending_loops", 1, 512, 1, 1},
    {"max_nodes", 1, MAX_NODES, 1, 3},
    {},
};

struct ProtectedLock {
  qspinlock lock;
  oracle::Exclusion section{gl_variant() == kInitBeforeCount ? oracle::Ordering::kIgnored : oracle::Ordering::kJudged};
};

struct State {
  ProtectedLock task;
  ProtectedLock irq;
  qnodes nodes[kCpusMax];
};
State* state;

void enter_and_leave(ProtectedLock& protected_lock) {
  protected_lock.section.enter();
  protected_lock.section.leave();
  queued_spin_unlock(protected_lock.lock);
}

void spin_lock(const std::uint32_t*) {
  queued_spin_lock(state->task.lock);
  enter_and_leave(state->task);
}

void spin_lock_irq(const std::uint32_t*) {
  gl_irq_disable();
  queued_spin_lock(state->irq.lock);
  enter_and_leave(state->irq);
  gl_irq_enable();
}

void device_interrupt() {
  queued_spin_lock(state->irq.lock);
  enter_and_leave(state->irq);
}

constexpr gl_operation_entry kOperations[] = {
    {"spin_lock", spin_lock, {}},
    {"spin_lock_irq", spin_lock_irq, {}},
    {},
};

constexpr gl_vector_entry kVectors[] = {{"device", device_interrupt, true}, {}};

bool locks_are_free() {
  return state->task.lock.val == 0 && state->task.section.is_empty() && state->irq.lock.val == 0 &&
         state->irq.section.is_empty();
}

bool no_node_is_in_use() {
  for (const qnodes& nodes : state->nodes) {
    if (nodes.count != 0) return false;
  }
  return true;
}

constexpr gl_invariant_entry kInvariants[] = {
    {"the locks are free at rest", locks_are_free, nullptr},
    {"no queue node is in use at rest", no_node_is_in_use, nullptr},
    {},
};

constexpr gl_bug_entry kBugs[] = {
    {"init-before-count", "fixed", "Linux 11dc13224c97 (2018)",
     "an interrupt queues with the node that the interrupted waiter has initialised and not yet counted"},
    {},
};

void name_lock(const qspinlock& lock, const char* name) {
  gl_name(&lock.val, sizeof(lock.locked), "%s", name);  // the whole word and its first byte
  gl_name(&lock.pending, sizeof(lock.pending), "%s.pending", name);
  gl_name(&lock.tail, sizeof(lock.tail), "%s.tail", name);
}

void setup() {
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
  per_cpu_nodes = state->nodes;
  name_lock(state->task.lock, "task_lock");
  name_lock(state->irq.lock, "irq_lock");
  for (unsigned cpu = 0; cpu < gl_cpu_count(); ++cpu) {
    gl_name(&state->nodes[cpu].count, sizeof(state->nodes[cpu].count), "count[%u]", cpu);
    for (unsigned idx = 0; idx < MAX_NODES; ++idx) {
      const mcs_spinlock& node = state->nodes[cpu].mcs[idx];
      gl_name(&node.locked, sizeof(node.locked), "node[%u][%u].locked", cpu, idx);
      gl_name(&node.next, sizeof(node.next), "node[%u][%u].next", cpu, idx);
    }
  }
}

}  // namespace

extern "C" const gl_target gl_target_qspinlock;

const gl_target gl_target_qspinlock = {
    .name = "qspinlock",
    .summary = "Linux's native queued spinlock, taken from interrupts too",
    .models = "Linux 6.1 kernel/locking/qspinlock.c on x86",
    .cpus_minimum = 3,
    .cpus_maximum = kCpusMax,
    .variants = kVariants,
    .parameters = kParameters,
    .operations = kOperations,
    .vectors = kVectors,
    .invariants = kInvariants,
    .bugs = kBugs,
    .setup = setup,
};
