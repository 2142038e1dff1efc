// is_legal: the definition of a legal scenario, which decode, generate and the text form all keep.
// May include: base, model.
#include <algorithm>

#include "engine/decode/decode.h"
#include "engine/decode/ranges.h"

namespace gridlock {
namespace {

bool legal_parameters(const Scenario& scenario, const TargetSchema& schema) {
  return std::equal(
      scenario.parameters.begin(), scenario.parameters.end(), schema.parameters.begin(), schema.parameters.end(),
      [](std::uint32_t value, const ParameterSchema& parameter) { return parameter_range(parameter).contains(value); });
}

bool legal_call(const OperationCall& call, const TargetSchema& schema) {
  if (call.operation.value() >= schema.operations.size()) return false;
  const auto& arguments = schema.operations[call.operation.value()].arguments;
  for (std::size_t i = 0; i < call.arguments.size(); ++i) {
    const bool legal =
        i < arguments.size() ? argument_range(arguments[i]).contains(call.arguments[i]) : call.arguments[i] == 0;
    if (!legal) return false;
  }
  return true;
}

bool legal_programs(const Scenario& scenario, const TargetSchema& schema) {
  if (scenario.programs.size() > kCpusMax) return false;
  if (!cpu_count_range(schema).contains(scenario.cpu_count())) return false;
  return std::ranges::all_of(scenario.programs, [&](const std::vector<OperationCall>& program) {
    return program.size() <= kProgramCallsMax &&
           std::ranges::all_of(program, [&](const OperationCall& call) { return legal_call(call, schema); });
  });
}

bool legal_start_order(const Scenario& scenario) {
  if (scenario.start_order.size() != scenario.programs.size()) return false;
  std::uint64_t seen = 0;
  for (const CpuId cpu : scenario.start_order) {
    if (cpu.value() >= scenario.programs.size()) return false;
    const std::uint64_t bit = std::uint64_t{1} << cpu.value();
    if ((seen & bit) != 0) return false;
    seen |= bit;
  }
  return true;
}

bool legal_action(const Directive& directive, std::uint32_t cpu_count, const TargetSchema& schema) {
  switch (directive.action) {
    case Action::kDemote:
      return directive.a == 0 && directive.b == 0;
    case Action::kInterrupt:
      return std::ranges::find(schema.external_vectors, directive.a) != schema.external_vectors.end() &&
             directive.b == 0;
    case Action::kDefer:
      return directive.a < schema.vectors.size() && kDeferRange.contains(directive.b);
    case Action::kMigrate:
      return directive.a < schema.entities.size() && directive.b < cpu_count;
    case Action::kStale:
    case Action::kDelayStore:
      return false;
  }
  return false;
}

bool legal_directives(const Scenario& scenario, const TargetSchema& schema) {
  if (scenario.directives.size() > kDirectivesMax) return false;
  return std::ranges::all_of(scenario.directives, [&](const Directive& directive) {
    return directive.cpu.value() < kCpusMax && kPointRange.contains(directive.point.value()) &&
           legal_action(directive, scenario.cpu_count(), schema);
  });
}

}  // namespace

bool is_legal(const Scenario& scenario, const TargetSchema& schema) {
  return legal_parameters(scenario, schema) && legal_programs(scenario, schema) && legal_start_order(scenario) &&
         legal_directives(scenario, schema);
}

}  // namespace gridlock
