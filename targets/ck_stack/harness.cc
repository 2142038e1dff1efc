// The lock-free stack of Concurrency Kit: the top entry and a generation side by side. A pop compares and exchanges
// both and counts the generation up, so that it fails if the entry that it saw at the top went and came back. README.md
// says what is from where.
//
//     low 4 bytes   head        the entry at the top, kNone if there is none
//     high 4 bytes  generation  how often an entry was removed
//
// May include: engine/hook, the standard library.
#include <atomic>
#include <cstdint>
#include <new>

#include "engine/hook/gridlock.h"
#include "engine/hook/oracles.h"

namespace {

// In the order of kVariants.
enum Variant : unsigned { kBatchKeepsGeneration, kBatchCounts };
constexpr gl_variant_entry kVariants[] = {
    {"batch-keeps-generation", "a batch pop takes all and leaves the generation as it was (before CK 7b5d000)",
     "assertion"},
    {"batch-counts", "a batch pop counts the generation up", "ok"},
    {},
};

constexpr unsigned kCpusMax = 3;
constexpr std::uint32_t kEntries = 3;

// Entries are numbered, where Concurrency Kit has pointers: the pair fits one word of 64 bits.
constexpr std::uint32_t kNone = UINT32_MAX;
constexpr unsigned kGenerationShift = 32;

struct ck_stack_entry {
  std::atomic<std::uint32_t> next{kNone};
};

union ck_stack {
  std::uint64_t pair = kNone;
  struct {
    std::uint32_t head;
    std::uint32_t generation;
  } part;
};

struct Pair {
  std::uint32_t head;
  std::uint32_t generation;
};

struct State {
  ck_stack stack;
  ck_stack_entry entries[kEntries];
  oracle::Delivery delivery;
  // By cpu, and of that cpu alone: the entries that it has taken and not put back.
  bool holds[kCpusMax][kEntries] = {};
};
State* state;

Pair unpack(std::uint64_t pair) {
  return {.head = static_cast<std::uint32_t>(pair), .generation = static_cast<std::uint32_t>(pair >> kGenerationShift)};
}
std::uint64_t pack(Pair pair) {
  return std::uint64_t{pair.generation} << kGenerationShift | pair.head;
}

bool cas_pair(ck_stack& stack, Pair& expected, Pair desired) {
  std::uint64_t word = pack(expected);
  const bool done =
      __atomic_compare_exchange_n(&stack.pair, &word, pack(desired), false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
  if (!done) expected = unpack(word);
  return done;
}

// Only the head: a push needs no generation, as nothing is removed by it.
[[gnu::noinline]] void ck_stack_push_mpmc(ck_stack& stack, std::uint32_t entry) {
  std::uint32_t head = __atomic_load_n(&stack.part.head, __ATOMIC_RELAXED);
  for (;;) {
    state->entries[entry].next.store(head, std::memory_order_relaxed);
    const oracle::Step step;  // told in the order of the exchanges, on real cores too
    if (!__atomic_compare_exchange_n(&stack.part.head, &head, entry, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED))
      continue;
    return state->delivery.put(entry);
  }
}

// The generation is read first: if the head is newer, the exchange fails.
[[gnu::noinline]] Pair load_pair(const ck_stack& stack) {
  const std::uint32_t generation = __atomic_load_n(&stack.part.generation, __ATOMIC_ACQUIRE);
  return {.head = __atomic_load_n(&stack.part.head, __ATOMIC_ACQUIRE), .generation = generation};
}

[[gnu::noinline]] std::uint32_t ck_stack_pop_mpmc(ck_stack& stack) {
  Pair found = load_pair(stack);
  while (found.head != kNone) {
    const std::uint32_t next = state->entries[found.head].next.load(std::memory_order_relaxed);
    const oracle::Step step;
    if (!cas_pair(stack, found, {.head = next, .generation = found.generation + 1})) continue;
    state->delivery.take(found.head);
    GL_PROMISE(next == kNone || state->delivery.is_in(next), "delivery: an entry comes to the top that was taken");
    return found.head;
  }
  return kNone;
}

// Takes all entries at once. A pop that is under way must not take its exchange for granted if they come back: so this
// is a removal like others.
[[gnu::noinline]] std::uint32_t ck_stack_batch_pop_mpmc(ck_stack& stack) {
  if (gl_variant() == kBatchKeepsGeneration) return __atomic_exchange_n(&stack.part.head, kNone, __ATOMIC_ACQ_REL);
  Pair found = load_pair(stack);
  do {
    if (found.head == kNone) return kNone;
  } while (!cas_pair(stack, found, {.head = kNone, .generation = found.generation + 1}));
  return found.head;
}

// Tells the oracle of all entries of a batch in one go. Not instrumented: no point between the exchange and the last.
GL_ORACLE void take_batch(std::uint32_t entry) {
  for (; entry != kNone; entry = *reinterpret_cast<const std::uint32_t*>(&state->entries[entry].next)) {
    state->delivery.take(entry);
  }
}

void push(const std::uint32_t* arguments) {
  bool& holds = state->holds[gl_this_cpu()][arguments[0]];
  if (!holds) return;
  holds = false;
  ck_stack_push_mpmc(state->stack, arguments[0]);
}

void pop(const std::uint32_t*) {
  const std::uint32_t entry = ck_stack_pop_mpmc(state->stack);
  if (entry != kNone) state->holds[gl_this_cpu()][entry] = true;
}

void batch_pop(const std::uint32_t*) {
  std::uint32_t entry = ck_stack_batch_pop_mpmc(state->stack);
  take_batch(entry);
  while (entry != kNone) {
    state->holds[gl_this_cpu()][entry] = true;
    entry = state->entries[entry].next.load(std::memory_order_relaxed);
  }
}

constexpr gl_operation_entry kOperations[] = {
    {"push", push, {{"entry", 0, kEntries - 1}}}, {"pop", pop, {}}, {"batch_pop", batch_pop, {}}, {}};

bool stack_has_what_was_put_in() {
  std::uint32_t length = 0;
  std::uint32_t entry = unpack(__atomic_load_n(&state->stack.pair, __ATOMIC_RELAXED)).head;
  for (; entry != kNone && length <= kEntries; ++length) {
    entry = state->entries[entry].next.load(std::memory_order_relaxed);
  }
  return length == state->delivery.count();
}

constexpr gl_invariant_entry kInvariants[] = {
    {"the stack has what was put in and not taken", stack_has_what_was_put_in, nullptr}, {}};

constexpr gl_bug_entry kBugs[] = {
    {"batch-keeps-generation", "batch-counts", "Concurrency Kit 7b5d000",
     "a pop succeeds on an entry that a batch pop took and that was pushed again: taken entries reappear"},
    {},
};

void setup() {
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
  gl_name(&state->stack.part.head, sizeof(state->stack.part.head), "stack.head");
  gl_name(&state->stack.part.generation, sizeof(state->stack.part.generation), "stack.generation");
  for (std::uint32_t entry = 0; entry < kEntries; ++entry) {
    gl_name(&state->entries[entry].next, sizeof(state->entries[entry].next), "entry[%u].next", entry);
    ck_stack_push_mpmc(state->stack, entry);
  }
}

}  // namespace

extern "C" const gl_target gl_target_ck_stack;

const gl_target gl_target_ck_stack = {
    .name = "ck-stack",
    .summary = "a lock-free stack with a generation, and removal of all entries at once",
    .models = "Concurrency Kit ck_stack.h; the reuse of an entry that 7b5d000 fixed",
    .cpus_minimum = 2,
    .cpus_maximum = kCpusMax,
    .variants = kVariants,
    .operations = kOperations,
    .invariants = kInvariants,
    .bugs = kBugs,
    .setup = setup,
};
