// `gridlock fuzz`: checks everything that can be wrong before a run is made, then lets a supervisor search.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>
#include <string_view>

#include "engine/cli/afl_launcher.h"
#include "engine/cli/commands.h"
#include "engine/cli/finding_desk.h"
#include "engine/cli/finding_files.h"
#include "engine/cli/input_file.h"
#include "engine/cli/interrupt.h"
#include "engine/cli/launcher.h"
#include "engine/cli/libfuzzer_launcher.h"
#include "engine/cli/progress.h"
#include "engine/cli/report.h"
#include "engine/cli/reset_check.h"
#include "engine/cli/status_writer.h"
#include "engine/cli/supervisor.h"

namespace gridlock {
namespace {

Result<void> check_engine(const FuzzOptions& options) {
  if (options.engine == FuzzEngine::kBuiltin) return {};
  const std::string engine = options.engine == FuzzEngine::kAfl ? "afl" : "libfuzzer";
  if (options.twice) {
    return failure("run everything twice", engine, "only the builtin engine does: leave --engine away");
  }
  if (strategy_of(options) != "directed") {
    return failure("use the strategy", options.strategy,
                   "with --engine " + engine + " the input alone decides: leave --strategy away");
  }
  return {};
}

// Everything that can be written to is tried now: a night of fuzzing must not end in "permission denied".
Result<void> check_folders(const FuzzOptions& options, const Target& target) {
  if (auto ready = prepare_directory(findings_directory(options, target)); !ready) return ready;
  return options.corpus.empty() ? Result<void>{} : prepare_directory(options.corpus);
}

Result<std::optional<StatusWriter>> open_status(const FuzzOptions& options) {
  if (options.status_page.empty()) return std::nullopt;
  return StatusWriter::open(options.status_page, options.corpus);
}

StatusWriter* watched(std::optional<StatusWriter>& status) {
  return status ? &*status : nullptr;
}

// What a blind search begins with; one that learns takes it in by itself, and would hold it twice.
Result<std::vector<Scenario>> corpus_of(const FuzzOptions& options, const Target& target) {
  if (strategy_of(options) != kAdaptive) return load_corpus(options.corpus, target);
  // What cannot be read is told now all the same.
  const auto readable = walk_corpus(options.corpus, target, [](const CorpusFile&) { return Result<void>{}; });
  if (!readable) return std::unexpected(readable.error());
  return std::vector<Scenario>{};
}

// Of a launcher that may not come to be.
template <typename Made>
Result<std::unique_ptr<Launcher>> on_heap(Result<Made> launcher) {
  if (!launcher) return std::unexpected(launcher.error());
  return std::make_unique<Made>(std::move(*launcher));
}

Result<std::unique_ptr<Launcher>> make_launcher(Tools tools, const Target& target, std::uint32_t variant,
                                                const FuzzOptions& options) {
  if (options.engine == FuzzEngine::kLibfuzzer) {
    return on_heap(LibfuzzerLauncher::create(target, variant, options, Machine::flavour()));
  }
  if (options.engine == FuzzEngine::kAfl) {
    return on_heap(AflLauncher::create(target, variant, options, Machine::flavour()));
  }
  auto corpus = corpus_of(options, target);
  if (!corpus) return std::unexpected(corpus.error());
  return on_heap(BuiltinLauncher::create(tools, target, variant, options, std::move(*corpus)));
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
  auto status = open_status(options);
  if (!status) return std::unexpected(status.error());
  auto page = SharedRunPage::create();
  if (!page) return std::unexpected(page.error());
  if (options.machine == MachineKind::kThreads) {
    if (auto checked = check_folders(options, **target); !checked) return std::unexpected(checked.error());
    auto corpus = load_corpus(options.corpus, **target);
    if (!corpus) return std::unexpected(corpus.error());
    return fuzz_on_real_cores(options, **target, *variant, tools, std::move(*corpus), **page, watched(*status));
  }
  // Each engine but the builtin one has its own process, which makes all runs.
  if (options.engine == FuzzEngine::kBuiltin) {
    const auto chosen = choose_process(tools, options.runs_in, **target, *variant, **page);
    if (!chosen) return std::unexpected(chosen.error());
    tools.forks = chosen->forks;
  }
  const auto launcher = make_launcher(tools, **target, *variant, options);
  if (!launcher) return std::unexpected(launcher.error());
  // Last: what else is wrong leaves nothing behind.
  if (auto checked = check_folders(options, **target); !checked) return std::unexpected(checked.error());

  catch_interrupts();
  Supervisor supervisor(tools, **target, *variant, options, **launcher, **page, watched(*status));
  if (auto ran = supervisor.run(); !ran) return std::unexpected(ran.error());
  print_summary(supervisor.totals(), supervisor.findings().size(), supervisor.elapsed_seconds());
  if (options.json) print_report(options, (*target)->schema.variants[*variant].name, supervisor);
  if (supervisor.totals().differing > 0) return ExitCode::kInternalDefect;
  return supervisor.findings().empty() ? ExitCode::kAsExpected : ExitCode::kFound;
}

}  // namespace gridlock
