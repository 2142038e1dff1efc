// See title.h. May include: base, model.
#include "engine/explain/title.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "engine/explain/lock_words.h"

namespace gridlock {
namespace {

std::string_view kind_words(VerdictKind kind) {
  switch (kind) {
    case VerdictKind::kOk:
      return "Ok";
    case VerdictKind::kDeadlock:
      return "Deadlock";
    case VerdictKind::kHang:
      return "Hang";
    case VerdictKind::kLivelock:
      return "Livelock";
    case VerdictKind::kInvariant:
      return "Broken invariant";
    case VerdictKind::kAssertion:
      return "Broken promise";
    case VerdictKind::kDataRace:
      return "Data race";
    case VerdictKind::kMemoryError:
      return "Memory error";
    case VerdictKind::kCrash:
      return "Crash";
    case VerdictKind::kLockOrder:
      return "Lock order";
    case VerdictKind::kSanitizerReport:
      return "Report of ThreadSanitizer";
    case VerdictKind::kInconclusive:
      return "Inconclusive";
  }
}

// "A cpu computes." -> "a cpu computes".
std::string as_clause(std::string sentence) {
  if (sentence.starts_with("A ")) sentence.front() = 'a';
  if (sentence.ends_with('.')) sentence.pop_back();
  return sentence;
}

std::string function_of(const Words& words, std::span<const Site> frames) {
  const Place place = words.place(frames);
  return place.function.empty() ? "" : " in " + place.function;
}

std::string memories(const CpuView& cpu, const Words& words) {
  std::vector<std::string> names;
  for (const std::uint64_t offset : cpu.watches) names.push_back(words.memory(offset));
  return fmt::format("{}", fmt::join(names, ", "));
}

// "cpu2 spins in lock_slow on rq.lock".
std::string stuck_words(const CpuView& cpu, const Words& words) {
  const bool spins = cpu.activity == CpuActivity::kSpinning;
  std::string text = fmt::format("cpu{} {}", cpu.cpu.value(), spins ? "spins" : "waits");
  if (const std::string call = words.waiting_call(cpu); !call.empty()) text += " in " + call + ", called";
  if (!cpu.contexts.empty()) text += function_of(words, cpu.contexts.back().frames);
  if (!cpu.watches.empty()) text += (spins ? " on " : " for ") + memories(cpu, words);
  if (cpu.contexts.size() > 1) text += " (" + words.context(cpu.contexts.back()) + ")";
  return text;
}

std::string of_hang(const ExplainInput& input, const Words& words) {
  // Who spins keeps a core busy for nothing: it is what a person sees first.
  std::vector<const CpuView*> stuck;
  for (const CpuActivity activity : {CpuActivity::kSpinning, CpuActivity::kWaiting}) {
    for (const CpuView& cpu : input.run->cpus) {
      if (cpu.activity == activity) stuck.push_back(&cpu);
    }
  }
  if (stuck.empty()) return as_clause(input.verdict.summary);
  std::vector<std::string> told;
  for (std::size_t i = 0; i < stuck.size() && i < kTitleCpusMax; ++i) told.push_back(stuck_words(*stuck[i], words));
  if (stuck.size() > kTitleCpusMax) {
    const std::size_t more = stuck.size() - kTitleCpusMax;
    told.push_back(fmt::format("{} more {} stuck", more, more == 1 ? "cpu is" : "cpus are"));
  }
  if (stuck.size() == 1) return told.front() + ", and nobody is left to change it";
  const std::string first = fmt::format("{}", fmt::join(told.begin(), told.end() - 1, ", "));
  const bool is_livelock = input.verdict.kind == VerdictKind::kLivelock;
  return first + " and " + told.back() + (is_livelock ? ", for ever" : ": nobody can go on");
}

std::string of_race(const ExplainInput& input, const Words& words) {
  const RaceReport& race = *input.run->race;
  const auto side = [&](const RaceAccess& access) {
    return fmt::format("the {}{} of cpu{}{}", access.is_atomic ? "atomic " : "", access.is_write ? "write" : "read",
                       access.cpu.value(), function_of(words, access.frames));
  };
  const std::string what = race.on_stack ? "its stack" : words.memory(race.offset);
  return fmt::format("nothing orders {} and {}, both of {}", side(race.accesses[0]), side(race.accesses[1]), what);
}

std::string of_failure(const ExplainInput& input, const Words& words) {
  const Failure& failure = *input.run->failure;
  // A crash without a trace says where by itself.
  if (failure.what == input.verdict.summary) return as_clause(failure.what);
  if (failure.frames.empty()) return failure.what;
  return fmt::format("{}, on cpu{}{}", failure.what, failure.cpu.value(), function_of(words, failure.frames));
}

std::string of_lock_order(const ExplainInput& input, const Words& words) {
  std::vector<std::string> links;
  for (const LockLink& link : input.lock_order->links) {
    links.push_back(fmt::format("cpu{} {} {} while it holds {}", link.cpu.value(),
                                link.by_interrupt ? "may be interrupted by a handler that takes" : "takes",
                                lock_text(link.wanted, words), lock_text(link.held, words)));
  }
  return fmt::format("{}: that can deadlock", fmt::join(links, " and "));
}

std::string what_happened(const ExplainInput& input, const Words& words) {
  if (input.verdict.kind == VerdictKind::kOk) return "every program comes to its end and nothing is wrong";
  if (input.lock_order != nullptr) return of_lock_order(input, words);
  if (input.run->race != nullptr) return of_race(input, words);
  if (input.run->failure != nullptr) return of_failure(input, words);
  return of_hang(input, words);
}

}  // namespace

std::string title_of(const ExplainInput& input, const Words& words) {
  std::string title = fmt::format("{}: {}", kind_words(input.verdict.kind), what_happened(input, words));
  std::ranges::replace(title, '\n', ' ');
  if (title.size() > kTitleBytesMax) title = title.substr(0, kTitleBytesMax - 3) + "...";
  return title;
}

}  // namespace gridlock
