// Reads that are no part of the code under test: for assertions, invariants and traces. They are no points, nothing is
// judged of them, and they order nothing, so that a check changes neither the schedule nor what is a race.
//
// May include: engine/hook, the standard library.
#pragma once

#include <atomic>

#define GL_QUIET __attribute__((noinline, no_sanitize("thread")))

// The value of an atomic.
template <typename T>
GL_QUIET T peek(const std::atomic<T>& word) {
  T value;
  __builtin_memcpy(&value, &word, sizeof(value));
  return value;
}
