// Writes a repro as text; repro_parse.cc reads it. May include: base.
#include "engine/model/repro_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/check.h"
#include "engine/model/repro_line.h"

namespace gridlock {
namespace {

std::string call_text(const OperationCall& call, const TargetSchema& schema) {
  GRIDLOCK_CHECK(call.operation.value() < schema.operations.size());
  const OperationSchema& operation = schema.operations[call.operation.value()];
  const auto first = call.arguments.begin();
  return fmt::format("{}({})", operation.name,
                     fmt::join(first, first + static_cast<std::ptrdiff_t>(operation.arguments.size()), ", "));
}

std::string program_line(std::size_t cpu, const std::vector<OperationCall>& program, const TargetSchema& schema) {
  std::vector<std::string> calls;
  for (const OperationCall& call : program) calls.push_back(call_text(call, schema));
  return fmt::format("cpu {}:{}{}\n", cpu, calls.empty() ? "" : " ", fmt::join(calls, " ; "));
}

const std::string& name_of(const std::vector<std::string>& names, std::uint32_t index) {
  GRIDLOCK_CHECK(index < names.size());
  return names[index];
}

std::string action_text(const Directive& directive, const TargetSchema& schema) {
  switch (directive.action) {
    case Action::kDemote:
      return "demote";
    case Action::kInterrupt:
      return fmt::format("interrupt {}", name_of(schema.vectors, directive.a));
    case Action::kDefer:
      return fmt::format("defer {} {}", name_of(schema.vectors, directive.a), directive.b);
    case Action::kMigrate:
      return fmt::format("migrate {} {}", name_of(schema.entities, directive.a), directive.b);
    case Action::kStale:
      return fmt::format("stale {}", directive.a);
    case Action::kDelayStore:
      return fmt::format("delay-store {}", directive.a);
  }
  GRIDLOCK_CHECK(false && "no such action");
}

// The directives, their hints in one column behind the longest of them.
void print_directives(const Repro& repro, const TargetSchema& schema, std::string& text) {
  std::vector<std::string> lines;
  std::size_t width = 0;
  for (const Directive& directive : repro.scenario.directives) {
    lines.push_back(fmt::format("at cpu {} point {} {}", directive.cpu.value(), directive.point.value(),
                                action_text(directive, schema)));
    width = std::max(width, lines.back().size());
  }
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string hint = i < repro.site_hints.size() ? one_line(repro.site_hints[i]) : std::string();
    text += hint.empty() ? lines[i] + '\n' : fmt::format("{:<{}}  # {}\n", lines[i], width, hint);
  }
}

}  // namespace

std::string print_repro(const Repro& repro, const TargetSchema& schema) {
  const Scenario& scenario = repro.scenario;
  GRIDLOCK_CHECK(scenario.parameters.size() == schema.parameters.size());
  std::string text = fmt::format("gridlock-repro {}\ntarget {}\n", kReproVersion, repro.target);
  if (repro.program_arguments) {
    text += "program";
    for (const std::string& argument : *repro.program_arguments) text += ' ' + quoted(argument);
    text += '\n';
  }
  const std::string signature = one_line(repro.signature);
  if (!signature.empty()) text += fmt::format("signature {}\n", signature);
  for (const Expectation& expectation : repro.expectations) {
    text += fmt::format("expect {} {}\n", expectation.variant, verdict_name(expectation.verdict));
  }
  for (std::size_t i = 0; i < scenario.parameters.size(); ++i) {
    text += fmt::format("parameter {} {}\n", schema.parameters[i].range.name, scenario.parameters[i]);
  }
  for (std::size_t cpu = 0; cpu < scenario.programs.size(); ++cpu) {
    text += program_line(cpu, scenario.programs[cpu], schema);
  }
  text += "order";
  for (const CpuId cpu : scenario.start_order) text += fmt::format(" {}", cpu.value());
  text += '\n';
  print_directives(repro, schema, text);
  return text;
}

}  // namespace gridlock
