// One stack to run on. A switch saves the registers that a call preserves and costs a few nanoseconds.
//
// Of our own, where Boost.Context would do, for one reason: its jump is entered by `call` and left by `jmp`, so after
// each jump the processor's return predictor is off by one, and every return on the way from the jump back to the
// target is mispredicted. fiber.cc leaves by `ret`; measured, that took 80 ns off the 258 ns of a switch.
//
// May include: base.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/machine/sanitizer.h"

namespace gridlock {

extern "C" {
// Saves what a call preserves (rbx, rbp, r12 to r15, the control words of SSE and x87) on the stack that runs, stores
// the stack pointer to *from, and goes on where the stack `to` was left, or begun by Fiber::prepare. Returns when
// somebody switches back.
void gridlock_switch_stack(std::uint64_t* from, std::uint64_t to);
}

class Fiber {
 public:
  // The fiber that called; for the host. Its stack is the process's own.
  Fiber() = default;

  // A fiber over the stack [top - size_bytes, top). `entry` must end by jumping away for good. REQUIRES: `top` is a
  // multiple of 16.
  void prepare(std::uint64_t top, std::size_t size_bytes, void (*entry)());

  // Leaves `from`, which runs, and enters `to`; returns when somebody jumps back to `from`.
  static void jump(Fiber& from, Fiber& to) {
    sanitizer::before_jump(from.stack, to.stack);
    gridlock_switch_stack(&from.stack_pointer_, to.stack_pointer_);
    arrive(from);
  }

  // The first thing an entry function does; `me` is the fiber that was entered.
  static void arrive(Fiber& me) { sanitizer::after_jump(me.stack); }

  sanitizer::Stack stack;

 private:
  std::uint64_t stack_pointer_ = 0;  // while it does not run
};

}  // namespace gridlock
