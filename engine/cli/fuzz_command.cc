// `gridlock fuzz`: checks everything that can be wrong before a run is made, then lets a supervisor search.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string_view>

#include "engine/cli/commands.h"
#include "engine/cli/finding_desk.h"
#include "engine/cli/finding_files.h"
#include "engine/cli/input_file.h"
#include "engine/cli/interrupt.h"
#include "engine/cli/launcher.h"
#include "engine/cli/progress.h"
#include "engine/cli/report.h"
#include "engine/cli/supervisor.h"

namespace gridlock {
namespace {

Result<void> check_engine(const FuzzOptions& options) {
  if (options.engine == FuzzEngine::kAfl) {
    return failure("use the engine", "afl", "it is not in this build yet; known: builtin, libfuzzer");
  }
  if (options.engine == FuzzEngine::kLibfuzzer && options.twice) {
    return failure("run everything twice", "libfuzzer", "only the builtin engine does: leave --engine away");
  }
  if (options.engine == FuzzEngine::kLibfuzzer && strategy_of(options) != "directed") {
    return failure("use the strategy", options.strategy,
                   "with --engine libfuzzer the input alone decides: leave --strategy away");
  }
  return {};
}

// Everything that can be written to is tried now: a night of fuzzing must not end in "permission denied".
Result<void> check_folders(const FuzzOptions& options, const Target& target) {
  if (auto ready = prepare_directory(findings_directory(options, target)); !ready) return ready;
  return options.corpus.empty() ? Result<void>{} : prepare_directory(options.corpus);
}

Result<std::unique_ptr<Launcher>> make_launcher(Tools tools, const Target& target, std::uint32_t variant,
                                                const FuzzOptions& options, std::vector<Scenario> corpus) {
  if (options.engine == FuzzEngine::kBuiltin) {
    auto builtin = BuiltinLauncher::create(tools, target, variant, options, std::move(corpus));
    if (!builtin) return std::unexpected(builtin.error());
    return std::make_unique<BuiltinLauncher>(std::move(*builtin));
  }
  auto launcher = LibfuzzerLauncher::create(target, variant, options, Machine::flavour(), corpus);
  if (!launcher) return std::unexpected(launcher.error());
  return std::make_unique<LibfuzzerLauncher>(std::move(*launcher));
}

void print_summary(const FuzzTotals& totals, std::size_t findings, double seconds) {
  const double rate = static_cast<double>(totals.runs) / std::max(seconds, 1e-3);
  fmt::print("{} in {:.1f} s ({}/s), {}, {} switches, {}\n", counted(totals.runs, "run"), seconds, short_number(rate),
             counted(totals.points, "point"), grouped(totals.switches), counted(findings, "finding"));
  if (totals.inconclusive > 0) {
    fmt::print("{} inconclusive: the point limit was reached with nothing proven\n",
               counted(totals.inconclusive, "run"));
  }
  if (totals.unconfirmed > 0) {
    fmt::print("{} not reported: the bug did not come again when its schedule was replayed\n",
               counted(totals.unconfirmed, "suspicion"));
  }
  if (totals.differing > 0) {
    fmt::print(
        "{} did not run the same twice: the target reads a clock, an address as a value or what it has not "
        "written, or Gridlock is wrong\n",
        counted(totals.differing, "scenario"));
  }
  if (totals.ordered_reports > 0) {
    fmt::print("{} of ThreadSanitizer on accesses that are ordered: no findings (replay --show-ordered tells why)\n",
               counted(totals.ordered_reports, "report"));
  }
}

void print_report(const FuzzOptions& options, const std::string& variant, const Supervisor& supervisor) {
  const FuzzTotals totals = supervisor.totals();
  auto object = to_json(Report{options.target, variant, strategy_of(options), totals.runs, totals.points,
                               supervisor.elapsed_seconds(), supervisor.findings()});
  object["switches"] = totals.switches;
  object["inconclusive"] = totals.inconclusive;
  object["unconfirmed"] = totals.unconfirmed;
  object["differing"] = totals.differing;
  object["ordered_reports"] = totals.ordered_reports;
  object["seed"] = options.seed;
  object["jobs"] = options.jobs;
  object["sanitizer"] = Machine::flavour();
  print_json(object);
}

}  // namespace

Result<ExitCode> run_command(const FuzzOptions& options, std::span<const Target> targets, Tools tools) {
  if (auto checked = check_engine(options); !checked) return std::unexpected(checked.error());
  const auto target = find_target(targets, options.target);
  if (!target) return std::unexpected(target.error());
  const auto variant = find_variant((*target)->schema, options.variant);
  if (!variant) return std::unexpected(variant.error());
  std::vector<Scenario> corpus;
  if (!options.corpus.empty()) {
    auto loaded = load_corpus(options.corpus, **target);
    if (!loaded) return std::unexpected(loaded.error());
    corpus = std::move(*loaded);
  }
  if (auto checked = check_folders(options, **target); !checked) return std::unexpected(checked.error());
  auto page = SharedRunPage::create();
  if (!page) return std::unexpected(page.error());
  if (options.machine == MachineKind::kThreads) {
    return fuzz_on_real_cores(options, **target, *variant, tools, std::move(corpus), **page);
  }
  const auto launcher = make_launcher(tools, **target, *variant, options, std::move(corpus));
  if (!launcher) return std::unexpected(launcher.error());

  catch_interrupts();
  Supervisor supervisor(tools, **target, *variant, options, **launcher, **page);
  if (auto ran = supervisor.run(); !ran) return std::unexpected(ran.error());
  print_summary(supervisor.totals(), supervisor.findings().size(), supervisor.elapsed_seconds());
  if (options.json) print_report(options, (*target)->schema.variants[*variant].name, supervisor);
  if (supervisor.totals().differing > 0) return ExitCode::kInternalDefect;
  return supervisor.findings().empty() ? ExitCode::kAsExpected : ExitCode::kFound;
}

}  // namespace gridlock
