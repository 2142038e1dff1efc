// Each call of the oracles and of the futex as an operation, so that a test is a line of calls.
#include "engine/hook/oracles.h"

#include <atomic>
#include <new>

#include "engine/hook/futex.h"
#include "engine/machine/test_targets/test_targets.h"

namespace {

struct State {
  oracle::Exclusion section{oracle::Ordering::kJudged};
  oracle::Fairness fairness{1};
  oracle::Permits permits;
  oracle::Delivery delivery;
  oracle::GracePeriod grace;
  futex::Futex futex;
  futex::Word word{0};
  std::atomic<std::uint32_t> ready{0};
  bool needed = false;
};
State* state;

void setup() {
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
}

void enter(const std::uint32_t*) {
  state->section.enter();
}
void enter_shared(const std::uint32_t*) {
  state->section.enter_shared();
}
template <auto call>
void on_section(const std::uint32_t*) {
  (state->section.*call)();
}
template <auto call>
void on_fairness(const std::uint32_t*) {
  (state->fairness.*call)();
}
void give(const std::uint32_t* arguments) {
  state->permits.give(arguments[0]);
}
void take(const std::uint32_t*) {
  state->permits.take();
}
void put_item(const std::uint32_t* arguments) {
  state->delivery.put(arguments[0]);
}
void take_item(const std::uint32_t* arguments) {
  state->delivery.take(arguments[0]);
}
void read_begins(const std::uint32_t*) {
  state->grace.reader_begins();
}
void read_ends(const std::uint32_t*) {
  state->grace.reader_ends();
}
void wait_for_nobody(const std::uint32_t*) {
  const oracle::GracePeriod::Start start = state->grace.period_begins();
  gl_cpu_relax();
  state->grace.period_ends(start);
}

constexpr std::uint32_t kReady = 2;

bool is_ready(void*) {
  return state->ready.load() == kReady;
}
GL_ORACLE bool is_needed(void*) {
  return state->needed;
}
GL_ORACLE void need() {
  state->needed = true;
}
void sleep(const std::uint32_t*) {
  static_cast<void>(oracle::Sleep::until(is_ready, is_needed, nullptr));
}
void ask_for_all(const std::uint32_t*) {
  need();
}
// On the way sleepers look again, and must sleep on.
void need_then_wake(const std::uint32_t*) {
  need();
  for (int i = 0; i < 20; ++i) gl_cpu_relax();
  state->ready.store(kReady - 1);
  gl_cpu_relax();
  state->ready.store(kReady);
}
void pass(const std::uint32_t*) {
  gl_cpu_relax();
}

void futex_wait(const std::uint32_t* arguments) {
  static_cast<void>(state->futex.wait(state->word, arguments[0]));
}
void futex_wake(const std::uint32_t* arguments) {
  state->futex.wake(state->word, arguments[0]);
}

const gl_operation_entry operations[] = {{"enter", enter, {}},
                                         {"leave", on_section<&oracle::Exclusion::leave>, {}},
                                         {"enter_shared", enter_shared, {}},
                                         {"leave_shared", on_section<&oracle::Exclusion::leave_shared>, {}},
                                         {"announce", on_fairness<&oracle::Fairness::announce>, {}},
                                         {"withdraw", on_fairness<&oracle::Fairness::withdraw>, {}},
                                         {"come_in", on_fairness<&oracle::Fairness::come_in>, {}},
                                         {"give", give, {}},
                                         {"take", take, {}},
                                         {"put_item", put_item, {}},
                                         {"take_item", take_item, {}},
                                         {"read_begins", read_begins, {}},
                                         {"read_ends", read_ends, {}},
                                         {"wait_for_nobody", wait_for_nobody, {}},
                                         {"sleep", sleep, {}},
                                         {"ask_for_all", ask_for_all, {}},
                                         {"need_then_wake", need_then_wake, {}},
                                         {"pass", pass, {}},
                                         {"futex_wait", futex_wait, {}},
                                         {"futex_wake", futex_wake, {}},
                                         {}};
const gl_variant_entry variants[] = {{"only", "", "assertion"}, {}};

}  // namespace

namespace test_targets {
const gl_target oracles = {.name = "oracles",
                           .cpus_minimum = 1,
                           .cpus_maximum = 4,
                           .variants = variants,
                           .operations = operations,
                           .setup = setup};
}  // namespace test_targets
