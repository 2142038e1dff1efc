// Locks that are told and nothing else, so that which handlers count for an order of locks is all that a test is about.
#include <cstdint>
#include <new>

#include "engine/machine/test_targets/test_targets.h"

namespace {

enum Vector : unsigned { kDevice, kIpi, kRelay, kTicker, kNothing };

struct State {
  char locks[4] = {};
};
State* state;

void setup() {
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
}

void acquire(std::uint32_t lock) {
  gl_lock_acquired(&state->locks[lock], "lock", GL_LOCK_EXCLUSIVE);
}
void release(std::uint32_t lock) {
  gl_lock_released(&state->locks[lock]);
}

void lock(const std::uint32_t* arguments) {
  gl_cpu_relax();
  acquire(arguments[0]);
  release(arguments[0]);
}
void lock_masked(const std::uint32_t* arguments) {
  const unsigned long flags = gl_irq_save();
  lock(arguments);
  gl_irq_restore(flags);
}
void pair(const std::uint32_t* arguments) {
  acquire(arguments[0]);
  lock(arguments + 1);
  release(arguments[0]);
}
void send(const std::uint32_t* arguments) {
  gl_send_ipi(arguments[0], kIpi);
}
void send_under(const std::uint32_t* arguments) {
  acquire(arguments[0]);
  send(arguments + 1);
  release(arguments[0]);
}
void raise(const std::uint32_t*) {
  gl_raise_softirq(0);
  gl_cpu_relax();
}

void take_first() {
  acquire(0);
  release(0);
}
void relay() {
  gl_send_ipi(gl_this_cpu(), kIpi);
}
void tick() {
  gl_raise_softirq(0);
}
void nothing() {}

const gl_operation_entry operations[] = {{"lock", lock, {{"lock", 0, 3}}},
                                         {"lock_masked", lock_masked, {{"lock", 0, 3}}},
                                         {"pair", pair, {{"first", 0, 3}, {"second", 0, 3}}},
                                         {"send", send, {{"cpu", 0, 3}}},
                                         {"send_under", send_under, {{"lock", 0, 3}, {"cpu", 0, 3}}},
                                         {"raise", raise, {}},
                                         {}};
const gl_vector_entry vectors[] = {{"device", take_first, true}, {"ipi", take_first, false}, {"relay", relay, true},
                                   {"ticker", tick, true},       {"nothing", nothing, true}, {}};
const gl_softirq_entry softirqs[] = {{"first", take_first}, {}};
const gl_variant_entry variants[] = {{"only", "", "lock-order"}, {}};

}  // namespace

namespace test_targets {
const gl_target lock_orders = {.name = "lock_orders",
                               .cpus_minimum = 1,
                               .cpus_maximum = 4,
                               .variants = variants,
                               .operations = operations,
                               .vectors = vectors,
                               .softirqs = softirqs,
                               .setup = setup};
}  // namespace test_targets
