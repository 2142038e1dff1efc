// gridlock-cc and gridlock-c++: compilers in the way of cc and c++ that put Gridlock's engine into the program. The
// name by which it is called says which language.
//
//     gridlock-c++ -g program.cc -o program.gridlock
//     gridlock fuzz --program ./program.gridlock
//
// May include: base.
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "engine/cc/compiler_call.h"
#include "engine/cc/kit.h"
#include "engine/cc/recipe.h"
#include "engine/cc/response_file.h"

namespace gridlock {
namespace {

constexpr int kExitWrongUse = 2;

// For the files between the stages; goes with everything in it.
class WorkFolder {
 public:
  WorkFolder() {
    std::error_code error;
    path_ = (std::filesystem::temp_directory_path(error) / "gridlock-cc-XXXXXX").string();
    if (::mkdtemp(path_.data()) == nullptr) path_.clear();
  }
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;
  ~WorkFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::vector<char*> pointers(const Command& command) {
  std::vector<char*> words;
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  return words;
}

void show(const Command& command) {
  for (const std::string& word : command) std::fprintf(stderr, " \"%s\"", word.c_str());
  std::fputc('\n', stderr);
}

// Ends as clang ends.
Result<int> become(const Command& command) {
  ::execv(command.front().c_str(), pointers(command).data());
  return failure("run", command.front(), std::strerror(errno));
}

Result<int> run(const Command& command) {
  pid_t child = 0;
  const int error = ::posix_spawn(&child, command.front().c_str(), nullptr, nullptr, pointers(command).data(), environ);
  if (error != 0) return failure("run", command.front(), std::strerror(error));
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return failure("wait for", command.front(), std::strerror(errno));
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

Result<int> link(const CompilerCall& call, const Kit& kit) {
  const WorkFolder folder;
  if (folder.path().empty()) return failure("make a folder for temporary files", "", std::strerror(errno));
  const auto exists = [](const std::string& file) {
    std::error_code error;
    return std::filesystem::exists(file, error);
  };
  for (const Command& command : link_recipe(call, kit, folder.path(), exists)) {
    if (call.verbose) show(command);
    const auto status = run(command);
    if (!status || *status != 0) return status;
  }
  return 0;
}

Result<std::string> read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return failure("read the response file", path, "it is not there");
  std::string text(kResponseBytesMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kResponseBytesMax) return failure("read the response file", path, "it is too long");
  return text;
}

Result<int> run_wrapper(std::span<char* const> arguments) {
  const std::string called_as = arguments.empty() ? "gridlock-cc" : arguments.front();
  const std::vector<std::string> given(arguments.begin() + (arguments.empty() ? 0 : 1), arguments.end());
  const auto words = expand_response_files(given, read_text);
  if (!words) return std::unexpected(words.error());
  const auto call = read_compiler_call(*words);
  if (!call) return std::unexpected(call.error());
  const ProgramLanguage language = language_of(called_as);
  if (call->mode != CompilerCall::Mode::kLink) {
    const auto kit = find_compiler(language);
    if (!kit) return std::unexpected(kit.error());
    return become(compiler_command(*call, *kit));
  }
  std::error_code error;
  const auto own_path = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return failure("find this program's own file", "/proc/self/exe", error.message());
  const auto kit = find_kit(own_path, language, *call);
  if (!kit) return std::unexpected(kit.error());
  return link(*call, *kit);
}

}  // namespace
}  // namespace gridlock

int main(int argument_count, char** arguments) {
  const auto status = gridlock::run_wrapper({arguments, static_cast<std::size_t>(argument_count)});
  if (status) return *status;
  std::fprintf(stderr, "gridlock-cc: error: %s\n", status.error().message().c_str());
  return gridlock::kExitWrongUse;
}
