// What every wrapped synchronisation call is made of: one point at the call, what the race judge and ThreadSanitizer
// are told, a change of our own state in the same step, and a wait that sleeps on words of that state.
//
//     GRIDLOCK_WRAP(int, pthread_mutex_unlock, (pthread_mutex_t * mutex)) {
//       if (!in_run()) return __real_pthread_mutex_unlock(mutex);
//       point_at(StepKind::kStore, &object->owner, 0, 0, order);      others may run here
//       released(&object->owner, 4); change(object->owner, 0);        nobody runs in between
//     }
//
// Everything here is inlined into the wrapper, so that the hook's frame is the wrapper's, and the site of the point and
// of a wait is the call in the user's source.
//
// May include: base, hook, machine, judge/race.
#pragma once

#include <cstdint>

#include "engine/abi/access.h"
#include "engine/abi/program/run.h"
#include "engine/machine/sanitizer.h"

// The wrapper of a function of the C library, and the library's own, which it passes through to when no run is under
// way.
#define GRIDLOCK_WRAP(result, name, parameters) \
  result __real_##name parameters;              \
  GRIDLOCK_HOOK result __wrap_##name parameters

namespace gridlock::program {

// How long a wait goes on.
struct Limit {
  enum class Kind : std::uint8_t { kForever, kNotAtAll, kTicks };
  Kind kind = Kind::kForever;
  std::uint64_t ticks = 0;  // from now
};
inline constexpr Limit kForever{};
inline constexpr Limit kNotAtAll{Limit::Kind::kNotAtAll, 0};

// A point before an access to `word`; the operands as engine/abi/access.h has them.
template <typename T>
[[gnu::always_inline]] inline void point_at(StepKind kind, T* word, std::uint64_t first, std::uint64_t second,
                                            int order) {
  const bool is_read = kind == StepKind::kLoad;
  if (is_read ? read_is_stopped() : write_is_stopped(word)) [[unlikely]] {
    gridlock_point(word, first, second, 0, 0, kOfCall | point_code(kind, sizeof(T), static_cast<std::uint32_t>(order)));
  }
}
// A point before a call that reads and changes an object in a way that no single access shows.
template <typename T>
[[gnu::always_inline]] inline void point_on(T* word) {
  point_at(StepKind::kFetchAdd, word, 0, 0, __ATOMIC_RELAXED);
}

// Stores a value that others may wait for.
template <typename T>
[[gnu::always_inline]] inline void change(T& word, T value) {
  if (word == value) return;
  word = value;
  const auto address = reinterpret_cast<std::uint64_t>(&word);
  if ((current_gate->watched >> watch_bit(address) & 1) != 0) MachineImpl::current()->word_changes(address);
}

// ---- happens-before, on the word of an object that stands for one edge; also what feedback learns of the call ----

template <typename T>
[[gnu::always_inline]] inline void acquires(T* word) {
  abi::observe_load(word, sizeof(T), __ATOMIC_ACQUIRE);
  sanitizer::acquire(word);
}
template <typename T>
[[gnu::always_inline]] inline void takes(T* word) {
  abi::observe_rmw(word, sizeof(T), __ATOMIC_ACQUIRE);
  sanitizer::acquire(word);
}
// Who acquires later is ordered after this alone.
template <typename T>
[[gnu::always_inline]] inline void releases(T* word) {
  abi::observe_store(word, sizeof(T), __ATOMIC_RELEASE);
  sanitizer::release(word);
}
// Who acquires later is ordered after this and what was released before.
template <typename T>
[[gnu::always_inline]] inline void adds_release(T* word) {
  abi::observe_rmw(word, sizeof(T), __ATOMIC_RELEASE);
  sanitizer::release(word);
}
// The call orders nothing.
template <typename T>
[[gnu::always_inline]] inline void looks_at(T* word) {
  abi::observe_load(word, sizeof(T), __ATOMIC_RELAXED);
}
template <typename T>
[[gnu::always_inline]] inline void touches(T* word) {
  abi::observe_rmw(word, sizeof(T), __ATOMIC_RELAXED);
}
// Making and destroying an object conflicts with every use of it.
[[gnu::always_inline]] inline void makes(void* object, std::size_t bytes) {
  abi::judge_plain_write(object, bytes);
}

// ---- waiting ----

// For conditions of waits: reads the word and notes that the wait depends on it.
template <typename T>
[[gnu::always_inline]] inline T watch(const T* word) {
  gridlock_point(word, 0, 0, 0, 0, point_code(StepKind::kLoad, sizeof(T), __ATOMIC_RELAXED));
  return *const_cast<const volatile T*>(word);
}

// Sleeps until ready(arg); false if the limit passed first. When it returns, no other cpu has run since `ready` was
// found true.
[[gnu::always_inline]] inline bool wait_until(bool (*ready)(void*), void* arg, Limit limit) {
  MachineImpl& machine = *MachineImpl::current();
  WaitRecord record;
  record.ready = ready;
  record.argument = arg;
  record.timed = limit.kind != Limit::Kind::kForever;
  if (record.timed) machine.set_wait_limit(limit.ticks);
  Context& context = machine.cpu().context();
  WaitRecord* const outer = context.wait;
  context.wait = &record;
  while (!machine.wait_is_over(record)) {
    --current_gate->countdown;
    gridlock_point(nullptr, 0, 0, 0, 0, point_code(StepKind::kWaitInside));
  }
  context.wait = outer;
  machine.note_wait_done();
  return !record.timed_out;
}

// ---- misuse ----

// Ends the run with the verdict `assertion` at the call.
[[noreturn, gnu::always_inline]] inline void misused(const char* what) {
  end_run(RunEnd::kAssertion, what, __builtin_frame_address(0));
}
[[noreturn, gnu::always_inline]] inline void not_controlled(const char* function) {
  refuse(function, __builtin_frame_address(0));
}

// ---- objects ----

// The object to work on: `object`, if it lies in memory that is the program's. What lies elsewhere (in the C++ library,
// whose variables no run resets) is stood for by a copy of its own in each run, `bytes` of 64 at most.
[[nodiscard]] void* local_object(void* object, std::size_t bytes);

template <typename T>
[[nodiscard, gnu::always_inline]] inline T& object_at(void* object) {
  static_assert(sizeof(T) <= 64);
  return *static_cast<T*>(local_object(object, sizeof(T)));
}

}  // namespace gridlock::program
