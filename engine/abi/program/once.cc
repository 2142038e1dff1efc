// What runs once: pthread_once, call_once of C11 and of C++, and the initialisation of static locals. Whoever comes
// while it runs waits; whoever comes later is ordered after it; if it ends by an exception, or its thread is canceled,
// it has not run.
//
// call_once of C++ hands its function to libstdc++ in two thread-local variables of that library, which is compiled
// with native thread-local storage, while the program's own code has the emulated kind (-femulated-tls): the variables
// are defined here in that form, and __once_proxy, which reads them, is ours.
//
// May include: base, hook, machine, judge/race.
#include "engine/abi/program/once.h"

#include <pthread.h>

#include <cerrno>
#include <cstdint>

#include "engine/abi/program/tls.h"

namespace gridlock::program {

bool once_can_go_on(void* word) {
  return watch(static_cast<std::uint32_t*>(word)) != kOnceRuns;
}

}  // namespace gridlock::program

using namespace gridlock;
using namespace gridlock::program;

extern "C" {

GRIDLOCK_WRAP(int, pthread_once, (pthread_once_t * once, void (*function)())) {
  if (!in_run()) return __real_pthread_once(once, function);
  run_once(once, function);
  return 0;
}

GRIDLOCK_WRAP(void, call_once, (pthread_once_t * once, void (*function)())) {
  if (!in_run()) {
    __real_call_once(once, function);
    return;
  }
  run_once(once, function);
}

EmulatedTls __emutls_v__ZSt15__once_callable __asm__("__emutls_v._ZSt15__once_callable") = {
    sizeof(void*), alignof(void*), {}, nullptr};
EmulatedTls __emutls_v__ZSt11__once_call __asm__("__emutls_v._ZSt11__once_call") = {
    sizeof(void*), alignof(void*), {}, nullptr};

// In a run or not: the program's code has the function in the emulated variable.
GRIDLOCK_HOOK void __wrap___once_proxy() {
  (*static_cast<void (**)()>(emulated_address(&__emutls_v__ZSt11__once_call)))();
}

}  // extern "C"
