#include "engine/cli/sibling.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>

#include "engine/base/check.h"

namespace gridlock {

std::string_view flavour_of(Sanitizer sanitizer) {
  switch (sanitizer) {
    case Sanitizer::kNone:
      return "plain";
    case Sanitizer::kThread:
      return "tsan";
    case Sanitizer::kAddress:
      return "asan";
    case Sanitizer::kAsBuilt:
      break;
  }
  GRIDLOCK_CHECK(false);
}

std::string_view sanitizer_name(std::string_view flavour) {
  if (flavour == "plain") return "none";
  if (flavour == "tsan") return "thread";
  GRIDLOCK_CHECK(flavour == "asan");
  return "address";
}

std::optional<std::filesystem::path> find_in_path(std::string_view name) {
  const char* const variable = std::getenv("PATH");
  std::string_view folders = variable == nullptr ? "" : variable;
  while (!folders.empty()) {
    const std::string_view folder = folders.substr(0, folders.find(':'));
    folders.remove_prefix(std::min(folders.size(), folder.size() + 1));
    std::filesystem::path path = std::filesystem::path(folder) / name;
    if (!folder.empty() && ::access(path.c_str(), X_OK) == 0) return path;
  }
  return std::nullopt;
}

std::string sibling_name(std::string_view program_name, std::string_view flavour) {
  for (const std::string_view suffix : {"-tsan", "-asan"}) {
    if (program_name.ends_with(suffix)) program_name.remove_suffix(suffix.size());
  }
  std::string name(program_name);
  if (flavour != "plain") name.append("-").append(flavour);
  return name;
}

std::string driver_name(std::string_view program_name, std::string_view fuzzer, std::string_view flavour) {
  return sibling_name(sibling_name(program_name, "plain") + "-" + std::string(fuzzer), flavour);
}

std::vector<std::string_view> flavours_beside(const std::filesystem::path& program) {
  std::vector<std::string_view> flavours;
  for (const std::string_view flavour : {"plain", "tsan", "asan"}) {
    std::error_code error;
    const auto file = program.parent_path() / sibling_name(program.filename().string(), flavour);
    if (std::filesystem::exists(file, error)) flavours.push_back(flavour);
  }
  return flavours;
}

std::string how_to_build(bool is_own, std::string_view name, std::string_view flavour, std::string_view fuzzer) {
  if (!is_own) return "build all flavours with `cmake --build --preset release`";
  std::string command = "build it with `gridlock-c++ -g";
  if (!fuzzer.empty()) command.append(" --gridlock-engine=").append(fuzzer);
  if (flavour != "plain") command.append(" -fsanitize=").append(sanitizer_name(flavour));
  return command.append(" SOURCES -o ").append(name) + "`, and its objects with the same flags";
}

Result<std::filesystem::path> program_path() {
  std::error_code error;
  auto path = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return failure("find this program's own file", "/proc/self/exe", error.message());
  return path;
}

bool has_sibling(Sanitizer sanitizer) {
  const auto own = program_path();
  std::error_code error;
  return own && std::filesystem::exists(
                    own->parent_path() / sibling_name(own->filename().string(), flavour_of(sanitizer)), error);
}

Result<void> become_flavour(Sanitizer sanitizer, std::string_view own_flavour, char** arguments, bool is_own) {
  if (sanitizer == Sanitizer::kAsBuilt || flavour_of(sanitizer) == own_flavour) return {};
  const auto own = program_path();
  if (!own) return std::unexpected(own.error());
  const auto sibling = own->parent_path() / sibling_name(own->filename().string(), flavour_of(sanitizer));
  // A misnamed binary would execute itself for ever.
  if (sibling == *own) return failure("run the sanitizer flavour", sibling.string(), "that is this program");
  ::execv(sibling.c_str(), arguments);
  return failure("run the sanitizer flavour", sibling.string(),
                 std::string(std::strerror(errno)) + "; " +
                     how_to_build(is_own, sibling.filename().string(), flavour_of(sanitizer)));
}

}  // namespace gridlock
