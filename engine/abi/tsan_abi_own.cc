// The ThreadSanitizer ABI where no ThreadSanitizer is linked (plain and asan flavours): the engine is the runtime.
//
// A run on fibers has one thread, so an access needs no lock prefix: what is atomic between points is the code itself.
// That saves some 5 ns a read-modify-write. On real cores, and in a program that runs on its own and not under
// Gridlock, each access is the processor's; which of the two it is costs a load from the gate, which is at hand, and a
// branch that is always predicted.
//
// May include: base, hook, machine, judge/race.
#include <cstddef>
#include <cstring>

#include "engine/abi/access.h"
#include "engine/machine/gate.h"

using namespace gridlock::abi;
using gridlock::gridlock_point;
using gridlock::point_code;
using gridlock::StepKind;

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

// ---- accesses on real cores ----

[[gnu::always_inline]] inline bool is_parallel() {
  return !gridlock::current_gate->is_machine;
}

// Everything up to a word is read whole by an ordinary load; what the compiler does for 16 bytes may be two.
template <typename T>
T load_in_parallel(const volatile T* address) {
  return __atomic_load_n(address, __ATOMIC_SEQ_CST);
}
// x86 has two kinds of stores: with a full barrier behind it and without.
template <typename T>
void store_in_parallel(volatile T* address, T value, Order order) {
  if (order == __ATOMIC_SEQ_CST) {
    __atomic_store_n(address, value, __ATOMIC_SEQ_CST);
  } else {
    __atomic_store_n(address, value, __ATOMIC_RELEASE);
  }
}
template <typename T, typename NewValue>
T update_in_parallel(volatile T* address, NewValue new_value) {
  T old = load_in_parallel(address);
  while (!__atomic_compare_exchange_n(address, &old, new_value(old), false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
  }
  return old;
}
template <typename T>
T compare_exchange_in_parallel(volatile T* address, T expected, T desired) {
  __atomic_compare_exchange_n(address, &expected, desired, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
  return expected;
}

}  // namespace

#define DEFINE_LOAD_STORE(bits, T)                                                            \
  GRIDLOCK_HOOK T __tsan_atomic##bits##_load(const volatile T* address, Order order) {        \
    before_load(address, order);                                                              \
    observe_load(address, sizeof(T), order);                                                  \
    check_read(address);                                                                      \
    if constexpr (sizeof(T) == 16) {                                                          \
      if (is_parallel()) [[unlikely]]                                                         \
        return load_in_parallel(address);                                                     \
    }                                                                                         \
    return *address;                                                                          \
  }                                                                                           \
  GRIDLOCK_HOOK void __tsan_atomic##bits##_store(volatile T* address, T value, Order order) { \
    before_write(StepKind::kStore, address, value, order);                                    \
    observe_store(address, sizeof(T), order);                                                 \
    check_write(address);                                                                     \
    if (is_parallel()) [[unlikely]]                                                           \
      return store_in_parallel(address, value, order);                                        \
    *address = value;                                                                         \
  }

#define DEFINE_RMW(bits, T, name, kind, new_value)                                               \
  GRIDLOCK_HOOK T __tsan_atomic##bits##_##name(volatile T* address, T value, Order order) {      \
    before_write(StepKind::kind, address, value, order);                                         \
    observe_rmw(address, sizeof(T), order);                                                      \
    check_write(address);                                                                        \
    if (is_parallel()) [[unlikely]] {                                                            \
      return update_in_parallel(address, [value]([[maybe_unused]] T old) { return new_value; }); \
    }                                                                                            \
    [[maybe_unused]] const T old = *address;                                                     \
    *address = new_value;                                                                        \
    return old;                                                                                  \
  }

// A wild pointer faults in the read that decides, where it would have faulted in the access.
#define DEFINE_COMPARE_EXCHANGE(bits, T)                                                                              \
  GRIDLOCK_HOOK T __tsan_atomic##bits##_compare_exchange_val(volatile T* address, T expected, T desired, Order order, \
                                                             Order failure) {                                         \
    before_compare_exchange(address, expected, desired, order);                                                       \
    if (is_parallel()) [[unlikely]] {                                                                                 \
      check_write(address);                                                                                           \
      return compare_exchange_in_parallel(address, expected, desired);                                                \
    }                                                                                                                 \
    const T old = *address;                                                                                           \
    observe_compare_exchange(address, sizeof(T), old == expected, order, failure);                                    \
    check_write(address);                                                                                             \
    if (old == expected) *address = desired;                                                                          \
    return old;                                                                                                       \
  }                                                                                                                   \
  GRIDLOCK_HOOK int __tsan_atomic##bits##_compare_exchange_strong(volatile T* address, T* expected, T desired,        \
                                                                  Order order, Order failure) {                       \
    before_compare_exchange(address, *expected, desired, order);                                                      \
    if (is_parallel()) [[unlikely]] {                                                                                 \
      check_write(address);                                                                                           \
      const T wanted = *expected;                                                                                     \
      *expected = compare_exchange_in_parallel(address, wanted, desired);                                             \
      return *expected == wanted ? 1 : 0;                                                                             \
    }                                                                                                                 \
    const T old = *address;                                                                                           \
    const bool succeeds = old == *expected;                                                                           \
    observe_compare_exchange(address, sizeof(T), succeeds, order, failure);                                           \
    check_write(address);                                                                                             \
    if (succeeds) {                                                                                                   \
      *address = desired;                                                                                             \
      return 1;                                                                                                       \
    }                                                                                                                 \
    *expected = old;                                                                                                  \
    return 0;                                                                                                         \
  }                                                                                                                   \
  GRIDLOCK_HOOK int __tsan_atomic##bits##_compare_exchange_weak(volatile T* address, T* expected, T desired,          \
                                                                Order order, Order failure) {                         \
    [[clang::musttail]] return __tsan_atomic##bits##_compare_exchange_strong(address, expected, desired, order,       \
                                                                             failure);                                \
  }

// What the ABI has for memory that is not atomic. Volatile accesses are points; plain ones are not.
#define DEFINE_PLAIN(bytes)                                                             \
  GRIDLOCK_HOOK void __tsan_read##bytes(void* address) {                                \
    judge_plain_read(address, bytes);                                                   \
  }                                                                                     \
  GRIDLOCK_HOOK void __tsan_write##bytes(void* address) {                               \
    judge_plain_write(address, bytes);                                                  \
  }                                                                                     \
  GRIDLOCK_HOOK void __tsan_read_write##bytes(void* address) {                          \
    judge_plain_write(address, bytes);                                                  \
  }                                                                                     \
  GRIDLOCK_HOOK void __tsan_unaligned_read##bytes(void* address) {                      \
    judge_plain_read(address, bytes);                                                   \
  }                                                                                     \
  GRIDLOCK_HOOK void __tsan_unaligned_write##bytes(void* address) {                     \
    judge_plain_write(address, bytes);                                                  \
  }                                                                                     \
  GRIDLOCK_HOOK void __tsan_unaligned_read_write##bytes(void* address) {                \
    judge_plain_write(address, bytes);                                                  \
  }                                                                                     \
  GRIDLOCK_HOOK void __tsan_volatile_read##bytes(void* address) {                       \
    if (gridlock::read_is_stopped()) {                                                  \
      gridlock_point(address, 0, 0, 0, 0, point_code(StepKind::kVolatileRead, bytes));  \
    }                                                                                   \
    observe_volatile_read(address, bytes);                                              \
  }                                                                                     \
  GRIDLOCK_HOOK void __tsan_volatile_write##bytes(void* address) {                      \
    if (gridlock::write_is_stopped(address)) {                                          \
      gridlock_point(address, 0, 0, 0, 0, point_code(StepKind::kVolatileWrite, bytes)); \
    }                                                                                   \
    observe_volatile_write(address, bytes);                                             \
  }                                                                                     \
  GRIDLOCK_HOOK void __tsan_unaligned_volatile_read##bytes(void* address) {             \
    [[clang::musttail]] return __tsan_volatile_read##bytes(address);                    \
  }                                                                                     \
  GRIDLOCK_HOOK void __tsan_unaligned_volatile_write##bytes(void* address) {            \
    [[clang::musttail]] return __tsan_volatile_write##bytes(address);                   \
  }

#define DEFINE_WIDTH(bits, T)            \
  DEFINE_LOAD_STORE(bits, T)             \
  GRIDLOCK_ABI_RMWS(DEFINE_RMW, bits, T) \
  DEFINE_COMPARE_EXCHANGE(bits, T)

extern "C" {

GRIDLOCK_ABI_WIDTHS(DEFINE_WIDTH)
GRIDLOCK_ABI_PLAIN(DEFINE_PLAIN)

GRIDLOCK_HOOK void __tsan_atomic_thread_fence(Order order) {
  if (is_parallel()) [[unlikely]]
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
  judge_fence(order);
}
void __tsan_atomic_signal_fence(Order) {}

void __tsan_init() {}
void __tsan_func_entry(void*) {}
void __tsan_func_exit() {}
void __tsan_ignore_thread_begin() {}
void __tsan_ignore_thread_end() {}

// A constructor writes the pointer to the virtual table that is there already, or another one.
GRIDLOCK_HOOK void __tsan_vptr_update(void** address, void* value) {
  if (*address != value) judge_plain_write(address, sizeof(void*));
}
GRIDLOCK_HOOK void __tsan_vptr_read(void** address) {
  judge_plain_read(address, sizeof(void*));
}
GRIDLOCK_HOOK void __tsan_read_range(void* address, std::size_t bytes) {
  if (bytes != 0) judge_plain_read(address, bytes);
}
GRIDLOCK_HOOK void __tsan_write_range(void* address, std::size_t bytes) {
  if (bytes != 0) judge_plain_write(address, bytes);
}

// Where AddressSanitizer is linked, its own versions check the ranges; the ThreadSanitizer pass has taken the calls
// away from it.
void* __asan_memcpy(void* to, const void* from, std::size_t bytes) __attribute__((weak));
void* __asan_memmove(void* to, const void* from, std::size_t bytes) __attribute__((weak));
void* __asan_memset(void* to, int value, std::size_t bytes) __attribute__((weak));

GRIDLOCK_HOOK void* __tsan_memcpy(void* to, const void* from, std::size_t bytes) {
  judge_copy(to, from, bytes);
  return __asan_memcpy != nullptr ? __asan_memcpy(to, from, bytes) : std::memcpy(to, from, bytes);
}
GRIDLOCK_HOOK void* __tsan_memmove(void* to, const void* from, std::size_t bytes) {
  judge_copy(to, from, bytes);
  return __asan_memmove != nullptr ? __asan_memmove(to, from, bytes) : std::memmove(to, from, bytes);
}
GRIDLOCK_HOOK void* __tsan_memset(void* to, int value, std::size_t bytes) {
  if (bytes != 0) judge_plain_write(to, bytes);
  return __asan_memset != nullptr ? __asan_memset(to, value, bytes) : std::memset(to, value, bytes);
}

}  // extern "C"
