// More litmus tests (litmus.cc): locks, words of mixed sizes, address dependencies, interrupts, created cpus.
//
// May include: hook.
#include <atomic>
#include <new>

#include "engine/machine/test_targets/test_targets.h"

namespace {

constexpr std::memory_order rlx = std::memory_order_relaxed, acq = std::memory_order_acquire,
                            rel = std::memory_order_release;
__extension__ using Int128 = unsigned __int128;

struct Node {
  std::uint32_t value = 0;
  Node* volatile next = nullptr;
};
// Each on a line of its own: ThreadSanitizer remembers four accesses of each eight bytes.
struct State {
  alignas(64) std::uint32_t data = 0;
  alignas(64) std::atomic<std::uint32_t> x{0};
  alignas(64) std::atomic<std::uint32_t> lock{0};
  alignas(64) std::uint8_t bytes[16] = {};
  alignas(64) struct {
    std::uint8_t a : 4, b : 4;
    std::uint8_t : 0;
    std::uint8_t c : 4;
  } fields = {};
  alignas(64) Node* volatile slot = nullptr;
  Node* nodes[2] = {};  // blocks of their own
};
State* state;
void setup() {
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
  for (Node*& node : state->nodes) node = new (gl_alloc(sizeof(Node), 64)) Node();
}

void use(std::uint64_t value) {
  asm volatile("" : : "r"(value));
}
void write_data() {
  state->data = 1;
}
void read_data() {
  use(state->data);
}
void nothing() {}

template <void (*... parts)()>
void program(const std::uint32_t*) {
  static constexpr void (*kParts[])() = {parts...};
  kParts[gl_this_cpu()]();
}

// ---- locks ----

template <std::memory_order unlock>
void try_lock_and_write() {
  if (state->lock.exchange(1, acq) != 0) return;
  write_data();
  state->lock.store(0, unlock);
}
template <std::memory_order load, std::memory_order store>
void initialise_once_and_read() {
  if (state->x.load(load) == 0 && state->lock.exchange(1, acq) == 0) {
    if (state->x.load(rlx) == 0) {
      write_data();
      state->x.store(1, store);
    }
    state->lock.store(0, rel);
  }
  if (state->x.load(load) == 1) read_data();
}
void seqlock_write() {
  state->x.store(1, rlx);
  std::atomic_thread_fence(rel);
  write_data();
  state->x.store(2, rel);
}
void seqlock_read() {
  const std::uint32_t before = state->x.load(acq);
  const std::uint32_t value = state->data;
  std::atomic_thread_fence(acq);
  if (before % 2 == 0 && state->x.load(rlx) == before) use(value);
}

// ---- mixed sizes ----

template <typename T, unsigned offset>
void set_part() {
  write_data();
  __atomic_store_n(reinterpret_cast<T*>(state->bytes + offset), T{1}, __ATOMIC_RELEASE);
}
template <typename T, unsigned offset>
T load_part(int order) {
  return __atomic_load_n(reinterpret_cast<T*>(state->bytes + offset), order);
}
template <typename T, unsigned offset>
void read_if_part() {
  if (load_part<T, offset>(__ATOMIC_ACQUIRE) != 0) read_data();
}
void read_if_first_byte_acquiring_second() {
  if (load_part<std::uint8_t, 0>(__ATOMIC_RELAXED) == 0) return;
  use(load_part<std::uint8_t, 1>(__ATOMIC_ACQUIRE));
  read_data();
}
template <unsigned offset>
void overwrite_byte() {
  if (load_part<std::uint64_t, 0>(__ATOMIC_RELAXED) != 1) return;
  __atomic_store_n(state->bytes + offset, std::uint8_t{2}, __ATOMIC_RELAXED);
}
template <unsigned offset>
void read_if_overwritten() {
  if (load_part<std::uint64_t, 0>(__ATOMIC_ACQUIRE) >> (8 * offset) == 2) read_data();
}
template <typename T, unsigned offset>
void write_plainly() {
  *reinterpret_cast<T*>(state->bytes + offset) = 1;
}
template <typename T, unsigned offset>
void write_atomically() {
  __atomic_store_n(reinterpret_cast<T*>(state->bytes + offset), T{1}, __ATOMIC_RELAXED);
}
void write_field_a() {
  state->fields.a = 1;
}
void write_field_b() {
  state->fields.b = 1;
}
void write_field_c() {
  state->fields.c = 1;
}

// ---- address dependencies: READ_ONCE of a pointer and what lies behind it ----

void assign(Node* volatile* slot, Node* node) {
  __atomic_store_n(const_cast<Node**>(slot), node, __ATOMIC_RELEASE);
}
void publish() {
  write_data();
  state->nodes[0]->value = 1;
  assign(&state->slot, state->nodes[0]);
}
void publish_once() {
  state->nodes[0]->value = 1;
  state->slot = state->nodes[0];
}
void publish_two() {
  state->nodes[1]->value = 1;
  state->nodes[0]->next = state->nodes[1];
  assign(&state->slot, state->nodes[0]);
}
void publish_second() {
  state->nodes[1]->value = 1;
  assign(&state->nodes[0]->next, state->nodes[1]);
}
void follow() {
  if (const Node* const node = state->slot) use(node->value);
}
void follow_two() {
  const Node* const node = state->slot;
  const Node* const next = node == nullptr ? nullptr : node->next;
  if (next != nullptr) use(next->value);
}
void follow_beside() {
  if (state->slot != nullptr) read_data();
}
void follow_by_control() {
  if (state->slot != nullptr) use(state->nodes[0]->value);
}
void follow_and_pass_on() {
  const Node* const node = state->slot;
  if (node == nullptr) return;
  use(node->value);
  state->x.store(1, rel);
}
void read_passed_on() {
  if (state->x.load(acq) == 1) use(state->nodes[0]->value);
}

// ---- interrupts: cpu 1 sends one to cpu 0 ----

enum Vector : unsigned { kWrite, kRead, kReadIfSet, kLock };
void handler_write() {
  state->data = 2;
}
void handler_read_if_set() {
  if (state->x.load(rlx) == 1) read_data();
}
void handler_lock() {
  if (state->lock.exchange(1, acq) != 0) return;
  write_data();
  state->lock.store(0, rel);
}
template <Vector vector>
void interrupt() {
  gl_send_ipi(0, vector);
}
void write_and_interrupt() {
  write_data();
  gl_send_ipi(0, kRead);
}
void interrupt_and_write() {
  gl_send_ipi(0, kRead);
  write_data();
}
void write_with_interrupts() {
  static_cast<void>(state->x.load(rlx));
  write_data();
  static_cast<void>(state->x.load(rlx));
}
void write_without_interrupts() {
  gl_irq_disable();
  write_with_interrupts();
  gl_irq_enable();
}
void write_and_set() {
  write_data();
  state->x.store(1, rlx);
}
void lock_without_interrupts() {
  gl_irq_disable();
  handler_lock();
  gl_irq_enable();
}

// ---- created cpus ----

void entry_read(void*) {
  read_data();
}
void entry_write(void*) {
  write_data();
}
void write_and_create() {
  write_data();
  gl_cpu_create(entry_read, nullptr);
}
void create_and_write() {
  gl_cpu_create(entry_read, nullptr);
  write_data();
}
void create_and_join() {
  const unsigned cpu = gl_cpu_create(entry_write, nullptr);
  static_cast<void>(state->x.load(rlx));
  if (gl_cpu_ended(cpu)) read_data();
}

using U8 = std::uint8_t;
using U16 = std::uint16_t;
using U32 = std::uint32_t;
using U64 = std::uint64_t;

const gl_operation_entry operations[] = {
    {"lock+rel", program<try_lock_and_write<rel>, try_lock_and_write<rel>>, {}},
    {"lock+rlx", program<try_lock_and_write<rlx>, try_lock_and_write<rlx>>, {}},
    {"DCL+rel+acq", program<initialise_once_and_read<acq, rel>, initialise_once_and_read<acq, rel>>, {}},
    {"DCL+rlx", program<initialise_once_and_read<rlx, rlx>, initialise_once_and_read<rlx, rlx>>, {}},
    {"seqlock-plain", program<seqlock_write, seqlock_read>, {}},
    {"MS+u16+u32", program<set_part<U16, 2>, read_if_part<U32, 0>>, {}},
    {"MS+u32+u16", program<set_part<U32, 0>, read_if_part<U16, 0>>, {}},
    {"MS+u64+u128", program<set_part<U64, 8>, read_if_part<Int128, 0>>, {}},
    {"MS+u8+byte-beside", program<set_part<U8, 0>, read_if_first_byte_acquiring_second>, {}},
    {"MS+u64+byte-over", program<set_part<U64, 0>, overwrite_byte<4>, read_if_overwritten<4>>, {}},
    {"MS+atomics", program<write_atomically<U16, 2>, write_atomically<U32, 0>>, {}},
    {"MS+atomic+plain", program<write_atomically<U32, 0>, write_plainly<U8, 3>>, {}},
    {"MS+plain", program<write_plainly<U32, 0>, write_plainly<U8, 3>>, {}},
    {"bytes-beside", program<write_plainly<U8, 0>, write_plainly<U8, 1>>, {}},
    {"bit-fields", program<write_field_a, write_field_b>, {}},
    {"bit-fields-apart", program<write_field_a, write_field_c>, {}},
    {"RCU", program<publish, follow>, {}},
    {"RCU+once", program<publish_once, follow>, {}},
    {"RCU+beside", program<publish, follow_beside>, {}},
    {"RCU+control", program<publish, follow_by_control>, {}},
    {"RCU+two", program<publish_two, follow_two>, {}},
    {"RCU+two-publishers", program<publish, follow_two, publish_second>, {}},
    {"RCU+passed-on", program<publish, follow_and_pass_on, read_passed_on>, {}},
    {"IPI", program<nothing, write_and_interrupt>, {}},
    {"IPI+late", program<nothing, interrupt_and_write>, {}},
    {"irq+on", program<write_with_interrupts, interrupt<kWrite>>, {}},
    {"irq+off", program<write_without_interrupts, interrupt<kWrite>>, {}},
    {"irq+own-flag", program<write_and_set, interrupt<kReadIfSet>>, {}},
    {"irq+lock", program<lock_without_interrupts, interrupt<kLock>>, {}},
    {"create", program<write_and_create>, {}},
    {"create+late", program<create_and_write>, {}},
    {"join", program<create_and_join>, {}},
    {}};
const gl_vector_entry vectors[] = {{"write", handler_write, false},
                                   {"read", read_data, false},
                                   {"read_if_set", handler_read_if_set, false},
                                   {"lock", handler_lock, false},
                                   {}};
const gl_variant_entry variants[] = {{"only", "", "data-race"}, {}};

}  // namespace

namespace test_targets {
const gl_target litmus_kernel = {.name = "litmus_kernel",
                                 .cpus_minimum = 1,
                                 .cpus_maximum = 4,
                                 .variants = variants,
                                 .operations = operations,
                                 .vectors = vectors,
                                 .setup = setup};
}  // namespace test_targets
