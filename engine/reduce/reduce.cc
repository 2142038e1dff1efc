// See reduce.h. May include: base, model.
#include "engine/reduce/reduce.h"

#include "engine/reduce/edits.h"
#include "engine/reduce/passes.h"
#include "engine/reduce/search.h"

namespace gridlock {
namespace {

void shrink_to_fixpoint(Search& search, const TargetSchema& schema) {
  Size before;
  do {
    before = search.size();
    shrink_cpus(search, schema);
    shrink_calls(search);
    shrink_directives(search);
    shrink_start_order(search);
    shrink_numbers(search, schema);
    // By far the most trials, so only where nothing else helps.
    if (search.size() == before) re_aim(search, schema);
  } while (search.size() < before && !search.exhausted());
}

}  // namespace

Reduction reduce(const Scenario& original, const TargetSchema& schema, const TrialFunction& trial,
                 const ReduceOptions& options) {
  Search search(original, trial, options.trials_max);
  if (!search.start()) return {original, search.trials(), false};
  do {
    shrink_to_fixpoint(search, schema);
  } while (drop_any_single(search, schema));
  return {search.best(), search.trials(), !search.exhausted()};
}

Size size_of(const Scenario& scenario) {
  Size size{.cpus = scenario.cpu_count(),
            .directives = static_cast<std::uint32_t>(scenario.directives.size()),
            .operations = static_cast<std::uint32_t>(call_count(scenario)),
            .numbers = inversions(scenario.start_order)};
  for (const std::uint32_t parameter : scenario.parameters) size.numbers += parameter;
  for (const auto& program : scenario.programs) {
    for (const OperationCall& call : program) {
      for (const std::uint32_t argument : call.arguments) size.numbers += argument;
    }
  }
  for (const Directive& directive : scenario.directives) {
    size.numbers += directive.point.value();
    if (directive.action == Action::kDefer) size.numbers += directive.b;
  }
  return size;
}

}  // namespace gridlock
