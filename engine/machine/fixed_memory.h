// Memory at fixed addresses: the target's arena and the cpus' stacks. Fixed, so that what a target compares or hashes
// by address is the same in every run, process and flavour. The address lies in what ThreadSanitizer and
// AddressSanitizer both treat as application memory, and above every size class of ThreadSanitizer's allocator.
//
//     kArenaBase                               kStacksBase
//     | block | gap | block | gap | ...        | guard | stack of cpu 0 | guard | stack of cpu 1 | ...
//
// May include: base.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/base/error.h"

namespace gridlock {

inline constexpr std::uint64_t kArenaBase = 0x7be000000000;
inline constexpr std::size_t kArenaBytes = std::size_t{64} << 20;
inline constexpr std::size_t kArenaAlignMax = std::size_t{1} << 20;
// Between blocks in every flavour, so that layouts are equal; AddressSanitizer poisons it.
inline constexpr std::size_t kArenaGapBytes = 32;

inline constexpr std::uint64_t kStacksBase = 0x7be100000000;
inline constexpr std::size_t kStackBytes = std::size_t{256} << 10;
inline constexpr std::size_t kStackGuardBytes = std::size_t{64} << 10;
inline constexpr std::size_t kStacksBytes = 64 * (kStackBytes + kStackGuardBytes) + kStackGuardBytes;

[[nodiscard]] constexpr std::uint64_t stack_bottom(std::uint32_t cpu) {
  return kStacksBase + cpu * (kStackBytes + kStackGuardBytes) + kStackGuardBytes;
}
[[nodiscard]] constexpr std::uint64_t stack_top(std::uint32_t cpu) {
  return stack_bottom(cpu) + kStackBytes;
}

// Where the target's memory lies, as a number that is the same in every process: of the arena its offset, of a
// program's own sections the offset in those from kProgramOffset on. Of other memory it means nothing.
inline constexpr std::uint64_t kProgramOffset = std::uint64_t{1} << 40;
[[nodiscard]] std::uint64_t offset_of(std::uint64_t address);
// True if offset_of() means something.
[[nodiscard]] bool has_offset(std::uint64_t address);

// True if `address` lies on some cpu's stack; true for guards too if `guards`.
[[nodiscard]] bool is_stack_address(std::uint64_t address);
[[nodiscard]] bool is_guard_address(std::uint64_t address);

// The target's memory: bump allocation, wiped between runs. Owns both mappings. Not thread safe.
class FixedMemory {
 public:
  // ERRORS: the addresses are taken or memory is short.
  [[nodiscard]] Result<void> map();
  // The same, or if another FixedMemory of this process has mapped them: uses its mappings, which outlive this. Only
  // one of the two may hand out blocks until it is wiped.
  [[nodiscard]] Result<void> map_or_share();
  FixedMemory() = default;
  FixedMemory(const FixedMemory&) = delete;
  FixedMemory& operator=(const FixedMemory&) = delete;
  ~FixedMemory();

  // Zeroed memory, or nullptr if the arena is exhausted. `align` is a power of two up to kArenaAlignMax.
  [[nodiscard]] void* allocate(std::size_t size, std::size_t align);
  // Makes a block at an address that was part of released ones: zeroed. REQUIRES: `address` is a multiple of 16, and
  // kArenaGapBytes in front of it and `size` behind are nobody's.
  [[nodiscard]] void* allocate_again(std::uint64_t address, std::size_t size);
  // Ends a block's life and tells its size. False if `block` is not the start of a live one (double free, wild
  // pointer).
  [[nodiscard]] bool release(void* block, std::size_t& size_bytes);
  // Forgets all blocks and zeroes what was handed out. Called between runs, on the host.
  void wipe();

  [[nodiscard]] std::size_t used_bytes() const { return used_; }

 private:
  struct BlockHeader;
  std::size_t used_ = 0;
  bool mapped_ = false;
};

}  // namespace gridlock
