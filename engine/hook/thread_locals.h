// thread_local of a target, for library code that has such variables: each virtual cpu has its own, as cpus share one
// thread. The target is compiled with -femulated-tls (target.cmake), so that each access asks here for an address.
//
//     setup:         thread_locals::begin_run();
//     an operation:  thread_locals::end_thread();    the calling cpu goes on as a new thread: destructors run
//
// A variable is made when a cpu asks for it first. At the end of a run nothing is destroyed, as when a process exits
// by _exit.
//
// Include it in exactly one source of a target: it defines what the compiler calls.
//
// May include: engine/hook, the standard library. C++23.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>

#include "engine/hook/gridlock.h"
#include "engine/hook/oracles.h"

namespace thread_locals {

inline constexpr unsigned kVariablesMax = 32;

// What the compiler emits for a variable: the layout is that of GCC and clang.
struct Control {
  std::size_t size;
  std::size_t align;
  std::uintptr_t unused;
  const void* initial;  // nullptr: zeros
};

struct Variable {
  const Control* control;
  void* memory;
};
struct Destructor {
  void (*run)(void*);
  void* object;
};
// Of one cpu. Plain, and touched by that cpu alone, in functions that are not instrumented.
struct Thread {
  Variable variables[kVariablesMax];
  Destructor destructors[kVariablesMax];
  std::uint32_t variable_count;
  std::uint32_t destructor_count;
};

inline Thread* threads = nullptr;  // by cpu

inline void begin_run() {
  threads = static_cast<Thread*>(gl_alloc(sizeof(Thread) * oracle::kCpusMax, alignof(Thread)));
}

GL_ORACLE inline void* address_of(const Control* control) {
  Thread& thread = threads[gl_this_cpu()];
  for (std::uint32_t i = 0; i < thread.variable_count; ++i) {
    if (thread.variables[i].control == control) return thread.variables[i].memory;
  }
  GL_ASSERT(thread.variable_count < kVariablesMax);
  void* const memory = gl_alloc(control->size, control->align);
  if (control->initial != nullptr) {
    auto* to = static_cast<volatile unsigned char*>(memory);
    const auto* from = static_cast<const unsigned char*>(control->initial);
    for (std::size_t i = 0; i < control->size; ++i) to[i] = from[i];
  }
  thread.variables[thread.variable_count++] = {control, memory};
  return memory;
}

GL_ORACLE inline void at_end(void (*run)(void*), void* object) {
  Thread& thread = threads[gl_this_cpu()];
  GL_ASSERT(thread.destructor_count < kVariablesMax);
  thread.destructors[thread.destructor_count++] = {run, object};
}

// The last destructor that has not run; false if there is none.
GL_ORACLE inline bool take_destructor(Destructor& destructor) {
  Thread& thread = threads[gl_this_cpu()];
  if (thread.destructor_count == 0) return false;
  destructor = thread.destructors[--thread.destructor_count];
  return true;
}

GL_ORACLE inline void free_variables() {
  Thread& thread = threads[gl_this_cpu()];
  while (thread.variable_count != 0) gl_free(thread.variables[--thread.variable_count].memory);
}

inline void end_thread() {
  Destructor destructor;
  while (take_destructor(destructor)) destructor.run(destructor.object);
  free_variables();
}

}  // namespace thread_locals

extern "C" {
// NOLINTBEGIN(bugprone-reserved-identifier): the compiler's names
void* __emutls_get_address(void* control);
void* __emutls_get_address(void* control) {
  return thread_locals::address_of(static_cast<const thread_locals::Control*>(control));
}
int __cxa_thread_atexit(void (*run)(void*), void* object, void* dso);
int __cxa_thread_atexit(void (*run)(void*), void* object, void*) {
  thread_locals::at_end(run, object);
  return 0;
}
// NOLINTEND(bugprone-reserved-identifier)
}
