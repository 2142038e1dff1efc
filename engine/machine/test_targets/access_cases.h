// The atomic accesses that a test asks the `access` target for, and how small arguments become operands of any width.
// Read by the target, which makes the access, and by the test, which models it.
//
// May include: nothing of the engine.
#pragma once

#include <cstdint>

namespace test_targets {

enum class Access : std::uint32_t {
  kLoad,
  kStore,
  kExchange,
  kFetchAdd,
  kFetchSub,
  kFetchAnd,
  kFetchOr,
  kFetchXor,
  kFetchNand,
  kCompareExchangeVal,     // what clang emits for std::atomic
  kCompareExchangeStrong,  // the entry points that write `expected` back, for callers of the ABI by hand
  kCompareExchangeWeak,
};
inline constexpr std::uint32_t kAccessKinds = 12;

__extension__ using Wide = unsigned __int128;

// A 32-bit argument spread over 128 bits, so that every byte of every width depends on it and no two halves are equal.
constexpr Wide spread(std::uint32_t argument) {
  const std::uint64_t low = (argument + 1) * std::uint64_t{0x9e3779b97f4a7c15};
  const std::uint64_t high = (low ^ argument) * std::uint64_t{0xd1342543de82ef95};
  return (Wide{high} << 64) | low;
}

// What the operation leaves in the first block of the arena.
struct AccessResult {
  Wide returned;            // by an access that returns the old value
  Wide expected;            // after a compare-exchange
  Wide left;                // in memory, all 16 bytes whatever the width
  std::uint64_t succeeded;  // of a compare-exchange
};

// The first argument of the operation `access`: what is done, and how wide.
constexpr std::uint32_t access_code(Access access, std::uint32_t width_bytes) {
  return width_bytes << 8 | static_cast<std::uint32_t>(access);
}

}  // namespace test_targets
