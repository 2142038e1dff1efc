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
          {"sanitizer", row.flavour},
          {"expected", row.expected ? nlohmann::json(verdict_name(*row.expected)) : nlohmann::json()},
          {"verdict", verdict_name(row.seen.kind)},
          {"signature", row.seen.signature},
          {"signature_note", row.signature_note},
          {"summary", row.seen.summary},
          {"as_expected", row.as_expected},
          {"times", row.times},
          {"points", row.points},
          {"directives", row.directives},
          {"sanitizer_reports", row.evidence.reports ? nlohmann::json(*row.evidence.reports) : nlohmann::json()},
          {"ordered_reports", row.ordered_reports},
          {"passed", row.passed()}};
}

VerdictKind verdict_kind_from(const nlohmann::json& name) {
  const auto kind = verdict_from_name(name.get<std::string>());
  if (!kind) throw nlohmann::json::other_error::create(599, "no such verdict", &name);
  return *kind;
}

ReplayRow row_from_json(const nlohmann::json& object) {
  ReplayRow row;
  object.at("file").get_to(row.file);
  object.at("target").get_to(row.target);
  object.at("variant").get_to(row.variant);
  object.at("sanitizer").get_to(row.flavour);
  if (!object.at("expected").is_null()) row.expected = verdict_kind_from(object.at("expected"));
  row.seen = {verdict_kind_from(object.at("verdict")), object.at("signature"), object.at("summary")};
  object.at("signature_note").get_to(row.signature_note);
  object.at("as_expected").get_to(row.as_expected);
  object.at("times").get_to(row.times);
  object.at("points").get_to(row.points);
  object.at("directives").get_to(row.directives);
  const auto& reports = object.at("sanitizer_reports");
  if (!reports.is_null()) row.evidence.reports = reports.get<std::uint32_t>();
  object.at("ordered_reports").get_to(row.ordered_reports);
  return row;
}

ReplayRow row_of(const ReplayFile& file, const ReplayCase& work, std::span<const Outcome> outcomes) {
  const TargetSchema& schema = file.input.target->schema;
  ReplayRow row;
  row.file = file.path;
  row.target = schema.name;
  row.variant = schema.variants[work.variant].name;
  row.flavour = Machine::flavour();
  row.expected = work.expected;
  row.seen = outcomes.front().verdict;
  row.times = static_cast<std::uint32_t>(outcomes.size());
  row.directives = file.input.repro.scenario.directives.size();
  for (const Outcome& outcome : outcomes) {
    row.points += outcome.points;
    row.evidence.add(outcome.evidence);
    row.ordered_reports += outcome.ordered_reports;
    if (is_as_expected(outcome.verdict, work.expected)) {
      ++row.as_expected;
    } else if (is_as_expected(row.seen, work.expected)) {
      row.seen = outcome.verdict;
    }
  }
  const std::string& signature = file.input.repro.signature;
  const bool named = !signature.empty() && is_bug(row.seen.kind) && work.expected == row.seen.kind;
  if (named && signature != row.seen.signature) row.signature_note = "the file has: " + signature;
  return row;
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

Result<ReplayFile> load_replay_file(const std::string& path, std::string_view target_name,
                                    std::string_view variant_name, std::span<const Target> targets) {
  auto input = load_input(path, target_name, targets);
  if (!input) return std::unexpected(input.error());
  auto cases = replay_cases(*input, variant_name);
  if (!cases) return std::unexpected(cases.error());
  return ReplayFile{path, std::move(*input), std::move(*cases)};
}

Result<std::vector<ReplayRow>> replay_files(Tools tools, std::span<const ReplayFile> files, std::uint32_t times,
                                            RunPage& page, bool shows_output) {
  std::vector<BatchRun> runs;
  for (const ReplayFile& file : files) {
    for (const ReplayCase& work : file.cases) {
      runs.insert(runs.end(), times, {file.input.target, work.variant, &file.input.repro.scenario});
    }
  }
  if (!runs.empty()) runs.front().shows_output = shows_output;
  const auto outcomes = run_batch(tools, runs, page);
  if (!outcomes) return std::unexpected(outcomes.error());
  std::span<const Outcome> left = *outcomes;
  std::vector<ReplayRow> rows;
  for (const ReplayFile& file : files) {
    for (const ReplayCase& work : file.cases) {
      rows.push_back(row_of(file, work, left.first(times)));
      left = left.subspan(times);
    }
  }
  return rows;
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

Result<std::vector<ReplayRow>> rows_from_json(const nlohmann::json& object) {
  std::vector<ReplayRow> rows;
  try {
    for (const auto& row : object.at("results")) rows.push_back(row_from_json(row));
  } catch (const nlohmann::json::exception& error) {
    return failure("read the results of a replay",
                   object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace), error.what());
  }
  return rows;
}

}  // namespace gridlock
