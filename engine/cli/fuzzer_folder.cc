#include "engine/cli/fuzzer_folder.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "engine/cli/corpus_folder.h"
#include "engine/cli/finding_files.h"
#include "engine/cli/fuzz_driver.h"
#include "engine/cli/sibling.h"
#include "engine/decode/decode.h"

namespace gridlock {

Result<FuzzerFolder> FuzzerFolder::create(std::string_view engine) {
  auto path = make_work_folder(std::string(engine));
  if (!path) return std::unexpected(path.error());
  return FuzzerFolder(std::move(*path));
}

FuzzerFolder::FuzzerFolder(FuzzerFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}

FuzzerFolder::~FuzzerFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

std::string FuzzerFolder::path(std::string_view name) const {
  return (path_ / name).string();
}

Result<void> FuzzerFolder::add_folder(std::string_view name) const {
  std::error_code error;
  std::filesystem::create_directory(path_ / name, error);
  if (error) return failure("create a work folder", path(name), error.message());
  return {};
}

Result<void> FuzzerFolder::add_seeds(std::string_view name, const std::vector<Scenario>& scenarios,
                                     const TargetSchema& schema) const {
  if (auto added = add_folder(name); !added) return added;
  for (std::size_t entry = 0; entry < scenarios.size(); ++entry) {
    const auto bytes = encode(scenarios[entry], schema);
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (auto done = write_file(path_ / name / fmt::format("{:06}", entry), text); !done) return done;
  }
  return {};
}

Result<void> FuzzerFolder::write_known(const KnownBugs& known) const {
  return write_file(path_ / "known", known.to_text());
}

std::vector<std::string> FuzzerFolder::driver_environment(const FuzzOptions& options, std::string_view variant,
                                                          const SharedRunPage& page) const {
  std::vector<std::string> variables = {
      fmt::format("{}={}", kTargetVariable, options.target), fmt::format("{}={}", kVariantVariable, variant),
      fmt::format("{}={}", kPageVariable, page.descriptor()), fmt::format("{}={}", kKnownVariable, path("known"))};
  if (!options.feedback) variables.push_back(fmt::format("{}=1", kFeedbackVariable));
  if (!options.structure) variables.push_back(fmt::format("{}=1", kStructureVariable));
  return variables;
}

Result<std::string> find_beside(const std::string& name, int access_mode) {
  const auto own = program_path();
  if (!own) return std::unexpected(own.error());
  std::string path = (own->parent_path() / name).string();
  if (::access(path.c_str(), access_mode) == 0) return path;
  return failure("run the fuzzer's driver", path,
                 std::string(std::strerror(errno)) + "; build it with `cmake --build --preset release`");
}

}  // namespace gridlock
