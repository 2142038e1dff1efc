// Which code is a hook's: hooks live in a section of their own, so that what happens inside one is put down to the
// target that called it.
//
// May include: nothing.
#pragma once

#include <cstdint>

// Bounds of the section, by the linker; weak, because a program without targets has no hooks.
extern "C" {
extern const char __start_gridlock_hooks[] __attribute__((weak, visibility("hidden")));
extern const char __stop_gridlock_hooks[] __attribute__((weak, visibility("hidden")));
}

namespace gridlock {

[[nodiscard]] inline bool in_hook(std::uint64_t code) {
  return code >= reinterpret_cast<std::uint64_t>(__start_gridlock_hooks) &&
         code < reinterpret_cast<std::uint64_t>(__stop_gridlock_hooks);
}

}  // namespace gridlock
