// percpu_rw_semaphore: readers count themselves on their own cpu and meet the writer through two full barriers.
// README.md says what is from where.
//
// May include: engine/hook, the standard library.
#include <atomic>
#include <cstdint>
#include <new>

#include "engine/hook/gridlock.h"
#include "engine/hook/oracles.h"

namespace {

// In the order of kVariants.
enum Variant : unsigned { kSumThenBlock, kForgetsWriter, kFixed };
constexpr gl_variant_entry kVariants[] = {
    {"sum-then-block", "the writer counts the readers before it blocks new ones", "assertion"},
    {"forgets-writer", "a reader that backs off does not tell the writer that it has gone", "deadlock"},
    {"block-then-sum", "the writer blocks new readers, then waits for those that are inside", "ok"},
    {},
};

struct percpu_rw_semaphore {
  std::atomic<std::uint32_t> read_count[oracle::kCpusMax];
  std::atomic<std::uint32_t> block{0};
  std::atomic<std::uint32_t> writer_woken{0};  // rcuwait: the writer sleeps until this is set
};

struct State {
  percpu_rw_semaphore sem;
  oracle::Exclusion section{gl_variant() == kFixed ? oracle::Ordering::kJudged : oracle::Ordering::kIgnored};
};
State* state;

percpu_rw_semaphore& sem() {
  return state->sem;
}
std::atomic<std::uint32_t>& my_read_count() {
  return sem().read_count[gl_this_cpu()];
}

bool is_set(void* word) {
  return static_cast<std::atomic<std::uint32_t>*>(word)->load(std::memory_order_acquire) != 0;
}
bool is_clear(void* word) {
  return !is_set(word);
}

[[gnu::noinline]] void rcuwait_wake_up() {
  sem().writer_woken.store(1, std::memory_order_seq_cst);
}

[[gnu::noinline]] void percpu_up_read() {
  // Orders the section before the count, and the count before the look at the writer.
  my_read_count().fetch_sub(1, std::memory_order_seq_cst);
  if (sem().block.load(std::memory_order_seq_cst) != 0) rcuwait_wake_up();
}

[[gnu::noinline]] bool percpu_down_read_trylock() {
  my_read_count().fetch_add(1, std::memory_order_seq_cst);
  if (sem().block.load(std::memory_order_seq_cst) == 0) return true;
  my_read_count().fetch_sub(1, std::memory_order_seq_cst);
  // The writer may have counted this reader and gone to sleep.
  if (gl_variant() != kForgetsWriter) rcuwait_wake_up();
  return false;
}

[[gnu::noinline]] void percpu_down_read() {
  while (!percpu_down_read_trylock()) gl_wait(is_clear, &sem().block, GL_WAIT_PLAIN);
}

std::uint32_t readers_inside() {
  std::uint32_t sum = 0;
  for (unsigned cpu = 0; cpu < gl_cpu_count(); ++cpu) sum += sem().read_count[cpu].load(std::memory_order_seq_cst);
  return sum;
}

[[gnu::noinline]] void wait_for_readers() {
  while (readers_inside() != 0) {
    gl_wait(is_set, &sem().writer_woken, GL_WAIT_PLAIN);
    sem().writer_woken.store(0, std::memory_order_seq_cst);
  }
}

// One writer at a time: the first to set `block`.
[[gnu::noinline]] void block_readers() {
  while (sem().block.exchange(1, std::memory_order_seq_cst) != 0) gl_wait(is_clear, &sem().block, GL_WAIT_PLAIN);
}

[[gnu::noinline]] void percpu_down_write() {
  if (gl_variant() == kSumThenBlock) {
    while (readers_inside() != 0) gl_cpu_relax();
    block_readers();
    return;
  }
  block_readers();
  wait_for_readers();
}

[[gnu::noinline]] void percpu_up_write() {
  sem().block.store(0, std::memory_order_release);
}

void read(const std::uint32_t*) {
  percpu_down_read();
  state->section.enter_shared();
  state->section.leave_shared();
  percpu_up_read();
}

void try_read(const std::uint32_t*) {
  if (!percpu_down_read_trylock()) return;
  state->section.enter_shared(GL_LOCK_SHARED | GL_LOCK_TRY);
  state->section.leave_shared();
  percpu_up_read();
}

void write(const std::uint32_t*) {
  percpu_down_write();
  state->section.enter();
  state->section.leave();
  percpu_up_write();
}

constexpr gl_operation_entry kOperations[] = {{"read", read, {}}, {"try_read", try_read, {}}, {"write", write, {}}, {}};

bool semaphore_is_free() {
  return readers_inside() == 0 && sem().block.load(std::memory_order_relaxed) == 0 && state->section.is_empty();
}
constexpr gl_invariant_entry kInvariants[] = {{"the semaphore is free at rest", semaphore_is_free, nullptr}, {}};

void setup() {
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
  gl_name(&sem().block, sizeof(sem().block), "sem.block");
  gl_name(&sem().writer_woken, sizeof(sem().writer_woken), "sem.writer");
  for (unsigned cpu = 0; cpu < gl_cpu_count(); ++cpu) {
    gl_name(&sem().read_count[cpu], sizeof(sem().read_count[cpu]), "sem.read_count[%u]", cpu);
  }
}

}  // namespace

extern "C" const gl_target gl_target_percpu_rwsem;

const gl_target gl_target_percpu_rwsem = {
    .name = "percpu-rwsem",
    .summary = "the per-cpu reader-writer semaphore, readers counted on their own cpu",
    .models = "Linux 6.1 kernel/locking/percpu-rwsem.c, always in its slow mode",
    .cpus_minimum = 2,
    .cpus_maximum = 4,
    .variants = kVariants,
    .operations = kOperations,
    .invariants = kInvariants,
    .setup = setup,
};
