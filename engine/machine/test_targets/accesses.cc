// Every access of the ThreadSanitizer ABI, one an operation: what it returned and left behind lies at the start of the
// arena for the test to read. Volatile accesses, memory intrinsics, fences and library calls beside them.
#include <atomic>
#include <cstring>
#include <new>

#include "engine/machine/test_targets/access_cases.h"
#include "engine/machine/test_targets/test_targets.h"

using test_targets::Access;
using test_targets::AccessResult;
using test_targets::spread;
using test_targets::Wide;

// The entry points that clang does not emit itself.
extern "C" {
#define DECLARE_COMPARE_EXCHANGE(bits, T)                                                                  \
  int __tsan_atomic##bits##_compare_exchange_strong(volatile T* object, T* expected, T desired, int order, \
                                                    int failure);                                          \
  int __tsan_atomic##bits##_compare_exchange_weak(volatile T* object, T* expected, T desired, int order, int failure);
DECLARE_COMPARE_EXCHANGE(8, std::uint8_t)
DECLARE_COMPARE_EXCHANGE(16, std::uint16_t)
DECLARE_COMPARE_EXCHANGE(32, std::uint32_t)
DECLARE_COMPARE_EXCHANGE(64, std::uint64_t)
DECLARE_COMPARE_EXCHANGE(128, Wide)
}

namespace {

constexpr int kOrder = __ATOMIC_SEQ_CST;
constexpr int kAbiOrder = 5;  // the same in the numbering of the ABI

#define OVERLOAD_COMPARE_EXCHANGE(bits, T)                                                                        \
  bool compare_exchange(Access access, T* object, T* expected, T desired) {                                       \
    if (access == Access::kCompareExchangeStrong) {                                                               \
      return __tsan_atomic##bits##_compare_exchange_strong(object, expected, desired, kAbiOrder, kAbiOrder) != 0; \
    }                                                                                                             \
    return __tsan_atomic##bits##_compare_exchange_weak(object, expected, desired, kAbiOrder, kAbiOrder) != 0;     \
  }
OVERLOAD_COMPARE_EXCHANGE(8, std::uint8_t)
OVERLOAD_COMPARE_EXCHANGE(16, std::uint16_t)
OVERLOAD_COMPARE_EXCHANGE(32, std::uint32_t)
OVERLOAD_COMPARE_EXCHANGE(64, std::uint64_t)
OVERLOAD_COMPARE_EXCHANGE(128, Wide)

template <typename T>
T make_access(Access access, T* object, T value, T& expected, bool& succeeded) {
  switch (access) {
    case Access::kLoad:
      return __atomic_load_n(object, kOrder);
    case Access::kStore:
      __atomic_store_n(object, value, kOrder);
      return 0;
    case Access::kExchange:
      return __atomic_exchange_n(object, value, kOrder);
    case Access::kFetchAdd:
      return __atomic_fetch_add(object, value, kOrder);
    case Access::kFetchSub:
      return __atomic_fetch_sub(object, value, kOrder);
    case Access::kFetchAnd:
      return __atomic_fetch_and(object, value, kOrder);
    case Access::kFetchOr:
      return __atomic_fetch_or(object, value, kOrder);
    case Access::kFetchXor:
      return __atomic_fetch_xor(object, value, kOrder);
    case Access::kFetchNand:
      return __atomic_fetch_nand(object, value, kOrder);
    case Access::kCompareExchangeVal:
      succeeded = __atomic_compare_exchange_n(object, &expected, value, false, kOrder, kOrder);
      return 0;
    case Access::kCompareExchangeStrong:
    case Access::kCompareExchangeWeak:
      succeeded = compare_exchange(access, object, &expected, value);
      return 0;
  }
  return 0;
}

struct Object {
  alignas(16) Wide word;
  std::uint32_t guard;
};
AccessResult* result;
Object* object;

void setup() {
  result = new (gl_alloc(sizeof(AccessResult), alignof(AccessResult))) AccessResult();
  object = new (gl_alloc(sizeof(Object), alignof(Object))) Object();
}

template <typename T>
void access_as(const std::uint32_t* arguments) {
  auto* const word = reinterpret_cast<T*>(&object->word);
  object->word = spread(arguments[1]);
  T expected = static_cast<T>(spread(arguments[3]));
  bool succeeded = false;
  const T returned = make_access<T>(static_cast<Access>(arguments[0] & 0xff), word,
                                    static_cast<T>(spread(arguments[2])), expected, succeeded);
  result->returned = returned;
  result->expected = expected;
  result->left = object->word;
  result->succeeded = succeeded;
}

// {access_code, seed of the value in memory, of the operand, of the expected value}
void access(const std::uint32_t* arguments) {
  switch (arguments[0] >> 8) {
    case 1:
      return access_as<std::uint8_t>(arguments);
    case 2:
      return access_as<std::uint16_t>(arguments);
    case 4:
      return access_as<std::uint32_t>(arguments);
    case 8:
      return access_as<std::uint64_t>(arguments);
    case 16:
      return access_as<Wide>(arguments);
    default:
      GL_ASSERT(false && "no such width");
  }
}

void nothing(const std::uint32_t*) {}

// ---- volatile: one write, then one read ----
template <typename T>
void volatile_as(std::uint32_t value) {
  auto* const word = reinterpret_cast<volatile T*>(&object->word);
  *word = static_cast<T>(spread(value));
  const T read = *word;
  GL_ASSERT(read == static_cast<T>(spread(value)));
}
void volatile_accesses(const std::uint32_t* arguments) {
  switch (arguments[0]) {
    case 1:
      return volatile_as<std::uint8_t>(arguments[1]);
    case 2:
      return volatile_as<std::uint16_t>(arguments[1]);
    case 4:
      return volatile_as<std::uint32_t>(arguments[1]);
    case 8:
      return volatile_as<std::uint64_t>(arguments[1]);
    default:
      GL_ASSERT(false && "no such width");
  }
}

void fences(const std::uint32_t*) {
  std::atomic_thread_fence(std::memory_order_acquire);
  __atomic_load_n(&object->guard, kOrder);  // the compiler joins fences that meet
  std::atomic_thread_fence(std::memory_order_seq_cst);
  std::atomic_signal_fence(std::memory_order_seq_cst);
}

// memset, memcpy and memmove of a size that the compiler does not know.
void intrinsics(const std::uint32_t* arguments) {
  constexpr std::size_t kBytesMax = 300;
  const std::size_t bytes = arguments[0];
  auto* const block = static_cast<unsigned char*>(gl_alloc(2 * kBytesMax, 16));
  std::memset(block, 0x5a, bytes);
  for (std::size_t i = 0; i < bytes; ++i) GL_ASSERT(block[i] == 0x5a);
  for (std::size_t i = 0; i < bytes; ++i) block[i] = static_cast<unsigned char>(i);
  std::memcpy(block + kBytesMax, block, bytes);
  for (std::size_t i = 0; i < bytes; ++i) GL_ASSERT(block[kBytesMax + i] == static_cast<unsigned char>(i));
  std::memmove(block + 1, block, bytes);
  for (std::size_t i = 0; i < bytes; ++i) GL_ASSERT(block[1 + i] == static_cast<unsigned char>(i));
}

// ---- objects that no instruction covers ----
struct Three {
  unsigned char bytes[3];
  bool operator==(const Three&) const = default;
};
struct TwentyFour {
  std::uint64_t words[3];
  bool operator==(const TwentyFour&) const = default;
};

template <typename T>
void library_accesses(std::uint32_t which, const T& one, const T& two) {
  auto* const big = new (gl_alloc(sizeof(std::atomic<T>), 16)) std::atomic<T>(one);
  T expected = which == 4 ? two : one;
  switch (which) {
    case 0:
      GL_ASSERT(big->load() == one);
      break;
    case 1:
      big->store(two);
      break;
    case 2:
      GL_ASSERT(big->exchange(two) == one);
      break;
    case 3:
      GL_ASSERT(big->compare_exchange_strong(expected, two));
      break;
    case 4:
      GL_ASSERT(!big->compare_exchange_strong(expected, two));
      GL_ASSERT(expected == one);
      break;
    default:
      GL_ASSERT(false && "no such access");
  }
  const bool replaced = which >= 1 && which <= 3;
  T left;
  std::memcpy(&left, static_cast<const void*>(big), sizeof left);
  GL_ASSERT(left == (replaced ? two : one));
}
void library(const std::uint32_t* arguments) {
  if (arguments[0] == 3) library_accesses<Three>(arguments[1], {{1, 2, 3}}, {{4, 5, 6}});
  if (arguments[0] == 24) library_accesses<TwentyFour>(arguments[1], {{1, 2, 3}}, {{4, 5, 6}});
}

const gl_operation_entry operations[] = {{"nothing", nothing, {}},
                                         {"access", access, {}},
                                         {"volatile", volatile_accesses, {}},
                                         {"fences", fences, {}},
                                         {"intrinsics", intrinsics, {}},
                                         {"library", library, {}},
                                         {}};
const gl_variant_entry variants[] = {{"only", "", "ok"}, {}};

}  // namespace

namespace test_targets {
const gl_target accesses = {.name = "accesses",
                            .cpus_minimum = 1,
                            .cpus_maximum = 4,
                            .variants = variants,
                            .operations = operations,
                            .setup = setup};
}  // namespace test_targets
