#include "engine/cli/replayer.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "engine/cli/child_runner.h"
#include "engine/cli/progress.h"

namespace gridlock {
namespace {

bool is_as_expected(const Verdict& verdict, std::optional<VerdictKind> expected) {
  return expected ? verdict.kind == *expected : !is_bug(verdict.kind);
}

std::string join(const std::set<std::string>& names) {
  std::string list;
  for (const auto& name : names) list += (list.empty() ? "" : ",") + name;
  return list;
}

nlohmann::json row_json(const ReplayRow& row) {
  return {{"file", row.file},
          {"target", row.target},
          {"variant", row.variant},
          {"expected", row.expected ? nlohmann::json(verdict_name(*row.expected)) : nlohmann::json()},
          {"verdict", verdict_name(row.seen.kind)},
          {"signature", row.seen.signature},
          {"as_expected", row.as_expected},
          {"times", row.times},
          {"sanitizer_reports", row.evidence.reports ? nlohmann::json(*row.evidence.reports) : nlohmann::json()},
          {"ordered_reports", row.ordered_reports},
          {"passed", row.passed()}};
}

}  // namespace

Result<std::vector<ReplayCase>> replay_cases(const LoadedInput& input, std::string_view variant_name) {
  const TargetSchema& schema = input.target->schema;
  std::vector<ReplayCase> cases;
  for (const auto& expectation : input.repro.expectations) {
    if (!variant_name.empty() && expectation.variant != variant_name) continue;
    const auto variant = find_variant(schema, expectation.variant);
    if (!variant) return std::unexpected(variant.error());
    cases.push_back({*variant, expectation.verdict});
  }
  if (cases.empty()) {
    const auto variant = find_variant(schema, variant_name);
    if (!variant) return std::unexpected(variant.error());
    cases.push_back({*variant, std::nullopt});
  }
  return cases;
}

Result<ReplayRow> replay_case(Tools tools, const LoadedInput& input, const std::string& file, const ReplayCase& work,
                              std::uint32_t times, RunPage& page) {
  ChildRunner runner(tools, *input.target, work.variant, page);
  const auto outcomes = runner.run_repeatedly(input.repro.scenario, times);
  if (!outcomes) return std::unexpected(outcomes.error());
  ReplayRow row;
  row.file = file;
  row.target = input.target->schema.name;
  row.variant = input.target->schema.variants[work.variant].name;
  row.expected = work.expected;
  row.seen = outcomes->front().verdict;
  row.times = times;
  row.directives = input.repro.scenario.directives.size();
  for (const Outcome& outcome : *outcomes) {
    row.points += outcome.points;
    row.evidence.add(outcome.evidence);
    row.ordered_reports += outcome.ordered_reports;
    if (is_as_expected(outcome.verdict, work.expected)) {
      ++row.as_expected;
    } else if (is_as_expected(row.seen, work.expected)) {
      row.seen = outcome.verdict;
    }
  }
  const std::string& signature = input.repro.signature;
  const bool named = !signature.empty() && is_bug(row.seen.kind) && work.expected == row.seen.kind;
  if (named && signature != row.seen.signature) row.signature_note = "the file has: " + signature;
  return row;
}

std::string describe(const ReplayRow& row) {
  std::string text = fmt::format("{} {}: ", row.file, row.variant);
  const auto seen = verdict_name(row.seen.kind);
  if (!row.expected) {
    text += fmt::format("{} ({} of {} runs without a bug)\n", seen, row.as_expected, row.times);
  } else if (row.passed()) {
    text += fmt::format("{} as expected ({} of {} runs)\n", seen, row.as_expected, row.times);
  } else {
    text += fmt::format("expected {}, got {} ({} of {} runs as expected)\n", verdict_name(*row.expected), seen,
                        row.as_expected, row.times);
  }
  if (!row.seen.signature.empty()) text += fmt::format("  signature  {}\n", row.seen.signature);
  if (!row.signature_note.empty()) text += fmt::format("             {}\n", row.signature_note);
  if (!row.seen.summary.empty()) text += fmt::format("  summary    {}\n", row.seen.summary);
  if (row.evidence.reports) text += "  sanitizer  " + describe(row.evidence, row.seen.kind, row.times, 13);
  if (row.ordered_reports > 0) {
    text += fmt::format("  ordered    {} of ThreadSanitizer on accesses that are ordered: no finding\n",
                        counted(row.ordered_reports, "report"));
  }
  return text;
}

nlohmann::json replay_json(std::span<const ReplayRow> rows, double seconds) {
  Report report;
  report.strategy = "directed";
  report.seconds = seconds;
  std::set<std::string> targets;
  std::set<std::string> variants;
  auto results = nlohmann::json::array();
  for (const ReplayRow& row : rows) {
    targets.insert(row.target);
    variants.insert(row.variant);
    report.runs += row.times;
    report.points += row.points;
    results.push_back(row_json(row));
    if (is_bug(row.seen.kind)) {
      const std::uint32_t seen = row.expected == row.seen.kind ? row.as_expected : row.times - row.as_expected;
      report.findings.push_back({row.seen, 1, 0, row.directives, row.file, seen, row.times, row.evidence});
    }
  }
  report.target = join(targets);
  report.variant = join(variants);
  auto object = to_json(report);
  object["results"] = std::move(results);
  return object;
}

}  // namespace gridlock
