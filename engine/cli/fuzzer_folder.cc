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
#include "engine/cli/program_file.h"
#include "engine/cli/sibling.h"
#include "engine/decode/decode.h"
#include "engine/model/repro_line.h"

namespace gridlock {

Result<FuzzerFolder> FuzzerFolder::create(std::string_view engine) {
  auto path = make_work_folder(std::string(engine));
  if (!path) return std::unexpected(path.error());
  return FuzzerFolder(std::move(*path));
}

FuzzerFolder::FuzzerFolder(FuzzerFolder&& other) noexcept
    : path_(std::exchange(other.path_, {})), seeds_(other.seeds_) {}

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

Result<void> FuzzerFolder::add_seed(std::string_view name, const Scenario& scenario, const TargetSchema& schema) {
  const auto bytes = encode(scenario, schema);
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return write_file(path_ / name / fmt::format("{:06}", seeds_++), text);
}

Result<void> FuzzerFolder::write_known(const KnownBugs& known) const {
  return write_file(path_ / "known", known.to_text());
}

std::vector<std::string> FuzzerFolder::driver_environment(const FuzzOptions& options, std::string_view variant,
                                                          const SharedRunPage& page) const {
  std::vector<std::string> variables = {
      fmt::format("{}={}", kTargetVariable, options.target), fmt::format("{}={}", kVariantVariable, variant),
      fmt::format("{}={}", kPageVariable, page.descriptor()), fmt::format("{}={}", kKnownVariable, path("known"))};
  if (!options.arguments.empty()) {
    std::string line;
    for (const std::string& argument : options.arguments) line += quoted_argument(argument) + ' ';
    variables.push_back(fmt::format("{}={}", kArgumentsVariable, line));
  }
  if (!options.feedback) variables.push_back(fmt::format("{}=1", kFeedbackVariable));
  if (!options.structure) variables.push_back(fmt::format("{}=1", kStructureVariable));
  return variables;
}

Result<std::string> find_driver(const Target& target, std::string_view fuzzer, std::string_view flavour) {
  const auto own = program_path();
  if (!own) return std::unexpected(own.error());
  const std::string name = driver_name(own->filename().string(), fuzzer, flavour);
  std::string path = (own->parent_path() / name).string();
  if (::access(path.c_str(), X_OK) == 0) return path;
  return failure("run the fuzzer's driver", path,
                 std::string(std::strerror(errno)) + "; " + how_to_build(target.is_program(), name, flavour, fuzzer));
}

Result<std::string> find_tool(const std::string& name) {
  const auto folder = tools_folder();
  if (!folder) return std::unexpected(folder.error());
  std::string path = (*folder / name).string();
  if (::access(path.c_str(), R_OK) == 0) return path;
  const std::string why = std::strerror(errno);
  // A target of somebody's own project lies with that project.
  if (const auto gridlock = find_in_path("gridlock")) {
    std::string other = (gridlock->parent_path() / name).string();
    if (::access(other.c_str(), R_OK) == 0) return other;
  }
  const std::string where = "no gridlock in PATH has it beside it; install Gridlock again, or build its target ";
  return failure("use a part of Gridlock", path, fmt::format("{}, and {}{}", why, where, name));
}

}  // namespace gridlock
