// The result of a regression run in the two forms that CI systems read.
//
// May include: base, model.
#pragma once

#include <span>
#include <string>

#include "engine/cli/replayer.h"

namespace gridlock {

// JUnit's XML: a suite for each flavour, and in it a case for each file and variant.
[[nodiscard]] std::string junit_report(std::span<const ReplayRow> rows, std::span<const std::string_view> flavours);

// SARIF 2.1.0 (OASIS): a result for each row that failed, with the repro as its place; a rule for each verdict.
[[nodiscard]] std::string sarif_report(std::span<const ReplayRow> rows);

// `text` with what XML reserves or forbids replaced.
[[nodiscard]] std::string escape_xml(std::string_view text);

}  // namespace gridlock
