// The calls that a compiler makes for atomics it has no instruction for: __atomic_load(size, ...) and its siblings, of
// libatomic, by -Wl,--wrap. Each is one point. libatomic takes a lock inside, which is harmless here: no cpu is
// switched while it is held.
//
// May include: base, hook, machine, judge/race.
#include <cstddef>

#include "engine/abi/access.h"
#include "engine/machine/sanitizer.h"

using gridlock::gridlock_point;
using gridlock::PointCode;
using gridlock::StepKind;

namespace {

// Beyond this a trace shows the width as this.
constexpr std::size_t kWidthShownMax = 255;

PointCode object_code(StepKind kind, std::size_t size, int order) {
  const auto width = static_cast<std::uint32_t>(size < kWidthShownMax ? size : kWidthShownMax);
  return gridlock::point_code(kind, width, static_cast<std::uint32_t>(order)) | gridlock::kOperandsInMemory;
}

std::uint64_t operand(const void* value) {
  return reinterpret_cast<std::uint64_t>(value);
}

bool same_bytes(const void* left, const void* right, std::size_t size) {
  const auto* const a = static_cast<const volatile char*>(left);
  const auto* const b = static_cast<const volatile char*>(right);
  std::size_t same = 0;
  while (same < size && a[same] == b[same]) ++same;
  return same == size;
}

// The gate watches words; whoever watches an object watches its first one.
[[gnu::always_inline]] inline void before_write(StepKind kind, std::size_t size, void* object, const void* first,
                                                const void* second, int order) {
  if (gridlock::write_is_stopped(object)) {
    gridlock_point(object, operand(first), operand(second), size, 0, object_code(kind, size, order));
  }
}

}  // namespace

extern "C" {

void __real___atomic_load(std::size_t size, void* from, void* to, int order);
void __real___atomic_store(std::size_t size, void* to, void* from, int order);
void __real___atomic_exchange(std::size_t size, void* object, void* desired, void* old, int order);
bool __real___atomic_compare_exchange(std::size_t size, void* object, void* expected, void* desired, int order,
                                      int failure);

GRIDLOCK_HOOK void __wrap___atomic_load(std::size_t size, void* from, void* to, int order) {
  if (gridlock::read_is_stopped()) {
    gridlock_point(from, 0, 0, size, 0, object_code(StepKind::kLoad, size, order));
  }
  gridlock::abi::observe_load(from, size, order);
  __real___atomic_load(size, from, to, order);
  gridlock::sanitizer::acquire(from);
}

GRIDLOCK_HOOK void __wrap___atomic_store(std::size_t size, void* to, void* from, int order) {
  before_write(StepKind::kStore, size, to, from, nullptr, order);
  gridlock::abi::observe_store(to, size, order);
  gridlock::sanitizer::release(to);
  __real___atomic_store(size, to, from, order);
}

GRIDLOCK_HOOK void __wrap___atomic_exchange(std::size_t size, void* object, void* desired, void* old, int order) {
  before_write(StepKind::kExchange, size, object, desired, nullptr, order);
  gridlock::abi::observe_rmw(object, size, order);
  gridlock::sanitizer::acquire(object);
  gridlock::sanitizer::release(object);
  __real___atomic_exchange(size, object, desired, old, order);
}

GRIDLOCK_HOOK bool __wrap___atomic_compare_exchange(std::size_t size, void* object, void* expected, void* desired,
                                                    int order, int failure) {
  before_write(StepKind::kCompareExchange, size, object, expected, desired, order);
  const bool succeeds = same_bytes(object, expected, size);
  gridlock::abi::observe_compare_exchange(object, size, succeeds, order, failure);
  gridlock::sanitizer::acquire(object);
  gridlock::sanitizer::release(object);
  return __real___atomic_compare_exchange(size, object, expected, desired, order, failure);
}

}  // extern "C"
