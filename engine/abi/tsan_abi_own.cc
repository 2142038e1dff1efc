// The ThreadSanitizer ABI where no ThreadSanitizer is linked (plain and asan flavours): the engine is the runtime.
//
// A run on fibers has one thread, so an access needs no lock prefix: what is atomic between points is the code itself.
// That saves some 5 ns a read-modify-write.
//
// May include: base, hook, machine.
#include <cstddef>
#include <cstring>

#include "engine/abi/access.h"

using gridlock::current_gate;
using gridlock::gridlock_point;
using gridlock::point_code;
using gridlock::StepKind;
using gridlock::abi::before_compare_exchange;
using gridlock::abi::before_load;
using gridlock::abi::before_write;
using gridlock::abi::Order;

// Hooks live in a section of their own, so that a crash inside one is told apart from a crash of the target.
#define HOOK [[gnu::section("gridlock_hooks")]]

// AddressSanitizer's checks, where it is linked. An atomic access has become a call before its pass sees the target, so
// the check has to be made here.
extern "C" {
#define DECLARE_CHECK(bytes)                                    \
  void __asan_load##bytes(std::uint64_t) __attribute__((weak)); \
  void __asan_store##bytes(std::uint64_t) __attribute__((weak));
DECLARE_CHECK(1)
DECLARE_CHECK(2)
DECLARE_CHECK(4)
DECLARE_CHECK(8)
DECLARE_CHECK(16)
}

namespace {

#define DEFINE_CHECK(bytes, T)                                                                         \
  [[gnu::always_inline]] inline void check_read(const volatile T* address) {                           \
    if (__asan_load##bytes != nullptr) __asan_load##bytes(reinterpret_cast<std::uint64_t>(address));   \
  }                                                                                                    \
  [[gnu::always_inline]] inline void check_write(const volatile T* address) {                          \
    if (__asan_store##bytes != nullptr) __asan_store##bytes(reinterpret_cast<std::uint64_t>(address)); \
  }
DEFINE_CHECK(1, gridlock::abi::Int8)
DEFINE_CHECK(2, gridlock::abi::Int16)
DEFINE_CHECK(4, gridlock::abi::Int32)
DEFINE_CHECK(8, gridlock::abi::Int64)
DEFINE_CHECK(16, gridlock::abi::Int128)

}  // namespace

#define DEFINE_LOAD_STORE(bits, T)                                                   \
  HOOK T __tsan_atomic##bits##_load(const volatile T* address, Order order) {        \
    before_load(address, order);                                                     \
    check_read(address);                                                             \
    return *address;                                                                 \
  }                                                                                  \
  HOOK void __tsan_atomic##bits##_store(volatile T* address, T value, Order order) { \
    before_write(StepKind::kStore, address, value, order);                           \
    check_write(address);                                                            \
    *address = value;                                                                \
  }

#define DEFINE_RMW(bits, T, name, kind, new_value)                                 \
  HOOK T __tsan_atomic##bits##_##name(volatile T* address, T value, Order order) { \
    before_write(StepKind::kind, address, value, order);                           \
    check_write(address);                                                          \
    [[maybe_unused]] const T old = *address;                                       \
    *address = new_value;                                                          \
    return old;                                                                    \
  }

#define DEFINE_COMPARE_EXCHANGE(bits, T)                                                                              \
  HOOK T __tsan_atomic##bits##_compare_exchange_val(volatile T* address, T expected, T desired, Order order, Order) { \
    before_compare_exchange(address, expected, desired, order);                                                       \
    check_write(address);                                                                                             \
    const T old = *address;                                                                                           \
    if (old == expected) *address = desired;                                                                          \
    return old;                                                                                                       \
  }                                                                                                                   \
  HOOK int __tsan_atomic##bits##_compare_exchange_strong(volatile T* address, T* expected, T desired, Order order,    \
                                                         Order) {                                                     \
    before_compare_exchange(address, *expected, desired, order);                                                      \
    check_write(address);                                                                                             \
    const T old = *address;                                                                                           \
    if (old == *expected) {                                                                                           \
      *address = desired;                                                                                             \
      return 1;                                                                                                       \
    }                                                                                                                 \
    *expected = old;                                                                                                  \
    return 0;                                                                                                         \
  }                                                                                                                   \
  HOOK int __tsan_atomic##bits##_compare_exchange_weak(volatile T* address, T* expected, T desired, Order order,      \
                                                       Order failure) {                                               \
    return __tsan_atomic##bits##_compare_exchange_strong(address, expected, desired, order, failure);                 \
  }

// What the ABI has for memory that is not atomic. Volatile accesses are points; plain ones are not.
#define DEFINE_PLAIN(bytes)                                                             \
  void __tsan_read##bytes(void*) {}                                                     \
  void __tsan_write##bytes(void*) {}                                                    \
  void __tsan_read_write##bytes(void*) {}                                               \
  void __tsan_unaligned_read##bytes(void*) {}                                           \
  void __tsan_unaligned_write##bytes(void*) {}                                          \
  void __tsan_unaligned_read_write##bytes(void*) {}                                     \
  HOOK void __tsan_volatile_read##bytes(void* address) {                                \
    if (gridlock::read_is_stopped()) {                                                  \
      gridlock_point(address, 0, 0, 0, 0, point_code(StepKind::kVolatileRead, bytes));  \
    }                                                                                   \
  }                                                                                     \
  HOOK void __tsan_volatile_write##bytes(void* address) {                               \
    if (gridlock::write_is_stopped(address)) {                                          \
      gridlock_point(address, 0, 0, 0, 0, point_code(StepKind::kVolatileWrite, bytes)); \
    }                                                                                   \
  }                                                                                     \
  HOOK void __tsan_unaligned_volatile_read##bytes(void* address) {                      \
    __tsan_volatile_read##bytes(address);                                               \
  }                                                                                     \
  HOOK void __tsan_unaligned_volatile_write##bytes(void* address) {                     \
    __tsan_volatile_write##bytes(address);                                              \
  }

#define DEFINE_WIDTH(bits, T)            \
  DEFINE_LOAD_STORE(bits, T)             \
  GRIDLOCK_ABI_RMWS(DEFINE_RMW, bits, T) \
  DEFINE_COMPARE_EXCHANGE(bits, T)

extern "C" {

GRIDLOCK_ABI_WIDTHS(DEFINE_WIDTH)

DEFINE_PLAIN(1)
DEFINE_PLAIN(2)
DEFINE_PLAIN(4)
DEFINE_PLAIN(8)
DEFINE_PLAIN(16)

void __tsan_atomic_thread_fence(Order order) {
  gridlock::note_fence(static_cast<std::uint32_t>(order));
}
void __tsan_atomic_signal_fence(Order) {}

void __tsan_init() {}
void __tsan_func_entry(void*) {}
void __tsan_func_exit() {}
void __tsan_ignore_thread_begin() {}
void __tsan_ignore_thread_end() {}
void __tsan_vptr_update(void**, void*) {}
void __tsan_vptr_read(void**) {}
void __tsan_read_range(void*, std::size_t) {}
void __tsan_write_range(void*, std::size_t) {}
void* __tsan_memcpy(void* to, const void* from, std::size_t bytes) {
  return std::memcpy(to, from, bytes);
}
void* __tsan_memmove(void* to, const void* from, std::size_t bytes) {
  return std::memmove(to, from, bytes);
}
void* __tsan_memset(void* to, int value, std::size_t bytes) {
  return std::memset(to, value, bytes);
}

}  // extern "C"
