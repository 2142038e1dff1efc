#include "engine/cli/finding_desk.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string_view>

#include "engine/cli/finding_files.h"
#include "engine/cli/progress.h"
#include "engine/cli/repro_builder.h"
#include "engine/decode/decode.h"
#include "engine/model/repro_text.h"
#include "engine/reduce/reduce.h"

namespace gridlock {
namespace {

std::string_view as_text(const std::vector<std::uint8_t>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

std::string findings_directory(const FuzzOptions& options, const Target& target) {
  return (std::filesystem::path(options.out) / target.schema.name).string();
}

Result<void> FindingDesk::accept(const Minimized& minimized, const Sighting& sighting) {
  const bool known = std::any_of(findings_.begin(), findings_.end(), [&](const ReportedFinding& finding) {
    return finding.verdict.kind == minimized.verdict.kind && finding.verdict.signature == minimized.verdict.signature;
  });
  if (known) return {};
  const auto path = write(minimized, sighting);
  if (!path) return std::unexpected(path.error());
  findings_.push_back({minimized.verdict, sighting.runs, sighting.seconds, minimized.scenario.directives.size(), *path,
                       minimized.reproduced, minimized.confirmations, minimized.evidence});
  tell(minimized, findings_.back());
  return {};
}

Result<std::string> FindingDesk::write(const Minimized& minimized, const Sighting& sighting) {
  const auto repro = build_repro(tools_, target_, variant_, page_, minimized.scenario, minimized.verdict);
  if (!repro) return std::unexpected(repro.error());
  const auto stem =
      std::filesystem::path(findings_directory(options_, target_)) / finding_file_stem(minimized.verdict.signature);
  std::string path = stem.string() + ".repro";
  if (auto done = write_file(stem.string() + ".input", as_text(sighting.input)); !done) {
    return std::unexpected(done.error());
  }
  if (auto done = write_file(path, print_repro(*repro, target_.schema)); !done) return std::unexpected(done.error());
  if (!options_.corpus.empty()) {
    const auto entry = std::filesystem::path(options_.corpus) / (stem.filename().string() + ".input");
    const auto input = encode(minimized.scenario, target_.schema);
    if (auto done = write_file(entry, as_text(input)); !done) return std::unexpected(done.error());
  }
  return path;
}

Result<void> FindingDesk::accept_seen(const CoreSighting& seen, SeenAgain again, const Sighting& sighting) {
  const auto stem =
      std::filesystem::path(findings_directory(options_, target_)) / finding_file_stem(seen.verdict.signature);
  const std::string path = stem.string() + ".seen.txt";
  if (auto done = write_file(stem.string() + ".input", as_text(sighting.input)); !done) return done;
  if (auto done = write_file(path, seen_report(seen, again, target_, variant_)); !done) return done;
  findings_.push_back({.verdict = seen.verdict,
                       .runs_to_find = sighting.runs,
                       .seconds_to_find = sighting.seconds,
                       .seen = again.seen,
                       .seen_of = again.of,
                       .seen_report = path});
  fmt::print("{} in {} {}, seen on real cores and not reproduced on fibers\n", verdict_name(seen.verdict.kind),
             target_.schema.name, target_.schema.variants[variant_].name);
  fmt::print("  signature   {}\n", seen.verdict.signature);
  fmt::print("  summary     {}\n", seen.verdict.summary);
  fmt::print("  seen again  {} of {} runs of the same scenario\n", again.seen, again.of);
  fmt::print("  report      {}\n", path);
  std::fflush(stdout);
  return {};
}

void FindingDesk::tell(const Minimized& minimized, const ReportedFinding& finding) const {
  const Size size = size_of(minimized.scenario);
  fmt::print("{} in {} {} after {}, {:.2f} s\n", verdict_name(finding.verdict.kind), target_.schema.name,
             target_.schema.variants[variant_].name, counted(finding.runs_to_find, "run"), finding.seconds_to_find);
  fmt::print("  signature   {}\n", finding.verdict.signature);
  if (!finding.verdict.summary.empty()) fmt::print("  summary     {}\n", finding.verdict.summary);
  fmt::print("  minimal     {}, {}, {}{}\n", counted(size.cpus, "cpu"), counted(size.operations, "operation"),
             counted(size.directives, "directive"), minimized.one_minimal ? "" : " (the reduction was cut short)");
  fmt::print("  reproduced  {} of {} runs\n", finding.reproduced, finding.confirmations);
  if (finding.evidence.reports) {
    fmt::print("  sanitizer   {}", describe(finding.evidence, finding.verdict.kind, finding.reproduced, 14));
  }
  fmt::print("  repro       {}\n", finding.repro);
  std::fflush(stdout);
}

}  // namespace gridlock
