// The targets of a program that gridlock_add_target built outside of this repository: its build writes the table.
//
// May include: hook.
#include <cstddef>

#include "engine/cli/registry.h"

// Ends with nullptr.
extern "C" const gl_target* const gridlock_harness_targets[];

namespace gridlock {

std::span<const gl_target* const> registered_targets() {
  std::size_t count = 0;
  while (gridlock_harness_targets[count] != nullptr) ++count;
  return {gridlock_harness_targets, count};
}

UseArguments program_under_test() {
  return nullptr;
}

std::span<const AbsentTarget> absent_targets() {
  return {};
}

}  // namespace gridlock
