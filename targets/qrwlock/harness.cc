// The queued reader-writer lock of Linux: one word with the readers' count, the writer's byte and a bit that a writer
// sets while it waits at the head of the queue. Readers that find it set queue up behind the writer, unless they are
// interrupt handlers: those may have interrupted a reader, for which the writer waits. README.md says what is from
// where.
//
//     bits 0-7   _QW_LOCKED   a writer is in
//     bit  8     _QW_WAITING  a writer is next
//     bits 9-31  _QR_BIAS     readers that are in or ask to come in
//
// May include: engine/hook, the standard library.
#include <atomic>
#include <cstdint>
#include <new>

#include "engine/hook/gridlock.h"
#include "engine/hook/oracles.h"

namespace {

// In the order of kVariants.
enum Variant : unsigned { kWriterRelaxed, kIrqReaderQueues, kQueued };
constexpr gl_variant_entry kVariants[] = {
    {"writer-relaxed", "a writer that waited takes the lock by a relaxed exchange (before 84a24bf8c52e)", "data-race"},
    {"irq-reader-queues", "a reader in an interrupt queues up behind a waiting writer", "hang"},
    {"queued", "the exchange acquires; a reader in an interrupt only waits for a writer that is in", "ok"},
    {},
};

constexpr unsigned kCpusMax = 3;

constexpr std::uint32_t _QW_WAITING = 0x100;
constexpr std::uint32_t _QW_LOCKED = 0x0ff;
constexpr std::uint32_t _QW_WMASK = 0x1ff;
constexpr std::uint32_t _QR_BIAS = 0x200;

// Little-endian: the writer's byte comes first.
union CountsWord {
  std::uint32_t cnts = 0;
  std::uint8_t wlocked;
};

struct qrwlock {
  CountsWord word;
  std::atomic<std::uint8_t> wait_lock{0};  // any spinlock will do: who holds it is the head of the queue
};

struct State {
  qrwlock lock;
  oracle::Exclusion section{oracle::Ordering::kJudged};
};
State* state;

[[gnu::noinline]] void arch_spin_lock(std::atomic<std::uint8_t>& lock) {
  while (lock.exchange(1, std::memory_order_acquire) != 0) {
    while (lock.load(std::memory_order_relaxed) != 0) gl_cpu_relax();
  }
}

void arch_spin_unlock(std::atomic<std::uint8_t>& lock) {
  lock.store(0, std::memory_order_release);
}

[[gnu::noinline]] void wait_until_no_writer_is_in(qrwlock& lock) {
  while ((__atomic_load_n(&lock.word.cnts, __ATOMIC_ACQUIRE) & _QW_LOCKED) != 0) gl_cpu_relax();
}

[[gnu::noinline]] void queued_read_lock_slowpath(qrwlock& lock) {
  if (gl_in_interrupt() && gl_variant() != kIrqReaderQueues) {
    wait_until_no_writer_is_in(lock);
    return;
  }
  __atomic_fetch_sub(&lock.word.cnts, _QR_BIAS, __ATOMIC_RELAXED);
  arch_spin_lock(lock.wait_lock);
  __atomic_fetch_add(&lock.word.cnts, _QR_BIAS, __ATOMIC_RELAXED);
  wait_until_no_writer_is_in(lock);
  arch_spin_unlock(lock.wait_lock);
}

[[gnu::noinline]] void queued_read_lock(qrwlock& lock) {
  const std::uint32_t counts = __atomic_fetch_add(&lock.word.cnts, _QR_BIAS, __ATOMIC_ACQUIRE);
  if ((counts & _QW_WMASK) != 0) queued_read_lock_slowpath(lock);
}

[[gnu::noinline]] void queued_read_unlock(qrwlock& lock) {
  __atomic_fetch_sub(&lock.word.cnts, _QR_BIAS, __ATOMIC_RELEASE);
}

bool exchange_counts(qrwlock& lock, std::uint32_t expected, std::uint32_t desired, int order) {
  return __atomic_compare_exchange_n(&lock.word.cnts, &expected, desired, false, order, __ATOMIC_RELAXED);
}

// The lock is taken by the exchange, not by the look before it: readers in interrupts come and go between the two, and
// the writer must see what they have done, or rather that they have done with it.
[[gnu::noinline]] bool take_over_from_readers(qrwlock& lock) {
  const bool look_acquires = gl_variant() == kWriterRelaxed;
  const int order_of_look = look_acquires ? __ATOMIC_ACQUIRE : __ATOMIC_RELAXED;
  const int order_of_exchange = look_acquires ? __ATOMIC_RELAXED : __ATOMIC_ACQUIRE;
  while (__atomic_load_n(&lock.word.cnts, order_of_look) != _QW_WAITING) gl_cpu_relax();
  return exchange_counts(lock, _QW_WAITING, _QW_LOCKED, order_of_exchange);
}

[[gnu::noinline]] void queued_write_lock_slowpath(qrwlock& lock) {
  arch_spin_lock(lock.wait_lock);
  if (__atomic_load_n(&lock.word.cnts, __ATOMIC_RELAXED) != 0 ||
      !exchange_counts(lock, 0, _QW_LOCKED, __ATOMIC_ACQUIRE)) {
    __atomic_fetch_or(&lock.word.cnts, _QW_WAITING, __ATOMIC_RELAXED);
    while (!take_over_from_readers(lock)) {
    }
  }
  arch_spin_unlock(lock.wait_lock);
}

[[gnu::noinline]] void queued_write_lock(qrwlock& lock) {
  if (!exchange_counts(lock, 0, _QW_LOCKED, __ATOMIC_ACQUIRE)) queued_write_lock_slowpath(lock);
}

[[gnu::noinline]] void queued_write_unlock(qrwlock& lock) {
  __atomic_store_n(&lock.word.wlocked, 0, __ATOMIC_RELEASE);
}

void read_section(const std::uint32_t*) {
  queued_read_lock(state->lock);
  // What the lock promises: in an interrupt a reader does not wait for writers that wait.
  state->section.enter_shared(gl_in_interrupt() ? GL_LOCK_RECURSIVE_READ : GL_LOCK_SHARED);
  state->section.leave_shared();
  queued_read_unlock(state->lock);
}

// Interrupts are disabled, as a handler reads under the same lock.
void write_section(const std::uint32_t*) {
  const unsigned long flags = gl_irq_save();
  queued_write_lock(state->lock);
  state->section.enter();
  state->section.leave();
  queued_write_unlock(state->lock);
  gl_irq_restore(flags);
}

void device_interrupt() {
  read_section(nullptr);
}

constexpr gl_operation_entry kOperations[] = {
    {"read_section", read_section, {}}, {"write_section", write_section, {}}, {}};
constexpr gl_vector_entry kVectors[] = {{"device", device_interrupt, true}, {}};

bool lock_is_free() {
  return __atomic_load_n(&state->lock.word.cnts, __ATOMIC_RELAXED) == 0 && state->section.is_empty();
}

constexpr gl_invariant_entry kInvariants[] = {{"the lock is free at rest", lock_is_free, nullptr}, {}};

constexpr gl_bug_entry kBugs[] = {
    {"writer-relaxed", "queued", "Linux 84a24bf8c52e (2021)",
     "a writer is not ordered behind a reader that came and went between its look at the lock and its exchange"},
    {},
};

void setup() {
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
  gl_name(&state->lock.word, sizeof(state->lock.word), "cnts");
  gl_name(&state->section, sizeof(state->section), "section");
  gl_name(&state->lock.wait_lock, sizeof(state->lock.wait_lock), "wait_lock");
}

}  // namespace

extern "C" const gl_target gl_target_qrwlock;

const gl_target gl_target_qrwlock = {
    .name = "qrwlock",
    .summary = "the queued reader-writer lock, with readers in interrupts",
    .models = "Linux kernel/locking/qrwlock.c, 4.15 to 6.1; the data race that 84a24bf8c52e fixed",
    .cpus_minimum = 2,
    .cpus_maximum = kCpusMax,
    .variants = kVariants,
    .operations = kOperations,
    .vectors = kVectors,
    .invariants = kInvariants,
    .bugs = kBugs,
    .setup = setup,
};
