// gridlock_switch_stack: from one stack to another.
//
// May include: base.
#include "engine/machine/fiber.h"

namespace gridlock {

namespace {

// What gridlock_switch_stack leaves on a stack that does not run; lowest address first.
struct SavedRegisters {
  std::uint32_t mxcsr;
  std::uint32_t x87_control;
  std::uint64_t r15, r14, r13, r12, rbx, rbp;
  void (*return_address)();
};
static_assert(sizeof(SavedRegisters) == 8 * 8);

}  // namespace

void Fiber::prepare(std::uint64_t top, std::size_t size_bytes, void (*entry)()) {
  stack.bottom = top - size_bytes;
  stack.size_bytes = size_bytes;
  // Above the saved registers lies what `entry` takes for its return address: 0, where a debugger's backtrace ends. The
  // stack pointer is then 8 mod 16, as after a call.
  const std::uint64_t end = top - 8;
  *reinterpret_cast<std::uint64_t*>(end) = 0;
  auto* const saved = reinterpret_cast<SavedRegisters*>(end - sizeof(SavedRegisters));
  *saved = {.return_address = entry};
  asm("stmxcsr %0" : "=m"(saved->mxcsr));
  asm("fnstcw %0" : "=m"(saved->x87_control));
  stack_pointer_ = reinterpret_cast<std::uint64_t>(saved);
}

}  // namespace gridlock

// The control words are loaded only where they differ: that is rare, and loading them costs more than all the rest.
asm(R"(
    .text
    .globl gridlock_switch_stack
    .hidden gridlock_switch_stack
    .type gridlock_switch_stack, @function
gridlock_switch_stack:
    .cfi_startproc
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    subq $8, %rsp
    stmxcsr (%rsp)
    fnstcw 4(%rsp)
    movl (%rsp), %eax
    movzwl 4(%rsp), %ecx
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    cmpl (%rsp), %eax
    je 1f
    ldmxcsr (%rsp)
1:  cmpw 4(%rsp), %cx
    je 2f
    fldcw 4(%rsp)
2:  addq $8, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    retq
    .cfi_endproc
    .size gridlock_switch_stack, . - gridlock_switch_stack
    .section .note.GNU-stack,"",@progbits
)");
