#include "engine/cli/afl_launcher.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

#include "engine/cli/afl_queue.h"
#include "engine/cli/finding_files.h"
#include "engine/cli/input_file.h"
#include "engine/cli/schema_file.h"
#include "engine/cli/sibling.h"
#include "engine/decode/decode.h"
#include "engine/decode/generate.h"
#include "engine/machine/crash.h"
#include "engine/search/schedule_source.h"

namespace gridlock {
namespace {

constexpr const char* kMutatorName = "libgridlock-afl-mutator.so";

// AFL++ wants at least one input to begin with.
constexpr std::uint32_t kGeneratedSeeds = 8;
constexpr std::uint32_t kPointsGuessed = 16;

// A run ends or is ended by us (StallWatch), so AFL++'s own limit must only be out of the way of a driver that waits
// for our answer.
constexpr std::uint32_t kRunMillisecondsMax = 600'000;

// What AFL++ writes before it gives up, on stdout.
constexpr std::string_view kAbortMarks[] = {"PROGRAM ABORT : ", "SYSTEM ERROR : "};

std::vector<Scenario> generated_seeds(const TargetSchema& schema, std::uint64_t seed) {
  Prng prng(seed);
  const GenerateOptions options;
  std::vector<Scenario> scenarios;
  for (std::uint32_t i = 0; i < kGeneratedSeeds; ++i) {
    scenarios.push_back(generate_program(prng, schema, options));
    const std::vector<std::uint32_t> points(scenarios.back().cpu_count(), kPointsGuessed);
    generate_schedule(prng, schema, options, points, true, scenarios.back());
  }
  return scenarios;
}

// What AFL++ begins with: it reads no folder of others before that.
Result<void> add_seeds(FuzzerFolder& folder, const Target& target, const FuzzOptions& options) {
  if (auto added = folder.add_folder("seeds"); !added) return added;
  const auto add = [&](const Scenario& scenario) { return folder.add_seed("seeds", scenario, target.schema); };
  const auto walked = walk_corpus(options.corpus, target, [&](const CorpusFile& file) { return add(file.scenario); });
  if (!walked || folder.seeds() > 0) return walked;
  for (const Scenario& scenario : generated_seeds(target.schema, options.seed)) {
    if (auto added = add(scenario); !added) return added;
  }
  return {};
}

// What AFL++ calls an instance: a folder of the shared output folder.
std::string instance_name(std::uint32_t worker) {
  return fmt::format("{:03}", worker);
}

// The line that says why, without the terminal's colours.
std::string reason_in(std::string_view output) {
  for (const std::string_view mark : kAbortMarks) {
    const auto at = output.rfind(mark);
    if (at == output.npos) continue;
    std::string_view line = output.substr(at + mark.size());
    line = line.substr(0, line.find('\n'));
    std::string reason;
    for (std::size_t i = 0; i < line.size(); ++i) {
      if (line[i] == '\x1b')
        i = std::min(line.find('m', i), line.size());
      else
        reason += line[i];
    }
    return reason;
  }
  return "it does not say why";
}

}  // namespace

Result<AflLauncher::Programs> AflLauncher::find_programs(const Target& target, const FuzzOptions& options,
                                                         std::string_view flavour) {
  const auto afl_fuzz = find_in_path("afl-fuzz");
  if (!afl_fuzz) {
    return failure("find the program", "afl-fuzz", "it is not in PATH; on Debian it comes with the package afl++");
  }
  auto driver = find_driver(target, "afl", flavour);
  if (!driver) return std::unexpected(driver.error());
  if (!options.structure) return Programs{afl_fuzz->string(), std::move(*driver), ""};
  auto mutator = find_tool(kMutatorName);
  if (!mutator) return std::unexpected(mutator.error());
  return Programs{afl_fuzz->string(), std::move(*driver), std::move(*mutator)};
}

Result<AflLauncher> AflLauncher::create(const Target& target, std::uint32_t variant, const FuzzOptions& options,
                                        std::string_view flavour) {
  auto programs = find_programs(target, options, flavour);
  if (!programs) return std::unexpected(programs.error());
  auto folder = FuzzerFolder::create("afl");
  if (!folder) return std::unexpected(folder.error());
  if (auto added = add_seeds(*folder, target, options); !added) return std::unexpected(added.error());
  if (auto written = write_file(folder->path("schema"), schema_to_text(target.schema)); !written) {
    return std::unexpected(written.error());
  }
  return AflLauncher(std::move(*programs), std::move(*folder), target, variant, options);
}

std::vector<std::string> AflLauncher::command(WorkerIdentity identity) const {
  const auto seed = static_cast<std::uint32_t>(derive_seed(options_.seed, identity.worker, identity.incarnation));
  std::vector<std::string> command = {programs_.afl_fuzz, "-i", folder_.path("seeds"), "-o", folder_.path("out")};
  const auto add = [&](std::initializer_list<std::string> words) { command.insert(command.end(), words); };
  const bool is_main = identity.worker == 0 && (options_.jobs > 1 || !options_.corpus.empty());
  add({is_main ? "-M" : "-S", instance_name(identity.worker)});
  // What other engines put there while this runs; only a main instance looks.
  if (identity.worker == 0 && !options_.corpus.empty()) add({"-F", options_.corpus});
  add({"-s", fmt::format("{}", seed >> 1 | 1), "-m", "none", "-t", fmt::format("{}", kRunMillisecondsMax)});
  add({"-G", fmt::format("{}", kFuzzerInputBytesMax), "--", programs_.driver});
  return command;
}

std::vector<std::string> AflLauncher::environment(const SharedRunPage& page) const {
  auto variables = folder_.driver_environment(options_, target_.schema.variants[variant_].name, page);
  const auto add = [&](std::string variable) { variables.push_back(std::move(variable)); };
  for (const char* flag : {
           "AFL_NO_UI", "AFL_SKIP_CPUFREQ", "AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES",
           "AFL_NO_AFFINITY",   // jobs may be more than cores, and the parent works beside them
           "AFL_AUTORESUME",    // an instance that somebody killed goes on with its queue
           "AFL_FAST_CAL",      // runs are deterministic
           "AFL_DISABLE_TRIM",  // a scenario without some of its bytes is another one
           "AFL_DEBUG_CHILD",   // the driver's stderr is ours to read
       }) {
    add(fmt::format("{}=1", flag));
  }
  // In minutes: instances learn from each other, and the main one, twice as often, from the corpus folder. AFL++'s own
  // choice is half an hour, which most campaigns never see.
  add("AFL_SYNC_TIME=1");
  add(fmt::format("AFL_CRASH_EXITCODE={}", kExitCrashed));
  if (!programs_.mutator.empty()) {
    add("AFL_CUSTOM_MUTATOR_LIBRARY=" + programs_.mutator);
    add("AFL_CUSTOM_MUTATOR_ONLY=1");  // it mutates bytes, too
    add(fmt::format("{}={}", kSchemaVariable, folder_.path("schema")));
  }
  return variables;
}

Result<ChildProcess> AflLauncher::launch(WorkerIdentity identity, SharedRunPage& page, const KnownBugs& known) {
  if (auto written = tell(known); !written) return std::unexpected(written.error());
  Program afl;
  afl.command = command(identity);
  afl.environment = environment(page);
  afl.inherited = page.descriptor();
  afl.output = STDERR_FILENO;
  return ChildProcess::execute(afl);
}

Result<void> AflLauncher::check_end(int wait_status, const std::string& stderr_tail) {
  // Only a signal ends it otherwise: drivers die below it, and it goes on.
  if (!WIFEXITED(wait_status)) return {};
  return failure("go on with afl-fuzz", programs_.driver, reason_in(stderr_tail));
}

Result<void> AflLauncher::gather() {
  if (options_.corpus.empty()) return {};
  for (std::uint32_t worker = 0; worker < options_.jobs; ++worker) {
    const std::filesystem::path instance = std::filesystem::path(folder_.path("out")) / instance_name(worker);
    if (auto added = add_afl_queue(instance / "queue", target_.schema, corpus_); !added) return added;
  }
  return {};
}

}  // namespace gridlock
