// gridlock_point: from a hook into the machine with the target's registers untouched. Assembly, because a compiler
// would already have moved callee-saved registers to places of its own, and the proof of a hang compares exactly
// those.
//
// May include: base, model.
#include "engine/machine/gate.h"

namespace gridlock {

namespace {
constinit PointGate open_gate;  // the gate while no machine runs; closing is ignored by gridlock_point_taken
}
constinit thread_local PointGate* current_gate = &open_gate;

static_assert(sizeof(PointFrame) == 14 * 8);

}  // namespace gridlock

// Stack at the call of gridlock_point_taken: PointFrame, return address into the hook. 14 pushed words keep the
// alignment of 16 that the ABI wants: rsp = 8 mod 16 at entry, 14 words later 8 mod 16, so one more word is needed.
asm(R"(
    .text
    .globl gridlock_point
    .hidden gridlock_point
    .type gridlock_point, @function
gridlock_point:
    .cfi_startproc
    pushq %rbp
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %rbp, 0
    pushq %r15
    pushq %r14
    pushq %r13
    pushq %r12
    pushq %rbx
    pushq %rdi
    pushq %r8
    pushq %rcx
    pushq %rdx
    pushq %rsi
    pushq %r9
    pushq %r10
    pushq %rax
    .cfi_adjust_cfa_offset 104
    movq %rsp, %rdi
    subq $8, %rsp
    .cfi_adjust_cfa_offset 8
    callq gridlock_point_taken
    addq $8, %rsp
    .cfi_adjust_cfa_offset -8
    popq %rax
    popq %r10
    popq %r9
    popq %rsi
    popq %rdx
    popq %rcx
    popq %r8
    popq %rdi
    popq %rbx
    popq %r12
    popq %r13
    popq %r14
    popq %r15
    popq %rbp
    .cfi_adjust_cfa_offset -112
    retq
    .cfi_endproc
    .size gridlock_point, . - gridlock_point
    .section .note.GNU-stack,"",@progbits
)");
