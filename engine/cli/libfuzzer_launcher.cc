#include "engine/cli/libfuzzer_launcher.h"

#include <fmt/format.h>
#include <unistd.h>

#include <utility>

#include "engine/cli/input_file.h"
#include "engine/cli/sibling.h"
#include "engine/search/schedule_source.h"

namespace gridlock {

Result<LibfuzzerLauncher> LibfuzzerLauncher::create(const Target& target, std::uint32_t variant,
                                                    const FuzzOptions& options, std::string_view flavour) {
  auto program = find_driver(target, "libfuzzer", flavour);
  if (!program) return std::unexpected(program.error());
  auto folder = FuzzerFolder::create("libfuzzer");
  if (!folder) return std::unexpected(folder.error());
  for (const char* name : {"corpus", "seeds", "artifacts"}) {
    if (auto added = folder->add_folder(name); !added) return std::unexpected(added.error());
  }
  // libFuzzer reads the others itself.
  const auto walked = walk_corpus(options.corpus, target, [&](const CorpusFile& file) -> Result<void> {
    return file.is_repro ? folder->add_seed("seeds", file.scenario, target.schema) : Result<void>{};
  });
  if (!walked) return std::unexpected(walked.error());
  return LibfuzzerLauncher(std::move(*program), std::move(*folder), target.schema.variants[variant].name, options);
}

Result<ChildProcess> LibfuzzerLauncher::launch(WorkerIdentity identity, SharedRunPage& page, const KnownBugs& known) {
  if (auto written = tell(known); !written) return std::unexpected(written.error());
  // libFuzzer takes 32 bits, and 0 as "draw one".
  const auto seed = static_cast<std::uint32_t>(derive_seed(options_.seed, identity.worker, identity.incarnation)) | 1;
  Program driver;
  driver.command = {
      program_,
      fmt::format("-seed={}", seed),
      fmt::format("-max_len={}", kFuzzerInputBytesMax),
      // The input of a death is in the page; these files only must not land in the current folder.
      fmt::format("-artifact_prefix={}/", folder_.path("artifacts")),
      "-rss_limit_mb=0",  // it would count the sanitizers' shadow memory
      "-timeout=0",       // the parent watches, and knows a run from a driver that waits for its answer
      "-entropic=0",      // its bookkeeping of rare features costs more than a run, and nearly all of ours are rare
      "-verbosity=0",
  };
  // Nobody reads what libFuzzer writes to a folder of ours but the one that comes after it, and thousands of files cost
  // more than the runs: so only where processes die.
  if (!options_.corpus.empty()) {
    // It takes away a smaller entry's predecessors, but only those that this very process wrote: each restart would
    // leave thousands that no later one needs.
    driver.command.emplace_back("-reduce_inputs=0");
    driver.command.insert(driver.command.end(), {options_.corpus, folder_.path("seeds")});
  } else if (identity.incarnation > 0) {
    driver.command.push_back(folder_.path("corpus"));
  }
  driver.environment = folder_.driver_environment(options_, variant_, page);
  driver.inherited = page.descriptor();
  return ChildProcess::execute(driver);
}

}  // namespace gridlock
