// See exit.h.
//
// May include: base, hook, machine.
#include "engine/abi/program/exit.h"

#include <cxxabi.h>

#include <cstdint>
#include <cstdio>
#include <exception>
#include <typeinfo>

#include "engine/abi/access.h"
#include "engine/abi/program/run.h"
#include "engine/abi/program/sections.h"

namespace gridlock::program {

// Of the threads' part; weak, because a program without threads may do without it.
[[gnu::weak]] void thread_ends();

namespace {

// One function that runs at the end, as it was registered.
struct ExitFunction {
  enum class Kind : std::uint8_t { kPlain, kWithArgument, kWithStatus } kind;
  void* function;
  void* argument;
  ExitFunction* next;
};

// Where on a cpu an exception was thrown last: when nobody catches it, its frames may be gone.
struct Thrown {
  std::uint32_t frame_count;
  Site frames[kFailureFramesMax];
};

// What the process of the program under test keeps beside its own memory. There is one such process at a time, as there
// is one set of its data. The entries lie in the run's arena, latest first.
struct Exiting {
  ExitFunction* at_exit;
  ExitFunction* at_quick_exit;
  char text[256];  // of the verdict
  Thrown thrown[kCpusMax];
};
constinit Exiting exiting = {};
constinit std::terminate_handler terminate_before = nullptr;

// The destructors of static objects see what all who registered had done, and what all who exit had: the C library
// takes a lock for both.
GRIDLOCK_HOOK void synchronise_registry() {
  abi::observe_rmw(&exiting, sizeof(std::uint64_t), __ATOMIC_ACQ_REL);
  sanitizer::acquire(&exiting);
  sanitizer::release(&exiting);
}

void register_function(ExitFunction*& list, ExitFunction::Kind kind, void* function, void* argument) {
  synchronise_registry();
  void* const place = run_allocate(sizeof(ExitFunction), alignof(ExitFunction));
  list = new (place) ExitFunction{kind, function, argument, list};
}

void run_functions(ExitFunction*& list, int status) {
  synchronise_registry();
  // A function may register another one, or call exit: what is left runs then.
  while (list != nullptr) {
    const ExitFunction entry = *list;
    list = list->next;
    switch (entry.kind) {
      case ExitFunction::Kind::kPlain:
        reinterpret_cast<void (*)()>(entry.function)();
        break;
      case ExitFunction::Kind::kWithArgument:
        reinterpret_cast<void (*)(void*)>(entry.function)(entry.argument);
        break;
      case ExitFunction::Kind::kWithStatus:
        reinterpret_cast<void (*)(int, void*)>(entry.function)(status, entry.argument);
        break;
    }
  }
}

[[noreturn]] void end_process(int status, const void* hook_frame) {
  if ((status & 0xff) == 0) MachineImpl::current()->complete();
  std::snprintf(exiting.text, sizeof exiting.text, hook_frame == nullptr ? "main returns %d" : "exits with status %d",
                status & 0xff);
  end_run(RunEnd::kAssertion, exiting.text, hook_frame);
}

// The type of the exception that is being handled, as the source spells it.
void name_current_exception() {
  const std::type_info* const type = ::abi::__cxa_current_exception_type();
  int failed = 0;
  const char* const name = ::abi::__cxa_demangle(type->name(), nullptr, nullptr, &failed);
  std::snprintf(exiting.text, sizeof exiting.text, "an exception of type %s that nobody catches",
                failed == 0 ? name : type->name());
}

// `hook_frame`: where std::terminate was called; nullptr: in the library.
[[noreturn]] void end_by_terminate(const void* hook_frame) {
  MachineImpl& machine = *MachineImpl::current();
  if (::abi::__cxa_current_exception_type() == nullptr)
    end_run(RunEnd::kAssertion, "std::terminate is called", hook_frame);
  name_current_exception();
  const Thrown& thrown = exiting.thrown[machine.this_cpu()];
  machine.fail_at(RunEnd::kAssertion, exiting.text, thrown.frames, thrown.frame_count);
}

void on_terminate() {
  if (in_run()) end_by_terminate(nullptr);
  if (terminate_before != nullptr) terminate_before();
}

}  // namespace

void reset_exit() {
  exiting.at_exit = exiting.at_quick_exit = nullptr;
  for (Thrown& thrown : exiting.thrown) thrown.frame_count = 0;
  const std::terminate_handler before = std::set_terminate(on_terminate);
  if (terminate_before == nullptr) terminate_before = before;
}

void exit_program(int status, const void* hook_frame) {
  if (thread_ends != nullptr) thread_ends();
  run_functions(exiting.at_exit, status);
  run_destructors();
  end_process(status, hook_frame);
}

}  // namespace gridlock::program

using gridlock::MachineImpl;
using gridlock::RunEnd;
using namespace gridlock::program;

extern "C" {

int __real_atexit(void (*function)());
GRIDLOCK_HOOK int __wrap_atexit(void (*function)()) {
  if (!in_run()) return __real_atexit(function);
  register_function(exiting.at_exit, ExitFunction::Kind::kPlain, reinterpret_cast<void*>(function), nullptr);
  return 0;
}

int __real___cxa_atexit(void (*function)(void*), void* argument, void* module);
GRIDLOCK_HOOK int __wrap___cxa_atexit(void (*function)(void*), void* argument, void* module) {
  if (!in_run()) return __real___cxa_atexit(function, argument, module);
  register_function(exiting.at_exit, ExitFunction::Kind::kWithArgument, reinterpret_cast<void*>(function), argument);
  return 0;
}

int __real_on_exit(void (*function)(int, void*), void* argument);
GRIDLOCK_HOOK int __wrap_on_exit(void (*function)(int, void*), void* argument) {
  if (!in_run()) return __real_on_exit(function, argument);
  register_function(exiting.at_exit, ExitFunction::Kind::kWithStatus, reinterpret_cast<void*>(function), argument);
  return 0;
}

int __real_at_quick_exit(void (*function)());
GRIDLOCK_HOOK int __wrap_at_quick_exit(void (*function)()) {
  if (!in_run()) return __real_at_quick_exit(function);
  register_function(exiting.at_quick_exit, ExitFunction::Kind::kPlain, reinterpret_cast<void*>(function), nullptr);
  return 0;
}

[[noreturn]] void __real_exit(int status);
[[noreturn]] GRIDLOCK_HOOK void __wrap_exit(int status) {
  if (!in_run()) __real_exit(status);
  exit_program(status, __builtin_frame_address(0));
}

[[noreturn]] void __real_quick_exit(int status);
[[noreturn]] GRIDLOCK_HOOK void __wrap_quick_exit(int status) {
  if (!in_run()) __real_quick_exit(status);
  run_functions(exiting.at_quick_exit, status);
  end_process(status, __builtin_frame_address(0));
}

[[noreturn]] void __real__exit(int status);
[[noreturn]] GRIDLOCK_HOOK void __wrap__exit(int status) {
  if (!in_run()) __real__exit(status);
  end_process(status, __builtin_frame_address(0));
}

[[noreturn]] void __real__Exit(int status);
[[noreturn]] GRIDLOCK_HOOK void __wrap__Exit(int status) {
  if (!in_run()) __real__Exit(status);
  end_process(status, __builtin_frame_address(0));
}

[[noreturn]] void __real_abort();
[[noreturn]] GRIDLOCK_HOOK void __wrap_abort() {
  if (!in_run()) __real_abort();
  end_run(RunEnd::kAssertion, "abort is called", __builtin_frame_address(0));
}

[[noreturn]] void __real___assert_fail(const char* assertion, const char* file, unsigned line, const char* function);
[[noreturn]] GRIDLOCK_HOOK void __wrap___assert_fail(const char* assertion, const char* file, unsigned line,
                                                     const char* function) {
  if (!in_run()) __real___assert_fail(assertion, file, line, function);
  MachineImpl::current()->fail(RunEnd::kAssertion, assertion, file, static_cast<int>(line), __builtin_frame_address(0));
}

// Of libstdc++, where it is compiled with its own assertions.
[[noreturn]] void __real__ZSt21__glibcxx_assert_failPKciS0_S0_(const char* file, int line, const char* function,
                                                               const char* condition);
[[noreturn]] GRIDLOCK_HOOK void __wrap__ZSt21__glibcxx_assert_failPKciS0_S0_(const char* file, int line,
                                                                             const char* function,
                                                                             const char* condition) {
  if (!in_run()) __real__ZSt21__glibcxx_assert_failPKciS0_S0_(file, line, function, condition);
  MachineImpl::current()->fail(RunEnd::kAssertion, condition, file, line, __builtin_frame_address(0));
}

[[noreturn]] void __real__ZSt9terminatev();
[[noreturn]] GRIDLOCK_HOOK void __wrap__ZSt9terminatev() {
  if (!in_run() || std::get_terminate() != on_terminate) __real__ZSt9terminatev();
  end_by_terminate(__builtin_frame_address(0));
}

[[noreturn]] void __real___cxa_throw(void* object, void* type, void (*destroy)(void*));
[[noreturn]] GRIDLOCK_HOOK void __wrap___cxa_throw(void* object, void* type, void (*destroy)(void*)) {
  if (in_run()) {
    MachineImpl& machine = *MachineImpl::current();
    Thrown& thrown = exiting.thrown[machine.this_cpu()];
    thrown.frame_count = machine.walk_from(__builtin_frame_address(0), machine.cpu().context().boundary, thrown.frames,
                                           gridlock::kFailureFramesMax);
  }
  __real___cxa_throw(object, type, destroy);
}

}  // extern "C"
