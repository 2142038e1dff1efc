// Loops that never end and loops that look as if they did not: what the proofs of hang, deadlock and livelock must fire
// on, and what they must stay silent about. One operation each.
#include <atomic>
#include <new>

#include "engine/machine/test_targets/test_targets.h"

namespace {

struct TwoWords {
  std::uint64_t low, high;
};
struct ThreeWords {
  std::uint64_t words[3];
};

struct State {
  std::atomic<std::uint32_t> flag{0}, other{0}, never{0}, sleeping{0}, sequence{0}, turn{0}, handled{0};
  std::atomic<std::uint32_t> locks[2]{};
  volatile std::uint32_t plain_flag = 0;
  std::uint32_t budget = 0;
  alignas(16) std::atomic<TwoWords> pair{TwoWords{1, 2}};
  std::atomic<ThreeWords> triple{ThreeWords{{1, 2, 3}}};
};
State* state;

void setup() {
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
}

bool never_set(void*) {
  return state->never.load() != 0;
}
bool flag_set(void*) {
  return state->flag.load() != 0;
}

// ---- spins ----
void spin_on_two_words(const std::uint32_t*) {
  while (state->flag.load() == 0 || state->other.load() == 0) gl_cpu_relax();
}

__attribute__((noinline)) bool flag_is_clear() {
  return state->flag.load() == 0;
}
__attribute__((noinline)) bool other_is_clear() {
  return state->other.load() == 0;
}
constexpr bool (*kProbes[])() = {flag_is_clear, other_is_clear};
void spin_through_pointer(const std::uint32_t* arguments) {
  while (kProbes[arguments[0]]()) {
  }
}

// Counts its rounds in a register, and starts over.
void spin_with_wrapping_counter(const std::uint32_t* arguments) {
  std::uint32_t rounds = 0;
  while (state->flag.load() == 0) {
    if (++rounds == arguments[0]) rounds = 0;
    asm volatile("" : "+r"(rounds));
  }
}

void spin_on_volatile(const std::uint32_t*) {
  while (state->plain_flag == 0) {
  }
}

void spin_on_failing_compare_exchange(const std::uint32_t* arguments) {
  for (;;) {
    std::uint32_t one = 1;
    TwoWords pair{1, 7};  // the low half is what memory holds: only the high half tells that the exchange fails
    ThreeWords triple{{1, 2, 7}};
    if (arguments[0] == 4 && state->never.compare_exchange_strong(one, 2)) return;
    if (arguments[0] == 16 && state->pair.compare_exchange_strong(pair, TwoWords{3, 4})) return;
    if (arguments[0] == 24 && state->triple.compare_exchange_strong(triple, ThreeWords{{3, 4, 5}})) return;
    gl_cpu_relax();
  }
}

void spin_for_created_cpu(const std::uint32_t*) {
  const unsigned cpu = gl_cpu_create([](void*) { state->other.store(1); }, nullptr);
  while (!gl_cpu_ended(cpu)) gl_cpu_relax();
}
void wait_for_created_spinner(const std::uint32_t*) {
  unsigned cpu = gl_cpu_create(
      [](void*) {
        while (state->never.load() == 0) gl_cpu_relax();
      },
      nullptr);
  gl_wait([](void* argument) { return gl_cpu_ended(*static_cast<unsigned*>(argument)); }, &cpu, GL_WAIT_PLAIN);
}

// ---- spins that end by themselves ----
// The budget lies in plain memory: no register and no stack word changes.
void spin_with_budget_in_memory(const std::uint32_t* arguments) {
  for (state->budget = 0; state->budget < arguments[0]; ++state->budget) gl_cpu_relax();
}

// A generator of period 65,535 in a register, which stores nothing.
void walk_long_cycle(const std::uint32_t*) {
  std::uint32_t walk = 1;
  do {
    state->flag.load();
    walk = (walk >> 1) ^ ((walk & 1) != 0 ? 0xb400u : 0u);
  } while (walk != 1);
}

__attribute__((noinline)) void count_up(volatile std::uint64_t* counter) {
  gl_cpu_relax();
  *counter = *counter + 1;
}
// The counter lies further up the stack than the spin detector looks.
void count_far_up_the_stack(const std::uint32_t* arguments) {
  volatile std::uint64_t frame[256] = {};
  while (frame[255] < arguments[0]) count_up(&frame[255]);
}

void spin_until_time(const std::uint32_t* arguments) {
  const std::uint64_t deadline = gl_now() + arguments[0];
  while (gl_now() < deadline) gl_cpu_relax();
}

// ---- waits ----
void wait_never(const std::uint32_t*) {
  gl_wait(never_set, nullptr, GL_WAIT_PLAIN);
}
void wait_flag(const std::uint32_t*) {
  gl_wait(flag_set, nullptr, GL_WAIT_PLAIN);
}
void spin_then_wait(const std::uint32_t* arguments) {
  for (std::uint32_t i = 0; i < arguments[0]; ++i) {
    if (state->flag.load() != 0) return;
    gl_cpu_relax();
  }
  gl_wait(flag_set, nullptr, GL_WAIT_PLAIN);
}
void poll_by_timeout(const std::uint32_t*) {
  while (!gl_wait_for(flag_set, nullptr, GL_WAIT_PLAIN, 10)) {
  }
}
void set_after_timeout(const std::uint32_t* arguments) {
  GL_ASSERT(!gl_wait_for(never_set, nullptr, GL_WAIT_PLAIN, arguments[0]));
  state->flag.store(1);
}

void set(const std::uint32_t*) {
  state->flag.store(1);
}
void set_other(const std::uint32_t*) {
  state->other.store(1);
}
void set_volatile(const std::uint32_t*) {
  state->plain_flag = 1;
}
void nothing(const std::uint32_t*) {}

// ---- a sequence counter: readers wait for an even number ----
void read_sequence(const std::uint32_t*) {
  std::uint32_t begin = 0;
  do {
    while (((begin = state->sequence.load(std::memory_order_acquire)) & 1) != 0) gl_cpu_relax();
    state->flag.load(std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_acquire);
  } while (state->sequence.load(std::memory_order_relaxed) != begin);
}
void write_sequence(const std::uint32_t* arguments) {
  state->sequence.fetch_add(1);
  if (arguments[0] != 0) gl_wait(never_set, nullptr, GL_WAIT_PLAIN);
  state->sequence.fetch_add(1, std::memory_order_release);
}

// ---- two locks ----
// Takes its own, tries the other, gives back and starts over.
void back_off(const std::uint32_t* arguments) {
  std::atomic<std::uint32_t>& mine = state->locks[arguments[0]];
  std::atomic<std::uint32_t>& yours = state->locks[1 - arguments[0]];
  for (;;) {
    while (mine.exchange(1, std::memory_order_acquire) != 0) gl_cpu_relax();
    if (yours.exchange(1, std::memory_order_acquire) == 0) break;
    mine.store(0, std::memory_order_release);
    gl_cpu_relax();
  }
  yours.store(0, std::memory_order_release);
  mine.store(0, std::memory_order_release);
}

// Waits for its turn in a ring of all cpus, and hands it on.
void ping_pong(const std::uint32_t* arguments) {
  const unsigned me = gl_this_cpu();
  for (std::uint32_t round = 0; round < arguments[0]; ++round) {
    while (state->turn.load() != me) gl_cpu_relax();
    state->turn.store((me + 1) % gl_cpu_count());
  }
}

// Two cpus, 0 and 1, hand a turn to each other for as long as nobody sets the flag. One of them can always go on.
void trade_until_flag(const std::uint32_t*) {
  const unsigned other = 1 - gl_this_cpu();
  while (state->flag.load() == 0) {
    state->turn.store(other);
    while (state->turn.load() == other && state->flag.load() == 0) gl_cpu_relax();
  }
}

// Each sleeps until the one after it in the ring is awake.
void wait_in_ring(const std::uint32_t*) {
  state->sleeping.fetch_or(1u << gl_this_cpu());
  gl_wait([](void*) { return (state->sleeping.load() >> ((gl_this_cpu() + 1) % gl_cpu_count()) & 1) == 0; }, nullptr,
          GL_WAIT_PLAIN);
  state->sleeping.fetch_and(~(1u << gl_this_cpu()));
}

// ---- interrupts ----
enum Vector : unsigned { kSetFlag, kWaitNever, kWaitFlag, kSpin, kMarkSoftirq };

void send(const std::uint32_t* arguments) {
  gl_send_ipi(arguments[0], arguments[1]);
}
void spin_disabled(const std::uint32_t*) {
  gl_irq_disable();
  gl_send_ipi(gl_this_cpu(), kSetFlag);
  while (state->handled.load() == 0) gl_cpu_relax();
  gl_irq_enable();
}
void spin_flag(const std::uint32_t*) {
  while (state->flag.load() == 0) gl_cpu_relax();
}
// Changes something in every round, and ends by an interrupt.
void flip_until_flag(const std::uint32_t*) {
  while (state->flag.load() == 0) {
    state->other.store(1);
    state->other.store(0);
  }
}

void handle_set() {
  state->handled.fetch_add(1);
  state->flag.store(1);
}
void handle_wait_never() {
  gl_wait(never_set, nullptr, GL_WAIT_PLAIN);
}
void handle_wait_flag() {
  gl_wait(flag_set, nullptr, GL_WAIT_PLAIN);
}
void handle_spin() {
  while (state->other.load() == 0) gl_cpu_relax();
}
void handle_mark() {
  gl_raise_softirq(0);
}
void softirq_spin() {
  while (state->other.load() == 0) gl_cpu_relax();
}

const gl_operation_entry operations[] = {{"nothing", nothing, {}},
                                         {"set", set, {}},
                                         {"set_other", set_other, {}},
                                         {"set_volatile", set_volatile, {}},
                                         {"spin_flag", spin_flag, {}},
                                         {"flip_until_flag", flip_until_flag, {}},
                                         {"spin_on_two_words", spin_on_two_words, {}},
                                         {"spin_through_pointer", spin_through_pointer, {}},
                                         {"spin_with_wrapping_counter", spin_with_wrapping_counter, {}},
                                         {"spin_on_volatile", spin_on_volatile, {}},
                                         {"spin_on_failing_compare_exchange", spin_on_failing_compare_exchange, {}},
                                         {"spin_for_created_cpu", spin_for_created_cpu, {}},
                                         {"wait_for_created_spinner", wait_for_created_spinner, {}},
                                         {"spin_with_budget_in_memory", spin_with_budget_in_memory, {}},
                                         {"walk_long_cycle", walk_long_cycle, {}},
                                         {"count_far_up_the_stack", count_far_up_the_stack, {}},
                                         {"spin_until_time", spin_until_time, {}},
                                         {"wait_never", wait_never, {}},
                                         {"wait_flag", wait_flag, {}},
                                         {"spin_then_wait", spin_then_wait, {}},
                                         {"poll_by_timeout", poll_by_timeout, {}},
                                         {"set_after_timeout", set_after_timeout, {}},
                                         {"read_sequence", read_sequence, {}},
                                         {"write_sequence", write_sequence, {}},
                                         {"back_off", back_off, {}},
                                         {"ping_pong", ping_pong, {}},
                                         {"trade_until_flag", trade_until_flag, {}},
                                         {"wait_in_ring", wait_in_ring, {}},
                                         {"send", send, {}},
                                         {"spin_disabled", spin_disabled, {}},
                                         {}};
// In the order of enum Vector.
const gl_vector_entry vectors[] = {{"set_flag", handle_set, true},        {"wait_never", handle_wait_never, true},
                                   {"wait_flag", handle_wait_flag, true}, {"spin", handle_spin, true},
                                   {"mark_softirq", handle_mark, true},   {}};
const gl_softirq_entry softirqs[] = {{"spin", softirq_spin}, {}};
const gl_variant_entry variants[] = {{"only", "", "hang"}, {}};

}  // namespace

namespace test_targets {
const gl_target proofs = {.name = "proofs",
                          .cpus_minimum = 1,
                          .cpus_maximum = 64,
                          .variants = variants,
                          .operations = operations,
                          .vectors = vectors,
                          .softirqs = softirqs,
                          .setup = setup};
}  // namespace test_targets
