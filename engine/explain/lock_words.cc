// See lock_words.h.
//
// May include: base, model.
#include "engine/explain/lock_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>
#include <string>

namespace gridlock {
namespace {

std::string_view as_what(LockMode mode) {
  switch (mode) {
    case LockMode::kExclusive:
      return "";
    case LockMode::kShared:
      return " as a reader, behind writers that wait";
    case LockMode::kRecursiveRead:
      return " as a reader";
  }
}

std::string context_text(const LockLink& link, const Words& words) {
  return words.context({.kind = link.context, .number = link.number});
}

Stand stand_of(const LockLink& link, const Words& words) {
  const std::string held = lock_text(link.held, words);
  const std::string wanted = lock_text(link.wanted, words);
  const std::string who = link.context == ContextView::Kind::kTask ? "" : context_text(link, words) + " ";
  Stand stand;
  stand.heading = link.by_interrupt ? fmt::format("cpu {} holds {}, and {} comes in and takes {}", link.cpu.value(),
                                                  held, context_text(link, words), wanted)
                                    : fmt::format("cpu {} takes {} while it holds {}", link.cpu.value(), wanted, held);
  stand.lines.push_back(fmt::format("took {}{}, interrupts {}", held, as_what(link.held_mode),
                                    link.irqs_enabled ? "enabled" : "disabled"));
  add_chain(words, link.held_frames, "  ", stand.lines);
  stand.lines.push_back(fmt::format("{}{} {}{}", who,
                                    link.by_interrupt ? "took, at another moment of this run," : "took", wanted,
                                    as_what(link.wanted_mode)));
  add_chain(words, link.wanted_frames, "  ", stand.lines);
  return stand;
}

Stand why_stand(const LockOrderReport& report, const Words& words) {
  Stand stand{"what would follow", {}};
  const std::size_t count = report.links.size();
  for (std::size_t i = 0; i < count; ++i) {
    const LockLink& link = report.links[i];
    stand.lines.push_back(fmt::format("cpu {} waits for {}, which cpu {} holds", link.cpu.value(),
                                      lock_text(link.wanted, words), report.links[(i + 1) % count].cpu.value()));
  }
  if (report.needs_writer) stand.lines.emplace_back("once a writer waits for it on another cpu");
  stand.lines.emplace_back(
      count == 1 ? "this run went well only because that did not come at this moment"
                 : "this run went well only because they did not come there at the same time: no lock that all are "
                   "under keeps them apart, and none of the cpus ends before another begins");
  return stand;
}

bool is_taking(const Step& step, CpuId cpu, const LockObject& lock, std::span<const Site> frames) {
  if (step.kind != StepKind::kLockAcquired || step.cpu != cpu || step.stack_address) return false;
  const std::size_t count = std::min<std::size_t>(frames.size(), kTraceFramesMax - 1);
  return step.address == lock.offset &&
         std::equal(frames.begin(), frames.begin() + static_cast<std::ptrdiff_t>(count), std::begin(step.frames));
}

}  // namespace

std::string lock_text(const LockObject& lock, const Words& words) {
  if (lock.in_arena && words.is_named(lock.offset)) return words.memory(lock.offset);
  return lock.name;
}

std::vector<Stand> lock_stands(const ExplainInput& input, const Words& words) {
  std::vector<Stand> stands;
  for (const LockLink& link : input.lock_order->links) stands.push_back(stand_of(link, words));
  stands.push_back(why_stand(*input.lock_order, words));
  return stands;
}

std::vector<std::size_t> lock_steps(const LockOrderReport& report, const std::vector<Step>& steps) {
  std::vector<std::size_t> found;
  for (const LockLink& link : report.links) {
    std::optional<std::size_t> held;
    std::optional<std::size_t> wanted;
    for (std::size_t at = 0; at < steps.size() && !wanted; ++at) {
      const bool takes_wanted = is_taking(steps[at], link.cpu, link.wanted, link.wanted_frames);
      // A handler came before or after; what a task takes it takes under what it holds.
      if (takes_wanted && (held || link.by_interrupt)) wanted = at;
      if (is_taking(steps[at], link.cpu, link.held, link.held_frames)) held = at;
    }
    for (std::size_t at = 0; at < steps.size() && !held; ++at) {
      if (is_taking(steps[at], link.cpu, link.held, link.held_frames)) held = at;
    }
    if (held) found.push_back(*held);
    if (wanted) found.push_back(*wanted);
  }
  return found;
}

}  // namespace gridlock
