#include "engine/cli/text_table.h"

#include <algorithm>

#include "engine/base/check.h"

namespace gridlock {
namespace {

constexpr std::size_t kGap = 2;

bool begins_character(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0u) != 0x80u;
}

std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_character));
}

// The bytes of the first `width` characters; all of a shorter text.
std::size_t bytes_of(std::string_view text, std::size_t width) {
  std::size_t at = 0;
  while (at < text.size() && (width > 0 || !begins_character(text[at]))) {
    if (begins_character(text[at])) --width;
    ++at;
  }
  return at;
}

// How many bytes of `text`, which is too long for a line, stand on the first one.
std::size_t break_of(std::string_view text, std::size_t width) {
  const std::size_t most = bytes_of(text, width);
  if (text[most] == ' ') return most;
  const std::size_t blank = text.substr(0, most).rfind(' ');
  if (blank != std::string_view::npos && blank > 0) return blank;
  const std::size_t hyphen = text.substr(0, most).rfind('-');
  return hyphen != std::string_view::npos && hyphen > 0 ? hyphen + 1 : most;
}

// Adds `text` at column `column` of a line that ends before it.
void put(std::string& line, std::size_t column, std::string_view text) {
  if (text.empty()) return;
  line.append(column - columns_of(line), ' ');
  line += text;
}

std::string row_text(const std::vector<std::string>& cells, std::span<const std::size_t> widths) {
  GRIDLOCK_CHECK(cells.size() <= widths.size());
  std::vector<std::vector<std::string>> lines;
  std::size_t height = 0;
  for (std::size_t column = 0; column < cells.size(); ++column) {
    lines.push_back(wrapped(cells[column], widths[column]));
    height = std::max(height, lines.back().size());
  }
  std::string text;
  for (std::size_t i = 0; i < height; ++i) {
    std::string line;
    std::size_t begin = 0;
    for (std::size_t column = 0; column < lines.size(); begin += widths[column++] + kGap) {
      if (i < lines[column].size()) put(line, begin, lines[column][i]);
    }
    text += line + "\n";
  }
  return text;
}

std::vector<std::size_t> widths_of(std::span<const TableColumn> columns, std::span<const TableRow> rows) {
  std::vector<std::size_t> widths;
  for (std::size_t column = 0; column < columns.size(); ++column) {
    std::size_t width = columns_of(columns[column].head);
    for (const TableRow& row : rows) {
      if (column >= row.cells.size()) continue;
      for (const auto& line : wrapped(row.cells[column], columns[column].width_max)) {
        width = std::max(width, columns_of(line));
      }
    }
    widths.push_back(width);
  }
  return widths;
}

}  // namespace

std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
  GRIDLOCK_CHECK(width > 0);
  std::vector<std::string> lines;
  while (columns_of(text) > width) {
    const std::size_t end = break_of(text, width);
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  }
  if (!text.empty() || lines.empty()) lines.emplace_back(text);
  return lines;
}

std::string shortened(std::string_view text, std::size_t width) {
  constexpr std::string_view kCut = "..";
  GRIDLOCK_CHECK(width > 2 * kCut.size());
  const std::size_t columns = columns_of(text);
  if (columns <= width) return std::string(text);
  const std::size_t end = (width - kCut.size()) / 2;
  const std::size_t begin = width - kCut.size() - end;
  return std::string(text.substr(0, bytes_of(text, begin)))
      .append(kCut)
      .append(text.substr(bytes_of(text, columns - end)));
}

std::string table_text(std::span<const TableColumn> columns, std::span<const TableRow> rows) {
  const std::vector<std::size_t> widths = widths_of(columns, rows);
  std::vector<std::string> heads;
  for (const TableColumn& column : columns) heads.emplace_back(column.head);
  std::string text = row_text(heads, widths);
  for (const TableRow& row : rows) {
    text += row_text(row.cells, widths);
    if (row.below.empty()) continue;
    for (const auto& line : wrapped(row.below, kTerminalColumns - kBelowIndent)) {
      text += std::string(kBelowIndent, ' ') + line + "\n";
    }
  }
  return text;
}

}  // namespace gridlock
