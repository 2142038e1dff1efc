// See seen_state.h. May include: base, model, judge, machine, threads.
#include "engine/cli/seen_state.h"

#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/judge/judge.h"
#include "engine/judge/signature.h"
#include "engine/machine/fixed_memory.h"

namespace gridlock {
namespace {

constexpr std::size_t kFramesShown = 8;

// ThreadSanitizer knows neither cpus nor handlers; the machine told it of both as threads.
Verdict verdict_of_race(const RaceReport& race, const SiteNames& names) {
  return {VerdictKind::kDataRace, race_signature(VerdictKind::kDataRace, race, names),
          fmt::format("ThreadSanitizer reports that {} and {} race", race_access_name(race.accesses[1]),
                      race_access_name(race.accesses[0]))};
}

std::string frame_lines(std::span<const Site> sites, const SiteNames& names, std::string_view indent) {
  std::string text;
  const auto frames = own_frames(sites, names);
  for (std::size_t i = 0; i < frames.size() && i < kFramesShown; ++i) {
    text += fmt::format("{}#{} {} ({}:{})\n", indent, i, frames[i].function, frames[i].file, frames[i].line);
  }
  return text.empty() ? fmt::format("{}in code of the engine\n", indent) : text;
}

std::string_view words_for(CpuActivity activity) {
  switch (activity) {
    case CpuActivity::kEnded:
      return "has ended";
    case CpuActivity::kIdle:
      return "is idle";
    case CpuActivity::kWaiting:
      return "waits";
    case CpuActivity::kSpinning:
    case CpuActivity::kRunning:
      return "computes";
  }
}

std::string name_of(const ContextView& context, const gl_target& target) {
  switch (context.kind) {
    case ContextView::Kind::kTask:
      return "task";
    case ContextView::Kind::kIrq:
      return fmt::format("interrupt {}", target.vectors[context.number].name);
    case ContextView::Kind::kSoftirq:
      return fmt::format("softirq {}", target.softirqs[context.number].name);
    case ContextView::Kind::kMigrate:
      return "migration request";
  }
}

std::string pending_names(std::uint64_t pending, const gl_target& target) {
  std::string names;
  for (std::uint32_t vector = 0; target.vectors != nullptr && target.vectors[vector].name != nullptr; ++vector) {
    if ((pending >> vector & 1) != 0) names += (names.empty() ? "" : ", ") + std::string(target.vectors[vector].name);
  }
  return names.empty() ? "nothing" : names;
}

// The memory still lies as the run left it.
std::string word_line(std::uint64_t offset) {
  const std::uint64_t aligned = offset & ~std::uint64_t{7};
  const auto value = *reinterpret_cast<const volatile std::uint64_t*>(kArenaBase + aligned);
  return fmt::format("    reads arena+{:#x}; the word there holds {:#018x}\n", offset, value);
}

std::string cpu_paragraph(const CpuView& cpu, const gl_target& target, const SiteNames& names) {
  std::string text = fmt::format("cpu {} {}, interrupts {}, pending: {}, {} points\n", cpu.cpu.value(),
                                 words_for(cpu.activity), cpu.irqs_enabled ? "enabled" : "disabled",
                                 pending_names(cpu.pending_vectors, target), cpu.points.value());
  for (auto context = cpu.contexts.rbegin(); context != cpu.contexts.rend(); ++context) {
    text += fmt::format("  {}:\n", name_of(*context, target)) + frame_lines(context->frames, names, "    ");
  }
  for (const std::uint64_t offset : cpu.watches) text += word_line(offset);
  return text;
}

}  // namespace

Verdict verdict_of(const ThreadsRun& run, const SiteNames& names) {
  GRIDLOCK_CHECK(run.view.end != RunEnd::kCompleted);
  if (run.view.end == RunEnd::kSanitizerReport) return verdict_of_race(*run.view.race, names);
  Verdict verdict = judge(run.view, names);
  if (run.view.end == RunEnd::kSelfLoops) {
    verdict.summary = run.no_point ? "a cpu computes without reaching another point, and no other goes on"
                                   : "no cpu was seen to change anything for thousands of points";
  }
  return verdict;
}

std::string describe_state(const ThreadsRun& run, const gl_target& target, const SiteNames& names) {
  std::string text;
  if (const RaceReport* const race = run.view.race) {
    for (const std::uint32_t side : {1u, 0u}) {
      text += fmt::format("{}:\n", race_access_name(race->accesses[side]));
      text += frame_lines(race->accesses[side].frames, names, "  ");
    }
    return text;
  }
  if (const Failure* const failure = run.view.failure) {
    text += fmt::format("cpu {}: {} {}\n", failure->cpu.value(), failure->what, failure->where);
    if (!failure->frames.empty()) text += frame_lines(failure->frames, names, "  ");
    return text;
  }
  for (const CpuView& cpu : run.view.cpus) text += cpu_paragraph(cpu, target, names);
  return text;
}

}  // namespace gridlock
