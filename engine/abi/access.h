// The points of the ThreadSanitizer ABI, as macros over width and operation, shared by the flavours: which operands an
// access shows to the machine, and when the gate stops it.
//
//     operand 0: the value to store, or the expected value of a compare-exchange
//     operand 1: the desired value of a compare-exchange
//     operand 2, 3: the high halves of operands 0 and 1 for 16 bytes
//
// May include: base, feedback, hook, machine, judge/race.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/feedback/interleaving_map.h"
#include "engine/judge/race/race_judge.h"
#include "engine/judge/race/simple_access.h"
#include "engine/machine/fixed_memory.h"
#include "engine/machine/gate.h"

// Hooks live in a section of their own, so that what happens inside one is put down to the target that called it. Each
// keeps its frame, because the walk of the target's frames begins there.
#define GRIDLOCK_HOOK [[gnu::section("gridlock_hooks")]]

namespace gridlock::abi {

// compiler-rt's a8 ... a128 and morder.
using Int8 = std::uint8_t;
using Int16 = std::uint16_t;
using Int32 = std::uint32_t;
using Int64 = std::uint64_t;
__extension__ using Int128 = unsigned __int128;
using Order = int;

template <typename T>
constexpr std::uint64_t low_half(T value) {
  return static_cast<std::uint64_t>(value);
}

template <typename T>
constexpr std::uint64_t high_half(T value) {
  if constexpr (sizeof(T) == 16) {
    return static_cast<std::uint64_t>(value >> 64);
  } else {
    return 0;
  }
}

template <typename T>
[[gnu::always_inline]] inline bool stops_write(const volatile T* address) {
  // Both granules of 16 bytes count; the decrement must happen once.
  if constexpr (sizeof(T) == 16) {
    const bool watched = (current_gate->watched >> watch_bit(reinterpret_cast<std::uint64_t>(address) + 8) & 1) != 0;
    return write_is_stopped(address) || watched;
  } else {
    return write_is_stopped(address);
  }
}

template <typename T>
[[gnu::always_inline]] inline void before_load(const volatile T* address, Order order) {
  if (read_is_stopped()) [[unlikely]] {
    gridlock_point(address, 0, 0, 0, 0, point_code(StepKind::kLoad, sizeof(T), static_cast<std::uint32_t>(order)));
  }
}

template <typename T>
[[gnu::always_inline]] inline void before_write(StepKind kind, volatile T* address, T value, Order order) {
  if (stops_write(address)) [[unlikely]] {
    gridlock_point(address, low_half(value), 0, high_half(value), 0,
                   point_code(kind, sizeof(T), static_cast<std::uint32_t>(order)));
  }
}

template <typename T>
[[gnu::always_inline]] inline void before_compare_exchange(volatile T* address, T expected, T desired, Order order) {
  if (stops_write(address)) [[unlikely]] {
    gridlock_point(address, low_half(expected), low_half(desired), high_half(expected), high_half(desired),
                   point_code(StepKind::kCompareExchange, sizeof(T), static_cast<std::uint32_t>(order)));
  }
}

// ---- interleaving feedback, after the point and before the access ----

[[gnu::always_inline]] inline std::uint64_t number_of(const volatile void* address) {
  return reinterpret_cast<std::uint64_t>(address);
}
// The site in the target that the hook was called from.
#define GRIDLOCK_HOOK_SITE (reinterpret_cast<std::uint64_t>(__builtin_return_address(0)) - current_gate->load_bias)

[[gnu::always_inline]] inline void note_read(std::uint64_t address) {
  if (auto* const interleavings = current_gate->interleavings) interleavings->read(address, GRIDLOCK_HOOK_SITE);
}
[[gnu::always_inline]] inline void note_write(std::uint64_t address) {
  if (auto* const interleavings = current_gate->interleavings) interleavings->write(address, GRIDLOCK_HOOK_SITE);
}

// ---- the judge, after the point and before the access ----

#define GRIDLOCK_HOOK_FRAME reinterpret_cast<std::uint64_t>(__builtin_frame_address(0))

// Most accesses are to the arena and change nothing but who was there last. Plain accesses to other memory than arena
// and stacks (a target's static pointers, the heap) are not judged.
[[nodiscard, gnu::always_inline]] inline bool in_arena(std::uint64_t address) {
  return address - kArenaBase < kArenaBytes;
}
[[nodiscard, gnu::always_inline]] inline bool has_plain_shadow(std::uint64_t address) {
  return in_arena(address) || address - kStacksBase < kStacksBytes;
}

[[gnu::always_inline]] inline void judge_load(const volatile void* object, std::size_t bytes, Order order) {
  race::RaceJudge* const judge = current_gate->judge;
  const std::uint64_t address = number_of(object);
  if (judge == nullptr || (in_arena(address) && judge->atomic_load_is_simple(address, bytes))) [[likely]]
    return;
  judge->atomic_load(address, bytes, order, GRIDLOCK_HOOK_FRAME);
}
[[gnu::always_inline]] inline void judge_store(const volatile void* object, std::size_t bytes, Order order) {
  race::RaceJudge* const judge = current_gate->judge;
  const std::uint64_t address = number_of(object);
  if (judge == nullptr || (in_arena(address) && judge->atomic_write_is_simple(address, bytes, order, false))) [[likely]]
    return;
  judge->atomic_store(address, bytes, order, GRIDLOCK_HOOK_FRAME);
}
[[gnu::always_inline]] inline void judge_rmw(const volatile void* object, std::size_t bytes, Order order) {
  race::RaceJudge* const judge = current_gate->judge;
  const std::uint64_t address = number_of(object);
  if (judge == nullptr || (in_arena(address) && judge->atomic_write_is_simple(address, bytes, order, true))) [[likely]]
    return;
  judge->atomic_rmw(address, bytes, order, GRIDLOCK_HOOK_FRAME);
}
// ---- judge and feedback together: what a hook calls ----

[[gnu::always_inline]] inline void observe_load(const volatile void* object, std::size_t bytes, Order order) {
  note_read(number_of(object));
  judge_load(object, bytes, order);
}
[[gnu::always_inline]] inline void observe_store(const volatile void* object, std::size_t bytes, Order order) {
  note_write(number_of(object));
  judge_store(object, bytes, order);
}
[[gnu::always_inline]] inline void observe_rmw(const volatile void* object, std::size_t bytes, Order order) {
  note_read(number_of(object));
  note_write(number_of(object));
  judge_rmw(object, bytes, order);
}
[[gnu::always_inline]] inline void observe_compare_exchange(const volatile void* address, std::size_t bytes,
                                                            bool succeeds, Order order, Order failure) {
  if (succeeds) {
    observe_rmw(address, bytes, order);
  } else {
    observe_load(address, bytes, failure);
  }
}
[[gnu::always_inline]] inline void observe_volatile_read(const volatile void* object, std::size_t bytes) {
  note_read(number_of(object));
  if (race::RaceJudge* const judge = current_gate->judge) {
    judge->volatile_read(number_of(object), bytes, GRIDLOCK_HOOK_FRAME);
  }
}
[[gnu::always_inline]] inline void observe_volatile_write(const volatile void* address, std::size_t bytes) {
  observe_store(address, bytes, __ATOMIC_RELAXED);
}
[[gnu::always_inline]] inline void judge_plain_read(const volatile void* object, std::size_t bytes) {
  race::RaceJudge* const judge = current_gate->judge;
  const std::uint64_t address = number_of(object);
  if (judge == nullptr || !has_plain_shadow(address)) return;
  if (in_arena(address) && judge->plain_read_is_simple(address, bytes)) [[likely]]
    return;
  judge->plain_read(address, bytes, GRIDLOCK_HOOK_FRAME);
}
[[gnu::always_inline]] inline void judge_plain_write(const volatile void* object, std::size_t bytes) {
  race::RaceJudge* const judge = current_gate->judge;
  const std::uint64_t address = number_of(object);
  if (judge == nullptr || !has_plain_shadow(address)) return;
  if (in_arena(address) && judge->plain_write_is_simple(address, bytes)) [[likely]]
    return;
  judge->plain_write(address, bytes, GRIDLOCK_HOOK_FRAME);
}
[[gnu::always_inline]] inline void judge_copy(const volatile void* to, const volatile void* from, std::size_t bytes) {
  if (bytes == 0) return;
  judge_plain_read(from, bytes);
  judge_plain_write(to, bytes);
}
[[gnu::always_inline]] inline void judge_fence(Order order) {
  if (race::RaceJudge* const judge = current_gate->judge) judge->fence(order);
  note_fence(static_cast<std::uint32_t>(order), __builtin_frame_address(0));
}

}  // namespace gridlock::abi

// Applies M(bits, type) to each width.
#define GRIDLOCK_ABI_WIDTHS(M)  \
  M(8, ::gridlock::abi::Int8)   \
  M(16, ::gridlock::abi::Int16) \
  M(32, ::gridlock::abi::Int32) \
  M(64, ::gridlock::abi::Int64) \
  M(128, ::gridlock::abi::Int128)

// Applies M(bits, type, name, kind, new value of `old` and `value`) to each read-modify-write.
#define GRIDLOCK_ABI_RMWS(M, bits, T)                           \
  M(bits, T, exchange, kExchange, value)                        \
  M(bits, T, fetch_add, kFetchAdd, static_cast<T>(old + value)) \
  M(bits, T, fetch_sub, kFetchSub, static_cast<T>(old - value)) \
  M(bits, T, fetch_and, kFetchAnd, static_cast<T>(old & value)) \
  M(bits, T, fetch_or, kFetchOr, static_cast<T>(old | value))   \
  M(bits, T, fetch_xor, kFetchXor, static_cast<T>(old ^ value)) \
  M(bits, T, fetch_nand, kFetchNand, static_cast<T>(~(old & value)))

// Applies M(bytes) to each width of a plain access.
#define GRIDLOCK_ABI_PLAIN(M) \
  M(1)                        \
  M(2)                        \
  M(4)                        \
  M(8)                        \
  M(16)
