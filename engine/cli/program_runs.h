// Runs other programs side by side and keeps what they print: how `regress` gives work to its siblings of every
// flavour.
//
// May include: base, cli (child process).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/base/error.h"

namespace gridlock {

struct ProgramEnd {
  int wait_status = 0;      // of waitpid(2)
  std::string output;       // all of stdout
  std::string stderr_tail;  // the end of stderr
};

// Of what one program prints; more is an error.
inline constexpr std::size_t kProgramOutputBytesMax = 64 << 20;

// Starts each command, its path and arguments, in their order and at most `jobs` of them at a time; the ends are in the
// same order. They ignore interrupts from the terminal and die with this process. ERRORS: no more processes,
// descriptors or memory; one printed too much. REQUIRES: jobs > 0.
[[nodiscard]] Result<std::vector<ProgramEnd>> run_programs(std::span<const std::vector<std::string>> commands,
                                                           std::uint32_t jobs);

}  // namespace gridlock
