// The programs that lie beside this one: the sanitizer flavours of `gridlock`, and their libFuzzer and AFL++ drivers.
//
// May include: base.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/error.h"
#include "engine/cli/options.h"

namespace gridlock {

// The name a flavour has in Machine::flavour(): "plain", "tsan", "asan". REQUIRES: not kAsBuilt.
[[nodiscard]] std::string_view flavour_of(Sanitizer sanitizer);

// The value of --sanitizer that chooses a flavour: "none", "thread", "address". REQUIRES: a name of flavour_of.
[[nodiscard]] std::string_view sanitizer_name(std::string_view flavour);

// The flavours of a program, itself among them, that lie beside it.
[[nodiscard]] std::vector<std::string_view> flavours_beside(const std::filesystem::path& program);

// "gridlock" and "gridlock-tsan" with "asan" both give "gridlock-asan"; with "plain", "gridlock".
[[nodiscard]] std::string sibling_name(std::string_view program_name, std::string_view flavour);

// The driver of a fuzzer, "libfuzzer" or "afl", beside any flavour of a program: "gridlock-libfuzzer",
// "gridlock-libfuzzer-tsan", "account.gridlock-afl-tsan".
[[nodiscard]] std::string driver_name(std::string_view program_name, std::string_view fuzzer, std::string_view flavour);

// The path of this program's own file.
[[nodiscard]] Result<std::filesystem::path> program_path();

// The first program of that name in the folders of PATH.
[[nodiscard]] std::optional<std::filesystem::path> find_in_path(std::string_view name);

// True if that flavour of this program lies beside it, or is it.
[[nodiscard]] bool has_sibling(Sanitizer sanitizer);

// How to build the program of this name and flavour, and the driver of a fuzzer for it if one is named, as an error
// says it. `is_own`: it is one that the user built with gridlock-cc.
[[nodiscard]] std::string how_to_build(bool is_own, std::string_view name, std::string_view flavour,
                                       std::string_view fuzzer = {});

// Becomes the flavour `sanitizer` of this program with the same arguments; returns only if that failed, or at once if
// it is this one already. `is_own` as above.
[[nodiscard]] Result<void> become_flavour(Sanitizer sanitizer, std::string_view own_flavour, char** arguments,
                                          bool is_own = false);

}  // namespace gridlock
