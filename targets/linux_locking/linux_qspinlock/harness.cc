// Linux 6.1's own queued spinlock, compiled from its source, and what the cpus do with it. Three locks, as contexts
// nest: one that tasks take with interrupts on; one that a softirq takes too; one that an interrupt handler takes too.
// So a cpu may queue for all three at a time, each with another of its nodes.
//
// May include: engine/hook, the standard library, the shim.
#include <initializer_list>
#include <new>

#include "engine/hook/oracles.h"
#include "targets/linux_locking/shim/locks.h"

namespace {

// In the order of kVariants.
enum Variant : unsigned { kAsShipped, kCmpxchgSplit };
constexpr gl_variant_entry kVariants[] = {
    {"as-shipped", "kernel/locking/qspinlock.c as it is", "ok"},
    {"cmpxchg-split", "the machine's atomic_try_cmpxchg is a load and a store: two get the lock", "assertion"},
    {},
};

// x86 looks 512 times at a pending bit, others once; x86 sets it and reads the word in two steps.
enum Parameter : unsigned { kPendingLoops, kPendingInTwoSteps };
constexpr gl_parameter_entry kParameters[] = {
    {"pending_loops", 1, 512, 1, 2}, {"pending_in_two_steps", 0, 1, 0, 1}, {}};

constexpr unsigned kCpusMax = 4;
constexpr unsigned kSoftirq = 0;
// Who joined the queue is passed by at most two that have no place in it: who has the lock and has not said so yet, and
// who had set the pending bit before the queue began.
constexpr std::uint32_t kBypassMax = 2;

struct ProtectedLock {
  qspinlock* lock;
  oracle::Exclusion section;
  oracle::Fairness fairness{kBypassMax};
  explicit ProtectedLock(const char* name)
      : lock(linux_spin_new(name)),
        section(gl_variant() == kAsShipped ? oracle::Ordering::kJudged : oracle::Ordering::kIgnored, name) {}
};

struct State {
  ProtectedLock task{"task_lock"};
  ProtectedLock softirq{"softirq_lock"};
  ProtectedLock irq{"irq_lock"};
};
State* state;

void lock_and_enter(ProtectedLock& protected_lock) {
  linux_spin_lock(protected_lock.lock);
  if (gl_variant() == kAsShipped) protected_lock.fairness.come_in();
  protected_lock.section.enter();
}

void leave_and_unlock(ProtectedLock& protected_lock) {
  protected_lock.section.leave();
  linux_spin_unlock(protected_lock.lock);
}

void section(ProtectedLock& protected_lock) {
  lock_and_enter(protected_lock);
  leave_and_unlock(protected_lock);
}

void spin_lock(const std::uint32_t*) {
  section(state->task);
}

void spin_trylock(const std::uint32_t*) {
  if (!linux_spin_trylock(state->task.lock)) return;
  if (gl_variant() == kAsShipped) state->task.fairness.come_in();
  state->task.section.enter(GL_LOCK_TRY);
  leave_and_unlock(state->task);
}

void spin_lock_irq(const std::uint32_t*) {
  gl_irq_disable();
  section(state->irq);
  gl_irq_enable();
}

// The second under the first, with interrupts on between them.
void nested(const std::uint32_t*) {
  lock_and_enter(state->task);
  gl_irq_disable();
  section(state->irq);
  gl_irq_enable();
  leave_and_unlock(state->task);
}

void device_interrupt() {
  section(state->irq);
  gl_raise_softirq(kSoftirq);
}

void softirq() {
  section(state->softirq);
}

constexpr gl_operation_entry kOperations[] = {
    {"spin_lock", spin_lock, {}},
    {"spin_trylock", spin_trylock, {}},
    {"spin_lock_irq", spin_lock_irq, {}},
    {"nested", nested, {}},
    {},
};
constexpr gl_vector_entry kVectors[] = {{"device", device_interrupt, true}, {}};
constexpr gl_softirq_entry kSoftirqs[] = {{"tasklet", softirq}, {}};

bool is_free(const ProtectedLock& protected_lock) {
  return linux_spin_is_free(protected_lock.lock) && protected_lock.section.is_empty();
}
bool locks_are_free() {
  return is_free(state->task) && is_free(state->softirq) && is_free(state->irq);
}

constexpr gl_invariant_entry kInvariants[] = {
    {"the locks are free at rest", locks_are_free, nullptr},
    {"no queue node is in use at rest", linux_spin_nodes_are_free, nullptr},
    {},
};

void setup() {
  linux_environment environment = {};
  environment.pending_loops = gl_parameter(kPendingLoops);
  environment.pending_in_two_steps = gl_parameter(kPendingInTwoSteps) != 0;
  environment.cmpxchg_is_split = gl_variant() == kCmpxchgSplit;
  linux_setup(&environment);
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
}

}  // namespace

// Not instrumented: no points lie between the exchange and this.
GL_ORACLE void linux_joined_queue(const volatile void* tail) {
  for (ProtectedLock* lock : {&state->task, &state->softirq, &state->irq}) {
    if (tail == linux_spin_tail(lock->lock)) lock->fairness.announce();
  }
}

extern "C" const gl_target gl_target_linux_qspinlock;
const gl_target gl_target_linux_qspinlock = {
    .name = "linux-qspinlock",
    .summary = "Linux's own queued spinlock, compiled from its source",
    .models = "Linux 6.1 kernel/locking/qspinlock.c, unmodified",
    .cpus_minimum = 3,
    .cpus_maximum = kCpusMax,
    .variants = kVariants,
    .parameters = kParameters,
    .operations = kOperations,
    .vectors = kVectors,
    .softirqs = kSoftirqs,
    .invariants = kInvariants,
    .setup = setup,
};
