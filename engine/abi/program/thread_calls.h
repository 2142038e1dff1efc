// Joining and detaching, for the pthread and the C11 names of it.
//
// May include: base, hook, machine, judge/race.
#pragma once

#include <cerrno>

#include "engine/abi/program/step.h"
#include "engine/abi/program/threads.h"

namespace gridlock::program {

inline bool has_ended(void* thread) {
  Thread& me = this_thread();
  static_cast<void>(watch(&me.cancel_requested));
  return watch(&static_cast<Thread*>(thread)->ended) != 0 || is_canceled(me);
}

[[nodiscard, gnu::always_inline]] inline Thread& known_thread(unsigned long id, const char* misuse) {
  Thread* const thread = thread_named(id);
  if (thread == nullptr || thread->is_joined) misused(misuse);
  return *thread;
}

// Like glibc's: EBUSY of a try, ETIMEDOUT of a limit.
[[nodiscard, gnu::always_inline]] inline int join_thread(unsigned long id, Limit limit, void** result) {
  Thread& thread = known_thread(id, "a thread was joined that never was, or that was joined before");
  Thread& me = this_thread();
  if (thread.is_detached) return EINVAL;
  if (limit.kind != Limit::Kind::kNotAtAll && (&thread == &me || me.joiner == &thread)) return EDEADLK;
  if (thread.joiner != nullptr) return EINVAL;
  point_at(StepKind::kLoad, &thread.ended, 0, 0, __ATOMIC_ACQUIRE);
  if (thread.ended == 0) {
    if (limit.kind == Limit::Kind::kNotAtAll) {
      looks_at(&thread.ended);
      return EBUSY;
    }
    if (thread.joiner != nullptr) return EINVAL;
    thread.joiner = &me;
    const bool in_time = wait_until(has_ended, &thread, limit);
    thread.joiner = nullptr;
    if (thread.ended == 0 && is_canceled(me)) act_on_cancel();
    if (!in_time) return ETIMEDOUT;
  }
  acquires(&thread.ended);
  if (thread.number != 0) static_cast<void>(MachineImpl::current()->cpu_ended(thread.number));
  thread.is_joined = true;
  if (result != nullptr) *result = thread.result;
  return 0;
}

[[nodiscard, gnu::always_inline]] inline int detach_thread(unsigned long id) {
  Thread& thread = known_thread(id, "a thread was detached that never was, or that was joined before");
  point_on(&thread.ended);
  if (thread.is_detached) return EINVAL;
  thread.is_detached = true;
  return 0;
}

}  // namespace gridlock::program
