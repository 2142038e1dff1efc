// Thread-local state of each virtual thread: variables (emulated TLS), destructors of thread_local objects, and the
// globals of the C++ library's exceptions. Fibers share the one thread's native storage. errno is the machine's to
// keep.
//
// May include: base, hook, machine, judge/race.
#include "engine/abi/program/tls.h"

#include "engine/abi/program/step.h"
#include "engine/abi/program/threads.h"

namespace gridlock::program {

// A destructor to call at the thread's end, latest first.
struct ThreadExitCall {
  void (*function)(void*);
  void* argument;
  ThreadExitCall* earlier;
};

namespace {

constexpr std::uint32_t kVariablesAtFirst = 16;
constexpr std::uint32_t kVariablesMax = 65'536;

// So that `index` is inside.
void grow(PointerTable& table, std::uint32_t index, const void* hook_frame) {
  if (index < table.count) return;
  std::uint32_t count = table.count == 0 ? kVariablesAtFirst : table.count;
  while (count <= index) count *= 2;
  if (count > kVariablesMax) end_run(RunEnd::kAssertion, "more than 65536 thread-local variables", hook_frame);
  auto* const entries = static_cast<void**>(run_allocate(count * sizeof(void*), alignof(void*)));
  for (std::uint32_t i = 0; i < table.count; ++i) entries[i] = table.entries[i];
  table.entries = entries;
  table.count = count;
}

// Not every control is reset between runs: one of an earlier run does not lie in the table at its index.
std::uint32_t index_of(EmulatedTls& control, const void* hook_frame) {
  Threads& all = threads();
  const std::uint64_t known = control.place.index;
  if (known != 0 && known <= all.tls_used && all.tls_controls.entries[known] == &control) [[likely]]
    return static_cast<std::uint32_t>(known);
  const std::uint32_t index = ++all.tls_used;
  grow(all.tls_controls, index, hook_frame);
  all.tls_controls.entries[index] = &control;
  control.place.index = index;
  return index;
}

void* make_variable(const EmulatedTls& control) {
  auto* const variable = static_cast<char*>(run_allocate(control.size, control.align));
  const auto* const initial = static_cast<const char*>(control.initial);
  for (std::size_t i = 0; initial != nullptr && i < control.size; ++i) variable[i] = initial[i];
  return variable;
}

}  // namespace

void run_exit_calls(Thread& thread) {
  while (ThreadExitCall* const call = thread.exit_calls) {
    thread.exit_calls = call->earlier;
    call->function(call->argument);
  }
}

// Whoever still has an address into it is told of a use after free.
void release_tls(Thread& thread) {
  for (std::uint32_t i = 0; i < thread.tls.count; ++i) {
    if (thread.tls.entries[i] == nullptr) continue;
    static_cast<void>(MachineImpl::current()->release(thread.tls.entries[i], __builtin_frame_address(0)));
    thread.tls.entries[i] = nullptr;
  }
}

}  // namespace gridlock::program

using namespace gridlock;
using namespace gridlock::program;

extern "C" {

GRIDLOCK_WRAP(void*, __emutls_get_address, (EmulatedTls * control)) {
  if (!in_run()) return __real___emutls_get_address(control);
  Thread& me = this_thread();
  const std::uint32_t index = index_of(*control, __builtin_frame_address(0));
  grow(me.tls, index, __builtin_frame_address(0));
  void*& variable = me.tls.entries[index];
  if (variable == nullptr) variable = make_variable(*control);
  return variable;
}

GRIDLOCK_WRAP(int, __cxa_thread_atexit, (void (*function)(void*), void* argument, void* library)) {
  if (!in_run()) return __real___cxa_thread_atexit(function, argument, library);
  auto* const call = static_cast<ThreadExitCall*>(run_allocate(sizeof(ThreadExitCall), alignof(ThreadExitCall)));
  *call = {function, argument, this_thread().exit_calls};
  this_thread().exit_calls = call;
  return 0;
}

GRIDLOCK_WRAP(int, __cxa_thread_atexit_impl, (void (*function)(void*), void* argument, void* library)) {
  if (!in_run()) return __real___cxa_thread_atexit_impl(function, argument, library);
  return __wrap___cxa_thread_atexit(function, argument, library);
}

// libstdc++'s __cxa_eh_globals: a pointer and a count.
GRIDLOCK_WRAP(void*, __cxa_get_globals, ()) {
  if (!in_run()) return __real___cxa_get_globals();
  return this_thread().exception_globals;
}
GRIDLOCK_WRAP(void*, __cxa_get_globals_fast, ()) {
  if (!in_run()) return __real___cxa_get_globals_fast();
  return this_thread().exception_globals;
}

}  // extern "C"

namespace gridlock::program {

void* emulated_address(EmulatedTls* control) {
  return __wrap___emutls_get_address(control);
}

}  // namespace gridlock::program
