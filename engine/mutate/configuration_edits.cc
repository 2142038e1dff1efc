// Edits of the parameters and of the number of cpus. May include: base, model, decode.
#include <algorithm>
#include <utility>
#include <vector>

#include "engine/decode/draw.h"
#include "engine/mutate/edits.h"

namespace gridlock {
namespace {

// Cpus that the run creates are numbered behind those that have a program: they move up when there is one more of
// these. The last number has none to move to.
void make_room_for_cpu(Scenario& scenario) {
  const std::uint32_t count = scenario.cpu_count();
  std::erase_if(scenario.directives, [](const Directive& directive) { return directive.cpu.value() == kCpusMax - 1; });
  for (Directive& directive : scenario.directives) {
    if (directive.cpu.value() >= count) directive.cpu = CpuId(directive.cpu.value() + 1);
  }
}

CpuId without(CpuId cpu, CpuId removed) {
  return cpu > removed ? CpuId(cpu.value() - 1) : cpu;
}

// What a directive becomes when `removed` is gone; false if it named it.
bool renumber(Directive& directive, CpuId removed) {
  if (directive.cpu == removed) return false;
  directive.cpu = without(directive.cpu, removed);
  if (directive.action != Action::kMigrate) return true;
  const CpuId destination(directive.b);
  directive.b = without(destination, removed).value();
  return destination != removed;
}

}  // namespace

bool step_parameter(EditContext& context, Scenario& scenario) {
  if (scenario.parameters.empty()) return false;
  const std::uint32_t at = context.index(scenario.parameters.size());
  const RangeSchema& range = context.schema.parameters[at].range;
  return step_value(context.prng, range.minimum, range.maximum, scenario.parameters[at]);
}

bool redraw_parameter(EditContext& context, Scenario& scenario) {
  if (scenario.parameters.empty()) return false;
  const std::uint32_t at = context.index(scenario.parameters.size());
  const ParameterSchema& parameter = context.schema.parameters[at];
  return redraw_value(context.prng, parameter.fuzz_minimum, parameter.fuzz_maximum, scenario.parameters[at]);
}

bool grow_cpus(EditContext& context, Scenario& scenario) {
  const std::uint32_t count = scenario.cpu_count();
  if (count >= std::min(context.schema.cpus_maximum, kCpusMax)) return false;
  if (count >= context.options.generate.cpus_max && !context.outgrow()) return false;
  make_room_for_cpu(scenario);
  std::vector<OperationCall> program;
  if (context.prng.chance(1, 2)) {
    program = scenario.programs[context.index(count)];
  } else {
    draw_program(context.prng, context.schema, context.options.generate, program);
  }
  scenario.programs.push_back(std::move(program));
  scenario.start_order.insert(scenario.start_order.begin() + context.index(count + 1), CpuId(count));
  return true;
}

bool shrink_cpus(EditContext& context, Scenario& scenario) {
  const std::uint32_t count = scenario.cpu_count();
  if (count <= std::max(context.schema.cpus_minimum, 1u)) return false;
  const CpuId removed(context.index(count));
  std::erase_if(scenario.directives, [&](Directive& directive) { return !renumber(directive, removed); });
  scenario.programs.erase(scenario.programs.begin() + removed.value());
  std::erase(scenario.start_order, removed);
  for (CpuId& cpu : scenario.start_order) cpu = without(cpu, removed);
  return true;
}

}  // namespace gridlock
