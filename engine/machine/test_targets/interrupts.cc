// Interrupts: handlers over tasks, deferral, softirqs, IPIs, a race between a task and a handler over it; an assertion,
// a race between cpus, an overflowed stack, a use after free.
#include <atomic>
#include <new>

#include "engine/machine/test_targets/test_targets.h"

namespace {

struct State {
  std::atomic<std::uint32_t> handled{0}, softirqs{0}, spins{0}, word{0};
  std::uint32_t plain = 0;
  volatile std::uint32_t poll = 0;
};
State* state;
void setup() {
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
}
bool handled(void*) {
  return state->handled.load() != 0;
}

void work(const std::uint32_t*) {
  state->word.fetch_add(1);
  const unsigned long flags = gl_irq_save();
  state->word.fetch_add(1);
  gl_irq_restore(flags);
  state->word.fetch_add(1);
}
void wait_for_interrupt(const std::uint32_t*) {
  gl_wait(handled, nullptr, GL_WAIT_PLAIN);
}
void send(const std::uint32_t* arguments) {
  gl_send_ipi(arguments[0] % gl_cpu_count(), 1);
}
void touch_plain(const std::uint32_t* arguments) {
  unsigned long flags = 0;
  if (arguments[0] != 0) flags = gl_irq_save();
  state->word.fetch_add(1, std::memory_order_relaxed);
  ++state->plain;
  state->word.fetch_add(1, std::memory_order_relaxed);
  if (arguments[0] != 0) gl_irq_restore(flags);
}

void device() {
  GL_ASSERT(gl_irqs_disabled() && gl_in_irq() && gl_in_interrupt());
  state->handled.fetch_add(1);
  gl_raise_softirq(0);
}
void ipi() {
  state->handled.fetch_add(1);
}
void plain_device() {
  ++state->plain;
}
void softirq() {
  GL_ASSERT(!gl_irqs_disabled() && !gl_in_irq() && gl_in_interrupt());
  state->softirqs.fetch_add(1);
}

const gl_operation_entry irq_operations[] = {{"work", work, {}},
                                             {"wait", wait_for_interrupt, {}},
                                             {"send", send, {{"cpu", 0, 3}}},
                                             {"touch", touch_plain, {{"irqs_off", 0, 1}}},
                                             {}};
const gl_vector_entry vectors[] = {
    {"device", device, true}, {"ipi", ipi, false}, {"plain_device", plain_device, true}, {}};
const gl_softirq_entry softirqs[] = {{"softirq", softirq}, {}};
const gl_variant_entry variants[] = {{"only", "", "ok"}, {}};

void assert_word(const std::uint32_t*) {
  GL_ASSERT(state->word.fetch_add(1) == 0);
}
const gl_operation_entry assertion_operations[] = {{"first", assert_word, {}}, {}};

void write_plain(const std::uint32_t*) {
  state->word.load(std::memory_order_relaxed);
  ++state->plain;
}
const gl_operation_entry race_operations[] = {{"write", write_plain, {}}, {}};

void spin_without_point(const std::uint32_t*) {
  for (;;) asm volatile("pause");
}
const gl_operation_entry plain_spin_operations[] = {{"spin", spin_without_point, {}}, {}};

__attribute__((noinline)) std::uint32_t recurse(std::uint32_t depth) {
  volatile char frame[256];
  frame[0] = static_cast<char>(depth);
  if (depth == UINT32_MAX) return 0;
  return recurse(depth + 1) + static_cast<std::uint32_t>(frame[0]);
}
void overflow_stack(const std::uint32_t*) {
  state->word.store(recurse(0));
}
const gl_operation_entry overflow_operations[] = {{"recurse", overflow_stack, {}}, {}};

void use_freed(const std::uint32_t* arguments) {
  auto* const block = static_cast<std::atomic<std::uint32_t>*>(gl_alloc(4, 4));
  gl_free(block);
  if (arguments[0] == 0) {
    *reinterpret_cast<volatile char*>(block) = 1;
  } else if (arguments[0] == 1) {
    block->store(1);
  } else {
    gl_free(block);
  }
}
const gl_operation_entry use_after_free_operations[] = {{"use", use_freed, {{"how", 0, 2}}}, {}};

}  // namespace

namespace test_targets {
const gl_target irq = {.name = "irq",
                       .cpus_minimum = 1,
                       .cpus_maximum = 4,
                       .variants = variants,
                       .operations = irq_operations,
                       .vectors = vectors,
                       .softirqs = softirqs,
                       .setup = setup};
const gl_target assertion = {.name = "assertion",
                             .cpus_minimum = 1,
                             .cpus_maximum = 4,
                             .variants = variants,
                             .operations = assertion_operations,
                             .setup = setup};
const gl_target race = {.name = "race",
                        .cpus_minimum = 1,
                        .cpus_maximum = 4,
                        .variants = variants,
                        .operations = race_operations,
                        .setup = setup};
const gl_target plain_spin = {.name = "plain_spin",
                              .cpus_minimum = 1,
                              .cpus_maximum = 4,
                              .variants = variants,
                              .operations = plain_spin_operations,
                              .setup = setup};
const gl_target overflow = {.name = "overflow",
                            .cpus_minimum = 1,
                            .cpus_maximum = 4,
                            .variants = variants,
                            .operations = overflow_operations,
                            .setup = setup};
const gl_target use_after_free = {.name = "use_after_free",
                                  .cpus_minimum = 1,
                                  .cpus_maximum = 4,
                                  .variants = variants,
                                  .operations = use_after_free_operations,
                                  .setup = setup};
}  // namespace test_targets

extern "C" const gl_target* const machine_test_targets[] = {&test_targets::ticket,
                                                            &test_targets::abba,
                                                            &test_targets::lost_wakeup,
                                                            &test_targets::spin_forever,
                                                            &test_targets::polling,
                                                            &test_targets::livelock,
                                                            &test_targets::irq,
                                                            &test_targets::assertion,
                                                            &test_targets::race,
                                                            &test_targets::plain_spin,
                                                            &test_targets::overflow,
                                                            &test_targets::use_after_free,
                                                            &test_targets::accesses,
                                                            &test_targets::proofs,
                                                            &test_targets::delivery,
                                                            &test_targets::invariants,
                                                            &test_targets::invariants_at_rest,
                                                            &test_targets::races,
                                                            &test_targets::memory_errors,
                                                            &test_targets::addresses,
                                                            &test_targets::litmus,
                                                            &test_targets::litmus_kernel,
                                                            &test_targets::oracles,
                                                            &test_targets::lock_orders,
                                                            nullptr};
