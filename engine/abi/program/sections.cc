// See sections.h.
//
// A plain copy of whole sections, not of dirty pages: what a program writes is a few KiB, copied in less time than a
// system call takes. Loops, not memcpy: the sanitizers intercept that, see writes of the host, and stop at the red
// zones between globals. Of a section that begins as zero no copy is kept; pages beyond kZeroedBytesMax are given back
// to the kernel instead of being written.
//
// May include: base, machine.
#include "engine/abi/program/sections.h"

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>

#include "engine/base/check.h"
#include "engine/machine/program_memory.h"

extern "C" {
// The program's constructors, by the linker.
using gridlock_constructor = void (*)(int, char**, char**);
extern const gridlock_constructor __start_gridlock_program_init[] __attribute__((weak, visibility("hidden")));
extern const gridlock_constructor __stop_gridlock_program_init[] __attribute__((weak, visibility("hidden")));
// And what is to run at the end.
using gridlock_destructor = void (*)();
extern const gridlock_destructor __start_gridlock_program_fini[] __attribute__((weak, visibility("hidden")));
extern const gridlock_destructor __stop_gridlock_program_fini[] __attribute__((weak, visibility("hidden")));
}

namespace gridlock::program {

namespace {

// What is kept of the first section. A process has one program, so this is as global as the program's data.
std::uint64_t* pristine = nullptr;

constexpr std::uint64_t kPageBytes = 4096;
// Writing as much takes as long as having the kernel drop and give the pages anew.
constexpr std::uint64_t kZeroedBytesMax = 256 << 10;

void zero(std::uint64_t from, std::uint64_t to) {
  auto* const words = reinterpret_cast<std::uint64_t*>(from);
  const std::size_t count = (to - from) / 8;
  for (std::size_t i = 0; i < count; ++i) words[i] = 0;
}

// Private pages without a file behind them come back as zero.
void zero_section(const ProgramSection& section) {
  const std::uint64_t end = section.base + section.bytes;
  const std::uint64_t first_page = (section.base + kPageBytes - 1) & ~(kPageBytes - 1);
  const std::uint64_t last_page = end & ~(kPageBytes - 1);
  if (section.bytes <= kZeroedBytesMax || first_page >= last_page) {
    zero(section.base, end);
    return;
  }
  zero(section.base, first_page);
  const int dropped = ::madvise(reinterpret_cast<void*>(first_page), last_page - first_page, MADV_DONTNEED);
  if (dropped != 0) zero(first_page, last_page);
  zero(last_page, end);
}

}  // namespace

void keep_pristine_data() {
  GRIDLOCK_CHECK(pristine == nullptr);
  const ProgramSection data = program_sections()[0];
  pristine = new std::uint64_t[data.bytes / 8 + 1];
  const auto* const words = reinterpret_cast<const std::uint64_t*>(data.base);
  for (std::size_t i = 0; i < data.bytes / 8; ++i) pristine[i] = words[i];
}

void restore_pristine_data() {
  const auto [data, bss] = program_sections();
  auto* const words = reinterpret_cast<std::uint64_t*>(data.base);
  for (std::size_t i = 0; i < data.bytes / 8; ++i) words[i] = pristine[i];
  zero_section(bss);
}

void run_constructors(int argument_count, char** arguments, char** environment) {
  for (const gridlock_constructor* constructor = __start_gridlock_program_init;
       constructor != __stop_gridlock_program_init; ++constructor) {
    if (*constructor != nullptr) (*constructor)(argument_count, arguments, environment);
  }
}

void run_destructors() {
  for (const gridlock_destructor* destructor = __stop_gridlock_program_fini;
       destructor != __start_gridlock_program_fini; --destructor) {
    if (destructor[-1] != nullptr) destructor[-1]();
  }
}

}  // namespace gridlock::program
