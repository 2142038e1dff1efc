// What the cpus do with paravirtual queued spinlocks, and the table of the target. Two locks: one that tasks take with
// interrupts on, also around a call of a function on all cpus, and one that an interrupt handler takes too, and tasks
// therefore with interrupts off. So a waiter of the first lock may be interrupted by a waiter of the second.
//
// May include: engine/hook, the standard library, this target.
#include <new>

#include "engine/hook/oracles.h"
#include "targets/pv_qspinlock/pv_qspinlock.h"
#include "targets/pv_qspinlock/xen_qlock.h"

namespace {

constexpr gl_variant_entry kVariants[] = {
    {"not-nestable", "a nested waiter clears the kick of the waiter that it interrupts", "deadlock"},
    {"clear-first", "the same, and every wait clears the kick first (4.2 to 4.19)", "deadlock"},
    {"double-hash", "the head halts as halted though it is hashed: the owner hashes it again", "invariant"},
    {"fixed", "the lock as in 6.1", "ok"},
    {},
};

// 32768 in the kernel.
constexpr gl_parameter_entry kParameters[] = {{"spin_threshold", 1, 32768, 1, 2}, {}};

struct ProtectedLock {
  qspinlock lock;
  oracle::Exclusion section{oracle::Ordering::kJudged};
};

struct State {
  ProtectedLock task;
  ProtectedLock irq;
  pv_state pv;
  xen_cpu xen_cpus[kCpusMax];
};
State* state;

void spin_lock(const std::uint32_t*) {
  pv_queued_spin_lock(state->task.lock);
  state->task.section.enter();
  state->task.section.leave();
  pv_queued_spin_unlock(state->task.lock);
}

// Takes the second lock before it gives up the first, as one does to follow a pointer from one object to the next.
void hand_over_hand(const std::uint32_t*) {
  pv_queued_spin_lock(state->task.lock);
  state->task.section.enter();
  gl_irq_disable();
  pv_queued_spin_lock(state->irq.lock);
  state->task.section.leave();
  pv_queued_spin_unlock(state->task.lock);
  state->irq.section.enter();
  state->irq.section.leave();
  pv_queued_spin_unlock(state->irq.lock);
  gl_irq_enable();
}

void device_interrupt() {
  pv_queued_spin_lock(state->irq.lock);
  state->irq.section.enter();
  state->irq.section.leave();
  pv_queued_spin_unlock(state->irq.lock);
  xen_end_upcall();
}

constexpr gl_operation_entry kOperations[] = {
    {"spin_lock", spin_lock, {}},
    {"hand_over_hand", hand_over_hand, {}},
    {},
};

constexpr gl_vector_entry kVectors[] = {{"device", device_interrupt, true}, {}};

bool locks_are_free() {
  return state->task.lock.val == 0 && state->task.section.is_empty() && state->irq.lock.val == 0 &&
         state->irq.section.is_empty();
}

bool no_lock_is_hashed() {
  for (const pv_hash_entry& entry : state->pv.hash) {
    if (entry.lock != nullptr) return false;
  }
  return true;
}

constexpr gl_invariant_entry kInvariants[] = {
    {"the locks are free at rest", locks_are_free, nullptr},
    {"no lock is in the hash table at rest", no_lock_is_hashed, nullptr},
    {},
};

constexpr gl_bug_entry kBugs[] = {
    {"not-nestable", "fixed", "Linux a856531951dc (2018)",
     "a waiter in an interrupt clears the kick for the waiter below it, which then sleeps for ever"},
    {"double-hash", "fixed", "Linux 229ce631 (2015)",
     "a lock is in the hash table twice, and one entry stays there when the lock is free"},
    {},
};

void name_lock(const qspinlock& lock, const char* name) {
  gl_name(&lock.val, sizeof(lock.locked), "%s", name);  // the whole word and its first byte
  gl_name(&lock.pending, sizeof(lock.pending), "%s.pending", name);
  gl_name(&lock.tail, sizeof(lock.tail), "%s.tail", name);
}

void name_nodes(unsigned cpu) {
  gl_name(&state->pv.cpus[cpu].count, sizeof(std::uint32_t), "count[%u]", cpu);
  for (unsigned idx = 0; idx < MAX_NODES; ++idx) {
    const pv_node& node = state->pv.cpus[cpu].nodes[idx];
    gl_name(&node.locked, sizeof(node.locked), "node[%u][%u].locked", cpu, idx);
    gl_name(&node.next, sizeof(node.next), "node[%u][%u].next", cpu, idx);
    gl_name(&node.cpu, sizeof(node.cpu), "node[%u][%u].cpu", cpu, idx);
    gl_name(&node.state, sizeof(node.state), "node[%u][%u].state", cpu, idx);
  }
}

void setup() {
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
  pv = &state->pv;
  xen_cpus = state->xen_cpus;
  name_lock(state->task.lock, "task_lock");
  name_lock(state->irq.lock, "irq_lock");
  for (unsigned cpu = 0; cpu < gl_cpu_count(); ++cpu) {
    name_nodes(cpu);
    gl_name(&xen_cpus[cpu].evtchn_pending, sizeof(std::uint8_t), "evtchn_pending[%u]", cpu);
    gl_name(&xen_cpus[cpu].took_upcall, sizeof(std::uint8_t), "took_upcall[%u]", cpu);
    gl_name(&xen_cpus[cpu].xen_qlock_wait_nest, sizeof(std::uint32_t), "xen_qlock_wait_nest[%u]", cpu);
  }
  for (unsigned i = 0; i < kCpusMax * MAX_NODES; ++i) {
    gl_name(&state->pv.hash[i].lock, sizeof(qspinlock*), "hash[%u].lock", i);
    gl_name(&state->pv.hash[i].node, sizeof(pv_node*), "hash[%u].node", i);
  }
}

}  // namespace

extern "C" const gl_target gl_target_pv_qspinlock;

const gl_target gl_target_pv_qspinlock = {
    .name = "pv-qspinlock",
    .summary = "Linux's paravirtual queued spinlock, and xen_qlock_wait through its history",
    .models = "Linux 6.1 kernel/locking/qspinlock_paravirt.h and arch/x86/xen/spinlock.c since 4.2",
    .cpus_minimum = 2,
    .cpus_maximum = kCpusMax,
    .variants = kVariants,
    .parameters = kParameters,
    .operations = kOperations,
    .vectors = kVectors,
    .invariants = kInvariants,
    .bugs = kBugs,
    .setup = setup,
};
