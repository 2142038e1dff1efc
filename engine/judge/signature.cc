// Signatures as strings, made and taken apart; see signature.h for their forms.
//
// May include: base, model.
#include "engine/judge/signature.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <limits>

#include "engine/base/check.h"
#include "engine/judge/context_words.h"

namespace gridlock {
namespace {

constexpr std::string_view kPartSeparator = " + ";
// Stands where a context has no function of the target's own.
constexpr std::string_view kUnknown = "?";
constexpr std::string_view kStackOverflow = "stack overflow";

// The standard libraries, the C++ runtime, the sanitizers and the engine, by how the names of their functions begin.
constexpr std::array<std::string_view, 15> kForeignPrefixes = {
    "std::",         "__gnu_cxx::",    "__cxxabiv1::",    "__gthread_",      "__cxa_",
    "__atomic_",     "operator new",   "__tsan_",         "__asan_",         "__tsan::",
    "__sanitizer::", "__interceptor_", "___interceptor_", "operator delete", "gridlock::"};

bool is_own(const Frame& frame) {
  // A name that is a number is an address.
  if (frame.function.empty() || frame.function == kUnknown || frame.function.starts_with("0x")) return false;
  return std::none_of(kForeignPrefixes.begin(), kForeignPrefixes.end(),
                      [&](std::string_view prefix) { return frame.function.starts_with(prefix); });
}

std::vector<std::string> own_functions(std::span<const Site> sites, const SiteNames& names,
                                       std::size_t functions_max = std::numeric_limits<std::size_t>::max()) {
  std::vector<std::string> functions;
  for (Frame& frame : own_frames(sites, names)) {
    if (functions.size() == functions_max) break;
    functions.push_back(std::move(frame.function));
  }
  return functions;
}

std::string chain(std::span<const Site> sites, const SiteNames& names,
                  std::size_t functions_max = std::numeric_limits<std::size_t>::max()) {
  const std::vector<std::string> functions = own_functions(sites, names, functions_max);
  return functions.empty() ? std::string(kUnknown) : fmt::format("{}", fmt::join(functions, "<"));
}

void sort_unique(std::vector<std::string>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

// The functions that occur more than once: the cycle of a recursion. Where the chain is too short to show it, the two
// innermost.
std::string recursion(std::span<const Site> sites, const SiteNames& names) {
  const std::vector<std::string> functions = own_functions(sites, names);
  std::vector<std::string> recurring;
  for (const std::string& function : functions) {
    if (std::count(functions.begin(), functions.end(), function) > 1) recurring.push_back(function);
  }
  if (recurring.empty()) recurring = own_functions(sites, names, 2);
  sort_unique(recurring);
  return recurring.empty() ? std::string(kUnknown) : fmt::format("{}", fmt::join(recurring, ", "));
}

// Words that stand in a signature: one line, no spaces at the ends.
std::string one_line(std::string_view words) {
  std::string line(words);
  std::replace_if(line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  const std::size_t first = line.find_first_not_of(' ');
  if (first == std::string::npos) return "";
  return line.substr(first, line.find_last_not_of(' ') - first + 1);
}

// The context that runs, and whether it is a handler. Where a handler hit is chance, and would give one bug a signature
// for each place it can hit.
std::string stuck_part(const CpuView& cpu, const SiteNames& names) {
  if (cpu.contexts.empty()) return std::string(kUnknown);
  const ContextView& innermost = cpu.contexts.back();
  return fmt::format("{}{}", context_prefix(innermost.kind), chain(innermost.frames, names, kStuckFunctions));
}

std::vector<std::string> split(std::string_view text, std::string_view separator) {
  std::vector<std::string> pieces;
  for (std::size_t at = text.find(separator); at != std::string_view::npos; at = text.find(separator)) {
    pieces.emplace_back(text.substr(0, at));
    text.remove_prefix(at + separator.size());
  }
  pieces.emplace_back(text);
  return pieces;
}

}  // namespace

std::vector<Frame> own_frames(std::span<const Site> sites, const SiteNames& names) {
  std::vector<Frame> frames;
  for (const Site site : sites) {
    if (site == 0) break;
    for (Frame& frame : names.frames_at(site)) {
      if (is_own(frame)) frames.push_back(std::move(frame));
    }
  }
  return frames;
}

bool is_stuck(const CpuView& cpu) {
  switch (cpu.activity) {
    case CpuActivity::kEnded:
    case CpuActivity::kIdle:
      return false;
    case CpuActivity::kWaiting:
    case CpuActivity::kSpinning:
    case CpuActivity::kRunning:
      return true;
  }
}

std::string stuck_cpus_signature(std::span<const CpuView> cpus, const SiteNames& names) {
  std::vector<std::string> parts;
  for (const CpuView& cpu : cpus) {
    if (is_stuck(cpu)) parts.push_back(stuck_part(cpu, names));
  }
  sort_unique(parts);
  return fmt::format("{}", fmt::join(parts, kPartSeparator));
}

std::string failure_signature(VerdictKind kind, const Failure& failure, const SiteNames& names) {
  std::string name = fmt::format("{} {}", verdict_name(kind), one_line(failure.what));
  switch (kind) {
    case VerdictKind::kInvariant:
      return failure.frames.empty() ? name : name + ": " + chain(failure.frames, names);
    case VerdictKind::kAssertion:
      if (failure.is_statement && failure.frames.empty()) return name;
      return name + ": " + chain(failure.frames, names, kAssertionFunctions);
    case VerdictKind::kCrash:
      if (failure.what == kStackOverflow) return name + ": " + recursion(failure.frames, names);
      [[fallthrough]];
    case VerdictKind::kMemoryError:
      return name + ": " + chain(failure.frames, names, kCrashFunctions);
    case VerdictKind::kOk:
    case VerdictKind::kDeadlock:
    case VerdictKind::kHang:
    case VerdictKind::kLivelock:
    case VerdictKind::kDataRace:
    case VerdictKind::kLockOrder:
    case VerdictKind::kSanitizerReport:
    case VerdictKind::kInconclusive:
      break;
  }
  GRIDLOCK_CHECK(false && "failure_signature of a verdict that has no failure");
  return name;
}

std::string race_access_name(const RaceAccess& access) {
  return fmt::format("{}{}", access.is_atomic ? "atomic " : "", access.is_write ? "write" : "read");
}

std::string race_signature(VerdictKind kind, const RaceReport& race, const SiteNames& names) {
  std::array<std::string, 2> sides;
  for (std::size_t i = 0; i < sides.size(); ++i) {
    const RaceAccess& access = race.accesses[i];
    sides[i] = fmt::format("{}{} {}", context_prefix(access.context), race_access_name(access),
                           chain(access.frames, names, kRaceFunctions));
  }
  std::sort(sides.begin(), sides.end());
  return fmt::format("{}: {} vs {}", verdict_name(kind), sides[0], sides[1]);
}

std::vector<std::string> stuck_parts(std::string_view signature) {
  const std::size_t colon = signature.find(": ");
  if (colon != std::string_view::npos) signature.remove_prefix(colon + 2);
  return split(signature, kPartSeparator);
}

bool is_in_handler(std::string_view part) {
  return part.starts_with(context_prefix(ContextView::Kind::kIrq)) ||
         part.starts_with(context_prefix(ContextView::Kind::kSoftirq)) ||
         part.starts_with(context_prefix(ContextView::Kind::kMigrate));
}

}  // namespace gridlock
