// The labelled lines at the top; see heading.h.
//
// May include: base, model.
#include "engine/explain/heading.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gridlock {
namespace {

using Heading = std::vector<HeadingLine>;

void add_program(const ExplainInput& input, const Words& words, Heading& heading) {
  const auto& programs = input.scenario->programs;
  for (std::size_t cpu = 0; cpu < programs.size(); ++cpu) {
    std::vector<std::string> calls;
    for (const OperationCall& call : programs[cpu]) calls.push_back(words.call(call));
    heading.push_back({cpu == 0 ? "program" : "", fmt::format("cpu {}: {}", cpu, fmt::join(calls, " ; "))});
  }
}

void add_parameters(const ExplainInput& input, Heading& heading) {
  std::vector<std::string> parameters;
  const auto& values = input.scenario->parameters;
  for (std::size_t i = 0; i < values.size() && i < input.schema->parameters.size(); ++i) {
    parameters.push_back(fmt::format("{}={}", input.schema->parameters[i].range.name, values[i]));
  }
  if (!parameters.empty()) heading.push_back({"parameters", fmt::format("{}", fmt::join(parameters, ", "))});
}

void add_order(const ExplainInput& input, Heading& heading) {
  std::vector<std::uint32_t> order;
  order.reserve(input.scenario->start_order.size());
  for (const CpuId cpu : input.scenario->start_order) order.push_back(cpu.value());
  if (!order.empty()) heading.push_back({"order", fmt::format("cpus {}, highest first", fmt::join(order, " "))});
}

void add_directives(const ExplainInput& input, const Words& words, const Story& story, Heading& heading) {
  const RunView& run = *input.run;
  for (std::size_t i = 0; i < run.directives.size(); ++i) {
    const Directive& directive = run.directives[i];
    std::string text = fmt::format("{}. at cpu {} point {}: {}", i + 1, directive.cpu.value(), directive.point.value(),
                                   words.directive(directive));
    if (const auto at = story.directive_steps[i]) {
      const std::string place = words.place(run.trace->steps[*at].frames).text();
      text += fmt::format(" -- step {}{}", *at + 1, place.empty() ? "" : ", in " + place);
    }
    heading.push_back({i == 0 ? "directives" : "", std::move(text)});
  }
  if (run.directives_overflowed) heading.push_back({"", "... and more than a scenario can hold"});
}

}  // namespace

std::vector<HeadingLine> heading_of(const ExplainInput& input, const Words& words, const Story& story) {
  Heading heading;
  heading.push_back({"target", fmt::format("{}, variant {}", input.schema->name, input.variant)});
  heading.push_back({"verdict", std::string(verdict_name(input.verdict.kind))});
  if (!input.verdict.signature.empty()) heading.push_back({"signature", input.verdict.signature});
  if (!input.verdict.summary.empty()) heading.push_back({"summary", input.verdict.summary});
  add_parameters(input, heading);
  add_program(input, words, heading);
  add_order(input, heading);
  add_directives(input, words, story, heading);
  return heading;
}

std::string shown_changes(const Row& row, const Story& story) {
  std::string changes;
  for (const std::size_t i : row.changed) {
    changes += fmt::format("{}{} {}", changes.empty() ? "" : ", ", story.shown[i], row.shown[i]);
  }
  return changes;
}

std::string short_line(const Row& row, const Story& story) {
  std::string line = fmt::format("step {:>4}: cpu {} {}", row.first_step + 1, row.cpu.value(), row.what);
  if (!row.where.function.empty()) line += " in " + row.where.text();
  for (const std::string& caller : row.callers) line += " < " + caller;
  if (!row.changed.empty()) line += " [" + shown_changes(row, story) + "]";
  return line;
}

}  // namespace gridlock
