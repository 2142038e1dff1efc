// Cancellation and pthread_exit: a thread ends by unwinding its stack, so that the destructors of C++ objects run and
// the handlers of pthread_cleanup_push, as with glibc. A request is acted on at cancellation points only; one that is
// to be acted on at any instruction (PTHREAD_CANCEL_ASYNCHRONOUS) is refused by name.
//
// The C form of pthread_cleanup_push saves a place to come back to (__sigsetjmp) and hands it over
// (__pthread_register_cancel): when the unwinding reaches the frame where it lies, control goes there; the handler ends
// in
// __pthread_unwind_next, which unwinds further.
//
// May include: base, hook, machine, judge/race.
#include <pthread.h>
#include <setjmp.h>

#include <cerrno>

#include "engine/abi/program/step.h"
#include "engine/abi/program/thread_calls.h"
#include "engine/abi/program/threads.h"

namespace gridlock::program {

// Laid over __pthread_unwind_buf_t, whose last words are for the library.
struct CleanupBuffer {
  __cancel_jmp_buf_tag place;
  CleanupBuffer* outer;
  std::uint64_t call_depth;  // of ThreadSanitizer's shadow stack, where the place was saved
  std::uint64_t frame;       // the frame pointer of the function that it lies in, and a place in its code
  void* code;
};
static_assert(sizeof(CleanupBuffer) == sizeof(__pthread_unwind_buf_t));

[[noreturn]] void end_thread();

namespace {

[[noreturn]] void go_to(CleanupBuffer& buffer) {
  if (current_gate->call_depth != nullptr) {
    *current_gate->call_depth = static_cast<std::uint32_t>(buffer.call_depth);
  }
  ::longjmp(reinterpret_cast<__jmp_buf_tag*>(&buffer.place), 1);
}

// True at the frame that the buffer lies in, before its destructors run, or just above it if it keeps no frame pointer.
bool is_reached(const CleanupBuffer& buffer, _Unwind_Context* context) {
  constexpr int kFramePointer = 6;                              // rbp, in DWARF's numbers
  const std::uint64_t stack_pointer = _Unwind_GetCFA(context);  // in the frame that is about to be unwound
  if (reinterpret_cast<std::uint64_t>(&buffer) < stack_pointer) return true;
  return _Unwind_GetGR(context, kFramePointer) == buffer.frame &&
         _Unwind_FindEnclosingFunction(buffer.code) == reinterpret_cast<void*>(_Unwind_GetRegionStart(context));
}

_Unwind_Reason_Code stop_at_frame(int, _Unwind_Action actions, _Unwind_Exception_Class, _Unwind_Exception*,
                                  _Unwind_Context* context, void*) {
  Thread& me = this_thread();
  const bool is_last =
      (actions & _UA_END_OF_STACK) != 0 || _Unwind_GetCFA(context) >= MachineImpl::current()->task_boundary();
  CleanupBuffer* const buffer = me.cleanup;
  if (buffer != nullptr && (is_last || is_reached(*buffer, context))) {
    me.cleanup = buffer->outer;
    go_to(*buffer);
  }
  if (is_last) end_thread();
  return _URC_NO_REASON;
}

void swallowed(_Unwind_Reason_Code, _Unwind_Exception*) {
  end_run(RunEnd::kAssertion,
          "a catch (...) did not rethrow the end of a thread that was canceled or called pthread_exit",
          __builtin_frame_address(0));
}

[[noreturn]] void unwind(Thread& me) {
  me.unwinding.exception_class = 0;
  me.unwinding.exception_cleanup = swallowed;
  _Unwind_ForcedUnwind(&me.unwinding, stop_at_frame, nullptr);
  end_thread();
}

}  // namespace

void leave_thread(void* result) {
  Thread& me = this_thread();
  me.result = result;
  me.is_exiting = true;
  unwind(me);
}

void act_on_cancel() {
  leave_thread(PTHREAD_CANCELED);
}

}  // namespace gridlock::program

using namespace gridlock;
using namespace gridlock::program;

extern "C" {

GRIDLOCK_WRAP(int, pthread_cancel, (pthread_t id)) {
  if (!in_run()) return __real_pthread_cancel(id);
  Thread& thread = known_thread(id, "a thread was canceled that never was, or that was joined before");
  point_on(&thread.cancel_requested);
  touches(&thread.cancel_requested);
  change(thread.cancel_requested, 1U);
  return 0;
}

GRIDLOCK_WRAP(void, pthread_testcancel, ()) {
  if (!in_run()) {
    __real_pthread_testcancel();
    return;
  }
  Thread& me = this_thread();
  point_at(StepKind::kLoad, &me.cancel_requested, 0, 0, __ATOMIC_RELAXED);
  if (is_canceled(me)) act_on_cancel();
}

GRIDLOCK_WRAP(int, pthread_setcancelstate, (int state, int* old)) {
  if (!in_run()) return __real_pthread_setcancelstate(state, old);
  if (state != PTHREAD_CANCEL_ENABLE && state != PTHREAD_CANCEL_DISABLE) return EINVAL;
  Thread& me = this_thread();
  if (old != nullptr) *old = me.cancel_enabled ? PTHREAD_CANCEL_ENABLE : PTHREAD_CANCEL_DISABLE;
  me.cancel_enabled = state == PTHREAD_CANCEL_ENABLE;
  return 0;
}

GRIDLOCK_WRAP(int, pthread_setcanceltype, (int type, int* old)) {
  if (!in_run()) return __real_pthread_setcanceltype(type, old);
  if (type != PTHREAD_CANCEL_DEFERRED && type != PTHREAD_CANCEL_ASYNCHRONOUS) return EINVAL;
  if (type == PTHREAD_CANCEL_ASYNCHRONOUS) not_controlled("pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS)");
  if (old != nullptr) *old = PTHREAD_CANCEL_DEFERRED;
  return 0;
}

GRIDLOCK_WRAP(void, __pthread_register_cancel, (__pthread_unwind_buf_t * buffer)) {
  if (!in_run()) {
    __real___pthread_register_cancel(buffer);
    return;
  }
  auto& mine = *reinterpret_cast<CleanupBuffer*>(buffer);
  Thread& me = this_thread();
  mine.outer = me.cleanup;
  mine.frame = *static_cast<const std::uint64_t*>(__builtin_frame_address(0));
  mine.code = __builtin_return_address(0);
  mine.call_depth = current_gate->call_depth == nullptr ? 0 : *current_gate->call_depth;
  me.cleanup = &mine;
}

GRIDLOCK_WRAP(void, __pthread_unregister_cancel, (__pthread_unwind_buf_t * buffer)) {
  if (!in_run()) {
    __real___pthread_unregister_cancel(buffer);
    return;
  }
  this_thread().cleanup = reinterpret_cast<CleanupBuffer*>(buffer)->outer;
}

// What pthread_cleanup_push_defer_np is: all that is canceled here is deferred.
GRIDLOCK_WRAP(void, __pthread_register_cancel_defer, (__pthread_unwind_buf_t * buffer)) {
  if (!in_run()) {
    __real___pthread_register_cancel_defer(buffer);
    return;
  }
  __wrap___pthread_register_cancel(buffer);
}
GRIDLOCK_WRAP(void, __pthread_unregister_cancel_restore, (__pthread_unwind_buf_t * buffer)) {
  if (!in_run()) {
    __real___pthread_unregister_cancel_restore(buffer);
    return;
  }
  __wrap___pthread_unregister_cancel(buffer);
}

[[noreturn]] void __real___pthread_unwind_next(__pthread_unwind_buf_t* buffer);
[[noreturn]] GRIDLOCK_HOOK void __wrap___pthread_unwind_next(__pthread_unwind_buf_t* buffer) {
  if (!in_run()) __real___pthread_unwind_next(buffer);
  leave_thread(this_thread().result);
}

}  // extern "C"
