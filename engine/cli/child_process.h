// A process that runs scenarios for us: a fork of this one or another program. Its messages come over a socket, its
// stderr over a pipe of which only the end is kept: a sanitizer writes a page for each of a thousand candidates, and a
// terminal wants none of them.
//
// May include: base, cli (wire).
#pragma once

#include <poll.h>
#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/error.h"
#include "engine/cli/run_page.h"
#include "engine/cli/wire.h"

namespace gridlock {

// How long one run may last before it counts as one that never reaches another point; runs take microseconds. Five
// seconds by the clock, of which the child had a fair share of a processor: a crowded host makes no finding. A child
// that sleeps instead of computing meets the last limit.
struct RunLimits {
  std::chrono::milliseconds wall{5000};
  std::chrono::milliseconds processor{3000};
  std::chrono::milliseconds wall_asleep{60'000};
};

// Says when a child has been in one run for too long.
class StallWatch {
 public:
  StallWatch(pid_t child, const RunPage& page, RunLimits limits) : child_(child), page_(&page), limits_(limits) {}

  // True once the current run is over its limits. To be asked every now and then.
  [[nodiscard]] bool stalled();
  // The process that runs the inputs: the child, or what the child made for that.
  [[nodiscard]] pid_t runner() const;

 private:
  pid_t child_;
  const RunPage* page_;
  RunLimits limits_;
  std::optional<std::uint64_t> heartbeat_;
  std::chrono::nanoseconds processor_then_{};
  std::chrono::steady_clock::time_point wall_then_{};
};

// How an executed program learns the descriptor of its channel, where it has something to say.
inline constexpr const char* kChannelVariable = "GRIDLOCK_CHANNEL_DESCRIPTOR";

// What a child executes.
struct Program {
  std::vector<std::string> command;           // its path and arguments
  std::vector<std::string> environment = {};  // added to this process's own
  int inherited = -1;                         // a descriptor that stays open in the child; -1: none
  int output = -1;  // where its stdout goes: -1: to this process's own; STDERR_FILENO: where its stderr goes
};

class ChildProcess {
 public:
  using Body = std::function<void(const Channel&)>;

  // Forks: the child runs `body` and ends with exit code 0. It ignores interrupts from the terminal, which are for the
  // parent, and dies with its parent. ERRORS: no more processes or descriptors.
  [[nodiscard]] static Result<ChildProcess> start(const Body& body);
  // The same with another program in the child. One that cannot be executed ends with kExitNotExecuted.
  [[nodiscard]] static Result<ChildProcess> execute(const Program& program);

  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;
  // Kills the child if it still runs.
  ~ChildProcess();

  [[nodiscard]] pid_t pid() const { return pid_; }
  // Adds what poll(2) should watch.
  void add_to(std::vector<pollfd>& watched) const;
  // Takes in what has arrived; never blocks. False once the child has closed both ends, which means that it has ended.
  bool drain();
  [[nodiscard]] std::vector<nlohmann::json> take_messages() { return reader_.take(); }
  // Lets a child that waits for a reply go on.
  void reply() const;
  // The end of what the child wrote to stderr.
  [[nodiscard]] const std::string& stderr_tail() const { return tail_; }
  void kill() const;
  // Waits for the end; the status of waitpid(2).
  [[nodiscard]] int wait();

 private:
  ChildProcess(pid_t pid, int channel, int errors) : pid_(pid), channel_(channel), errors_(errors) {}
  static Result<ChildProcess> launch(const std::function<void(int channel)>& in_child);
  void keep_tail(const char* bytes, std::size_t size);

  pid_t pid_ = -1;
  int channel_ = -1;
  int errors_ = -1;
  MessageReader reader_;
  std::string tail_;
};

inline constexpr int kExitNotExecuted = 127;
// Of a child's stderr; a sanitizer's report and the message of a defect both fit.
inline constexpr std::size_t kStderrTailBytesMax = 32 << 10;

// How a child ended that should have gone on.
struct ChildDeath {
  bool stalled = false;  // we killed it, because its run reached no point
  int wait_status = 0;
  std::string stderr_tail;
  bool status_known = true;  // false: it is no child of ours, and `wait_status` a guess
};

struct ChildResult {
  std::vector<nlohmann::json> messages;
  std::optional<ChildDeath> death;  // nothing: it ended by itself with exit code 0
};

// Runs `body` in a fork to its end and collects what it sends. ERRORS: the fork could not be made.
[[nodiscard]] Result<ChildResult> run_child(RunPage& page, const ChildProcess::Body& body, RunLimits limits);

}  // namespace gridlock
