// Programs that gridlock-cc built: they contain the engine and are run as the command that is to be done with them.
//
// May include: base.
#pragma once

#include <filesystem>
#include <string>

#include "engine/base/error.h"

namespace gridlock {

// What each of them contains, so that no other program is executed by mistake.
extern const char kProgramMark[];

// Where the parts of Gridlock lie that a program does not contain: of a program, beside the `gridlock` that became it;
// otherwise beside this one. ERRORS: that cannot be known.
[[nodiscard]] Result<std::filesystem::path> tools_folder();

// Becomes the program with the same arguments but for its name, for which GRIDLOCK_PROGRAM_COMMAND makes it a command
// line. Returns only if that failed: the file is not there, cannot be run, or gridlock-cc did not build it.
[[nodiscard]] Error become_program(const std::string& file, char** arguments);

}  // namespace gridlock
