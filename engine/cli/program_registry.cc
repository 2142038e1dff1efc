// The targets of a program that gridlock-cc built: itself.
//
// May include: all of the engine.
#include "engine/abi/program/entry.h"
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

std::span<const AbsentTarget> absent_targets() {
  return {};
}

}  // namespace gridlock
