// Linux's optimistic spin queue: an MCS queue that a waiter can leave again, because spinning pays only as long as
// nothing else wants the cpu. README.md says what is from where.
//
//     lock.tail --> node of the last cpu;  prev <--> next  between neighbours;  locked: the head, who owns the queue
//
// May include: engine/hook, the standard library.
#include <atomic>
#include <cstdint>
#include <new>

#include "engine/hook/gridlock.h"
#include "engine/hook/oracles.h"

namespace {

// In the order of kVariants.
enum Variant : unsigned { kInitAfterPublish, kTakeBackByStore, kFixed };
constexpr gl_variant_entry kVariants[] = {
    {"init-after-publish", "a node's next is initialised when others may find the node already", "hang"},
    {"take-back-by-store", "a waiter that leaves looks at prev.next and then clears it: a grant in between is lost",
     "hang"},
    {"fixed", "the queue as in 6.1", "ok"},
    {},
};

constexpr unsigned kCpusMax = 4;
constexpr std::uint32_t OSQ_UNLOCKED_VAL = 0;

// Accessed with the compiler's atomic builtins, relaxed where the kernel has READ_ONCE() and WRITE_ONCE() or a plain
// access that a dependency orders.
struct optimistic_spin_node {
  optimistic_spin_node* next = nullptr;
  optimistic_spin_node* prev = nullptr;
  std::uint32_t locked = 0;
  std::uint32_t cpu = 0;  // encoded: counted from 1
};

struct State {
  std::atomic<std::uint32_t> tail{OSQ_UNLOCKED_VAL};  // the encoded cpu of the last node
  optimistic_spin_node nodes[kCpusMax];
  std::atomic<std::uint32_t> need_resched[kCpusMax]{};
  // The queue orders no data, so none is touched: who owns it goes on to compete for a mutex or an rwsem.
  oracle::Exclusion owner{oracle::Ordering::kIgnored};
};
State* state;

optimistic_spin_node* this_node() {
  return &state->nodes[gl_this_cpu()];
}

std::uint32_t encode_cpu(unsigned cpu) {
  return cpu + 1;
}

optimistic_spin_node* decode_cpu(std::uint32_t encoded) {
  return &state->nodes[encoded - 1];
}

template <typename T>
[[gnu::always_inline]] inline T read_once(T& word) {
  return __atomic_load_n(&word, __ATOMIC_RELAXED);
}

template <typename T>
[[gnu::always_inline]] inline void write_once(T& word, T value) {
  __atomic_store_n(&word, value, __ATOMIC_RELAXED);
}

// Waits until there is a next node that will not leave, and takes it off; or until this node is the last, and makes
// `prev` the last. Both come from the same race: a node that has queued behind us may not have said so yet.
[[gnu::noinline]] optimistic_spin_node* osq_wait_next(optimistic_spin_node* node, optimistic_spin_node* prev) {
  const std::uint32_t mine = encode_cpu(gl_this_cpu());
  const std::uint32_t before = prev != nullptr ? read_once(prev->cpu) : OSQ_UNLOCKED_VAL;
  for (;;) {
    std::uint32_t expected = mine;
    if (state->tail.load(std::memory_order_relaxed) == mine &&
        state->tail.compare_exchange_strong(expected, before, std::memory_order_acquire)) {
      return nullptr;
    }
    // By exchange, because the next one may be about to leave: whoever takes node.next first settles that.
    if (read_once(node->next) != nullptr) {
      optimistic_spin_node* const next =
          __atomic_exchange_n(&node->next, static_cast<optimistic_spin_node*>(nullptr), __ATOMIC_SEQ_CST);
      if (next != nullptr) return next;
    }
    gl_cpu_relax();
  }
}

// The first step out: prev must not grant us the queue any more. False if it does not name us (or not yet).
[[gnu::noinline]] bool take_back(optimistic_spin_node* prev, optimistic_spin_node* node) {
  if (read_once(prev->next) != node) return false;
  if (gl_variant() == kTakeBackByStore) {
    write_once(prev->next, static_cast<optimistic_spin_node*>(nullptr));
    return true;
  }
  optimistic_spin_node* expected = node;
  return __atomic_compare_exchange_n(&prev->next, &expected, nullptr, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

// Leaves the queue. True if it was granted to us on the way: then we own it after all.
[[gnu::noinline]] bool osq_unqueue(optimistic_spin_node* node, optimistic_spin_node* prev) {
  while (!take_back(prev, node)) {
    if (__atomic_load_n(&node->locked, __ATOMIC_ACQUIRE) != 0) return true;
    gl_cpu_relax();
    prev = read_once(node->prev);  // it may have left before us
  }
  optimistic_spin_node* const next = osq_wait_next(node, prev);
  if (next == nullptr) return false;
  write_once(next->prev, prev);
  write_once(prev->next, next);
  return false;
}

void link(optimistic_spin_node* node, optimistic_spin_node* prev) {
  write_once(node->prev, prev);
  __atomic_thread_fence(__ATOMIC_RELEASE);  // who finds the node by prev.next may change its prev
  write_once(prev->next, node);
}

[[gnu::noinline]] bool osq_lock() {
  optimistic_spin_node* const node = this_node();
  write_once(node->locked, 0u);
  if (gl_variant() != kInitAfterPublish) write_once(node->next, static_cast<optimistic_spin_node*>(nullptr));
  write_once(node->cpu, encode_cpu(gl_this_cpu()));
  const std::uint32_t old = state->tail.exchange(encode_cpu(gl_this_cpu()));
  if (gl_variant() == kInitAfterPublish) write_once(node->next, static_cast<optimistic_spin_node*>(nullptr));
  if (old == OSQ_UNLOCKED_VAL) return true;
  optimistic_spin_node* const prev = decode_cpu(old);
  link(node, prev);
  while (read_once(node->locked) == 0) {
    if (state->need_resched[gl_this_cpu()].load(std::memory_order_relaxed) != 0) return osq_unqueue(node, prev);
    gl_cpu_relax();
  }
  return true;
}

[[gnu::noinline]] void osq_unlock() {
  std::uint32_t mine = encode_cpu(gl_this_cpu());
  if (state->tail.compare_exchange_strong(mine, OSQ_UNLOCKED_VAL, std::memory_order_release)) return;
  optimistic_spin_node* const node = this_node();
  optimistic_spin_node* next =
      __atomic_exchange_n(&node->next, static_cast<optimistic_spin_node*>(nullptr), __ATOMIC_SEQ_CST);
  if (next == nullptr) next = osq_wait_next(node, nullptr);
  if (next != nullptr) write_once(next->locked, 1u);
}

void optimistic_spin(const std::uint32_t*) {
  if (osq_lock()) {
    state->owner.enter(GL_LOCK_TRY);  // it may be left
    state->owner.leave();
    osq_unlock();
  }
  state->need_resched[gl_this_cpu()].store(0, std::memory_order_relaxed);  // schedule()
}

// The scheduler's tick finds that this cpu has something better to do than to spin.
void scheduler_tick() {
  state->need_resched[gl_this_cpu()].store(1, std::memory_order_relaxed);
}

constexpr gl_operation_entry kOperations[] = {{"optimistic_spin", optimistic_spin, {}}, {}};
constexpr gl_vector_entry kVectors[] = {{"tick", scheduler_tick, true}, {}};

// A lost grant leaves the tail of a queue without an owner, which is told by the next who waits there.
bool queue_is_empty() {
  const bool no_tail = state->tail.load(std::memory_order_relaxed) == OSQ_UNLOCKED_VAL;
  return state->owner.is_empty() && (no_tail || gl_variant() == kTakeBackByStore);
}

constexpr gl_invariant_entry kInvariants[] = {{"the queue is empty at rest", queue_is_empty, nullptr}, {}};

constexpr gl_bug_entry kBugs[] = {
    {"init-after-publish", "fixed", "Linux b4b29f94856a (2015)",
     "the node's initialisation wipes out what the next waiter has written to it: soft lockup in osq_lock()"},
    {},
};

void setup() {
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
  gl_name(&state->tail, sizeof(state->tail), "osq.tail");
  for (unsigned cpu = 0; cpu < gl_cpu_count(); ++cpu) {
    const optimistic_spin_node& node = state->nodes[cpu];
    gl_name(&node.next, sizeof(node.next), "node[%u].next", cpu);
    gl_name(&node.prev, sizeof(node.prev), "node[%u].prev", cpu);
    gl_name(&node.locked, sizeof(node.locked), "node[%u].locked", cpu);
    gl_name(&node.cpu, sizeof(node.cpu), "node[%u].cpu", cpu);
    gl_name(&state->need_resched[cpu], sizeof(std::uint32_t), "need_resched[%u]", cpu);
  }
}

}  // namespace

extern "C" const gl_target gl_target_osq_lock;

const gl_target gl_target_osq_lock = {
    .name = "osq-lock",
    .summary = "Linux's optimistic spin queue: an MCS lock whose waiters may leave",
    .models = "Linux 6.1 kernel/locking/osq_lock.c",
    .cpus_minimum = 2,
    .cpus_maximum = kCpusMax,
    .variants = kVariants,
    .operations = kOperations,
    .vectors = kVectors,
    .invariants = kInvariants,
    .bugs = kBugs,
    .setup = setup,
};
