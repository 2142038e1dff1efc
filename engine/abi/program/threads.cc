// pthread_create, join, detach and exit: threads are cpus. Detach states and every error code are glibc's; what is
// undefined there (a second join, a thread that never was) ends the run with an `assertion` that says what was wrong.
//
// May include: base, hook, machine, judge/race.
#include "engine/abi/program/threads.h"

#include <pthread.h>

#include <cerrno>

#include "engine/abi/program/clock.h"
#include "engine/abi/program/exit.h"
#include "engine/abi/program/mutex.h"
#include "engine/abi/program/step.h"
#include "engine/abi/program/thread_calls.h"
#include "engine/base/check.h"

namespace gridlock::program {

namespace {

bool others_have_ended(void*) {
  return watch(&threads().running) == 0;
}

// What glibc keeps of the detach state in a pthread_attr_t: the lowest bit of its third word. The getter is
// intercepted by the sanitizers, which would take it for an access of the engine's.
bool asks_for_detached(const pthread_attr_t* attributes) {
  return attributes != nullptr && (reinterpret_cast<const std::uint32_t*>(attributes)[2] & 1) != 0;
}

void note_end(Thread& me) {
  releases(&me.ended);
  change(me.ended, 1U);
  change(threads().running, threads().running - 1);
}

void run_thread(void* thread) {
  Thread& me = *static_cast<Thread*>(thread);
  me.result = me.start(me.argument);
  me.is_exiting = true;
  thread_ends();
  note_end(me);
}

}  // namespace

void thread_ends() {
  Thread& me = this_thread();
  me.is_exiting = true;
  run_exit_calls(me);
  run_key_destructors(me);
  robust_owner_died(me);
  // Destructors of static objects, which run after main's end, may still use what main has there.
  if (me.number != 0) release_tls(me);
}

unsigned long create_thread(void* (*start)(void*), void* argument, bool is_detached, const void* hook_frame) {
  if (MachineImpl::current()->cpu_limit_reached()) {
    refuse("pthread_create, more than 63 times in one run", hook_frame);
  }
  Thread& thread = add_thread(threads().count);
  thread.start = start;
  thread.argument = argument;
  thread.is_detached = is_detached;
  const std::uint32_t cpu = MachineImpl::current()->create_cpu(run_thread, &thread);
  GRIDLOCK_CHECK(cpu == thread.number && "a program has one cpu of its own");
  return reinterpret_cast<unsigned long>(&thread);
}

// The process goes on until its last thread ends; then it exits with 0.
[[noreturn]] void end_thread() {
  Thread& me = this_thread();
  thread_ends();
  note_end(me);
  if (me.number != 0) MachineImpl::current()->end_cpu();
  static_cast<void>(wait_until(others_have_ended, nullptr, kForever));
  exit_program(0, __builtin_frame_address(0));
}

}  // namespace gridlock::program

using namespace gridlock;
using namespace gridlock::program;

extern "C" {

GRIDLOCK_WRAP(int, pthread_create,
              (pthread_t * id, const pthread_attr_t* attributes, void* (*start)(void*), void* argument)) {
  if (!in_run()) return __real_pthread_create(id, attributes, start, argument);
  point_on(&threads().calls);
  *id = create_thread(start, argument, asks_for_detached(attributes), __builtin_frame_address(0));
  return 0;
}

GRIDLOCK_WRAP(int, pthread_join, (pthread_t id, void** result)) {
  if (!in_run()) return __real_pthread_join(id, result);
  return join_thread(id, kForever, result);
}
GRIDLOCK_WRAP(int, pthread_tryjoin_np, (pthread_t id, void** result)) {
  if (!in_run()) return __real_pthread_tryjoin_np(id, result);
  return join_thread(id, kNotAtAll, result);
}
GRIDLOCK_WRAP(int, pthread_clockjoin_np, (pthread_t id, void** result, clockid_t clock, const timespec* time)) {
  if (!in_run()) return __real_pthread_clockjoin_np(id, result, clock, time);
  if (time == nullptr) return join_thread(id, kForever, result);
  if (!is_timespec(*time)) return EINVAL;
  return join_thread(id, until(clock, *time), result);
}
GRIDLOCK_WRAP(int, pthread_timedjoin_np, (pthread_t id, void** result, const timespec* time)) {
  if (!in_run()) return __real_pthread_timedjoin_np(id, result, time);
  if (time == nullptr) return join_thread(id, kForever, result);
  if (!is_timespec(*time)) return EINVAL;
  return join_thread(id, until(CLOCK_REALTIME, *time), result);
}

GRIDLOCK_WRAP(int, pthread_detach, (pthread_t id)) {
  if (!in_run()) return __real_pthread_detach(id);
  return detach_thread(id);
}

GRIDLOCK_WRAP(pthread_t, pthread_self, ()) {
  if (!in_run()) return __real_pthread_self();
  return reinterpret_cast<pthread_t>(&this_thread());
}

[[noreturn]] void __real_pthread_exit(void* result);
[[noreturn]] GRIDLOCK_HOOK void __wrap_pthread_exit(void* result) {
  if (!in_run()) __real_pthread_exit(result);
  point_on(&threads().calls);
  leave_thread(result);
}

}  // extern "C"
