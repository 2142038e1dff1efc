// Litmus tests of the memory model as targets: tiny programs whose non-atomic accesses are or are not ordered by their
// atomic ones. An operation is a program, and each cpu plays its own part in it; engine/abi/litmus_test.cc says which
// of them race. Here: message passing, fences, release sequences, and who can see what (SB, LB, IRIW, ...).
//
// Every wait is an `if`: a part whose partner has not come yet does nothing, so all interleavings are finite.
//
// May include: hook.
#include <atomic>
#include <new>

#include "engine/machine/test_targets/test_targets.h"

namespace {

using Word = std::atomic<std::uint32_t>;
using Order = std::memory_order;
constexpr Order rlx = std::memory_order_relaxed, acq = std::memory_order_acquire, rel = std::memory_order_release,
                acq_rel = std::memory_order_acq_rel, sc = std::memory_order_seq_cst,
                consume = std::memory_order_consume;

// Each on a line of its own: ThreadSanitizer remembers four accesses of each eight bytes.
struct State {
  alignas(64) std::uint32_t data = 0;
  alignas(64) std::uint32_t more = 0;
  alignas(64) Word x{0};
  alignas(64) Word y{0};
  alignas(64) volatile std::uint32_t v = 0;
};
State* state;
void setup() {
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
}

void use(std::uint32_t value) {
  asm volatile("" : : "r"(value));
}
void use_data() {
  use(state->data);
}

template <void (*... parts)()>
void program(const std::uint32_t*) {
  static constexpr void (*kParts[])() = {parts...};
  kParts[gl_this_cpu()]();
}

// ---- message passing: data, then a flag ----

template <Order order>
void mp_write() {
  state->data = 1;
  state->x.store(1, order);
}
template <Order order>
void mp_read() {
  if (state->x.load(order) == 1) use_data();
}
void mp_read_unguarded() {
  static_cast<void>(state->x.load(acq));
  use_data();
}
template <Order order>
void mp_write_again() {
  if (state->x.load(order) == 1) state->data = 2;
}
void mp_write_volatile() {
  state->data = 1;
  state->v = 1;
}
void mp_read_volatile() {
  if (state->v == 1) use_data();
}
template <Order failure>
void mp_read_failing_cas() {
  std::uint32_t expected = 9;  // never there
  state->x.compare_exchange_strong(expected, 9, acq_rel, failure);
  if (expected == 1) use_data();
}

// ---- fences ----

template <Order fence>
void fence_then_flag() {
  state->data = 1;
  std::atomic_thread_fence(fence);
  state->x.store(1, rlx);
}
void flag_then_fence() {
  state->data = 1;
  state->x.store(1, rlx);
  std::atomic_thread_fence(rel);
}
void fence_then_data() {
  std::atomic_thread_fence(rel);
  state->data = 1;
  state->x.store(1, rlx);
}
void fence_then_volatile() {
  state->data = 1;
  std::atomic_thread_fence(rel);
  state->v = 1;
}
template <Order fence>
void read_then_fence() {
  if (state->x.load(rlx) != 1) return;
  std::atomic_thread_fence(fence);
  use_data();
}
void volatile_then_fence() {
  if (state->v != 1) return;
  std::atomic_thread_fence(acq);
  use_data();
}
void fence_then_read() {
  std::atomic_thread_fence(acq);
  if (state->x.load(rlx) == 1) use_data();
}

// ---- release sequences ----

template <Order order>
void bump() {
  if (state->x.load(rlx) == 1) state->x.fetch_add(1, order);
}
void exchange() {
  if (state->x.load(rlx) == 1) state->x.exchange(2, rlx);
}
void overwrite() {
  if (state->x.load(rlx) == 1) state->x.store(2, rlx);
}
void write_and_store_twice() {
  state->data = 1;
  state->x.store(1, rel);
  state->x.store(2, rlx);
}
void write_and_store_then_bump() {
  state->data = 1;
  state->x.store(1, rel);
  state->x.fetch_add(1, rlx);
}
template <Order order>
void read_second() {
  if (state->x.load(order) == 2) use_data();
}
template <std::uint32_t State::* word, Order order>
void count() {
  state->*word = 1;
  state->x.fetch_add(1, order);
}
void read_both() {
  if (state->x.load(acq) != 2) return;
  use_data();
  use(state->more);
}
// A reference count of two: the last one writes, as a destructor does.
template <Order order, bool has_fence>
void drop() {
  use_data();
  if (state->x.fetch_add(1, order) == 0) return;
  if (has_fence) std::atomic_thread_fence(acq);
  state->data = 1;
}

// ---- who sees what ----

template <Word State::* mine, Word State::* theirs, Order store, Order load>
void sb() {
  (state->*mine).store(1, store);
  if ((state->*theirs).load(load) == 0) state->data = 1;
}
template <Word State::* mine, Word State::* theirs>
void sb_fenced() {
  (state->*mine).store(1, rlx);
  std::atomic_thread_fence(sc);
  if ((state->*theirs).load(rlx) == 0) state->data = 1;
}
template <Word State::* mine, Word State::* theirs, Order load, Order store>
void lb() {
  const std::uint32_t seen = (state->*theirs).load(load);
  (state->*mine).store(1, store);
  if (seen == 1) state->data = 1;
}
template <Word State::* word, Order order>
void set() {
  (state->*word).store(1, order);
}
template <Word State::* first, Word State::* second, Order order>
void sees_first_only() {
  if ((state->*first).load(order) == 1 && (state->*second).load(order) == 0) state->data = 1;
}
template <std::uint32_t State::* word, Word State::* flag>
void announce() {
  state->*word = 1;
  (state->*flag).store(1, rel);
}
template <Order order>
void read_announced() {
  if (state->x.load(order) == 1) use_data();
  if (state->y.load(order) == 1) use(state->more);
}
template <Order load, Order store>
void pass_on() {
  if (state->x.load(load) == 1) state->y.store(1, store);
}
template <Order order>
void read_passed() {
  if (state->y.load(order) == 1) use_data();
}
template <Order order>
void w22_data_y_x() {
  state->data = 1;
  state->y.store(1, order);
  state->x.store(2, order);
}
template <Order store, Order load>
void w22_x_y() {
  state->x.store(1, store);
  state->y.store(2, store);
  if (state->x.load(load) == 2) use_data();
}
// Of two writers to y the later one reads x first.
void r_write() {
  state->data = 1;
  state->x.store(1, rel);
  state->y.store(1, sc);
}
template <Order order>
void r_read() {
  state->y.store(2, sc);
  if (state->x.load(order) == 1) use_data();
}

// ---- plain variables only ----

template <std::uint32_t State::* from, std::uint32_t State::* to>
void write_if_set() {
  if (state->*from == 1) state->*to = 1;
}
void write_data() {
  state->data = 1;
}

constexpr auto X = &State::x, Y = &State::y;
constexpr auto D = &State::data, M = &State::more;

const gl_operation_entry operations[] = {
    {"MP+rel+acq", program<mp_write<rel>, mp_read<acq>>, {}},
    {"MP+rlx+acq", program<mp_write<rlx>, mp_read<acq>>, {}},
    {"MP+rel+rlx", program<mp_write<rel>, mp_read<rlx>>, {}},
    {"MP+rlx+rlx", program<mp_write<rlx>, mp_read<rlx>>, {}},
    {"MP+sc+sc", program<mp_write<sc>, mp_read<sc>>, {}},
    {"MP+rel+consume", program<mp_write<rel>, mp_read<consume>>, {}},
    {"MP+rel+acq-unguarded", program<mp_write<rel>, mp_read_unguarded>, {}},
    {"MP+volatile", program<mp_write_volatile, mp_read_volatile>, {}},
    {"MP+rel+failing-cas-acq", program<mp_write<rel>, mp_read_failing_cas<acq>>, {}},
    {"MP+rel+failing-cas-rlx", program<mp_write<rel>, mp_read_failing_cas<rlx>>, {}},
    {"S+rel+acq", program<mp_write<rel>, mp_write_again<acq>>, {}},
    {"S+rlx+rlx", program<mp_write<rlx>, mp_write_again<rlx>>, {}},
    {"MP+fence-rel+acq", program<fence_then_flag<rel>, mp_read<acq>>, {}},
    {"MP+rel+fence-acq", program<mp_write<rel>, read_then_fence<acq>>, {}},
    {"MP+fence-rel+fence-acq", program<fence_then_flag<rel>, read_then_fence<acq>>, {}},
    {"MP+fence-sc+fence-sc", program<fence_then_flag<sc>, read_then_fence<sc>>, {}},
    {"MP+fence-volatile+volatile-fence", program<fence_then_volatile, volatile_then_fence>, {}},
    {"MP+fence-acq+acq", program<fence_then_flag<acq>, mp_read<acq>>, {}},
    {"MP+rel+fence-rel", program<mp_write<rel>, read_then_fence<rel>>, {}},
    {"MP+fence-sc+rlx", program<fence_then_flag<sc>, mp_read<rlx>>, {}},
    {"MP+flag-fence+acq", program<flag_then_fence, mp_read<acq>>, {}},
    {"MP+fence-data-flag+acq", program<fence_then_data, mp_read<acq>>, {}},
    {"MP+rel+fence-acq-load", program<mp_write<rel>, fence_then_read>, {}},
    {"RS+rmw", program<mp_write<rel>, bump<rlx>, read_second<acq>>, {}},
    {"RS+exchange", program<mp_write<rel>, exchange, read_second<acq>>, {}},
    {"RS+rmw-rlx-reader", program<mp_write<rel>, bump<rlx>, read_second<rlx>>, {}},
    {"RS+fence+rmw", program<fence_then_flag<rel>, bump<rlx>, read_second<acq>>, {}},
    {"RS+rlx+rmw-rel", program<mp_write<rlx>, bump<rel>, read_second<acq>>, {}},
    {"RS+rel+rmw-acq-rel", program<mp_write<rel>, bump<acq_rel>, read_second<acq>>, {}},
    {"RS+other-store", program<mp_write<rel>, overwrite, read_second<acq>>, {}},
    {"RS+own-store", program<write_and_store_twice, read_second<acq>>, {}},
    {"RS+own-rmw", program<write_and_store_then_bump, read_second<acq>>, {}},
    {"RS+two-heads", program<count<D, rel>, count<M, rel>, read_both>, {}},
    {"RS+one-head", program<count<D, rel>, count<M, rlx>, read_both>, {}},
    {"refcount+acq-rel", program<drop<acq_rel, false>, drop<acq_rel, false>>, {}},
    {"refcount+rel+fence", program<drop<rel, true>, drop<rel, true>>, {}},
    {"refcount+rel", program<drop<rel, false>, drop<rel, false>>, {}},
    {"refcount+rlx", program<drop<rlx, false>, drop<rlx, false>>, {}},
    {"SB+sc", program<sb<X, Y, sc, sc>, sb<Y, X, sc, sc>>, {}},
    {"SB+fence-sc", program<sb_fenced<X, Y>, sb_fenced<Y, X>>, {}},
    {"SB+rel+acq", program<sb<X, Y, rel, acq>, sb<Y, X, rel, acq>>, {}},
    {"LB+acq+rel", program<lb<X, Y, acq, rel>, lb<Y, X, acq, rel>>, {}},
    {"LB+rlx", program<lb<X, Y, rlx, rlx>, lb<Y, X, rlx, rlx>>, {}},
    {"IRIW+sc", program<set<X, sc>, set<Y, sc>, sees_first_only<X, Y, sc>, sees_first_only<Y, X, sc>>, {}},
    {"IRIW+rel+acq", program<set<X, rel>, set<Y, rel>, sees_first_only<X, Y, acq>, sees_first_only<Y, X, acq>>, {}},
    {"IRIW-data+acq", program<announce<D, X>, announce<M, Y>, read_announced<acq>, read_announced<acq>>, {}},
    {"IRIW-data+rlx", program<announce<D, X>, announce<M, Y>, read_announced<acq>, read_announced<rlx>>, {}},
    {"ISA2+rel+acq-rel+acq", program<mp_write<rel>, pass_on<acq, rel>, read_passed<acq>>, {}},
    {"ISA2+rel+rlx-rel+acq", program<mp_write<rel>, pass_on<rlx, rel>, read_passed<acq>>, {}},
    {"ISA2+rel+acq-rlx+acq", program<mp_write<rel>, pass_on<acq, rlx>, read_passed<acq>>, {}},
    {"2+2W+rel+acq", program<w22_data_y_x<rel>, w22_x_y<rel, acq>>, {}},
    {"2+2W+rlx", program<w22_data_y_x<rlx>, w22_x_y<rlx, rlx>>, {}},
    {"R+acq", program<r_write, r_read<acq>>, {}},
    {"R+rlx", program<r_write, r_read<rlx>>, {}},
    {"plain-flags", program<write_if_set<D, M>, write_if_set<M, D>>, {}},
    {"plain-flag", program<write_data, write_if_set<D, M>>, {}},
    {}};
const gl_variant_entry variants[] = {{"only", "", "data-race"}, {}};

}  // namespace

namespace test_targets {
const gl_target litmus = {.name = "litmus",
                          .cpus_minimum = 1,
                          .cpus_maximum = 4,
                          .variants = variants,
                          .operations = operations,
                          .setup = setup};
}  // namespace test_targets
