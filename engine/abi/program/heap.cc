// The heap of the program under test: malloc and its kin, and C++'s operators new and delete, out of the run's arena,
// where the race judge knows every block. So a use after free, an access outside of a block, a double free and a free
// of what was never allocated are memory errors in every flavour, and all blocks are gone when the run is.
//
// The operators are wrapped beside malloc because in the sanitizers' flavours they do not call it, and because a block
// is then put down to the line of the `new`. What the C library allocates for itself and hands out (strdup, getline,
// asprintf, fopen) is its own, and goes back to it.
//
// May include: base, hook, machine.
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <new>

#include "engine/abi/access.h"
#include "engine/abi/program/run.h"
#include "engine/machine/fixed_memory.h"

using gridlock::MachineImpl;
using gridlock::RunEnd;
using gridlock::program::end_run;
using gridlock::program::in_run;
using gridlock::program::refuse;

extern "C" {
void* __real_malloc(std::size_t bytes);
void* __real_calloc(std::size_t count, std::size_t bytes);
void* __real_realloc(void* block, std::size_t bytes);
void* __real_reallocarray(void* block, std::size_t count, std::size_t bytes);
void __real_free(void* block);
void* __real_aligned_alloc(std::size_t align, std::size_t bytes);
void* __real_memalign(std::size_t align, std::size_t bytes);
void* __real_valloc(std::size_t bytes);
void* __real_pvalloc(std::size_t bytes);
int __real_posix_memalign(void** block, std::size_t align, std::size_t bytes);
std::size_t __real_malloc_usable_size(void* block);
}

namespace {

// As malloc(3) of the C library aligns.
constexpr std::size_t kAlign = 16;
constexpr std::size_t kPageBytes = 4096;

bool is_ours(const void* block) {
  return reinterpret_cast<std::uint64_t>(block) - gridlock::kArenaBase < gridlock::kArenaBytes;
}

// More than the whole arena is what any allocator says no to; less is what this one has run out of.
bool is_too_large(std::size_t bytes) {
  return bytes > gridlock::kArenaBytes;
}

void* allocate(std::size_t bytes, std::size_t align, const void* hook_frame) {
  if (is_too_large(bytes)) {
    errno = ENOMEM;
    return nullptr;
  }
  void* const block = MachineImpl::current()->allocate(bytes, align);
  if (block == nullptr) refuse("malloc for more than the 64 MiB of heap that a run has", hook_frame);
  return block;
}

// The memory of the program that is not on the heap at all: freeing it is as wrong as freeing twice.
bool is_static_or_stack(const void* block) {
  const auto address = reinterpret_cast<std::uint64_t>(block);
  return gridlock::is_stack_address(address) || gridlock::has_offset(address);
}

// True if the block was of this run's heap. A block of the C library is nobody's business here.
bool release(void* block, const void* hook_frame) {
  if (!is_static_or_stack(block)) return false;
  MachineImpl& machine = *MachineImpl::current();
  if (machine.release(block, hook_frame)) return true;
  end_run(RunEnd::kMemoryError, machine.was_block(block) ? "double-free" : "free of what is not a heap block",
          hook_frame);
}

// Byte by byte: the sanitizers intercept memcpy. What the judge knows of both blocks is the wrapper's to say.
void copy(void* to, const void* from, std::size_t bytes) {
  auto* const target = static_cast<unsigned char*>(to);
  const auto* const source = static_cast<const unsigned char*>(from);
  for (std::size_t i = 0; i < bytes; ++i) target[i] = source[i];
}

// A new block always, so that a pointer into the old one is found. The judge sees what it reads and writes.
[[gnu::always_inline]] inline void* reallocate(void* block, std::size_t bytes, const void* hook_frame) {
  if (block == nullptr) return allocate(bytes, kAlign, hook_frame);
  if (!is_static_or_stack(block)) return __real_realloc(block, bytes);
  if (bytes == 0) {
    static_cast<void>(release(block, hook_frame));
    return nullptr;
  }
  const auto before = MachineImpl::current()->block_bytes(block);
  if (!before) static_cast<void>(release(block, hook_frame));  // does not return
  void* const moved = allocate(bytes, kAlign, hook_frame);
  if (moved == nullptr) return nullptr;
  const std::size_t kept = *before < bytes ? *before : bytes;
  if (kept != 0) gridlock::abi::judge_copy(moved, block, kept);
  copy(moved, block, kept);
  static_cast<void>(release(block, hook_frame));
  return moved;
}

bool is_power_of_two(std::size_t align) {
  return align != 0 && (align & (align - 1)) == 0;
}

}  // namespace

extern "C" {

GRIDLOCK_HOOK void* __wrap_malloc(std::size_t bytes) {
  if (!in_run()) return __real_malloc(bytes);
  return allocate(bytes, kAlign, __builtin_frame_address(0));
}

GRIDLOCK_HOOK void __wrap_free(void* block) {
  if (block == nullptr) return;
  if (in_run() && release(block, __builtin_frame_address(0))) return;
  // Between runs the arena is emptied as a whole.
  if (!is_ours(block)) __real_free(block);
}

GRIDLOCK_HOOK void* __wrap_calloc(std::size_t count, std::size_t bytes) {
  if (!in_run()) return __real_calloc(count, bytes);
  std::size_t total = 0;
  if (__builtin_mul_overflow(count, bytes, &total)) total = SIZE_MAX;
  return allocate(total, kAlign, __builtin_frame_address(0));
}

GRIDLOCK_HOOK void* __wrap_realloc(void* block, std::size_t bytes) {
  if (!in_run()) return __real_realloc(block, bytes);
  return reallocate(block, bytes, __builtin_frame_address(0));
}

GRIDLOCK_HOOK void* __wrap_reallocarray(void* block, std::size_t count, std::size_t bytes) {
  if (!in_run()) return __real_reallocarray(block, count, bytes);
  std::size_t total = 0;
  if (__builtin_mul_overflow(count, bytes, &total)) total = SIZE_MAX;
  return reallocate(block, total, __builtin_frame_address(0));
}

GRIDLOCK_HOOK int __wrap_posix_memalign(void** block, std::size_t align, std::size_t bytes) {
  if (!in_run()) return __real_posix_memalign(block, align, bytes);
  if (!is_power_of_two(align) || align % sizeof(void*) != 0) return EINVAL;
  if (align > gridlock::kArenaAlignMax || is_too_large(bytes)) return ENOMEM;
  *block = allocate(bytes, align, __builtin_frame_address(0));
  return 0;
}

#define WRAP_ALIGNED(name)                                                  \
  GRIDLOCK_HOOK void* __wrap_##name(std::size_t align, std::size_t bytes) { \
    if (!in_run()) return __real_##name(align, bytes);                      \
    if (!is_power_of_two(align) || align > gridlock::kArenaAlignMax) {      \
      errno = EINVAL;                                                       \
      return nullptr;                                                       \
    }                                                                       \
    return allocate(bytes, align, __builtin_frame_address(0));              \
  }
WRAP_ALIGNED(aligned_alloc)
WRAP_ALIGNED(memalign)

GRIDLOCK_HOOK void* __wrap_valloc(std::size_t bytes) {
  if (!in_run()) return __real_valloc(bytes);
  return allocate(bytes, kPageBytes, __builtin_frame_address(0));
}

GRIDLOCK_HOOK void* __wrap_pvalloc(std::size_t bytes) {
  if (!in_run()) return __real_pvalloc(bytes);
  return allocate((bytes + kPageBytes - 1) & ~(kPageBytes - 1), kPageBytes, __builtin_frame_address(0));
}

GRIDLOCK_HOOK std::size_t __wrap_malloc_usable_size(void* block) {
  if (block == nullptr) return 0;
  if (!in_run() || !is_ours(block)) return __real_malloc_usable_size(block);
  const auto bytes = MachineImpl::current()->block_bytes(block);
  if (!bytes)
    end_run(RunEnd::kMemoryError, "malloc_usable_size of what is not a heap block", __builtin_frame_address(0));
  return *bytes;
}

// operator new, new[], and both with an alignment and without an exception. For a size that no allocator has they throw
// themselves: a sanitizer's operator would end the process.
#define WRAP_NEW(symbol)                                        \
  void* __real_##symbol(std::size_t bytes);                     \
  GRIDLOCK_HOOK void* __wrap_##symbol(std::size_t bytes) {      \
    if (!in_run()) return __real_##symbol(bytes);               \
    if (is_too_large(bytes)) std::__throw_bad_alloc();          \
    return allocate(bytes, kAlign, __builtin_frame_address(0)); \
  }
#define WRAP_NEW_NOTHROW(symbol)                                                          \
  void* __real_##symbol(std::size_t bytes, const std::nothrow_t& nothrow);                \
  GRIDLOCK_HOOK void* __wrap_##symbol(std::size_t bytes, const std::nothrow_t& nothrow) { \
    if (!in_run()) return __real_##symbol(bytes, nothrow);                                \
    if (is_too_large(bytes)) return nullptr;                                              \
    return allocate(bytes, kAlign, __builtin_frame_address(0));                           \
  }
#define WRAP_NEW_ALIGNED(symbol)                                                    \
  void* __real_##symbol(std::size_t bytes, std::align_val_t align);                 \
  GRIDLOCK_HOOK void* __wrap_##symbol(std::size_t bytes, std::align_val_t align) {  \
    const auto wanted = static_cast<std::size_t>(align);                            \
    if (!in_run() || (wanted > gridlock::kArenaAlignMax && !is_too_large(bytes))) { \
      return __real_##symbol(bytes, align);                                         \
    }                                                                               \
    if (is_too_large(bytes)) std::__throw_bad_alloc();                              \
    return allocate(bytes, wanted, __builtin_frame_address(0));                     \
  }
#define WRAP_NEW_ALIGNED_NOTHROW(symbol)                                                                          \
  void* __real_##symbol(std::size_t bytes, std::align_val_t align, const std::nothrow_t& nothrow);                \
  GRIDLOCK_HOOK void* __wrap_##symbol(std::size_t bytes, std::align_val_t align, const std::nothrow_t& nothrow) { \
    const auto wanted = static_cast<std::size_t>(align);                                                          \
    if (!in_run() || (wanted > gridlock::kArenaAlignMax && !is_too_large(bytes))) {                               \
      return __real_##symbol(bytes, align, nothrow);                                                              \
    }                                                                                                             \
    if (is_too_large(bytes)) return nullptr;                                                                      \
    return allocate(bytes, wanted, __builtin_frame_address(0));                                                   \
  }
WRAP_NEW(_Znwm)
WRAP_NEW(_Znam)
WRAP_NEW_NOTHROW(_ZnwmRKSt9nothrow_t)
WRAP_NEW_NOTHROW(_ZnamRKSt9nothrow_t)
WRAP_NEW_ALIGNED(_ZnwmSt11align_val_t)
WRAP_NEW_ALIGNED(_ZnamSt11align_val_t)
WRAP_NEW_ALIGNED_NOTHROW(_ZnwmSt11align_val_tRKSt9nothrow_t)
WRAP_NEW_ALIGNED_NOTHROW(_ZnamSt11align_val_tRKSt9nothrow_t)

#define WRAP_DELETE(symbol, parameters, ...)                            \
  void __real_##symbol parameters;                                      \
  GRIDLOCK_HOOK void __wrap_##symbol parameters {                       \
    if (block == nullptr) return;                                       \
    if (in_run() && release(block, __builtin_frame_address(0))) return; \
    if (!is_ours(block)) __real_##symbol(__VA_ARGS__);                  \
  }
WRAP_DELETE(_ZdlPv, (void* block), block)
WRAP_DELETE(_ZdaPv, (void* block), block)
WRAP_DELETE(_ZdlPvm, (void* block, std::size_t bytes), block, bytes)
WRAP_DELETE(_ZdaPvm, (void* block, std::size_t bytes), block, bytes)
WRAP_DELETE(_ZdlPvRKSt9nothrow_t, (void* block, const std::nothrow_t& nothrow), block, nothrow)
WRAP_DELETE(_ZdaPvRKSt9nothrow_t, (void* block, const std::nothrow_t& nothrow), block, nothrow)
WRAP_DELETE(_ZdlPvSt11align_val_t, (void* block, std::align_val_t align), block, align)
WRAP_DELETE(_ZdaPvSt11align_val_t, (void* block, std::align_val_t align), block, align)
WRAP_DELETE(_ZdlPvmSt11align_val_t, (void* block, std::size_t bytes, std::align_val_t align), block, bytes, align)
WRAP_DELETE(_ZdaPvmSt11align_val_t, (void* block, std::size_t bytes, std::align_val_t align), block, bytes, align)

}  // extern "C"
