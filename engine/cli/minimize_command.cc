// `gridlock minimize`: finds the variant that shows a bug, shrinks the scenario in children, writes the repro.
#include <fmt/format.h>

#include <cstdio>

#include "engine/cli/commands.h"
#include "engine/cli/finding_files.h"
#include "engine/cli/interrupt.h"
#include "engine/cli/minimizer.h"
#include "engine/cli/repro_builder.h"
#include "engine/cli/reset_check.h"
#include "engine/cli/variant_choice.h"
#include "engine/model/repro_text.h"
#include "engine/reduce/reduce.h"

namespace gridlock {
namespace {

// Of a repro a bug was expected; of a raw input nothing was.
ExitCode nothing_to_minimize(const LoadedInput& input, const std::string& path) {
  fmt::print(stderr, "gridlock: nothing to minimize: no variant shows a bug with {}\n", path);
  return input.is_repro ? ExitCode::kFound : ExitCode::kAsExpected;
}

// On stderr: stdout may be where the repro goes.
void print_result(const Scenario& original, const Minimized& minimized) {
  const Size before = size_of(original);
  const Size after = size_of(minimized.scenario);
  fmt::print(stderr, "{}\n", minimized.verdict.signature);
  fmt::print(stderr, "cpus {} -> {}, operations {} -> {}, directives {} -> {}; {} trials{}\n", before.cpus, after.cpus,
             before.operations, after.operations, before.directives, after.directives, minimized.trials,
             minimized.one_minimal ? "" : "; the reduction was cut short");
  fmt::print(stderr, "confirmed {} of {}\n", minimized.reproduced, minimized.confirmations);
}

}  // namespace

Result<ExitCode> run_command(const MinimizeOptions& options, std::span<const Target> targets, Tools tools) {
  const auto input = load_input(options.file, options.target, targets);
  if (!input) return std::unexpected(input.error());
  const auto page = SharedRunPage::create();
  if (!page) return std::unexpected(page.error());
  if (const auto process = choose_process(tools, RunsIn::kWhatFits, *input->target, 0, **page); process) {
    tools.forks = process->forks;
  } else {
    return std::unexpected(process.error());
  }
  catch_interrupts();
  const auto chosen = choose_variant(tools, *input, options.variant, **page);
  if (!chosen) return std::unexpected(chosen.error());
  if (!is_bug(chosen->verdict.kind)) return nothing_to_minimize(*input, options.file);

  ChildRunner runner(tools, *input->target, chosen->variant, **page);
  const auto minimized = minimize_in_children(runner, input->repro.scenario, chosen->verdict, interrupted);
  if (!minimized) return std::unexpected(minimized.error());
  const auto repro =
      build_repro(tools, *input->target, chosen->variant, **page, minimized->scenario, minimized->verdict);
  if (!repro) return std::unexpected(repro.error());
  print_result(input->repro.scenario, *minimized);
  const auto written = write_output(options.output, print_repro(*repro, input->target->schema));
  if (!written) return std::unexpected(written.error());
  return minimized->reproduced == minimized->confirmations ? ExitCode::kAsExpected : ExitCode::kFound;
}

}  // namespace gridlock
