// Which variant of the target a command works on when the flags leave it open.
//
// May include: base, model.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/base/error.h"
#include "engine/cli/child_runner.h"
#include "engine/cli/input_file.h"

namespace gridlock {

struct ChosenVariant {
  std::uint32_t variant = 0;
  Verdict verdict;  // of one run
};

// The named variant; else, of those that the file expects a bug of and then of all, the first that shows one; else
// the first of all. ERRORS: no such variant, children.
[[nodiscard]] Result<ChosenVariant> choose_variant(Tools tools, const LoadedInput& input, std::string_view name,
                                                   RunPage& page);

}  // namespace gridlock
