// The programs that lie beside this one: the sanitizer flavours of `gridlock`, and their libFuzzer and AFL++ drivers.
//
// May include: base.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "engine/base/error.h"
#include "engine/cli/options.h"

namespace gridlock {

// The name a flavour has in Machine::flavour(): "plain", "tsan", "asan". REQUIRES: not kAsBuilt.
[[nodiscard]] std::string_view flavour_of(Sanitizer sanitizer);

// The value of --sanitizer that chooses a flavour: "none", "thread", "address". REQUIRES: a name of flavour_of.
[[nodiscard]] std::string_view sanitizer_name(std::string_view flavour);

// "gridlock" and "gridlock-tsan" with "asan" both give "gridlock-asan"; with "plain", "gridlock".
[[nodiscard]] std::string sibling_name(std::string_view program_name, std::string_view flavour);

// "gridlock-libfuzzer", "gridlock-libfuzzer-tsan".
[[nodiscard]] std::string libfuzzer_name(std::string_view flavour);

// "gridlock-afl", "gridlock-afl-tsan".
[[nodiscard]] std::string afl_name(std::string_view flavour);

// The path of this program's own file.
[[nodiscard]] Result<std::filesystem::path> program_path();

// True if that flavour of this program lies beside it, or is it.
[[nodiscard]] bool has_sibling(Sanitizer sanitizer);

// Becomes the flavour `sanitizer` of this program with the same arguments; returns only if that failed, or at once if
// it is this one already.
[[nodiscard]] Result<void> become_flavour(Sanitizer sanitizer, std::string_view own_flavour, char** arguments);

}  // namespace gridlock
