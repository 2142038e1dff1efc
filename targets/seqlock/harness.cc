// The sequence lock of Linux: writers exclude each other by a spinlock and make a counter odd while they write; readers
// take no lock, read, and read again if the counter was odd or has changed. README.md says what is from where.
//
// May include: engine/hook, the standard library.
#include <atomic>
#include <cstdint>
#include <new>

#include "engine/hook/gridlock.h"
#include "engine/hook/oracles.h"

namespace {

// In the order of kVariants.
enum Variant : unsigned { kNoOddCheck, kLateCount, kIrqsOn, kSequence };
constexpr gl_variant_entry kVariants[] = {
    {"no-odd-check", "a reader begins while the counter is odd, and ends before the writer does", "assertion"},
    {"late-count", "a writer counts once, behind its writes: a reader in between sees no change", "assertion"},
    {"irqs-on", "a writer leaves interrupts enabled: a reader in a handler waits for the task under it", "hang"},
    {"sequence", "odd while it is written, writers with interrupts disabled", "ok"},
    {},
};

constexpr unsigned kCpusMax = 3;

struct seqlock_t {
  std::atomic<std::uint32_t> sequence{0};
  std::atomic<std::uint8_t> lock{0};
};

// The two halves of what is protected; they belong together. Atomic, because a reader reads them while they change.
struct Clock {
  std::atomic<std::uint32_t> seconds{0};
  std::atomic<std::uint32_t> ticks{0};
};

struct State {
  seqlock_t seqlock;
  Clock clock;
  oracle::Exclusion writers{oracle::Ordering::kJudged};
};
State* state;

void smp_wmb() {
  std::atomic_thread_fence(std::memory_order_release);
}
void smp_rmb() {
  std::atomic_thread_fence(std::memory_order_acquire);
}

void count(seqlock_t& seqlock, std::uint32_t by) {
  seqlock.sequence.store(seqlock.sequence.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
}

[[gnu::noinline]] void write_seqlock(seqlock_t& seqlock) {
  while (seqlock.lock.exchange(1, std::memory_order_acquire) != 0) gl_cpu_relax();
  if (gl_variant() != kLateCount) count(seqlock, 1);
  smp_wmb();
}

[[gnu::noinline]] void write_sequnlock(seqlock_t& seqlock) {
  smp_wmb();
  count(seqlock, gl_variant() == kLateCount ? 2 : 1);
  seqlock.lock.store(0, std::memory_order_release);
}

[[gnu::noinline]] std::uint32_t read_seqbegin(const seqlock_t& seqlock) {
  std::uint32_t start;
  while (((start = seqlock.sequence.load(std::memory_order_relaxed)) & 1) != 0 && gl_variant() != kNoOddCheck) {
    gl_cpu_relax();
  }
  smp_rmb();
  return start;
}

[[gnu::noinline]] bool read_seqretry(const seqlock_t& seqlock, std::uint32_t start) {
  smp_rmb();
  return seqlock.sequence.load(std::memory_order_relaxed) != start;
}

[[gnu::noinline]] void read_clock() {
  std::uint32_t start;
  std::uint32_t seconds;
  std::uint32_t ticks;
  do {
    start = read_seqbegin(state->seqlock);
    seconds = state->clock.seconds.load(std::memory_order_relaxed);
    ticks = state->clock.ticks.load(std::memory_order_relaxed);
  } while (read_seqretry(state->seqlock, start));
  GL_PROMISE(seconds == ticks, "consistency: what a reader reads was written together");
}

[[gnu::noinline]] void advance_clock() {
  const std::uint32_t now = state->clock.seconds.load(std::memory_order_relaxed) + 1;
  state->clock.seconds.store(now, std::memory_order_relaxed);
  state->clock.ticks.store(now, std::memory_order_relaxed);
}

void read_section(const std::uint32_t*) {
  read_clock();
}

void write_section(const std::uint32_t*) {
  const bool disables = gl_variant() != kIrqsOn;
  const unsigned long flags = disables ? gl_irq_save() : 0;
  write_seqlock(state->seqlock);
  state->writers.enter();
  advance_clock();
  state->writers.leave();
  write_sequnlock(state->seqlock);
  if (disables) gl_irq_restore(flags);
}

void timer_interrupt() {
  read_section(nullptr);
}

constexpr gl_operation_entry kOperations[] = {
    {"read_section", read_section, {}}, {"write_section", write_section, {}}, {}};
constexpr gl_vector_entry kVectors[] = {{"timer", timer_interrupt, true}, {}};

bool nobody_writes() {
  return state->seqlock.lock.load(std::memory_order_relaxed) == 0 &&
         (state->seqlock.sequence.load(std::memory_order_relaxed) & 1) == 0 && state->writers.is_empty();
}

constexpr gl_invariant_entry kInvariants[] = {{"nobody writes at rest", nobody_writes, nullptr}, {}};

void setup() {
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
  gl_name(&state->seqlock.sequence, sizeof(state->seqlock.sequence), "sequence");
  gl_name(&state->seqlock.lock, sizeof(state->seqlock.lock), "lock");
  gl_name(&state->clock.seconds, sizeof(state->clock.seconds), "clock.seconds");
  gl_name(&state->clock.ticks, sizeof(state->clock.ticks), "clock.ticks");
  gl_name(&state->writers, sizeof(state->writers), "writers");
}

}  // namespace

extern "C" const gl_target gl_target_seqlock;

const gl_target gl_target_seqlock = {
    .name = "seqlock",
    .summary = "the sequence lock, with readers in interrupts",
    .models = "Linux include/linux/seqlock.h",
    .cpus_minimum = 2,
    .cpus_maximum = kCpusMax,
    .variants = kVariants,
    .operations = kOperations,
    .vectors = kVectors,
    .invariants = kInvariants,
    .setup = setup,
};
