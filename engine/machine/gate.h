// The gate: the one countdown that every point of target code decrements. As long as it stays positive and no watched
// word is written, the point costs a decrement and a branch; otherwise the hook calls gridlock_point, which saves the
// registers exactly as the target left them and enters the machine.
//
//     target code --call--> hook (__tsan_atomic32_load, gl_cpu_relax, ...)     compiled with frame pointers
//                             | countdown <= 0, or the word is watched
//                             v
//                           gridlock_point (assembly, keeps all registers) --> Machine, on the cpu's own stack
//
// May include: base, model. Used by machine and abi alone.
#pragma once

#include <cstdint>

#include "engine/model/trace.h"

namespace gridlock {

namespace race {
class RaceJudge;
}
namespace feedback {
class InterleavingMap;
}
class ParallelCpu;

struct PointGate {
  std::int32_t countdown = INT32_MAX;   // points until the machine wants to look; it looks when this reaches 0
  std::uint32_t* call_depth = nullptr;  // open function calls of the running context (ThreadSanitizer flavour)
  std::uint64_t watched = 0;            // a 64-bit Bloom filter of the words that stuck cpus wait for
  race::RaceJudge* judge = nullptr;     // of the accesses of the code that runs; nullptr: they are not judged
  feedback::InterleavingMap* interleavings = nullptr;  // of the run; nullptr: nobody asks, or not a cpu's own code
  std::uint64_t load_bias = 0;                         // what a site is relative to
  std::uint64_t misjudged = 0;      // a Bloom filter of MisjudgedSites: ThreadSanitizer is not asked there
  bool is_machine = false;          // it is MachineImpl's; false: of no machine, which never closes, or below
  ParallelCpu* parallel = nullptr;  // the virtual cpu whose own thread this is: engine/machine/parallel_cpu.h
};

// The documented global of the engine: the gate of the machine that runs, or one that never closes while none does,
// so that instrumented code may run at any time (static constructors, harness tests). One a thread: on real cores each
// virtual cpu has a gate of its own, and no two of them share a countdown. In a program the address is a constant away
// from a register, which costs what a global did.
extern constinit thread_local PointGate* current_gate __attribute__((visibility("hidden"), tls_model("local-exec")));

// The Bloom bit of an address. 8-byte granules: an aligned access of up to 8 bytes lies in one.
[[nodiscard]] constexpr std::uint32_t watch_bit(std::uint64_t address) {
  return static_cast<std::uint32_t>((address >> 3) & 63);
}

// What a hook tells the machine, in one word: kind, width in bytes, memory order.
using PointCode = std::uint32_t;
[[nodiscard]] constexpr PointCode point_code(StepKind kind, std::uint32_t width_bytes = 0, std::uint32_t order = 0) {
  return static_cast<std::uint32_t>(kind) | (width_bytes << 8) | (order << 16);
}
[[nodiscard]] constexpr StepKind point_kind(PointCode code) {
  return static_cast<StepKind>(code & 0xff);
}
[[nodiscard]] constexpr std::uint32_t point_width_bytes(PointCode code) {
  return (code >> 8) & 0xff;
}

[[nodiscard]] constexpr std::uint32_t point_order(PointCode code) {
  return (code >> 16) & 0xff;
}

// Of a PointCode: operands 0 and 1 are the addresses of values, because no register holds them; see abi/.
inline constexpr PointCode kOperandsInMemory = PointCode{1} << 31;
// The access is how a call that synchronises (pthread_mutex_lock) shows itself, not one of the target's own.
inline constexpr PointCode kOfCall = PointCode{1} << 30;

// The registers at a point, as gridlock_point pushes them; lowest address first.
struct PointFrame {
  std::uint64_t rax, r10;
  std::uint64_t code;        // r9: PointCode
  std::uint64_t operand[4];  // rsi, rdx, rcx, r8: operands of the access; see abi/
  std::uint64_t address;     // rdi: of the access, 0 if none
  std::uint64_t rbx, r12, r13, r14, r15;
  std::uint64_t hook_frame;  // rbp: the frame of the hook, [0] = the target's rbp, [1] = the return address into it
};

// Where the hook goes on: the return address of its call of gridlock_point.
[[nodiscard]] inline std::uint64_t hook_code_at(const PointFrame& frame) {
  return *reinterpret_cast<const std::uint64_t*>(&frame + 1);
}

extern "C" {
// Enters the machine and comes back with all registers but r11 as they were. preserve_most, so that the hooks need to
// save nothing and the callee-saved registers still hold the target's values when they are captured.
[[clang::preserve_most]] void gridlock_point(const volatile void* address, std::uint64_t operand0,
                                             std::uint64_t operand1, std::uint64_t operand2, std::uint64_t operand3,
                                             PointCode code);
// Called by gridlock_point only.
void gridlock_point_taken(PointFrame* frame);
}

// A fence is no point: under sequential consistency nothing changes hands there. It shows in traces.
void note_fence(std::uint32_t order, const void* hook_frame);

// True if the hook must call gridlock_point before an access that only reads.
[[nodiscard, gnu::always_inline]] inline bool read_is_stopped() {
  return --current_gate->countdown <= 0;
}

// The same before an access that may write [address, address + 8).
[[nodiscard, gnu::always_inline]] inline bool write_is_stopped(const volatile void* address) {
  PointGate* const gate = current_gate;
  const bool watched = (gate->watched >> watch_bit(reinterpret_cast<std::uint64_t>(address)) & 1) != 0;
  return --gate->countdown <= 0 || watched;
}

}  // namespace gridlock
