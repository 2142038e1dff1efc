#include "engine/cli/program_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "engine/abi/program/entry.h"
#include "engine/cli/sibling.h"

namespace gridlock {

const char kProgramMark[] = "gridlock-program-file 1: built by gridlock-cc";

namespace {

constexpr const char* kTried = "run the program";

// True if the bytes of the file have the mark in them. errno tells what a false is about; 0: no mark.
bool has_mark(const std::string& file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return false;
  struct stat status{};
  void* bytes = MAP_FAILED;
  const bool can_map = ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0;
  const auto size = static_cast<std::size_t>(status.st_size);
  if (can_map) bytes = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
  const bool found = bytes != MAP_FAILED && ::memmem(bytes, size, kProgramMark, sizeof(kProgramMark)) != nullptr;
  if (bytes != MAP_FAILED) ::munmap(bytes, size);
  ::close(descriptor);
  errno = 0;
  return found;
}

constexpr const char* kToolsVariable = "GRIDLOCK_TOOLS";

}  // namespace

Result<std::filesystem::path> tools_folder() {
  if (const char* const folder = std::getenv(kToolsVariable)) return std::filesystem::path(folder);
  const auto own = program_path();
  if (!own) return std::unexpected(own.error());
  return own->parent_path();
}

Error become_program(const std::string& file, char** arguments) {
  if (!has_mark(file)) {
    const std::string why =
        errno != 0 ? std::strerror(errno) : "it is no program that gridlock-cc or gridlock-c++ built";
    return {kTried, file, why + "; build it with `gridlock-c++ -g SOURCES -o " + file + "`"};
  }
  const auto folder = tools_folder();
  if (!folder) return folder.error();
  ::setenv(kToolsVariable, folder->c_str(), 1);
  ::setenv(program::kCommandVariable, "1", 1);
  // The program is known by its own name.
  arguments[0] = const_cast<char*>(file.c_str());
  // A name without a folder is one of this folder, not of PATH.
  ::execv(file.c_str(), arguments);
  return {kTried, file, std::strerror(errno)};
}

}  // namespace gridlock
