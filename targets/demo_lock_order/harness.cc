// Expected: inverted lock-order, three-cycle lock-order, irq-unsafe lock-order, irq-inversion lock-order, nested-read
// lock-order, ordered ok, gate ok, trylock ok, instances ok, fork-join ok, recursive-read ok.
//
// Orders of locks that deadlock once in a great many runs, and are told from runs that go well: a run that takes two
// locks in both orders, or a lock in a handler and under it, shows that they can meet. The correct ones look nearly the
// same: what keeps the cpus apart is an order, a lock around both, a lock that is only tried, different locks of one
// class, or that one cpu is created after the other is done.
//
// A small file system: files move between directories, a device completes what a queue holds, an index is read. Every
// variant runs all of it and differs in one part.
//
// May include: engine/hook, the standard library.
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <new>

#include "engine/hook/gridlock.h"

namespace {

// In the order of kVariants.
enum Variant : unsigned {
  kInverted,
  kThreeCycle,
  kIrqUnsafe,
  kIrqInversion,
  kNestedRead,
  kOrdered,
  kGate,
  kTrylock,
  kInstances,
  kForkJoin,
  kRecursiveRead
};
constexpr gl_variant_entry kVariants[] = {
    {"inverted", "two directories are locked in the order of the move: AB and BA", "lock-order"},
    {"three-cycle", "each directory is locked before the next, and the last before the first: AB, BC, CA",
     "lock-order"},
    {"irq-unsafe", "a lock of the interrupt handler is taken with interrupts enabled", "lock-order"},
    {"irq-inversion", "under a lock of the handler one is taken that is elsewhere held with interrupts enabled",
     "lock-order"},
    {"nested-read", "a reader comes in again under itself, and lets a writer go first that waits", "lock-order"},
    {"ordered", "directories in the order of their numbers, all locks of the handler with interrupts disabled", "ok"},
    {"gate", "AB and BA, both under a third lock", "ok"},
    {"trylock", "AB and BA, the second lock only tried, else both again in order", "ok"},
    {"instances", "locks of one class in both orders, but each cpu has its own", "ok"},
    {"fork-join", "AB and BA, by a cpu that is created in between and seen to end", "ok"},
    {"recursive-read", "a reader comes in again under itself, whoever waits", "ok"},
    {},
};

constexpr std::uint32_t kDirectories = 3;
constexpr unsigned kCpusMax = 3;
constexpr std::uint32_t kComputeSteps = 24;
constexpr std::uint32_t kWriter = 1;
constexpr std::uint32_t kWriterWaits = 2;
constexpr std::uint32_t kReader = 4;

struct Lock {
  const char* name;  // of its class
  std::atomic<std::uint32_t> locked{0};
};

struct Directory {
  Lock lock{"directory"};
  std::uint32_t files = 1;
};

struct State {
  Directory directories[kDirectories];
  Directory own[kCpusMax][2];  // each cpu's
  bool has_forked[kCpusMax] = {};
  std::atomic<std::uint32_t> clock{0};
  Lock rename{"rename"};
  Lock queue{"queue"};
  std::uint32_t queued = 0;
  Lock statistics{"statistics"};
  std::uint32_t reports = 0;
  Lock index{"index"};  // kWriter, kWriterWaits, and kReader for each reader
  std::uint32_t entries = 0;
};
State* state;

bool try_lock(Lock& lock) {
  return lock.locked.exchange(1, std::memory_order_acquire) == 0;
}

[[gnu::noinline]] void spin_lock(Lock& lock) {
  while (!try_lock(lock)) gl_cpu_relax();
  gl_lock_acquired(&lock, lock.name, GL_LOCK_EXCLUSIVE);
}

[[gnu::noinline]] bool spin_trylock(Lock& lock) {
  if (!try_lock(lock)) return false;
  gl_lock_acquired(&lock, lock.name, GL_LOCK_EXCLUSIVE | GL_LOCK_TRY);
  return true;
}

[[gnu::noinline]] void spin_unlock(Lock& lock) {
  gl_lock_released(&lock);
  lock.locked.store(0, std::memory_order_release);
}

[[gnu::noinline]] void read_lock(Lock& lock) {
  const bool is_recursive = gl_variant() != kNestedRead;
  const std::uint32_t keeps_out = is_recursive ? kWriter : kWriter | kWriterWaits;
  std::uint32_t found = lock.locked.load(std::memory_order_relaxed);
  while ((found & keeps_out) != 0 ||
         !lock.locked.compare_exchange_weak(found, found + kReader, std::memory_order_acquire)) {
    gl_cpu_relax();
    found = lock.locked.load(std::memory_order_relaxed);
  }
  gl_lock_acquired(&lock, lock.name, is_recursive ? GL_LOCK_RECURSIVE_READ : GL_LOCK_SHARED);
}

[[gnu::noinline]] void read_unlock(Lock& lock) {
  gl_lock_released(&lock);
  lock.locked.fetch_sub(kReader, std::memory_order_release);
}

[[gnu::noinline]] void write_lock(Lock& lock) {
  for (;;) {
    std::uint32_t found = lock.locked.load(std::memory_order_relaxed);
    const bool is_free = (found & kWriter) == 0 && found < kReader;
    if (is_free && lock.locked.compare_exchange_strong(found, kWriter, std::memory_order_acquire)) break;
    if (!is_free && (found & kWriterWaits) == 0) lock.locked.fetch_or(kWriterWaits, std::memory_order_relaxed);
    gl_cpu_relax();
  }
  gl_lock_acquired(&lock, lock.name, GL_LOCK_EXCLUSIVE);
}

[[gnu::noinline]] void write_unlock(Lock& lock) {
  gl_lock_released(&lock);
  lock.locked.fetch_and(~kWriter, std::memory_order_release);
}

// What a cpu does between its locks. It makes them meet so seldom that the order is what is found, not the hang.
void compute() {
  for (std::uint32_t step = 0; step < kComputeSteps; ++step) {
    static_cast<void>(state->clock.load(std::memory_order_relaxed));
  }
}

void move_file(Directory& from, Directory& to) {
  const std::uint32_t files = std::min(from.files, 1u);
  from.files -= files;
  to.files += files;
  spin_unlock(to.lock);
  spin_unlock(from.lock);
}

[[gnu::noinline]] void move_as_it_comes(Directory& from, Directory& to) {
  spin_lock(from.lock);
  spin_lock(to.lock);
  move_file(from, to);
}

[[gnu::noinline]] void move_in_order(Directory& from, Directory& to) {
  spin_lock(std::min(&from, &to)->lock);
  spin_lock(std::max(&from, &to)->lock);
  move_file(from, to);
}

[[gnu::noinline]] void move_if_free(Directory& from, Directory& to) {
  spin_lock(from.lock);
  if (spin_trylock(to.lock)) {
    move_file(from, to);
    return;
  }
  spin_unlock(from.lock);
  move_in_order(from, to);
}

void move_back(void* own) {
  auto* const directories = static_cast<Directory*>(own);
  move_as_it_comes(directories[1], directories[0]);
}

// A cpu of its own moves the file there, and only then this one moves it back. Once a run: cpus are few.
void move_and_back() {
  if (state->has_forked[gl_this_cpu()]) return;
  state->has_forked[gl_this_cpu()] = true;
  Directory* const own = state->own[gl_this_cpu()];
  const unsigned other = gl_cpu_create(move_back, own);
  while (!gl_cpu_ended(other)) gl_cpu_relax();
  move_as_it_comes(own[0], own[1]);
}

void move(const std::uint32_t* arguments) {
  compute();
  const std::uint32_t directories = gl_variant() == kThreeCycle ? kDirectories : 2;
  Directory& from = state->directories[arguments[0] % directories];
  Directory& to = state->directories[(arguments[0] + 1) % directories];
  Directory* const own = state->own[gl_this_cpu()];
  switch (gl_variant()) {
    case kInverted:
    case kThreeCycle:
      move_as_it_comes(from, to);
      break;
    case kGate:
      spin_lock(state->rename);
      move_as_it_comes(from, to);
      spin_unlock(state->rename);
      break;
    case kTrylock:
      move_if_free(from, to);
      break;
    case kInstances:
      move_as_it_comes(own[arguments[0] & 1], own[~arguments[0] & 1]);
      break;
    case kForkJoin:
      move_and_back();
      break;
    default:
      move_in_order(from, to);
  }
}

void submit(const std::uint32_t*) {
  compute();
  const unsigned long flags = gl_variant() == kIrqUnsafe ? 0 : gl_irq_save();
  spin_lock(state->queue);
  ++state->queued;
  if (gl_variant() == kIrqInversion) {
    spin_lock(state->statistics);
    ++state->reports;
    spin_unlock(state->statistics);
  }
  spin_unlock(state->queue);
  if (gl_variant() != kIrqUnsafe) gl_irq_restore(flags);
}

void report(const std::uint32_t*) {
  compute();
  const unsigned long flags = gl_variant() == kIrqInversion ? 0 : gl_irq_save();
  spin_lock(state->statistics);
  ++state->reports;
  spin_unlock(state->statistics);
  if (gl_variant() != kIrqInversion) gl_irq_restore(flags);
}

void device_interrupt() {
  spin_lock(state->queue);
  state->queued = 0;
  spin_unlock(state->queue);
}

[[gnu::noinline]] std::uint32_t look_up() {
  read_lock(state->index);
  const std::uint32_t entries = state->entries;
  read_unlock(state->index);
  return entries;
}

void list(const std::uint32_t*) {
  compute();
  read_lock(state->index);
  GL_ASSERT(look_up() == state->entries);
  read_unlock(state->index);
}

void create(const std::uint32_t*) {
  compute();
  write_lock(state->index);
  ++state->entries;
  write_unlock(state->index);
}

constexpr gl_operation_entry kOperations[] = {
    {"move", move, {{"from", 0, kDirectories - 1}}},
    {"submit", submit, {}},
    {"report", report, {}},
    {"list", list, {}},
    {"create", create, {}},
    {},
};

constexpr gl_vector_entry kVectors[] = {{"device", device_interrupt, true}, {}};

void setup() {
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
  for (std::uint32_t number = 0; number < kDirectories; ++number) {
    gl_name(&state->directories[number].lock, sizeof(Lock), "directories[%u].lock", number);
  }
  for (unsigned cpu = 0; cpu < kCpusMax; ++cpu) {
    for (unsigned number = 0; number < 2; ++number) {
      gl_name(&state->own[cpu][number].lock, sizeof(Lock), "own[%u][%u].lock", cpu, number);
    }
  }
  gl_name(&state->clock, sizeof(state->clock), "clock");
  gl_name(&state->rename, sizeof(Lock), "rename");
  gl_name(&state->queue, sizeof(Lock), "queue");
  gl_name(&state->statistics, sizeof(Lock), "statistics");
  gl_name(&state->index, sizeof(Lock), "index");
}

}  // namespace

extern "C" const gl_target gl_target_demo_lock_order;

const gl_target gl_target_demo_lock_order = {
    .name = "demo-lock-order",
    .summary = "a puzzle: locks taken in orders that can deadlock, and seldom do",
    .models = "what Linux's lock validator reports: AB-BA, a circle, irq-unsafe locks, irq inversion, nested readers",
    .cpus_minimum = 2,
    .cpus_maximum = kCpusMax,
    .variants = kVariants,
    .operations = kOperations,
    .vectors = kVectors,
    .setup = setup,
};
