// Linux 6.1's own paravirtual queued spinlock, compiled from its source, on virtual cpus that halt and are kicked. Two
// locks: one that tasks take with interrupts on, also before they give up the other, and one that an interrupt handler
// takes too. So a waiter of the first may be interrupted by a waiter of the second.
//
// May include: engine/hook, the standard library, the shim.
#include <new>

#include "engine/hook/oracles.h"
#include "targets/linux_locking/shim/locks.h"

namespace {

// In the order of kVariants.
enum Variant : unsigned { kAsShipped, kKickDropped, kCmpxchgSplit };
constexpr gl_variant_entry kVariants[] = {
    {"as-shipped", "kernel/locking/qspinlock.c and qspinlock_paravirt.h as they are", "ok"},
    {"kick-dropped", "the machine drops a kick while its cpu's flag says that it has not halted yet", "deadlock"},
    {"cmpxchg-split", "the machine's atomic_try_cmpxchg is a load and a store: two get the lock", "assertion"},
    {},
};

// How often a waiter looks before it halts: 32768 in the kernel. At 256 it first looks whether the waiter before it has
// halted, and then halts early.
enum Parameter : unsigned { kSpinThreshold, kHaltsEarly };
constexpr gl_parameter_entry kParameters[] = {{"spin_threshold", 1, 32768, 1, 2}, {"halts_early", 0, 1, 0, 1}, {}};
constexpr unsigned kLooksAtPrevious = 256;

constexpr unsigned kCpusMax = 4;

struct ProtectedLock {
  qspinlock* lock;
  oracle::Exclusion section;
  explicit ProtectedLock(const char* name)
      : lock(linux_spin_new(name)),
        section(gl_variant() == kCmpxchgSplit ? oracle::Ordering::kIgnored : oracle::Ordering::kJudged, name) {}
};

struct State {
  ProtectedLock task{"task_lock"};
  ProtectedLock irq{"irq_lock"};
};
State* state;

void section(ProtectedLock& protected_lock) {
  linux_spin_lock(protected_lock.lock);
  protected_lock.section.enter();
  protected_lock.section.leave();
  linux_spin_unlock(protected_lock.lock);
}

void spin_lock(const std::uint32_t*) {
  section(state->task);
}

// Takes the second lock before it gives up the first, as one does to follow a pointer from one object to the next.
void hand_over_hand(const std::uint32_t*) {
  linux_spin_lock(state->task.lock);
  state->task.section.enter();
  gl_irq_disable();
  linux_spin_lock(state->irq.lock);
  state->task.section.leave();
  linux_spin_unlock(state->task.lock);
  state->irq.section.enter();
  state->irq.section.leave();
  linux_spin_unlock(state->irq.lock);
  gl_irq_enable();
}

void device_interrupt() {
  section(state->irq);
}

constexpr gl_operation_entry kOperations[] = {
    {"spin_lock", spin_lock, {}},
    {"hand_over_hand", hand_over_hand, {}},
    {},
};
constexpr gl_vector_entry kVectors[] = {{"device", device_interrupt, true}, {}};

bool is_free(const ProtectedLock& protected_lock) {
  return linux_spin_is_free(protected_lock.lock) && protected_lock.section.is_empty();
}
bool locks_are_free() {
  return is_free(state->task) && is_free(state->irq);
}

constexpr gl_invariant_entry kInvariants[] = {
    {"the locks are free at rest", locks_are_free, nullptr},
    {"no queue node is in use at rest", linux_spin_nodes_are_free, nullptr},
    {"no lock is in the hash table at rest", linux_pv_table_is_empty, nullptr},
    {},
};

void setup() {
  linux_environment environment = {};
  environment.spin_threshold = gl_parameter(kHaltsEarly) != 0 ? kLooksAtPrevious : gl_parameter(kSpinThreshold);
  environment.kicks_are_dropped = gl_variant() == kKickDropped;
  environment.cmpxchg_is_split = gl_variant() == kCmpxchgSplit;
  linux_setup(&environment);
  linux_pv_setup();
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
}

}  // namespace

extern "C" const gl_target gl_target_linux_pv_qspinlock;
const gl_target gl_target_linux_pv_qspinlock = {
    .name = "linux-pv-qspinlock",
    .summary = "Linux's own paravirtual queued spinlock, compiled from its source",
    .models = "Linux 6.1 kernel/locking/qspinlock_paravirt.h, unmodified",
    .cpus_minimum = 3,
    .cpus_maximum = kCpusMax,
    .variants = kVariants,
    .parameters = kParameters,
    .operations = kOperations,
    .vectors = kVectors,
    .invariants = kInvariants,
    .setup = setup,
};
