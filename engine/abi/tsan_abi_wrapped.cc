// The ThreadSanitizer ABI where the real runtime is linked (tsan flavour), by -Wl,--wrap: the engine takes its point
// and goes on to the runtime. Each wrapper ends in a tail call: otherwise frame #0 of every report would be the
// wrapper, and the racing function would be lost.
//
// May include: base, hook, machine, judge/race.
#include <cstddef>

#include "engine/abi/access.h"
#include "engine/machine/machine_impl.h"

using namespace gridlock::abi;
using gridlock::current_gate;
using gridlock::gridlock_point;
using gridlock::point_code;
using gridlock::StepKind;

// A wild pointer faults here, where the caller is known, and not in the runtime, which keeps no frame pointers.
template <typename T>
[[gnu::always_inline]] inline void touch(const volatile T* address) {
  static_cast<void>(*reinterpret_cast<const volatile char*>(address));
}

#define WRAP_LOAD_STORE(bits, T)                                                                     \
  T __real___tsan_atomic##bits##_load(const volatile T* address, Order order);                       \
  GRIDLOCK_HOOK T __wrap___tsan_atomic##bits##_load(const volatile T* address, Order order) {        \
    before_load(address, order);                                                                     \
    touch(address);                                                                                  \
    observe_load(address, sizeof(T), order);                                                         \
    [[clang::musttail]] return __real___tsan_atomic##bits##_load(address, order);                    \
  }                                                                                                  \
  void __real___tsan_atomic##bits##_store(volatile T* address, T value, Order order);                \
  GRIDLOCK_HOOK void __wrap___tsan_atomic##bits##_store(volatile T* address, T value, Order order) { \
    before_write(StepKind::kStore, address, value, order);                                           \
    touch(address);                                                                                  \
    observe_store(address, sizeof(T), order);                                                        \
    [[clang::musttail]] return __real___tsan_atomic##bits##_store(address, value, order);            \
  }

#define WRAP_RMW(bits, T, name, kind, new_value)                                                   \
  T __real___tsan_atomic##bits##_##name(volatile T* address, T value, Order order);                \
  GRIDLOCK_HOOK T __wrap___tsan_atomic##bits##_##name(volatile T* address, T value, Order order) { \
    before_write(StepKind::kind, address, value, order);                                           \
    touch(address);                                                                                \
    observe_rmw(address, sizeof(T), order);                                                        \
    [[clang::musttail]] return __real___tsan_atomic##bits##_##name(address, value, order);         \
  }

#define WRAP_COMPARE_EXCHANGE_POINTER(bits, T, strength)                                                              \
  int __real___tsan_atomic##bits##_compare_exchange_##strength(volatile T* address, T* expected, T desired,           \
                                                               Order order, Order failure);                           \
  GRIDLOCK_HOOK int __wrap___tsan_atomic##bits##_compare_exchange_##strength(volatile T* address, T* expected,        \
                                                                             T desired, Order order, Order failure) { \
    before_compare_exchange(address, *expected, desired, order);                                                      \
    observe_compare_exchange(address, sizeof(T), *address == *expected, order, failure);                              \
    [[clang::musttail]] return __real___tsan_atomic##bits##_compare_exchange_##strength(address, expected, desired,   \
                                                                                        order, failure);              \
  }

#define WRAP_COMPARE_EXCHANGE(bits, T)                                                                              \
  T __real___tsan_atomic##bits##_compare_exchange_val(volatile T* address, T expected, T desired, Order order,      \
                                                      Order failure);                                               \
  GRIDLOCK_HOOK T __wrap___tsan_atomic##bits##_compare_exchange_val(volatile T* address, T expected, T desired,     \
                                                                    Order order, Order failure) {                   \
    before_compare_exchange(address, expected, desired, order);                                                     \
    observe_compare_exchange(address, sizeof(T), *address == expected, order, failure);                             \
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
  GRIDLOCK_HOOK void __tsan_volatile_read##bytes(void* address) {                                             \
    if (gridlock::read_is_stopped()) {                                                                        \
      gridlock_point(address, 0, 0, 0, 0, point_code(StepKind::kVolatileRead, bytes));                        \
    }                                                                                                         \
    observe_volatile_read(address, bytes);                                                                    \
    __real___tsan_func_entry(__builtin_return_address(0));                                                    \
    static_cast<void>(__real___tsan_atomic##bits##_load(static_cast<const volatile T*>(address), kRelaxed));  \
    __real___tsan_func_exit();                                                                                \
  }                                                                                                           \
  GRIDLOCK_HOOK void __tsan_volatile_write##bytes(void* address) {                                            \
    if (gridlock::write_is_stopped(address)) {                                                                \
      gridlock_point(address, 0, 0, 0, 0, point_code(StepKind::kVolatileWrite, bytes));                       \
    }                                                                                                         \
    observe_volatile_write(address, bytes);                                                                   \
    __real___tsan_func_entry(__builtin_return_address(0));                                                    \
    static_cast<void>(__real___tsan_atomic##bits##_fetch_or(static_cast<volatile T*>(address), 0, kRelaxed)); \
    __real___tsan_func_exit();                                                                                \
  }                                                                                                           \
  GRIDLOCK_HOOK void __tsan_unaligned_volatile_read##bytes(void* address) {                                   \
    [[clang::musttail]] return __tsan_volatile_read##bytes(address);                                          \
  }                                                                                                           \
  GRIDLOCK_HOOK void __tsan_unaligned_volatile_write##bytes(void* address) {                                  \
    [[clang::musttail]] return __tsan_volatile_write##bytes(address);                                         \
  }

// True if the runtime has been wrong often enough about the plain access that the hook is called for.
[[gnu::always_inline]] inline bool is_misjudged(const void* return_address) {
  const auto code = reinterpret_cast<std::uint64_t>(return_address);
  if ((current_gate->misjudged & gridlock::MisjudgedSites::bit(code)) == 0) [[likely]]
    return false;
  return gridlock::MachineImpl::current() != nullptr && gridlock::MachineImpl::current()->is_misjudged(code);
}

#define WRAP_PLAIN_ACCESS(name, judged, bytes)                       \
  void __real___tsan_##name##bytes(void* address);                   \
  GRIDLOCK_HOOK void __wrap___tsan_##name##bytes(void* address) {    \
    judge_plain_##judged(address, bytes);                            \
    if (is_misjudged(__builtin_return_address(0))) return;           \
    [[clang::musttail]] return __real___tsan_##name##bytes(address); \
  }
#define WRAP_PLAIN(bytes)              \
  WRAP_PLAIN_ACCESS(read, read, bytes) \
  WRAP_PLAIN_ACCESS(write, write, bytes)
#define WRAP_UNALIGNED(bytes)                    \
  WRAP_PLAIN_ACCESS(unaligned_read, read, bytes) \
  WRAP_PLAIN_ACCESS(unaligned_write, write, bytes)

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

GRIDLOCK_ABI_PLAIN(WRAP_PLAIN)
WRAP_UNALIGNED(2)
WRAP_UNALIGNED(4)
WRAP_UNALIGNED(8)
WRAP_UNALIGNED(16)

void __real___tsan_vptr_update(void** address, void* value);
GRIDLOCK_HOOK void __wrap___tsan_vptr_update(void** address, void* value) {
  if (*address != value) judge_plain_write(address, sizeof(void*));
  [[clang::musttail]] return __real___tsan_vptr_update(address, value);
}
void __real___tsan_vptr_read(void** address);
GRIDLOCK_HOOK void __wrap___tsan_vptr_read(void** address) {
  judge_plain_read(address, sizeof(void*));
  [[clang::musttail]] return __real___tsan_vptr_read(address);
}

void* __real___tsan_memcpy(void* to, const void* from, std::size_t bytes);
GRIDLOCK_HOOK void* __wrap___tsan_memcpy(void* to, const void* from, std::size_t bytes) {
  judge_copy(to, from, bytes);
  [[clang::musttail]] return __real___tsan_memcpy(to, from, bytes);
}
void* __real___tsan_memmove(void* to, const void* from, std::size_t bytes);
GRIDLOCK_HOOK void* __wrap___tsan_memmove(void* to, const void* from, std::size_t bytes) {
  judge_copy(to, from, bytes);
  [[clang::musttail]] return __real___tsan_memmove(to, from, bytes);
}
void* __real___tsan_memset(void* to, int value, std::size_t bytes);
GRIDLOCK_HOOK void* __wrap___tsan_memset(void* to, int value, std::size_t bytes) {
  if (bytes != 0) judge_plain_write(to, bytes);
  [[clang::musttail]] return __real___tsan_memset(to, value, bytes);
}

void __real___tsan_atomic_thread_fence(Order order);
GRIDLOCK_HOOK void __wrap___tsan_atomic_thread_fence(Order order) {
  judge_fence(order);
  [[clang::musttail]] return __real___tsan_atomic_thread_fence(order);
}

// The runtime keeps a shadow call stack for each context; the machine must know how deep it is to unwind it when a
// context is given up. While no machine exists nobody counts.
GRIDLOCK_HOOK void __wrap___tsan_func_entry(void* caller) {
  if (current_gate->call_depth != nullptr) ++*current_gate->call_depth;
  [[clang::musttail]] return __real___tsan_func_entry(caller);
}
GRIDLOCK_HOOK void __wrap___tsan_func_exit() {
  if (current_gate->call_depth != nullptr) --*current_gate->call_depth;
  [[clang::musttail]] return __real___tsan_func_exit();
}

}  // extern "C"
