// Where the writable data of a program lies that gridlock-cc or gridlock-c++ built: the linker gathers what the user's
// objects write into two sections of their own, so that the engine's, the C library's and a sanitizer's data are never
// among it. Empty in a program whose targets keep their state in the arena.
//
// May include: nothing.
#pragma once

#include <array>
#include <cstdint>

// Bounds of the sections, by the linker; weak, because most programs have none.
extern "C" {
extern char __start_gridlock_program_data[] __attribute__((weak, visibility("hidden")));
extern char __stop_gridlock_program_data[] __attribute__((weak, visibility("hidden")));
extern char __start_gridlock_program_bss[] __attribute__((weak, visibility("hidden")));
extern char __stop_gridlock_program_bss[] __attribute__((weak, visibility("hidden")));
}

namespace gridlock {

struct ProgramSection {
  std::uint64_t base = 0;   // a multiple of 8
  std::uint64_t bytes = 0;  // likewise; 0: it is not there
  [[nodiscard]] bool contains(std::uint64_t address) const { return address - base < bytes; }
};

// Initialised data, then data that begins as zero.
[[nodiscard]] inline std::array<ProgramSection, 2> program_sections() {
  const auto section = [](const char* start, const char* stop) -> ProgramSection {
    const auto begin = reinterpret_cast<std::uint64_t>(start);
    const auto end = reinterpret_cast<std::uint64_t>(stop);
    if (begin == end) return {};
    return {begin & ~std::uint64_t{7}, ((end + 7) & ~std::uint64_t{7}) - (begin & ~std::uint64_t{7})};
  };
  return {section(__start_gridlock_program_data, __stop_gridlock_program_data),
          section(__start_gridlock_program_bss, __stop_gridlock_program_bss)};
}

}  // namespace gridlock
