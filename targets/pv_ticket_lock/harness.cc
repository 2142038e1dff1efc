// The paravirtual ticket spinlock under Xen. README.md says what is modelled and from where.
//
// Two locks: that of the device, which only its interrupt handler takes, and that of an object, which tasks take with
// interrupts enabled. All cpus share the object, and each has a reference; whoever gives back the last one frees it,
// lock and all. So does a task that waits for a completion on its own stack.
//
// May include: engine/hook, the standard library, this target.
#include <cstdint>
#include <new>

#include "engine/hook/gridlock.h"
#include "engine/hook/oracles.h"
#include "targets/pv_ticket_lock/spinlock.h"
#include "targets/pv_ticket_lock/xen.h"

namespace {

// In the order of enum Variant.
constexpr gl_variant_entry kVariants[] = {
    {"unlock-touches-late", "unlock reads the lock again after it has released it (before d6abfdb2df97)",
     "memory-error"},
    {"nested-pickup", "a nested waiter eats the kick of the waiter that it interrupted", "deadlock"},
    {"nested-asks", "a nested waiter that was not kicked leaves a kick behind, if it sees that it is nested",
     "deadlock"},
    {"kick-first", "unlock kicks the first cpu that seems to wait for the next ticket, though it may not", "deadlock"},
    {"single-xadd", "unlock touches the lock once and kicks all that match; a waiter leaves a kick behind", "ok"},
    {},
};

// In the order of enum Parameter. 1 << 15 in the kernel.
constexpr gl_parameter_entry kParameters[] = {{"spin_threshold", 1, 1 << 15, 1, 1}, {}};

struct Guarded {
  arch_spinlock_t lock;
  oracle::Exclusion section{oracle::Ordering::kJudged};
};

struct Object {
  Guarded guarded;
  std::uint32_t references = 0;  // under the lock
};

struct State {
  Guarded device;
  Object* object = nullptr;
  bool has_reference[kCpusMax] = {};  // each of its own cpu alone
  bool object_is_freed = false;       // for the check at rest
};
State* state;

void pass(Guarded& guarded) {
  guarded.section.enter();
  guarded.section.leave();
}

void use_object(const std::uint32_t*) {
  if (!state->has_reference[gl_this_cpu()]) return;
  arch_spin_lock(state->object->guarded.lock);
  pass(state->object->guarded);
  arch_spin_unlock(state->object->guarded.lock);
}

void put_object(const std::uint32_t*) {
  if (!state->has_reference[gl_this_cpu()]) return;
  state->has_reference[gl_this_cpu()] = false;
  arch_spin_lock(state->object->guarded.lock);
  pass(state->object->guarded);
  const bool was_last = --state->object->references == 0;
  arch_spin_unlock(state->object->guarded.lock);
  if (!was_last) return;
  state->object_is_freed = true;
  gl_free(state->object);
}

void device_interrupt() {
  arch_spin_lock(state->device.lock);
  pass(state->device);
  arch_spin_unlock(state->device.lock);
}

constexpr gl_operation_entry kOperations[] = {{"use_object", use_object, {}}, {"put_object", put_object, {}}, {}};
constexpr gl_vector_entry kVectors[] = {{"device", device_interrupt, true}, {}};

bool is_free(const Guarded& guarded) {
  return arch_spin_is_free(guarded.lock) && guarded.section.is_empty();
}
bool locks_are_free() {
  return is_free(state->device) && (state->object_is_freed || is_free(state->object->guarded));
}

constexpr gl_invariant_entry kInvariants[] = {
    {"the locks are free at rest", locks_are_free, nullptr},
    {"no cpu waits at rest", no_cpu_waits, nullptr},
    {},
};

constexpr gl_bug_entry kBugs[] = {
    {"unlock-touches-late", "single-xadd", "Linux d6abfdb2df97 (2015)",
     "an unlock reads the lock that the next owner has freed by then"},
    {},
};

void name_lock(const Guarded& guarded, const char* name) {
  gl_name(&guarded.lock.tickets.head, sizeof(guarded.lock.tickets.head), "%s.lock.head", name);
  gl_name(&guarded.lock.tickets.tail, sizeof(guarded.lock.tickets.tail), "%s.lock.tail", name);
  gl_name(&guarded.section, sizeof(guarded.section), "%s.section", name);
}

void setup() {
  xen_init_spinlocks();
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
  state->object = new (gl_alloc(sizeof(Object), alignof(Object))) Object();
  state->object->references = gl_cpu_count();
  for (unsigned cpu = 0; cpu < gl_cpu_count(); ++cpu) state->has_reference[cpu] = true;
  name_lock(state->device, "device");
  name_lock(state->object->guarded, "object");
  gl_name(&state->object->references, sizeof(state->object->references), "object.references");
}

}  // namespace

extern "C" const gl_target gl_target_pv_ticket_lock;

const gl_target gl_target_pv_ticket_lock = {
    .name = "pv-ticket-lock",
    .summary = "the paravirtual ticket spinlock, with the Xen side of sleeping and kicking",
    .models = "Linux 3.12 to 4.1 arch/x86/include/asm/spinlock.h and arch/x86/xen/spinlock.c; the bug of d6abfdb2df97",
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
