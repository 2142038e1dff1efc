// Workers that are the libFuzzer driver of this flavour, in a work folder that goes when they do. See launcher.h.
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "engine/cli/corpus_folder.h"
#include "engine/cli/finding_files.h"
#include "engine/cli/launcher.h"
#include "engine/cli/sibling.h"
#include "engine/decode/decode.h"
#include "engine/search/schedule_source.h"

namespace gridlock {
namespace {

// libFuzzer's own limit on an input; longer ones hold programs that nobody would read.
constexpr std::uint32_t kLibfuzzerInputBytesMax = 4096;

Result<void> fill_work_folder(const std::filesystem::path& work, const std::vector<Scenario>& corpus,
                              const TargetSchema& schema) {
  std::error_code error;
  for (const char* folder : {"corpus", "seeds", "artifacts"}) {
    std::filesystem::create_directory(work / folder, error);
    if (error) return failure("create a work folder", (work / folder).string(), error.message());
  }
  for (std::size_t entry = 0; entry < corpus.size(); ++entry) {
    const auto bytes = encode(corpus[entry], schema);
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (auto done = write_file(work / "seeds" / fmt::format("{:06}", entry), text); !done) return done;
  }
  return {};
}

}  // namespace

Result<LibfuzzerLauncher> LibfuzzerLauncher::create(const Target& target, std::uint32_t variant,
                                                    const FuzzOptions& options, std::string_view flavour,
                                                    const std::vector<Scenario>& corpus) {
  const auto own = program_path();
  if (!own) return std::unexpected(own.error());
  const std::string program = (own->parent_path() / libfuzzer_name(flavour)).string();
  if (::access(program.c_str(), X_OK) != 0) {
    return failure("run the libFuzzer driver", program,
                   std::string(std::strerror(errno)) + "; build it with `cmake --build --preset release`");
  }
  auto work = make_work_folder("libfuzzer");
  if (!work) return std::unexpected(work.error());
  LibfuzzerLauncher launcher(program, *work, target.schema.variants[variant].name, options);
  if (auto filled = fill_work_folder(*work, corpus, target.schema); !filled) return std::unexpected(filled.error());
  return launcher;
}

LibfuzzerLauncher::LibfuzzerLauncher(LibfuzzerLauncher&& other) noexcept
    : program_(std::move(other.program_)),
      work_(std::exchange(other.work_, {})),
      variant_(std::move(other.variant_)),
      options_(other.options_) {}

LibfuzzerLauncher::~LibfuzzerLauncher() {
  std::error_code ignored;
  if (!work_.empty()) std::filesystem::remove_all(work_, ignored);
}

Result<ChildProcess> LibfuzzerLauncher::launch(WorkerIdentity identity, SharedRunPage& page, const KnownBugs& known) {
  const std::string known_path = fmt::format("{}/known-{}", work_, identity.worker);
  if (auto written = write_file(known_path, known.to_text()); !written) return std::unexpected(written.error());
  // libFuzzer takes 32 bits, and 0 as "draw one".
  const auto seed = static_cast<std::uint32_t>(derive_seed(options_.seed, identity.worker, identity.incarnation)) | 1;
  Program driver;
  driver.command = {
      program_,
      fmt::format("-seed={}", seed),
      fmt::format("-max_len={}", kLibfuzzerInputBytesMax),
      // The input of a death is in the page; these files only must not land in the current folder.
      fmt::format("-artifact_prefix={}/artifacts/", work_),
      "-rss_limit_mb=0",  // it would count the sanitizers' shadow memory
      options_.corpus.empty() ? work_ + "/corpus" : options_.corpus,
      work_ + "/seeds",
  };
  driver.environment = {
      fmt::format("{}={}", kTargetVariable, options_.target), fmt::format("{}={}", kVariantVariable, variant_),
      fmt::format("{}={}", kPageVariable, page.descriptor()), fmt::format("{}={}", kKnownVariable, known_path)};
  driver.inherited = page.descriptor();
  return ChildProcess::execute(driver);
}

}  // namespace gridlock
