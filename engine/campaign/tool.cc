#include "engine/campaign/tool.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <poll.h>

namespace gridlock::campaign {
namespace {

constexpr std::chrono::milliseconds kPollEvery{50};
constexpr std::chrono::milliseconds kMemoryLookEvery{500};
constexpr const char* kStopped = "the service ends";

}  // namespace

bool was_stopped(const Error& error) {
  return error.advice == kStopped;
}

Result<ToolEnd> Tool::run(const std::vector<std::string>& arguments, const std::stop_token& stop,
                          const ToolLimits& limits) const {
  return run_program("gridlock", arguments, {}, stop, limits);
}

Result<ToolEnd> Tool::run_program(const std::string& name, const std::vector<std::string>& arguments,
                                  const std::vector<std::string>& environment, const std::stop_token& stop,
                                  const ToolLimits& limits) const {
  ChildCommand command{.command = {(program_.parent_path() / name).string()},
                       .environment = environment,
                       .niceness = 5,  // before the fuzzers: somebody waits for what this finds out
                       .output_bytes_max = limits.output_bytes};
  command.command.insert(command.command.end(), arguments.begin(), arguments.end());
  command.environment.push_back("TMPDIR=" + temporary_.string());
  const std::string shown = fmt::format("{} {}", name, fmt::join(arguments, " "));
  auto child = Child::start(command);
  if (!child) return std::unexpected(child.error());
  const auto begin = clock_.steady();
  auto memory_looked_at = begin;
  while (!child->ended()) {
    std::vector<pollfd> watched;
    child->add_to(watched);
    ::poll(watched.data(), watched.size(), static_cast<int>(kPollEvery.count()));
    // Once both ends are closed, poll has nothing to wait for but time.
    child->drain();
    if (stop.stop_requested()) return failure("run the command", shown, kStopped);
    const auto now = clock_.steady();
    if (now - begin > limits.wall) {
      return failure("run the command", shown, fmt::format("it took more than {} s", limits.wall.count()));
    }
    if (now - memory_looked_at < kMemoryLookEvery) continue;
    memory_looked_at = now;
    if (ProcessTable::read().use_below(child->pid()).resident_bytes > limits.memory_bytes) {
      return failure("run the command", shown, fmt::format("it took more than {} MiB", limits.memory_bytes >> 20));
    }
  }
  child->drain();
  return ToolEnd{.end = *child->ended(),
                 .output = std::string(child->output().text()),
                 .last_line = std::string(child->output().last_line()),
                 .errors = std::string(child->errors().text()),
                 .seconds = std::chrono::duration<double>(clock_.steady() - begin).count()};
}

}  // namespace gridlock::campaign
