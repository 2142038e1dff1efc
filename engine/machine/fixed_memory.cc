#include "engine/machine/fixed_memory.h"

#include <sys/mman.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "engine/base/check.h"
#include "engine/machine/program_memory.h"
#include "engine/machine/sanitizer.h"

namespace gridlock {

// In front of each block, inside the gap, so that release() can tell a live block from a wild pointer.
struct FixedMemory::BlockHeader {
  std::uint64_t state;
  std::uint64_t size_bytes;
  static constexpr std::uint64_t kLive = 0x6b636f6c64697267;
  static constexpr std::uint64_t kReleased = 0x6465736165a1e51a;
};

namespace {

// The addresses are the process's, so whether they are taken by us is too.
bool is_mapped_somewhere = false;

Result<void> map_at(std::uint64_t base, std::size_t bytes, int protection) {
  void* const wanted = reinterpret_cast<void*>(base);
  void* const got =
      ::mmap(wanted, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE | MAP_NORESERVE, -1, 0);
  if (got == wanted) return {};
  const int error = errno;
  if (got != MAP_FAILED) ::munmap(got, bytes);
  char address[32];
  std::snprintf(address, sizeof address, "address 0x%llx", static_cast<unsigned long long>(base));
  return failure("map the target's memory", address,
                 std::string(std::strerror(error)) +
                     "; only one machine may live in a process, and the address must be free (try setarch -R)");
}

}  // namespace

std::uint64_t offset_of(std::uint64_t address) {
  std::uint64_t before = kProgramOffset;
  for (const ProgramSection& section : program_sections()) {
    if (section.contains(address)) return before + (address - section.base);
    before += section.bytes;
  }
  return address - kArenaBase;
}

bool has_offset(std::uint64_t address) {
  if (address - kArenaBase < kArenaBytes) return true;
  const auto sections = program_sections();
  return sections[0].contains(address) || sections[1].contains(address);
}

bool is_stack_address(std::uint64_t address) {
  return address >= kStacksBase && address < kStacksBase + kStacksBytes;
}

bool is_guard_address(std::uint64_t address) {
  return is_stack_address(address) && (address - kStacksBase) % (kStackBytes + kStackGuardBytes) < kStackGuardBytes;
}

Result<void> FixedMemory::map() {
  if (auto mapped = map_at(kArenaBase, kArenaBytes, PROT_READ | PROT_WRITE); !mapped) return mapped;
  if (auto mapped = map_at(kStacksBase, kStacksBytes, PROT_NONE); !mapped) {
    ::munmap(reinterpret_cast<void*>(kArenaBase), kArenaBytes);
    return mapped;
  }
  mapped_ = is_mapped_somewhere = true;
  for (std::uint32_t cpu = 0; cpu < 64; ++cpu) {
    GRIDLOCK_CHECK(::mprotect(reinterpret_cast<void*>(stack_bottom(cpu)), kStackBytes, PROT_READ | PROT_WRITE) == 0);
  }
  sanitizer::arena_mapped(kArenaBase, kArenaBytes);
  return {};
}

Result<void> FixedMemory::map_or_share() {
  return is_mapped_somewhere ? Result<void>{} : map();
}

FixedMemory::~FixedMemory() {
  if (!mapped_) return;
  is_mapped_somewhere = false;
  ::munmap(reinterpret_cast<void*>(kArenaBase), kArenaBytes);
  ::munmap(reinterpret_cast<void*>(kStacksBase), kStacksBytes);
}

void* FixedMemory::allocate(std::size_t size, std::size_t align) {
  GRIDLOCK_CHECK(align != 0 && (align & (align - 1)) == 0 && align <= kArenaAlignMax);
  if (align < 16) align = 16;
  const std::size_t start = (used_ + kArenaGapBytes + align - 1) & ~(align - 1);
  if (size > kArenaBytes || start + size > kArenaBytes) return nullptr;
  auto* const header = reinterpret_cast<BlockHeader*>(kArenaBase + start) - 1;
  header->state = BlockHeader::kLive;
  header->size_bytes = size;
  used_ = (start + size + 7) & ~std::size_t{7};
  sanitizer::arena_opened(kArenaBase + start, size);
  return reinterpret_cast<void*>(kArenaBase + start);
}

void* FixedMemory::allocate_again(std::uint64_t address, std::size_t size) {
  auto* const header = reinterpret_cast<BlockHeader*>(address) - 1;
  header->state = BlockHeader::kLive;
  header->size_bytes = size;
  sanitizer::arena_opened(address, size);
  auto* const words = reinterpret_cast<std::uint64_t*>(address);
  for (std::size_t i = 0; i < size / 8; ++i) words[i] = 0;
  auto* const bytes = reinterpret_cast<unsigned char*>(address);
  for (std::size_t i = size & ~std::size_t{7}; i < size; ++i) bytes[i] = 0;
  const std::size_t end = (address - kArenaBase + size + 7) & ~std::size_t{7};
  if (end > used_) used_ = end;
  return reinterpret_cast<void*>(address);
}

bool FixedMemory::release(void* block, std::size_t& size_bytes) {
  const auto address = reinterpret_cast<std::uint64_t>(block);
  if (address < kArenaBase + kArenaGapBytes || address >= kArenaBase + used_ || address % 16 != 0) return false;
  auto* const header = static_cast<BlockHeader*>(block) - 1;
  if (header->state != BlockHeader::kLive) return false;
  header->state = BlockHeader::kReleased;
  size_bytes = header->size_bytes;
  sanitizer::arena_closed(address, size_bytes);
  return true;
}

void FixedMemory::wipe() {
  sanitizer::arena_wiped(kArenaBase, used_);
  // A loop, not memset: ThreadSanitizer intercepts that and sees a write of the host. Not volatile, so that the
  // compiler zeroes 16 bytes a store: the word by word took most of a short run's time.
  auto* const words = reinterpret_cast<std::uint64_t*>(kArenaBase);
  const std::size_t count = used_ / 8;
  for (std::size_t i = 0; i < count; ++i) words[i] = 0;
  used_ = 0;
}

}  // namespace gridlock
