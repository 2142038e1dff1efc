// ThreadSanitizer's reports of accesses that are ordered: what it says, and what it does not see.
//
// May include: base, model.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

#include "engine/explain/ending.h"
#include "engine/explain/explain.h"
#include "engine/explain/words.h"

namespace gridlock {
namespace {

std::optional<std::size_t> find_fence(const std::vector<Step>& steps) {
  const auto found = std::find_if(steps.begin(), steps.end(), [](const Step& step) {
    return step.kind == StepKind::kFence && step.order != __ATOMIC_RELAXED;
  });
  if (found == steps.end()) return std::nullopt;
  return static_cast<std::size_t>(found - steps.begin());
}

// The first step that accesses memory otherwise than a step before it: a part of a word, or a word of which that was a
// part.
std::optional<std::size_t> find_mixed_size(const std::vector<Step>& steps) {
  std::unordered_map<std::uint64_t, std::pair<std::uint64_t, std::uint8_t>> stretches;  // by byte: begin, width
  for (std::size_t at = 0; at < steps.size(); ++at) {
    const Step& step = steps[at];
    const std::pair stretch(step.address, step.width_bytes);
    for (std::uint64_t byte = step.address; touches(step, byte); ++byte) {
      if (stretches.try_emplace(byte, stretch).first->second != stretch) return at;
    }
  }
  return std::nullopt;
}

std::optional<std::size_t> find_pointer_read(const std::vector<Step>& steps) {
  const auto found = std::find_if(steps.begin(), steps.end(), [](const Step& step) {
    return step.kind == StepKind::kVolatileRead && step.width_bytes == sizeof(void*) && step.after != 0;
  });
  if (found == steps.end()) return std::nullopt;
  return static_cast<std::size_t>(found - steps.begin());
}

void add_reason(const ExplainInput& input, const Words& words, const char* reason, std::optional<std::size_t> step,
                std::string& out) {
  if (!step) return;
  out += fmt::format("      {}: step {}{}\n", reason, *step + 1, words.at(input.run->trace->steps[*step]));
}

}  // namespace

std::string explain_ordered(const ExplainInput& input) {
  const RunView& run = *input.run;
  if (run.ordered_report == nullptr || run.trace == nullptr) return "  ordered    no such report in this run\n";
  const Words words(input);
  const RaceReport& report = *run.ordered_report;
  std::string out = fmt::format("  ordered    ThreadSanitizer reports a race on {}, which is none:\n",
                                report.on_stack ? "memory on a stack" : words.memory(report.offset));
  for (const RaceAccess& access : report.accesses) {
    out += fmt::format("    {} {}\n", access.is_atomic ? "atomic" : "plain", access.is_write ? "write" : "read");
    std::vector<std::string> chain;
    add_chain(words, access.frames, "      ", chain);
    for (const std::string& line : chain) out += line + "\n";
  }
  out += "    The exact judge orders the two, by what it knows of this run and ThreadSanitizer does not:\n";
  const std::vector<Step>& steps = run.trace->steps;
  const std::size_t before = out.size();
  add_reason(input, words, "fences, which order what stands around them", find_fence(steps), out);
  add_reason(input, words, "accesses of several sizes to one word", find_mixed_size(steps), out);
  add_reason(input, words, "pointers that are read and followed, an address dependency", find_pointer_read(steps), out);
  if (out.size() == before) out += "      the order between contexts of one cpu\n";
  return out;
}

}  // namespace gridlock
