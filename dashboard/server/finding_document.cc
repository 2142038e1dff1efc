#include "dashboard/server/finding_document.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "engine/base/check.h"
#include "engine/model/verdict.h"

namespace gridlock::dashboard {
namespace {

// Each is JSON of the answer and would only be scrolled past.
constexpr std::size_t kTestsShown = 200;

constexpr std::string_view kPlain = "text/plain; charset=utf-8";
constexpr std::string_view kJson = "application/json; charset=utf-8";
constexpr std::string_view kBytes = "application/octet-stream";

constexpr std::array<DownloadKind, 6> kDownloads = {
    {{Download::kRepro, "repro", &store::Finding::repro, ".repro", kPlain},
     {Download::kInput, "input", &store::Finding::input, ".input", kBytes},
     {Download::kPerfetto, "perfetto", &store::Finding::perfetto, ".perfetto.json", kJson},
     {Download::kTest, "test", &store::Finding::test, "_test.cc", kPlain},
     {Download::kText, "text", &store::Finding::text, ".txt", kPlain},
     {Download::kExplanation, "explanation", &store::Finding::explanation, ".explanation.json", kJson}}};

std::string counted(std::uint32_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

Json build_words(const BuildsById& builds, store::BuildId id, std::string store::Build::* part) {
  const auto found = builds.find(id);
  return found == builds.end() ? Json("") : Json(found->second.*part);
}

Json sightings_by(const FindingParts& parts) {
  Json rows = Json::array();
  for (const store::SightingCount& count : parts.sightings) {
    rows.push_back({{"build", build_words(parts.builds, count.build, &store::Build::version)},
                    {"build_digest", build_words(parts.builds, count.build, &store::Build::digest)},
                    {"variant", count.variant},
                    {"engine", count.engine},
                    {"sanitizer", count.sanitizer},
                    {"count", count.count},
                    {"first", count.first},
                    {"last", count.last}});
  }
  return rows;
}

Json tests(const FindingParts& parts) {
  Json rows = Json::array();
  std::set<std::pair<std::string, std::string>> reported;
  for (const store::ReproTest& test : parts.tests) {
    if (rows.size() == kTestsShown) break;
    const bool newest = !test.sanitizer_report.empty() && reported.insert({test.variant, test.sanitizer}).second;
    rows.push_back({{"build", build_words(parts.builds, test.build, &store::Build::version)},
                    {"build_digest", build_words(parts.builds, test.build, &store::Build::digest)},
                    {"variant", test.variant},
                    {"sanitizer", test.sanitizer},
                    {"verdict", verdict_name(test.verdict)},
                    {"signature", test.signature},
                    {"same", test.same},
                    {"replays", test.replays},
                    {"time", test.time},
                    {"sanitizer_report", newest ? test.sanitizer_report : std::string{}}});
  }
  return rows;
}

Json notes(const FindingParts& parts) {
  Json rows = Json::array();
  for (const store::Note& note : parts.notes) rows.push_back(note_document(note));
  return rows;
}

Json downloads(const store::Finding& finding) {
  Json urls = Json::object();
  for (const DownloadKind& kind : kDownloads) {
    if (kind.what == Download::kExplanation) continue;
    const bool there = !(finding.*kind.blob).empty();
    urls[kind.name] = there ? Json(fmt::format("/api/v1/findings/{}/{}", finding.key, kind.name)) : Json(nullptr);
  }
  return urls;
}

Json first_build(const FindingParts& parts) {
  const auto found = parts.builds.find(parts.finding.first_build);
  return found == parts.builds.end() ? Json(nullptr) : build_document(found->second);
}

Json minimized(const store::Finding& finding) {
  return {{"decisions_from", finding.decisions_as_found},
          {"decisions_to", finding.decisions},
          {"runs", finding.minimize_runs},
          {"seconds", finding.minimize_seconds}};
}

std::string shell_word(std::string_view text) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("/._-+@%").contains(c);
  };
  if (!text.empty() && std::ranges::all_of(text, plain)) return std::string(text);
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace

Json finding_document(const FindingParts& parts) {
  Json document = finding_row(parts.finding);
  document["first_build"] = first_build(parts);
  document["command"] = parts.command;
  document["story"] = story_line(parts.finding);
  document["minimize"] = minimized(parts.finding);
  document["sightings_by"] = sightings_by(parts);
  document["tests"] = tests(parts);
  document["notes"] = notes(parts);
  document["repro_text"] = parts.repro.empty() ? Json(nullptr) : Json(parts.repro);
  document["downloads"] = downloads(parts.finding);
  return document;
}

std::string story_line(const store::Finding& finding) {
  if (!finding.triaged) return "seen, and not triaged yet";
  std::string line = counted(finding.cpus, "CPU");
  line += ", " + counted(finding.preemptions, "preemption");
  if (finding.interrupts > 0) line += ", " + counted(finding.interrupts, "interrupt");
  if (finding.migrations > 0) line += ", " + counted(finding.migrations, "migration");
  if (finding.decisions_as_found > finding.decisions) {
    line += fmt::format(", from {} down to {}", counted(finding.decisions_as_found, "decision"), finding.decisions);
  } else {
    line += ", " + counted(finding.decisions, "decision");
  }
  return line;
}

std::string replay_command(const std::filesystem::path& program, const std::filesystem::path& repro) {
  return shell_word(program.string()) + " replay " + shell_word(repro.string());
}

const DownloadKind& download_kind(Download what) {
  const auto* const found = std::ranges::find(kDownloads, what, &DownloadKind::what);
  GRIDLOCK_CHECK(found != kDownloads.end());
  return *found;
}

}  // namespace gridlock::dashboard
