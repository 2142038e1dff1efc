// `gridlock fuzz --machine threads`, from a checked command line to its summary and exit code.
//
// May include: all that cli includes.
#include <fmt/format.h>

#include <algorithm>

#include "engine/cli/commands.h"
#include "engine/cli/interrupt.h"
#include "engine/cli/threads_fuzzer.h"

namespace gridlock {
namespace {

void print_summary(const ThreadsFuzzer& fuzzer) {
  const RunPage& page = fuzzer.page();
  const double seconds = fuzzer.elapsed_seconds();
  fmt::print("{} on real cores in {:.1f} s ({}/s), {}, {}\n", counted(page.runs, "run"), seconds,
             short_number(static_cast<double>(page.runs) / std::max(seconds, 1e-3)), counted(page.points, "point"),
             counted(fuzzer.findings().size(), "finding"));
  if (page.inconclusive > 0) {
    fmt::print("{} inconclusive: things went on changing, and it did not end\n", counted(page.inconclusive, "run"));
  }
  if (fuzzer.ordered_reports() > 0) {
    fmt::print("{} of ThreadSanitizer on accesses that are ordered: no findings\n",
               counted(fuzzer.ordered_reports(), "place"));
  }
}

void print_report(const FuzzOptions& options, const std::string& variant, const ThreadsFuzzer& fuzzer) {
  const RunPage& page = fuzzer.page();
  // Nobody decides an order here: the strategy is the cores.
  auto object = to_json(
      Report{options.target, variant, "threads", page.runs, page.points, fuzzer.elapsed_seconds(), fuzzer.findings()});
  object["machine"] = "threads";
  object["inconclusive"] = page.inconclusive.load();
  object["ordered_reports"] = fuzzer.ordered_reports();
  object["seed"] = options.seed;
  object["jobs"] = options.jobs;
  object["sanitizer"] = Machine::flavour();
  print_json(object);
}

}  // namespace

Result<ExitCode> fuzz_on_real_cores(const FuzzOptions& options, const Target& target, std::uint32_t variant,
                                    Tools tools, std::vector<Scenario> corpus, RunPage& page, StatusWriter* status) {
  auto worker_page = SharedRunPage::create();
  if (!worker_page) return std::unexpected(worker_page.error());
  catch_interrupts();
  ThreadsFuzzer fuzzer(tools, target, variant, options, std::move(corpus), *worker_page, page, status);
  if (auto ran = fuzzer.run(); !ran) return std::unexpected(ran.error());
  print_summary(fuzzer);
  if (options.json) print_report(options, target.schema.variants[variant].name, fuzzer);
  return fuzzer.findings().empty() ? ExitCode::kAsExpected : ExitCode::kFound;
}

}  // namespace gridlock
