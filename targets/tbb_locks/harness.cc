// oneTBB's mutexes, as Debian's package has them: those that spin, the queue, and those that sleep on an address. The
// parameter `mutex` says which: one harness with one oracle asks them all. README.md says what is checked.
//
// May include: engine/hook, the standard library, oneTBB.
#include <oneapi/tbb/mutex.h>
#include <oneapi/tbb/queuing_mutex.h>
#include <oneapi/tbb/rw_mutex.h>
#include <oneapi/tbb/spin_mutex.h>
#include <oneapi/tbb/spin_rw_mutex.h>

#include <cstdint>
#include <new>

#include "engine/hook/gridlock.h"
#include "engine/hook/oracles.h"
#include "targets/tbb_locks/runtime.h"

namespace {

// In the order of kVariants.
enum Variant : unsigned { kWritersAsReaders, kWaitsWithoutLooking, kAsShipped };
constexpr gl_variant_entry kVariants[] = {
    {"writers-as-readers", "who writes takes the lock as a reader: misuse by the harness", "assertion"},
    {"waits-without-looking", "who waits does not look again after joining the waiters: a broken runtime", "deadlock"},
    {"as-shipped", "the package's headers, on a runtime that keeps its contract", "ok"},
    {},
};

enum Mutex : unsigned { kSpin, kQueuing, kSpinRw, kRw, kSleeping, kMutexes };
// In the order of kParameters.
enum Parameter : unsigned { kMutex };
constexpr gl_parameter_entry kParameters[] = {{"mutex", 0, kMutexes - 1, 0, kMutexes - 1}, {}};

union AnyMutex {
  AnyMutex() {}
  ~AnyMutex() {}
  tbb::spin_mutex spin;
  tbb::queuing_mutex queuing;
  tbb::spin_rw_mutex spin_rw;
  tbb::rw_mutex rw;
  tbb::mutex sleeping;
};

struct State {
  oracle::Exclusion section{gl_variant() == kWritersAsReaders ? oracle::Ordering::kIgnored : oracle::Ordering::kJudged};
  AnyMutex mutex;
};
State* state;

unsigned kind() {
  if (gl_variant() == kWritersAsReaders) return kSpinRw;
  if (gl_variant() == kWaitsWithoutLooking) return kSleeping;
  return gl_parameter(kMutex);
}

// Calls `use` with the mutex that the parameter names.
template <class Use>
void with_mutex(Use use) {
  switch (kind()) {
    case kSpin:
      return use(state->mutex.spin);
    case kQueuing:
      return use(state->mutex.queuing);
    case kSpinRw:
      return use(state->mutex.spin_rw);
    case kRw:
      return use(state->mutex.rw);
    default:
      return use(state->mutex.sleeping);
  }
}

template <class M>
constexpr bool has_readers = M::is_rw_mutex;

void write(const std::uint32_t*) {
  with_mutex([]<class M>(M& mutex) {
    typename M::scoped_lock lock;
    if constexpr (has_readers<M>) {
      lock.acquire(mutex, gl_variant() != kWritersAsReaders);
    } else {
      lock.acquire(mutex);
    }
    state->section.enter();
    state->section.leave();
    lock.release();
  });
}

void try_write(const std::uint32_t*) {
  with_mutex([]<class M>(M& mutex) {
    typename M::scoped_lock lock;
    if (!lock.try_acquire(mutex)) return;
    state->section.enter(GL_LOCK_TRY);
    state->section.leave();
    lock.release();
  });
}

// What has no readers is locked as it is.
void read(const std::uint32_t* arguments) {
  with_mutex([arguments]<class M>(M& mutex) {
    if constexpr (has_readers<M>) {
      typename M::scoped_lock lock(mutex, false);
      state->section.enter_shared();
      state->section.leave_shared();
    } else {
      static_cast<void>(mutex);
      write(arguments);
    }
  });
}

void try_read(const std::uint32_t* arguments) {
  with_mutex([arguments]<class M>(M& mutex) {
    if constexpr (has_readers<M>) {
      typename M::scoped_lock lock;
      if (!lock.try_acquire(mutex, false)) return;
      state->section.enter_shared(GL_LOCK_SHARED | GL_LOCK_TRY);
      state->section.leave_shared();
    } else {
      static_cast<void>(mutex);
      try_write(arguments);
    }
  });
}

// A reader becomes a writer, and a reader again.
void upgrade(const std::uint32_t* arguments) {
  with_mutex([arguments]<class M>(M& mutex) {
    if constexpr (has_readers<M>) {
      typename M::scoped_lock lock(mutex, false);
      state->section.enter_shared();
      state->section.leave_shared();
      static_cast<void>(lock.upgrade_to_writer());
      state->section.enter();
      state->section.leave();
      static_cast<void>(lock.downgrade_to_reader());
      state->section.enter_shared();
      state->section.leave_shared();
    } else {
      static_cast<void>(mutex);
      write(arguments);
    }
  });
}

constexpr gl_operation_entry kOperations[] = {{"write", write, {}},     {"try_write", try_write, {}},
                                              {"read", read, {}},       {"try_read", try_read, {}},
                                              {"upgrade", upgrade, {}}, {}};

bool nobody_is_inside() {
  return state->section.is_empty();
}

constexpr gl_invariant_entry kInvariants[] = {{"nobody is inside at rest", nobody_is_inside, nullptr}, {}};

void setup() {
  tbb_runtime::begin_run(gl_variant() != kWaitsWithoutLooking);
  state = new (gl_alloc(sizeof(State), alignof(State))) State();
  with_mutex([]<class M>(M& mutex) { new (&mutex) M(); });
  gl_name(&state->section, sizeof(state->section), "section");
  gl_name(&state->mutex, sizeof(state->mutex), "mutex");
}

}  // namespace

extern "C" const gl_target gl_target_tbb_locks;

const gl_target gl_target_tbb_locks = {
    .name = "tbb-locks",
    .summary = "oneTBB's mutexes that spin, queue and sleep, unmodified",
    .models = "Debian's libtbb-dev: spin_mutex, queuing_mutex, spin_rw_mutex, rw_mutex, mutex",
    .cpus_minimum = 2,
    .cpus_maximum = 4,
    .variants = kVariants,
    .parameters = kParameters,
    .operations = kOperations,
    .invariants = kInvariants,
    .setup = setup,
};
