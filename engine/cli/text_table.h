// Tables for a terminal of 80 columns: cells that are too long are broken into lines instead of running over.
//
// May include: nothing of the engine.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gridlock {

inline constexpr std::size_t kTerminalColumns = 80;

// `text` in lines of at most `width` columns, broken at blanks, where a word is longer behind its last '-', and else
// anywhere. At least one line. A column is a character of UTF-8. REQUIRES: width > 0.
[[nodiscard]] std::vector<std::string> wrapped(std::string_view text, std::size_t width);

// `text` if it has at most `width` columns; else its beginning and end with ".." between. REQUIRES: width > 4.
[[nodiscard]] std::string shortened(std::string_view text, std::size_t width);

struct TableColumn {
  std::string_view head;
  std::size_t width_max = 0;  // of a cell's line; the column is no wider than its widest cell
};

struct TableRow {
  std::vector<std::string> cells;  // one a column; those left away at the end are empty
  std::string below = {};          // empty, or a text that stands on lines of its own, indented by kBelowIndent
};

inline constexpr std::size_t kBelowIndent = 4;

// The head, and each row. A column gap is two blanks, no line ends in a blank, and a `below` is wrapped to
// kTerminalColumns. REQUIRES: no row has more cells than there are columns.
[[nodiscard]] std::string table_text(std::span<const TableColumn> columns, std::span<const TableRow> rows);

}  // namespace gridlock
