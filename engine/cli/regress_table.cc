#include "engine/cli/regress_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "engine/cli/progress.h"
#include "engine/cli/sibling.h"
#include "engine/cli/text_table.h"

namespace gridlock {
namespace {

constexpr std::size_t kReproColumns = 25;
constexpr std::size_t kIndent = 2;

bool is_same_expectation(const ReplayRow& left, const ReplayRow& right) {
  return left.file == right.file && left.variant == right.variant;
}

std::string_view expectation_name(const ReplayRow& row) {
  return row.expected ? verdict_name(*row.expected) : "no bug";
}

// `group`: the rows of one expectation.
std::string result_in(std::string_view flavour, std::span<const ReplayRow> group) {
  const auto row = std::ranges::find(group, flavour, &ReplayRow::flavour);
  if (row == group.end()) return "-";
  return row->passed() ? "ok" : "FAIL";
}

std::size_t length_of_group(std::span<const ReplayRow> rows) {
  std::size_t length = 0;
  while (length < rows.size() && is_same_expectation(rows.front(), rows[length])) ++length;
  return length;
}

std::string repro_name(const std::string& file) {
  return std::string(kIndent, ' ') + shortened(std::filesystem::path(file).stem().string(), kReproColumns - kIndent);
}

std::string tally(std::span<const ReplayRow> rows, std::string_view flavour) {
  std::size_t total = 0;
  std::size_t passed = 0;
  for (const ReplayRow& row : rows) {
    if (row.flavour != flavour) continue;
    ++total;
    passed += row.passed() ? 1 : 0;
  }
  return fmt::format("{} {} of {}", flavour, passed, total);
}

}  // namespace

std::string regress_table(std::span<const ReplayRow> rows, std::span<const std::string_view> flavours) {
  std::vector<TableColumn> columns = {{"target and repro", kReproColumns}, {"variant", 19}, {"expected", 12}};
  for (const std::string_view flavour : flavours) columns.push_back({flavour, 5});
  std::vector<TableRow> lines;
  const ReplayRow* before = nullptr;
  while (!rows.empty()) {
    const auto group = rows.first(length_of_group(rows));
    const ReplayRow& row = group.front();
    if (before == nullptr || before->target != row.target) lines.push_back({{row.target}});
    const bool is_first_of_file = before == nullptr || before->file != row.file;
    TableRow line{{is_first_of_file ? repro_name(row.file) : "", row.variant, std::string(expectation_name(row))}};
    for (const std::string_view flavour : flavours) line.cells.push_back(result_in(flavour, group));
    lines.push_back(std::move(line));
    before = &row;
    rows = rows.subspan(group.size());
  }
  return table_text(columns, lines);
}

std::string regress_failures(std::span<const ReplayRow> rows) {
  std::string text;
  for (const ReplayRow& row : rows) {
    if (row.passed()) continue;
    text += fmt::format("FAIL in {}: {}  again      gridlock replay {} --variant {} --sanitizer {}\n", row.flavour,
                        describe(row), row.file, row.variant, sanitizer_name(row.flavour));
  }
  return text;
}

std::string regress_summary(std::span<const ReplayRow> rows, std::span<const std::string_view> flavours,
                            std::size_t files) {
  const auto passed = std::count_if(rows.begin(), rows.end(), [](const ReplayRow& row) { return row.passed(); });
  std::string text = fmt::format("{}, {} of {} expectations hold", counted(files, "repro"), passed, rows.size());
  for (std::size_t i = 0; i < flavours.size(); ++i) text += (i == 0 ? ": " : ", ") + tally(rows, flavours[i]);
  return text + "\n";
}

}  // namespace gridlock
