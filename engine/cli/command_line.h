// All of `gridlock` behind its main(): what the program of the repository's targets, and each program that gridlock-cc
// built, does with its arguments.
//
// May include: nothing of the engine.
#pragma once

namespace gridlock {

// The process's exit code (exit_code.h). What there is to say was printed. `arguments` ends with nullptr, as main's do.
[[nodiscard]] int run_command_line(int argument_count, char** arguments);

}  // namespace gridlock
