#include "engine/cli/evidence.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "engine/cli/wire.h"
#include "engine/judge/signature.h"

namespace gridlock {
namespace {

// So deep a chain is shown: enough to see where it leaves the judge's.
constexpr std::size_t kFramesShown = 4;

bool is_same_place(const Frame& left, const Frame& right) {
  return left.function == right.function && left.file == right.file && left.line == right.line;
}

// Either may be cut short: ThreadSanitizer's history ends somewhere, the judge's walk has a limit.
bool is_same_chain(const RaceAccess& left, const RaceAccess& right, const SiteNames& names) {
  const std::vector<Frame> ours = own_frames(left.frames, names);
  const std::vector<Frame> theirs = own_frames(right.frames, names);
  const auto common = static_cast<std::ptrdiff_t>(std::min(ours.size(), theirs.size()));
  return common > 0 && std::equal(ours.begin(), ours.begin() + common, theirs.begin(), is_same_place);
}

std::string chain_line(const RaceAccess& access, const SiteNames& names) {
  std::string line = race_access_name(access) + ":";
  const std::vector<Frame> frames = own_frames(access.frames, names);
  if (frames.empty()) return line + " no frames";
  for (std::size_t i = 0; i < frames.size() && i < kFramesShown; ++i) {
    line += fmt::format(" #{} {} ({}:{})", i, frames[i].function, frames[i].file, frames[i].line);
  }
  return line;
}

std::string differing_frames(const RaceReport& race, const SiteNames& names) {
  std::string lines;
  for (std::size_t side = 0; side < 2; ++side) {
    if (is_same_chain(race.accesses[side], race.sanitizer_accesses[side], names)) continue;
    lines += chain_line(race.sanitizer_accesses[side], names) + "\n";
  }
  return lines;
}

}  // namespace

void EvidenceCount::add(const std::optional<Evidence>& evidence) {
  if (!evidence) return;
  reports = reports.value_or(0) + (evidence->agrees ? 1 : 0);
  if (frames.empty()) frames = evidence->frames;
}

void EvidenceCount::add(const EvidenceCount& other) {
  if (!other.reports) return;
  reports = reports.value_or(0) + *other.reports;
  if (frames.empty()) frames = other.frames;
}

std::optional<Evidence> evidence_of(const RunView& run, const SiteNames& names, std::string_view flavour) {
  if (flavour == "tsan" && run.end == RunEnd::kDataRace) {
    if (!run.race->sanitizer_agrees) return Evidence{};
    return Evidence{true, differing_frames(*run.race, names)};
  }
  const bool is_in_arena = run.end == RunEnd::kMemoryError && run.failure->access && !run.failure->access->on_stack;
  if (flavour == "asan" && is_in_arena) return Evidence{run.failure->access->sanitizer_agrees, ""};
  return std::nullopt;
}

std::string describe(const EvidenceCount& evidence, VerdictKind kind, std::uint32_t runs, std::size_t indent) {
  if (!evidence.reports) return "";
  const char* const what =
      kind == VerdictKind::kMemoryError ? "AddressSanitizer takes the bytes for dead" : "ThreadSanitizer reports it";
  std::string text = fmt::format("{} in {} of {} runs{}\n", what, *evidence.reports, runs,
                                 evidence.frames.empty() ? "" : ", with other frames:");
  std::string_view rest = evidence.frames;
  for (std::size_t end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
    text += fmt::format("{:{}}{}\n", "", indent, rest.substr(0, end));
    rest.remove_prefix(end + 1);
  }
  return text;
}

nlohmann::json to_message(const EvidenceCount& evidence) {
  return {{"reports", evidence.reports ? nlohmann::json(*evidence.reports) : nlohmann::json()},
          {"frames", to_message(evidence.frames)}};
}

EvidenceCount evidence_from_message(const nlohmann::json& message) {
  EvidenceCount evidence;
  if (!message.at("reports").is_null()) evidence.reports = message.at("reports").get<std::uint32_t>();
  evidence.frames = text_from_message(message.at("frames"));
  return evidence;
}

}  // namespace gridlock
