// One stack to run on, by Boost.Context's fcontext: a switch saves six registers and costs a few nanoseconds.
//
// May include: base.
#pragma once

#include <boost/context/detail/fcontext.hpp>

#include "engine/machine/sanitizer.h"

namespace gridlock {

class Fiber {
 public:
  // The fiber that called; for the host. Its stack is the process's own.
  Fiber() = default;

  // A fiber over the stack [top - size_bytes, top). `entry` must end by jumping away for good.
  void prepare(std::uint64_t top, std::size_t size_bytes, void (*entry)(boost::context::detail::transfer_t)) {
    stack.bottom = top - size_bytes;
    stack.size_bytes = size_bytes;
    context_ = boost::context::detail::make_fcontext(reinterpret_cast<void*>(top), size_bytes, entry);
  }

  // Leaves `from`, which runs, and enters `to`; returns when somebody jumps back to `from`.
  static void jump(Fiber& from, Fiber& to) {
    sanitizer::before_jump(from.stack, to.stack);
    const auto came_from = boost::context::detail::jump_fcontext(to.context_, &from);
    arrive(from, came_from);
  }

  // The first thing an entry function does with what it was given; `me` is the fiber that was entered.
  static void arrive(Fiber& me, boost::context::detail::transfer_t came_from) {
    static_cast<Fiber*>(came_from.data)->context_ = came_from.fctx;
    sanitizer::after_jump(me.stack);
  }

  sanitizer::Stack stack;

 private:
  boost::context::detail::fcontext_t context_ = nullptr;
};

}  // namespace gridlock
