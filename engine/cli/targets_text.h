// What `gridlock targets` prints for a person: every target with its variants, then the historic bugs that they hold.
//
// May include: base, model.
#pragma once

#include <span>
#include <string>

#include "engine/cli/registry.h"
#include "engine/cli/target_list.h"

namespace gridlock {

// Of each target its name and summary, what it models, and a line for each variant.
[[nodiscard]] std::string targets_text(std::span<const Target> targets);

// A line for each target that the program was built without.
[[nodiscard]] std::string absent_text(std::span<const AbsentTarget> absent);

// A row for each bug: its source, target and variant, verdict, and what goes wrong. Empty if there is none.
[[nodiscard]] std::string bugs_text(std::span<const Target> targets);

}  // namespace gridlock
