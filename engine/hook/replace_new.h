// operator new and delete of a target, for library code that calls them: memory of the run's arena. They replace those
// of the target alone, which is linked apart (cmake/target.cmake); the engine keeps its own.
//
// Include it in exactly one source of a target: it defines them.
//
// May include: engine/hook, the standard library. C++23.
#pragma once

#include <cstddef>
#include <new>

#include "engine/hook/gridlock.h"

void* operator new(std::size_t size) {
  return gl_alloc(size, __STDCPP_DEFAULT_NEW_ALIGNMENT__);
}
void* operator new(std::size_t size, std::align_val_t align) {
  return gl_alloc(size, static_cast<std::size_t>(align));
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return gl_alloc(size, __STDCPP_DEFAULT_NEW_ALIGNMENT__);
}
void* operator new[](std::size_t size) {
  return gl_alloc(size, __STDCPP_DEFAULT_NEW_ALIGNMENT__);
}
void* operator new[](std::size_t size, std::align_val_t align) {
  return gl_alloc(size, static_cast<std::size_t>(align));
}
void operator delete(void* block) noexcept {
  if (block != nullptr) gl_free(block);
}
void operator delete(void* block, std::size_t) noexcept {
  operator delete(block);
}
void operator delete(void* block, std::align_val_t) noexcept {
  operator delete(block);
}
void operator delete(void* block, std::size_t, std::align_val_t) noexcept {
  operator delete(block);
}
void operator delete[](void* block) noexcept {
  operator delete(block);
}
void operator delete[](void* block, std::size_t) noexcept {
  operator delete(block);
}
void operator delete[](void* block, std::align_val_t) noexcept {
  operator delete(block);
}
