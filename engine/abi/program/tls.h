// Emulated thread-local storage (-femulated-tls): the program reaches each thread-local variable through a control word
// of the compiler's and a call of __emutls_get_address.
//
// May include: base, hook, machine, judge/race.
#pragma once

#include <cstddef>
#include <cstdint>

namespace gridlock::program {

// As the compiler emits it.
struct EmulatedTls {
  std::size_t size;
  std::size_t align;
  union {
    std::uint64_t index;  // in a run: from 1; 0: nobody has used it yet
    void* address;
  } place;
  void* initial;  // `size` bytes; nullptr: zeroes
};

// The calling thread's own, in a run or not.
[[nodiscard]] void* emulated_address(EmulatedTls* control);

}  // namespace gridlock::program
