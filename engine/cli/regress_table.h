// The result of a regression run for a person: a table of all expectations, and then what is wrong.
//
// May include: base, model.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "engine/cli/replayer.h"

namespace gridlock {

// A line for each target, file and expectation, with a column for each flavour: "ok", "FAIL", or "-" where no row is.
// REQUIRES: rows of one file and variant stand side by side, and those of one target do.
[[nodiscard]] std::string regress_table(std::span<const ReplayRow> rows, std::span<const std::string_view> flavours);

// Each row that failed, with what came instead and the command that shows it again.
[[nodiscard]] std::string regress_failures(std::span<const ReplayRow> rows);

// "23 repros, 204 of 204 expectations hold: plain 68 of 68, tsan 68 of 68, asan 68 of 68".
[[nodiscard]] std::string regress_summary(std::span<const ReplayRow> rows, std::span<const std::string_view> flavours,
                                          std::size_t files);

}  // namespace gridlock
