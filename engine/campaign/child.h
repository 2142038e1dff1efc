// One of Gridlock's programs as a child process: in a process group of its own, with its output bounded and nothing of
// it left when it is killed, or when this process is.
//
// The child dies with the *thread* that started it (PR_SET_PDEATHSIG), so by `kill -9` of this process too; what it
// starts itself dies with it in the same way. Whoever starts children outlives them.
//
// May include: base, campaign (process_table).
#pragma once

#include <poll.h>
#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/error.h"
#include "engine/campaign/process_table.h"

namespace gridlock::campaign {

// Of what a child writes to stdout or stderr, the end is kept. The last line of a command with --json fits.
inline constexpr std::size_t kChildTailBytesMax = 64 << 10;
// What is taken in at a time, so that a child that writes for ever does not keep its reader.
inline constexpr std::size_t kDrainBytesMax = 1 << 20;

// The end of a stream of bytes.
class Tail {
 public:
  explicit Tail(std::size_t bytes_max = kChildTailBytesMax) : bytes_max_(bytes_max) {}
  void add(std::string_view bytes);
  [[nodiscard]] std::string_view text() const;
  [[nodiscard]] std::uint64_t bytes_in_all() const { return bytes_in_all_; }
  // The last line that is not empty, without its end.
  [[nodiscard]] std::string_view last_line() const;

 private:
  std::size_t bytes_max_;
  std::string bytes_;  // at most twice bytes_max_, so that moving costs little
  std::uint64_t bytes_in_all_ = 0;
};

struct ChildCommand {
  std::vector<std::string> command;           // the program's path and its arguments
  std::vector<std::string> environment = {};  // NAME=VALUE, instead of this process's value
  // One of `environment` that nobody else has, so that all it starts can be told by what they inherited; empty: none.
  std::string mark = {};
  int niceness = 10;
  std::size_t output_bytes_max = kChildTailBytesMax;
};

// How a child ended.
struct ChildEnd {
  int wait_status = 0;
  double cpu_seconds = 0;  // of it and of all below it that were waited for
  // 0 to 255, or nothing: a signal ended it.
  [[nodiscard]] std::optional<int> exit_code() const;
  // "exit code 3", "signal 9"
  [[nodiscard]] std::string describe() const;
};

class Child {
 public:
  // ERRORS: the program is not there or cannot be executed, no more processes or descriptors.
  [[nodiscard]] static Result<Child> start(const ChildCommand& command);

  Child(Child&& other) noexcept;
  Child& operator=(Child&& other) noexcept;
  // Kills it if it runs.
  ~Child();

  [[nodiscard]] pid_t pid() const { return pid_; }
  // Adds what poll(2) should watch.
  void add_to(std::vector<pollfd>& watched) const;
  // Takes in what has been written; never blocks.
  void drain();
  [[nodiscard]] const Tail& output() const { return output_; }
  [[nodiscard]] const Tail& errors() const { return errors_; }
  // Remembers what is below it now, so that what has left its group goes with it when it ends by itself.
  void remember(const ProcessTable& processes);
  // How it ended, once it has.
  [[nodiscard]] const std::optional<ChildEnd>& ended();
  // Asks it to end: SIGTERM, to itself alone; it ends what is below it in good order.
  void ask_to_end() const;
  // SIGKILL to it, its group and all that descends from it, and waits for it.
  void kill();

 private:
  Child(pid_t pid, int output, int errors, const ChildCommand& command)
      : pid_(pid), output_end_(output), errors_end_(errors), output_(command.output_bytes_max), mark_(command.mark) {}
  void wait(int options);
  void kill_remembered() const;
  void kill_marked() const;

  pid_t pid_ = -1;
  int output_end_ = -1;
  int errors_end_ = -1;
  Tail output_;
  Tail errors_;
  std::vector<ProcessName> below_;  // as remembered
  std::string mark_;
  std::optional<ChildEnd> end_;
};

}  // namespace gridlock::campaign
