#include "engine/cli/regress_reports.h"

#include <fmt/format.h>

namespace gridlock {
namespace {

std::string junit_case(const ReplayRow& row) {
  std::string xml = fmt::format("    <testcase classname=\"{}.{}\" name=\"{} {}\"", row.flavour, escape_xml(row.target),
                                escape_xml(row.file), escape_xml(row.variant));
  if (row.passed()) return xml + "/>\n";
  return xml + fmt::format(">\n      <failure message=\"{}\">{}\n{}</failure>\n    </testcase>\n",
                           escape_xml(complaint(row)), escape_xml(row.seen.signature), escape_xml(row.seen.summary));
}

std::string junit_suite(std::span<const ReplayRow> rows, std::string_view flavour) {
  std::string cases;
  std::size_t count = 0;
  std::size_t failures = 0;
  for (const ReplayRow& row : rows) {
    if (row.flavour != flavour) continue;
    ++count;
    failures += row.passed() ? 0 : 1;
    cases += junit_case(row);
  }
  return fmt::format("  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\">\n{}  </testsuite>\n", flavour, count,
                     failures, cases);
}

}  // namespace

std::string complaint(const ReplayRow& row) {
  const std::string_view expected = row.expected ? verdict_name(*row.expected) : "no bug";
  return fmt::format("{} {} in {}: expected {}, got {}", row.target, row.variant, row.flavour, expected,
                     verdict_name(row.seen.kind));
}

std::string escape_xml(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '&') {
      escaped += "&amp;";
    } else if (c == '<') {
      escaped += "&lt;";
    } else if (c == '>') {
      escaped += "&gt;";
    } else if (c == '"') {
      escaped += "&quot;";
    } else if (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n') {
      escaped += '?';  // XML 1.0 has no way to write it
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string junit_report(std::span<const ReplayRow> rows, std::span<const std::string_view> flavours) {
  std::string xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"gridlock\">\n";
  for (const std::string_view flavour : flavours) xml += junit_suite(rows, flavour);
  return xml + "</testsuites>\n";
}

}  // namespace gridlock
