// Nested handlers, migration requests, limits of waits, cpus made in a run, and invariants that hold only between
// critical sections.
#include <atomic>
#include <new>

#include "engine/machine/test_targets/test_targets.h"

namespace {

struct State {
  std::atomic<std::uint32_t> handled{0}, deepest{0}, depth{0}, ready{0}, created{0}, never{0};
  std::atomic<std::uint32_t> migrated_entity{0}, migrated_to{0}, migrations{0};
  std::atomic<std::uint32_t> lock{0}, left{0}, right{0};
  std::uint32_t by_creator = 0, by_created = 0;
  std::uint64_t deadline = 0;
};
State* state;

void setup() {
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
}

bool never_set(void*) {
  return state->never.load() != 0;
}
bool is_ready(void*) {
  return state->ready.load() != 0;
}

void work(const std::uint32_t* arguments) {
  for (std::uint32_t i = 0; i < arguments[0]; ++i) state->created.load();
}

// ---- handlers over handlers ----
void nesting_handler() {
  GL_ASSERT(gl_irqs_disabled());
  const std::uint32_t depth = state->depth.fetch_add(1) + 1;
  if (depth > state->deepest.load()) state->deepest.store(depth);
  gl_irq_enable();
  state->handled.fetch_add(1);
  gl_irq_disable();
  state->depth.fetch_sub(1);
}
void plain_handler() {
  state->handled.fetch_add(1);
}
void expect_handled(const std::uint32_t* arguments) {
  GL_ASSERT(state->handled.load() == arguments[0]);
  GL_ASSERT(state->deepest.load() == arguments[1]);
}
void leave_disabled(const std::uint32_t*) {
  gl_irq_disable();
}
void disabled_work(const std::uint32_t*) {
  const unsigned long flags = gl_irq_save();
  state->created.load();
  state->created.load();
  GL_ASSERT(state->migrations.load() == 0);
  gl_irq_restore(flags);
}

// ---- migration ----
void migrate(unsigned entity, unsigned cpu) {
  GL_ASSERT(gl_irqs_disabled() && gl_in_irq());
  state->migrated_entity.store(entity);
  state->migrated_to.store(cpu);
  state->migrations.fetch_add(1);
}
void expect_migrated(const std::uint32_t* arguments) {
  GL_ASSERT(state->migrations.load() == arguments[0]);
  GL_ASSERT(state->migrated_entity.load() == arguments[1]);
  GL_ASSERT(state->migrated_to.load() == arguments[2]);
}

// ---- waits with a limit ----
void wait_out(const std::uint32_t* arguments) {
  const std::uint64_t start = gl_now();
  GL_ASSERT(!gl_wait_for(never_set, nullptr, arguments[1], arguments[0]));
  GL_ASSERT(gl_now() >= start + arguments[0]);
}
void wait_ready(const std::uint32_t* arguments) {
  GL_ASSERT(gl_wait_for(is_ready, nullptr, GL_WAIT_PLAIN, arguments[0]));
}
void wait_interrupted(const std::uint32_t* arguments) {
  GL_ASSERT(gl_wait_for(never_set, nullptr, GL_WAIT_IRQ_ENDS, arguments[0]));
  GL_ASSERT(gl_now() < arguments[0]);
}
void wait_by_clock(const std::uint32_t* arguments) {
  state->deadline = gl_now() + arguments[0];
  GL_ASSERT(gl_wait_for([](void*) { return state->ready.load() != 0 || gl_now() >= state->deadline; }, nullptr,
                        GL_WAIT_PLAIN, 2 * arguments[0]) ||
            gl_now() >= state->deadline);
}
void make_ready(const std::uint32_t*) {
  state->ready.store(1);
}
void block_with_interrupt_pending(const std::uint32_t*) {
  gl_irq_disable();
  gl_wait(never_set, nullptr, GL_WAIT_IRQ_ENDS);
  GL_ASSERT(gl_irq_pending() && state->handled.load() == 0);
  gl_irq_enable();
  GL_ASSERT(state->handled.load() == 1);
}

// ---- cpus made in a run ----
void created_entry(void*) {
  state->by_created += state->by_creator;
  state->created.fetch_add(1);
}
void create(const std::uint32_t* arguments) {
  std::uint32_t cpus[64] = {};
  state->by_creator = 1;
  for (std::uint32_t i = 0; i < arguments[0]; ++i) {
    cpus[i % 64] = gl_cpu_create(created_entry, nullptr);
    if (arguments[1] != 0) {
      gl_wait([](void* cpu) { return gl_cpu_ended(*static_cast<std::uint32_t*>(cpu)); }, &cpus[i % 64], GL_WAIT_PLAIN);
    }
  }
  for (std::uint32_t i = 0; i < arguments[0]; ++i) {
    gl_wait([](void* cpu) { return gl_cpu_ended(*static_cast<std::uint32_t*>(cpu)); }, &cpus[i], GL_WAIT_PLAIN);
  }
  GL_ASSERT(state->created.load() == arguments[0]);
  if (arguments[1] != 0) GL_ASSERT(state->by_created == arguments[0]);
}
void create_and_race(const std::uint32_t*) {
  static_cast<void>(gl_cpu_create(created_entry, nullptr));
  state->created.load(std::memory_order_relaxed);
  state->by_creator = 2;
}

// ---- left and right are equal whenever the lock is free ----
void change_both(const std::uint32_t* arguments) {
  const bool locks = arguments[0] != 0;
  while (locks && state->lock.exchange(1, std::memory_order_acquire) != 0) gl_cpu_relax();
  state->left.fetch_add(1, std::memory_order_relaxed);
  state->right.fetch_add(1, std::memory_order_relaxed);
  if (locks) state->lock.store(0, std::memory_order_release);
}
void change_left(const std::uint32_t*) {
  state->left.fetch_add(1, std::memory_order_relaxed);
}
bool halves_equal() {
  return state->left.load(std::memory_order_relaxed) == state->right.load(std::memory_order_relaxed);
}
bool lock_free() {
  return state->lock.load(std::memory_order_relaxed) == 0;
}
bool nobody_inside() {
  return state->depth.load() == 0 && gl_now() > 0;
}

const gl_operation_entry operations[] = {{"work", work, {}},
                                         {"expect_handled", expect_handled, {}},
                                         {"leave_disabled", leave_disabled, {}},
                                         {"disabled_work", disabled_work, {}},
                                         {"expect_migrated", expect_migrated, {}},
                                         {"wait_out", wait_out, {}},
                                         {"wait_ready", wait_ready, {}},
                                         {"wait_interrupted", wait_interrupted, {}},
                                         {"wait_by_clock", wait_by_clock, {}},
                                         {"make_ready", make_ready, {}},
                                         {"block_with_interrupt_pending", block_with_interrupt_pending, {}},
                                         {"create", create, {}},
                                         {"create_and_race", create_and_race, {}},
                                         {}};
const gl_vector_entry vectors[] = {
    {"nest0", nesting_handler, true}, {"nest1", nesting_handler, true}, {"nest2", nesting_handler, true},
    {"nest3", nesting_handler, true}, {"nest4", nesting_handler, true}, {"nest5", nesting_handler, true},
    {"nest6", nesting_handler, true}, {"nest7", nesting_handler, true}, {"nest8", nesting_handler, true},
    {"nest9", nesting_handler, true}, {"plain", plain_handler, true},   {}};
const char* const entities[] = {"task", "vcpu", nullptr};
const gl_variant_entry variants[] = {{"only", "", "ok"}, {}};

const gl_operation_entry invariant_operations[] = {
    {"change_both", change_both, {{"locks", 0, 1}}}, {"change_left", change_left, {}}, {"work", work, {}}, {}};
const gl_invariant_entry point_invariants[] = {
    {"halves-equal", halves_equal, lock_free}, {"nobody-inside", nobody_inside, nullptr}, {}};
const gl_invariant_entry rest_invariants[] = {{"halves-equal", halves_equal, nullptr}, {}};

}  // namespace

namespace test_targets {
const gl_target delivery = {.name = "delivery",
                            .cpus_minimum = 1,
                            .cpus_maximum = 64,
                            .variants = variants,
                            .operations = operations,
                            .vectors = vectors,
                            .entities = entities,
                            .migrate = migrate,
                            .setup = setup};
const gl_target invariants = {.name = "invariants",
                              .cpus_minimum = 1,
                              .cpus_maximum = 4,
                              .variants = variants,
                              .operations = invariant_operations,
                              .invariants = point_invariants,
                              .setup = setup};
const gl_target invariants_at_rest = {.name = "invariants_at_rest",
                                      .cpus_minimum = 1,
                                      .cpus_maximum = 4,
                                      .variants = variants,
                                      .operations = invariant_operations,
                                      .invariants = rest_invariants,
                                      .setup = setup};
}  // namespace test_targets
