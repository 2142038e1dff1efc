// A standard allocator over the run's arena, for library code that takes one.
//
// May include: engine/hook, the standard library. C++23; header only, because it is compiled as part of each target.
#pragma once

#include <cstddef>

#include "engine/hook/gridlock.h"

namespace arena {

// What is deallocated is not handed out again in the run, so an access to it later is a memory error in every flavour.
template <class T>
struct Allocator {
  using value_type = T;

  Allocator() = default;
  template <class U>
  Allocator(const Allocator<U>&) {}  // NOLINT(google-explicit-constructor): an allocator converts to its siblings

  T* allocate(std::size_t count) { return static_cast<T*>(gl_alloc(count * sizeof(T), alignof(T))); }
  void deallocate(T* block, std::size_t) { gl_free(block); }

  template <class U>
  bool operator==(const Allocator<U>&) const {
    return true;
  }
};

}  // namespace arena
