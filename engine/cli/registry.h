// The targets that are linked into this program: those of the folders under targets/ (the build generates the
// definitions) with those that it was built without, or the one program that gridlock-cc built (program_registry.cc).
//
// May include: hook.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/hook/gridlock.h"

namespace gridlock {

// In ascending order of names; lives as long as the program.
[[nodiscard]] std::span<const gl_target* const> registered_targets();

// Tells the program that this command line is linked into what its main() gets in each run from now on; not inside a
// run. nullptr where the targets are those of folders.
using UseArguments = void (*)(const std::vector<std::string>& arguments);
[[nodiscard]] UseArguments program_under_test();

// A target whose code under test was not there when this program was built.
struct AbsentTarget {
  std::string_view name;
  std::string_view reason;  // what to do about it
};
// Lives as long as the program.
[[nodiscard]] std::span<const AbsentTarget> absent_targets();

}  // namespace gridlock
