// Where everybody stands, in words; see ending.h.
//
// May include: base, model.
#include "engine/explain/ending.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <map>
#include <span>

#include "engine/explain/history.h"
#include "engine/explain/lock_words.h"
#include "engine/explain/memory_words.h"
#include "engine/explain/race_words.h"

namespace gridlock {
namespace {

using Lines = std::vector<std::string>;

std::string last_write_text(const Words& words, const History& history, CpuId waiter, std::uint64_t offset) {
  const std::optional<std::size_t> at = history.last_change_for(waiter, offset);
  if (!at) return "as setup left it: nobody changed it in this run";
  const Step& step = history.steps()[*at];
  const std::string place = words.place(step.frames).text();
  return fmt::format("last {} by cpu {} at step {}: {}{}", step.of_call ? "used" : "changed", step.cpu.value(), *at + 1,
                     words.action(step), place.empty() ? "" : " in " + place);
}

void add_memory(const Words& words, const History& history, CpuId waiter, const std::string& what, std::uint64_t offset,
                Lines& lines) {
  const auto value = history.last_value(offset);
  lines.push_back(fmt::format("{}{}{}", what, words.memory(offset), value ? ", which is " + *value : ""));
  lines.push_back("  " + last_write_text(words, history, waiter, offset));
}

// What a call of the C library waits for: its value is the library's, and who used it last may let it go on.
void add_object_of_call(const Words& words, const History& history, CpuId waiter, std::uint64_t offset, Lines& lines) {
  lines.push_back("for " + words.memory(offset));
  if (history.last_change_for(waiter, offset)) {
    lines.push_back("  " + last_write_text(words, history, waiter, offset));
  }
}

// What its loop or wait reads, and the lock words it could not get before: a lock that is free again while a cpu that
// wanted it sleeps is a lost wakeup.
void add_memories(const Words& words, const History& history, const CpuView& cpu, Lines& lines) {
  const bool is_in_call = !words.waiting_call(cpu).empty();
  for (const std::uint64_t offset : cpu.watches) {
    if (is_in_call) {
      add_object_of_call(words, history, cpu.cpu, offset, lines);
    } else {
      add_memory(words, history, cpu.cpu, "reads ", offset, lines);
    }
  }
  const bool is_stuck = cpu.activity == CpuActivity::kWaiting || cpu.activity == CpuActivity::kSpinning;
  if (is_stuck && !is_in_call && cpu.watches.empty()) lines.emplace_back("reads nothing that another cpu could change");
  for (const std::size_t at : history.vain_tries(cpu.cpu)) {
    const std::uint64_t offset = history.steps()[at].address;
    if (std::find(cpu.watches.begin(), cpu.watches.end(), offset) != cpu.watches.end()) continue;
    add_memory(words, history, cpu.cpu, fmt::format("tried in vain at step {}: ", at + 1), offset, lines);
  }
}

// Contexts innermost first: where the cpu is, then what that interrupted.
void add_contexts(const Words& words, const CpuView& cpu, Lines& lines) {
  for (std::size_t i = cpu.contexts.size(); i-- > 0;) {
    const ContextView& context = cpu.contexts[i];
    if (cpu.contexts.size() > 1) {
      const bool is_innermost = i + 1 == cpu.contexts.size();
      lines.push_back(fmt::format("{}{}:", is_innermost ? "in " : "which interrupted ", words.context(context)));
    }
    add_chain(words, context.frames, cpu.contexts.size() > 1 ? "  " : "", lines);
  }
}

std::string_view doing(CpuActivity activity) {
  switch (activity) {
    case CpuActivity::kEnded:
      return "has ended";
    case CpuActivity::kIdle:
      return "is idle: its program has ended";
    case CpuActivity::kWaiting:
      return "waits";
    case CpuActivity::kSpinning:
      return "spins";
    case CpuActivity::kRunning:
      return "is in the middle of its program";
  }
}

Stand stand_of(const Words& words, const History& history, const CpuView& cpu) {
  Stand stand;
  stand.heading = fmt::format("cpu {} {}", cpu.cpu.value(), doing(cpu.activity));
  if (cpu.activity == CpuActivity::kEnded || cpu.activity == CpuActivity::kIdle) return stand;
  if (const std::string call = words.waiting_call(cpu); !call.empty()) {
    stand.heading += " in " + call;  // the interrupts of a program are the engine's own
  } else {
    stand.heading += cpu.irqs_enabled ? ", irqs on" : ", irqs off";
  }
  if (cpu.pending_vectors != 0) stand.heading += ", pending: " + words.vectors(cpu.pending_vectors);
  add_contexts(words, cpu, stand.lines);
  add_memories(words, history, cpu, stand.lines);
  return stand;
}

// What is free and what is held: the last values of memory that more than one cpu accessed, as it was accessed.
Stand last_values(const Words& words, const History& history) {
  struct Value {
    std::string text;
    std::uint64_t users = 0;  // bit per cpu
  };
  std::map<std::uint64_t, Value> values;
  for (const Step& step : history.steps()) {
    if (!reads_memory(step) && !writes_memory(step)) continue;
    Value& value = values[step.address];
    value.text = shows_value(step) ? value_text(step.after, step.width_bytes) : "";
    value.users |= std::uint64_t{1} << (step.cpu.value() % kCpusMax);
  }
  std::erase_if(values, [&](const auto& entry) {
    return std::popcount(entry.second.users) < 2 || entry.second.text.empty() || words.is_engines(entry.first);
  });
  Stand stand{"last values of what cpus share", {}};
  for (const auto& [offset, value] : values) {
    if (stand.lines.size() == kLastValuesMax) {
      stand.lines.push_back(fmt::format("... and {} more", values.size() - kLastValuesMax));
      break;
    }
    stand.lines.push_back(fmt::format("{} = {}", words.memory(offset), value.text));
  }
  return stand;
}

std::string title_of(VerdictKind kind) {
  switch (kind) {
    case VerdictKind::kOk:
    case VerdictKind::kInconclusive:
      return "How it ended";
    case VerdictKind::kDeadlock:
    case VerdictKind::kHang:
      return "Why nobody can go on";
    case VerdictKind::kLockOrder:
      return "What can deadlock";
    case VerdictKind::kLivelock:
      return "Why it goes round for ever";
    case VerdictKind::kInvariant:
    case VerdictKind::kAssertion:
    case VerdictKind::kMemoryError:
    case VerdictKind::kCrash:
      return "What broke";
    case VerdictKind::kDataRace:
      return "What races";
    case VerdictKind::kSanitizerReport:
      return "What ThreadSanitizer reports";
  }
}

Stand failure_stand(const Words& words, const History& history, const RunView& run) {
  const Failure& failure = *run.failure;
  Stand stand{failure.what, {}};
  if (!failure.where.empty()) stand.lines.push_back("at " + failure.where);
  if (failure.frames.empty()) {
    if (run.end == RunEnd::kInvariant) stand.lines.emplace_back("found when every program had come to rest");
    return stand;
  }
  const std::size_t steps = history.steps().size();
  stand.lines.push_back(fmt::format("on cpu {}", failure.cpu.value()) +
                        (steps == 0 ? "" : fmt::format(", after step {}", steps)));
  add_chain(words, failure.frames, "", stand.lines);
  if (failure.access) {
    const Lines more = bad_access_lines(words, history, failure);
    stand.lines.insert(stand.lines.end(), more.begin(), more.end());
  }
  return stand;
}

}  // namespace

void add_chain(const Words& words, std::span<const Site> frames, const std::string& indent, Lines& lines) {
  const std::vector<Place> places = words.places(frames);
  if (places.empty()) lines.push_back(indent + "in unknown code");
  for (std::size_t i = 0; i < places.size() && i < kEndingPlacesMax; ++i) {
    lines.push_back(fmt::format("{}{}{}", indent, i == 0 ? "in " : "called from ", places[i].text()));
  }
  if (places.size() > kEndingPlacesMax) lines.push_back(indent + "...");
}

Ending ending_of(const ExplainInput& input, const Words& words) {
  const RunView& run = *input.run;
  static const std::vector<Step> kNoSteps;
  const History history(run.trace == nullptr ? kNoSteps : run.trace->steps);
  Ending ending{title_of(input.verdict.kind), {}};
  if (run.failure != nullptr) ending.stands.push_back(failure_stand(words, history, run));
  if (run.race != nullptr) {
    ending.stands = race_stands(input, words);
    return ending;  // where the others stood then says nothing
  }
  if (input.lock_order != nullptr) {
    ending.stands = lock_stands(input, words);
    return ending;  // everybody came to the end
  }
  for (const CpuView& cpu : run.cpus) {
    const bool is_told = run.failure != nullptr && !run.failure->frames.empty() && run.failure->cpu == cpu.cpu;
    if (!is_told) ending.stands.push_back(stand_of(words, history, cpu));
  }
  Stand values = last_values(words, history);
  if (!values.lines.empty()) ending.stands.push_back(std::move(values));
  return ending;
}

}  // namespace gridlock
