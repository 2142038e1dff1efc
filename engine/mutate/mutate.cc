#include "engine/mutate/mutate.h"

#include "engine/base/hash.h"
#include "engine/decode/draw.h"
#include "engine/mutate/edit_table.h"

namespace gridlock {
namespace {

// Half of all mutations are one edit: a descendant that differs by one thing shows what that thing does.
constexpr std::uint32_t kEditsMax = 4;
constexpr std::uint32_t kFurtherEditOfEight = 4;

// How many edits are drawn for each that is to be made. Of a scenario with nothing in it, for a target without
// interrupts, about a quarter of the table applies.
constexpr std::uint32_t kDrawsMax = 32;

bool edit_once(EditContext& context, Scenario& scenario) {
  for (std::uint32_t draws = 0; draws < kDrawsMax; ++draws) {
    const EditEntry& entry = draw_edit(context.prng);
    if (!entry.keeps_program && !context.options.programs) continue;
    if (!entry.edit(context, scenario)) continue;
    if (!entry.keeps_program) context.forget_profile();
    return true;
  }
  return false;
}

// What always can differ: a program can lose an operation, or have one.
void edit_for_certain(EditContext& context, Scenario& scenario) {
  auto& program = scenario.programs.front();
  if (program.empty()) {
    program.push_back(draw_call(context.prng, context.schema));
  } else {
    program.pop_back();
  }
}

// Different hashes are different scenarios: cheaper than a copy to compare with, and it allocates nothing.
std::uint64_t fingerprint(const Scenario& scenario) {
  Hasher hasher;
  const auto add_pair = [&](std::uint64_t high, std::uint32_t low) { hasher.add((high << 32) | low); };
  for (const std::uint32_t parameter : scenario.parameters) hasher.add(parameter);
  for (const auto& program : scenario.programs) {
    hasher.add(program.size());
    for (const OperationCall& call : program) {
      hasher.add(call.operation.value());
      add_pair(call.arguments[0], call.arguments[1]);
      add_pair(call.arguments[2], call.arguments[3]);
    }
  }
  for (const CpuId cpu : scenario.start_order) hasher.add(cpu.value());
  for (const Directive& directive : scenario.directives) {
    add_pair((directive.cpu.value() << 8) | static_cast<std::uint32_t>(directive.action), directive.point.value());
    add_pair(directive.a, directive.b);
  }
  return hasher.finish().low;
}

}  // namespace

void mutate(Prng& prng, const TargetSchema& schema, const MutationOptions& options, const MutationAim& aim,
            Scenario& scenario) {
  EditContext context(prng, schema, options, aim);
  const std::uint64_t before = fingerprint(scenario);
  const std::uint32_t edits = geometric(prng, 1, kEditsMax, kFurtherEditOfEight);
  bool possible = true;
  for (std::uint32_t made = 0; made < edits && possible; ++made) possible = edit_once(context, scenario);
  // A later edit may have undone an earlier one.
  if (options.programs && fingerprint(scenario) == before) edit_for_certain(context, scenario);
}

}  // namespace gridlock
