#include "engine/cli/program_runs.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "engine/base/check.h"
#include "engine/cli/child_process.h"

namespace gridlock {
namespace {

// How often a parent that hears nothing looks again, in case an end was missed.
constexpr int kWatchIntervalMs = 1000;

// A file in memory that a program's stdout goes to.
class OutputFile {
 public:
  OutputFile() : descriptor_(::memfd_create("gridlock-output", MFD_CLOEXEC)) {}
  OutputFile(OutputFile&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  OutputFile& operator=(OutputFile&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~OutputFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  [[nodiscard]] int descriptor() const { return descriptor_; }
  [[nodiscard]] Result<std::string> read(const std::string& program) const {
    struct stat status{};
    if (::fstat(descriptor_, &status) != 0) return failure("read what it printed", program, std::strerror(errno));
    const auto size = static_cast<std::size_t>(status.st_size);
    if (size > kProgramOutputBytesMax) {
      return failure("read what it printed", program, fmt::format("more than {} bytes", kProgramOutputBytesMax));
    }
    std::string text(size, '\0');
    const auto got = ::pread(descriptor_, text.data(), text.size(), 0);
    if (got < 0 || static_cast<std::size_t>(got) != size) return failure("read what it printed", program, "cut short");
    return text;
  }

 private:
  int descriptor_;
};

struct RunningProgram {
  std::size_t index;  // in the commands
  OutputFile output;
  ChildProcess process;
};

Result<RunningProgram> start(const std::vector<std::string>& command, std::size_t index) {
  OutputFile output;
  if (output.descriptor() < 0) return failure("keep what it prints", command.front(), std::strerror(errno));
  auto process = ChildProcess::execute({.command = command, .output = output.descriptor()});
  if (!process) return std::unexpected(process.error());
  return RunningProgram{index, std::move(output), std::move(*process)};
}

void wait_for_any(const std::vector<RunningProgram>& running) {
  std::vector<pollfd> watched;
  for (const auto& program : running) program.process.add_to(watched);
  ::poll(watched.data(), watched.size(), kWatchIntervalMs);
}

}  // namespace

Result<std::vector<ProgramEnd>> run_programs(std::span<const std::vector<std::string>> commands, std::uint32_t jobs) {
  GRIDLOCK_CHECK(jobs > 0);
  std::vector<ProgramEnd> ends(commands.size());
  std::vector<RunningProgram> running;
  for (std::size_t next = 0; next < commands.size() || !running.empty();) {
    if (next < commands.size() && running.size() < jobs) {
      auto started = start(commands[next], next);
      if (!started) return std::unexpected(started.error());
      running.push_back(std::move(*started));
      ++next;
      continue;
    }
    wait_for_any(running);
    for (auto program = running.begin(); program != running.end();) {
      if (program->process.drain()) {
        ++program;
        continue;
      }
      auto output = program->output.read(commands[program->index].front());
      if (!output) return std::unexpected(output.error());
      const int status = program->process.wait();
      ends[program->index] = {status, std::move(*output), program->process.stderr_tail()};
      program = running.erase(program);
    }
  }
  return ends;
}

}  // namespace gridlock
