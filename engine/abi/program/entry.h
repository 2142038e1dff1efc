// A program under test as the command line sees it: one target, and what its main() is given. The command line is
// linked into the program (gridlock-cc does that), and the program's main() gives way to it where
// GRIDLOCK_PROGRAM_COMMAND is set; otherwise the program runs as it would without Gridlock.
//
//     _start -> __wrap_main --variable set--> gridlock_command     fuzz, replay, ...: runs the target, which calls
//     main()
//                           --otherwise-----> __real_main          the user's main(), with the user's arguments
//
// May include: hook.
#pragma once

#include <string>
#include <vector>

#include "engine/hook/gridlock.h"

namespace gridlock::program {

// Set by `gridlock --program FILE` for the FILE that it becomes.
inline constexpr const char* kCommandVariable = "GRIDLOCK_PROGRAM_COMMAND";

// The only variant that a program has.
inline constexpr const char* kVariantName = "as-built";

// The target; lives as long as the program. REQUIRES: the program's main has begun.
[[nodiscard]] const gl_target& target();

// What main() gets behind the program's name in each run from now on. Not inside a run.
void set_arguments(std::vector<std::string> arguments);

}  // namespace gridlock::program

// The command line, which engine/cli defines: the exit code of the process.
extern "C" int gridlock_command(int argument_count, char** arguments);
