// The result of a regression run in a form that CI systems read; engine/cli/sarif_report.h has the other one.
//
// May include: base, model.
#pragma once

#include <span>
#include <string>

#include "engine/cli/replayer.h"

namespace gridlock {

// JUnit's XML: a suite for each flavour, and in it a case for each file and variant.
[[nodiscard]] std::string junit_report(std::span<const ReplayRow> rows, std::span<const std::string_view> flavours);

// "lock broken in tsan: expected hang, got crash".
[[nodiscard]] std::string complaint(const ReplayRow& row);

// `text` with what XML reserves or forbids replaced.
[[nodiscard]] std::string escape_xml(std::string_view text);

}  // namespace gridlock
