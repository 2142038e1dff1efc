// What makes the command line part of a program that gridlock-cc built: the program is the one target there is.
//
// May include: all of the engine.
#include "engine/abi/program/entry.h"
#include "engine/cli/command_line.h"
#include "engine/cli/registry.h"

namespace gridlock {

std::span<const gl_target* const> registered_targets() {
  static const gl_target* const targets[] = {&program::target()};
  return targets;
}

// Told before each run, which nearly always has the arguments of the run before.
UseArguments program_under_test() {
  return [](const std::vector<std::string>& arguments) {
    static std::vector<std::string> told;
    if (told == arguments) return;
    program::set_arguments(arguments);
    told = arguments;
  };
}

}  // namespace gridlock

int gridlock_command(int argument_count, char** arguments) {
  return gridlock::run_command_line(argument_count, arguments);
}
