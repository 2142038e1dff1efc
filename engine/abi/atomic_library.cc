// The calls that a compiler makes for atomics it has no instruction for: __atomic_load(size, ...) and its siblings, of
// libatomic, by -Wl,--wrap. Each is one point. libatomic takes a lock inside, which is harmless here: no cpu is
// switched while it is held.
//
// May include: base, hook, machine.
#include <cstddef>

#include "engine/abi/access.h"
#include "engine/machine/sanitizer.h"

using gridlock::gridlock_point;
using gridlock::point_code;
using gridlock::StepKind;

#define HOOK [[gnu::section("gridlock_hooks")]]

namespace {

// Objects of odd sizes have no operand that fits a register; their first bytes stand for them in a trace.
constexpr std::uint32_t kWidthShown = 0;

}  // namespace

extern "C" {

void __real___atomic_load(std::size_t size, void* from, void* to, int order);
void __real___atomic_store(std::size_t size, void* to, void* from, int order);
void __real___atomic_exchange(std::size_t size, void* object, void* desired, void* old, int order);
bool __real___atomic_compare_exchange(std::size_t size, void* object, void* expected, void* desired, int order,
                                      int failure);

HOOK void __wrap___atomic_load(std::size_t size, void* from, void* to, int order) {
  if (gridlock::read_is_stopped()) {
    gridlock_point(from, 0, 0, 0, 0, point_code(StepKind::kLoad, kWidthShown, static_cast<std::uint32_t>(order)));
  }
  __real___atomic_load(size, from, to, order);
  gridlock::sanitizer::acquire(from);
}

HOOK void __wrap___atomic_store(std::size_t size, void* to, void* from, int order) {
  if (gridlock::write_is_stopped(to)) {
    gridlock_point(to, 0, 0, 0, 0,
                   point_code(StepKind::kVolatileWrite, kWidthShown, static_cast<std::uint32_t>(order)));
  }
  gridlock::sanitizer::release(to);
  __real___atomic_store(size, to, from, order);
}

HOOK void __wrap___atomic_exchange(std::size_t size, void* object, void* desired, void* old, int order) {
  if (gridlock::write_is_stopped(object)) {
    gridlock_point(object, 0, 0, 0, 0,
                   point_code(StepKind::kVolatileWrite, kWidthShown, static_cast<std::uint32_t>(order)));
  }
  gridlock::sanitizer::acquire(object);
  gridlock::sanitizer::release(object);
  __real___atomic_exchange(size, object, desired, old, order);
}

HOOK bool __wrap___atomic_compare_exchange(std::size_t size, void* object, void* expected, void* desired, int order,
                                           int failure) {
  if (gridlock::write_is_stopped(object)) {
    gridlock_point(object, 0, 0, 0, 0,
                   point_code(StepKind::kVolatileWrite, kWidthShown, static_cast<std::uint32_t>(order)));
  }
  gridlock::sanitizer::acquire(object);
  gridlock::sanitizer::release(object);
  return __real___atomic_compare_exchange(size, object, expected, desired, order, failure);
}

}  // extern "C"
