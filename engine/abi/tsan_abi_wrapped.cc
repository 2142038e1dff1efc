// The ThreadSanitizer ABI where the real runtime is linked (tsan flavour), by -Wl,--wrap: the engine takes its point
// and goes on to the runtime. Each wrapper ends in a tail call: otherwise frame #0 of every report would be the
// wrapper, and the racing function would be lost.
//
// May include: base, hook, machine.
#include <cstddef>

#include "engine/abi/access.h"

using gridlock::current_gate;
using gridlock::gridlock_point;
using gridlock::point_code;
using gridlock::StepKind;
using gridlock::abi::before_compare_exchange;
using gridlock::abi::before_load;
using gridlock::abi::before_write;
using gridlock::abi::Order;

#define HOOK [[gnu::section("gridlock_hooks")]]

// A wild pointer faults here, where the caller is known, and not in the runtime, which keeps no frame pointers.
template <typename T>
[[gnu::always_inline]] inline void touch(const volatile T* address) {
  static_cast<void>(*reinterpret_cast<const volatile char*>(address));
}

#define WRAP_LOAD_STORE(bits, T)                                                            \
  T __real___tsan_atomic##bits##_load(const volatile T* address, Order order);              \
  HOOK T __wrap___tsan_atomic##bits##_load(const volatile T* address, Order order) {        \
    before_load(address, order);                                                            \
    touch(address);                                                                         \
    [[clang::musttail]] return __real___tsan_atomic##bits##_load(address, order);           \
  }                                                                                         \
  void __real___tsan_atomic##bits##_store(volatile T* address, T value, Order order);       \
  HOOK void __wrap___tsan_atomic##bits##_store(volatile T* address, T value, Order order) { \
    before_write(StepKind::kStore, address, value, order);                                  \
    touch(address);                                                                         \
    [[clang::musttail]] return __real___tsan_atomic##bits##_store(address, value, order);   \
  }

#define WRAP_RMW(bits, T, name, kind, new_value)                                           \
  T __real___tsan_atomic##bits##_##name(volatile T* address, T value, Order order);        \
  HOOK T __wrap___tsan_atomic##bits##_##name(volatile T* address, T value, Order order) {  \
    before_write(StepKind::kind, address, value, order);                                   \
    touch(address);                                                                        \
    [[clang::musttail]] return __real___tsan_atomic##bits##_##name(address, value, order); \
  }

#define WRAP_COMPARE_EXCHANGE_POINTER(bits, T, strength)                                                            \
  int __real___tsan_atomic##bits##_compare_exchange_##strength(volatile T* address, T* expected, T desired,         \
                                                               Order order, Order failure);                         \
  HOOK int __wrap___tsan_atomic##bits##_compare_exchange_##strength(volatile T* address, T* expected, T desired,    \
                                                                    Order order, Order failure) {                   \
    before_compare_exchange(address, *expected, desired, order);                                                    \
    touch(address);                                                                                                 \
    [[clang::musttail]] return __real___tsan_atomic##bits##_compare_exchange_##strength(address, expected, desired, \
                                                                                        order, failure);            \
  }

#define WRAP_COMPARE_EXCHANGE(bits, T)                                                                              \
  T __real___tsan_atomic##bits##_compare_exchange_val(volatile T* address, T expected, T desired, Order order,      \
                                                      Order failure);                                               \
  HOOK T __wrap___tsan_atomic##bits##_compare_exchange_val(volatile T* address, T expected, T desired, Order order, \
                                                           Order failure) {                                         \
    before_compare_exchange(address, expected, desired, order);                                                     \
    touch(address);                                                                                                 \
    [[clang::musttail]] return __real___tsan_atomic##bits##_compare_exchange_val(address, expected, desired, order, \
                                                                                 failure);                          \
  }                                                                                                                 \
  WRAP_COMPARE_EXCHANGE_POINTER(bits, T, strong)                                                                    \
  WRAP_COMPARE_EXCHANGE_POINTER(bits, T, weak)

#define WRAP_WIDTH(bits, T)            \
  WRAP_LOAD_STORE(bits, T)             \
  GRIDLOCK_ABI_RMWS(WRAP_RMW, bits, T) \
  WRAP_COMPARE_EXCHANGE(bits, T)

// The runtime has no callbacks for volatile accesses. A volatile access is a relaxed atomic here: a load of the same
// width for a read, a fetch_or of 0 (which changes nothing) for a write, in a frame that stands for the target's.
#define DEFINE_VOLATILE(bytes, bits, T)                                                                       \
  HOOK void __tsan_volatile_read##bytes(void* address) {                                                      \
    if (gridlock::read_is_stopped()) {                                                                        \
      gridlock_point(address, 0, 0, 0, 0, point_code(StepKind::kVolatileRead, bytes));                        \
    }                                                                                                         \
    __real___tsan_func_entry(__builtin_return_address(0));                                                    \
    static_cast<void>(__real___tsan_atomic##bits##_load(static_cast<const volatile T*>(address), kRelaxed));  \
    __real___tsan_func_exit();                                                                                \
  }                                                                                                           \
  HOOK void __tsan_volatile_write##bytes(void* address) {                                                     \
    if (gridlock::write_is_stopped(address)) {                                                                \
      gridlock_point(address, 0, 0, 0, 0, point_code(StepKind::kVolatileWrite, bytes));                       \
    }                                                                                                         \
    __real___tsan_func_entry(__builtin_return_address(0));                                                    \
    static_cast<void>(__real___tsan_atomic##bits##_fetch_or(static_cast<volatile T*>(address), 0, kRelaxed)); \
    __real___tsan_func_exit();                                                                                \
  }                                                                                                           \
  HOOK void __tsan_unaligned_volatile_read##bytes(void* address) {                                            \
    __tsan_volatile_read##bytes(address);                                                                     \
  }                                                                                                           \
  HOOK void __tsan_unaligned_volatile_write##bytes(void* address) {                                           \
    __tsan_volatile_write##bytes(address);                                                                    \
  }

namespace {
constexpr Order kRelaxed = 0;
}

extern "C" {

void __real___tsan_func_entry(void* caller);
void __real___tsan_func_exit();

GRIDLOCK_ABI_WIDTHS(WRAP_WIDTH)

DEFINE_VOLATILE(1, 8, gridlock::abi::Int8)
DEFINE_VOLATILE(2, 16, gridlock::abi::Int16)
DEFINE_VOLATILE(4, 32, gridlock::abi::Int32)
DEFINE_VOLATILE(8, 64, gridlock::abi::Int64)
DEFINE_VOLATILE(16, 128, gridlock::abi::Int128)

void __real___tsan_atomic_thread_fence(Order order);
HOOK void __wrap___tsan_atomic_thread_fence(Order order) {
  gridlock::note_fence(static_cast<std::uint32_t>(order));
  [[clang::musttail]] return __real___tsan_atomic_thread_fence(order);
}

// The runtime keeps a shadow call stack for each context; the machine must know how deep it is to unwind it when a
// context is given up. While no machine exists nobody counts.
HOOK void __wrap___tsan_func_entry(void* caller) {
  if (current_gate->call_depth != nullptr) ++*current_gate->call_depth;
  [[clang::musttail]] return __real___tsan_func_entry(caller);
}
HOOK void __wrap___tsan_func_exit() {
  if (current_gate->call_depth != nullptr) --*current_gate->call_depth;
  [[clang::musttail]] return __real___tsan_func_exit();
}

}  // extern "C"
