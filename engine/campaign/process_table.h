// Which processes there are below a child, what memory and processor time they have: read from /proc, because a limit
// of address space would kill every sanitizer (they map terabytes), and because a fuzzer's own children leave its
// process group (afl-fuzz gives its fork server a session).
//
// May include: base.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <vector>

namespace gridlock::campaign {

// A process for ever: numbers are used again, with another time of start.
struct ProcessName {
  pid_t pid = 0;
  std::uint64_t start = 0;  // in ticks since the machine came up
  bool operator==(const ProcessName&) const = default;
};

// How long a process has waited for a processor since its begin.
struct ProcessWait {
  ProcessName name;
  double seconds = 0;
};

// What a process and all below it use. Pages that two of them share count twice: an upper bound.
struct ProcessUse {
  std::uint64_t resident_bytes = 0;
  double cpu_seconds = 0;  // also of those below that have ended and were waited for
  std::vector<ProcessWait> waits;
};

// All processes at one moment, without those that have ended and only wait to be waited for. A value.
class ProcessTable {
 public:
  // Empty where /proc cannot be read. Processes beyond kProcessesMax are left out.
  [[nodiscard]] static ProcessTable read();

  // `root`, the processes of its group and all that descend from either, `root` first; empty if it is gone.
  [[nodiscard]] std::vector<ProcessName> below(pid_t root) const;
  // True if that very process is there.
  [[nodiscard]] bool holds(ProcessName name) const;
  [[nodiscard]] ProcessUse use_below(pid_t root) const;

 private:
  struct Row {
    ProcessName name;
    pid_t parent = 0;
    pid_t group = 0;
    std::uint64_t resident_bytes = 0;
    double cpu_seconds = 0;
    double waited_seconds = 0;
  };
  [[nodiscard]] static bool read_row(const char* pid, Row& row);
  [[nodiscard]] std::vector<const Row*> rows_below(pid_t root) const;

  std::vector<Row> rows_;
};

inline constexpr std::size_t kProcessesMax = 100'000;

}  // namespace gridlock::campaign
