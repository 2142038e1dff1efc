#include "engine/campaign/process_table.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <set>
#include <string>

namespace gridlock::campaign {

namespace {

// The second number of /proc/PID/schedstat, in nanoseconds: how long it stood in a run queue. Zero where the kernel
// does not count it.
double seconds_waited(const char* pid) {
  const std::string path = std::string("/proc/") + pid + "/schedstat";
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return 0;
  std::array<char, 128> text{};
  const auto size = ::read(descriptor, text.data(), text.size() - 1);
  ::close(descriptor);
  unsigned long long waited = 0;
  return size > 0 && std::sscanf(text.data(), "%*u %llu", &waited) == 1 ? static_cast<double>(waited) / 1e9 : 0;
}

}  // namespace

bool ProcessTable::read_row(const char* pid, Row& row) {
  const std::string path = std::string("/proc/") + pid + "/stat";
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return false;  // it has ended meanwhile
  std::array<char, 1024> text{};
  const auto size = ::read(descriptor, text.data(), text.size() - 1);
  ::close(descriptor);
  if (size <= 0) return false;
  // The name, in parentheses, may hold anything: what follows begins behind the last one. Fields as in proc(5).
  const char* const behind_name = std::strrchr(text.data(), ')');
  if (behind_name == nullptr) return false;
  long user = 0, system = 0, children_user = 0, children_system = 0, pages = 0;
  char state = 0;
  const int fields = std::sscanf(
      behind_name + 1, " %c %d %d %*d %*d %*d %*u %*u %*u %*u %*u %ld %ld %ld %ld %*d %*d %*d %*d %lu %*u %ld", &state,
      &row.parent, &row.group, &user, &system, &children_user, &children_system, &row.name.start, &pages);
  if (fields != 9 || state == 'Z' || state == 'X') return false;  // a corpse uses nothing and has no children
  row.name.pid = static_cast<pid_t>(std::atoi(pid));
  static const long page_bytes = ::sysconf(_SC_PAGESIZE);
  static const long ticks = ::sysconf(_SC_CLK_TCK);
  row.resident_bytes = static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page_bytes);
  row.cpu_seconds = static_cast<double>(user + system + children_user + children_system) / static_cast<double>(ticks);
  row.waited_seconds = seconds_waited(pid);
  return true;
}

ProcessTable ProcessTable::read() {
  ProcessTable table;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir("/proc"), ::closedir);
  if (!folder) return table;
  while (const dirent* entry = ::readdir(folder.get())) {
    if (entry->d_name[0] < '1' || entry->d_name[0] > '9') continue;
    if (table.rows_.size() >= kProcessesMax) break;
    Row row;
    if (read_row(entry->d_name, row)) table.rows_.push_back(row);
  }
  return table;
}

std::vector<const ProcessTable::Row*> ProcessTable::rows_below(pid_t root) const {
  std::vector<const Row*> found;
  std::set<pid_t> pids;
  // A child may have a smaller number than its parent, so once through is not always enough.
  for (bool grown = true; grown;) {
    grown = false;
    for (const Row& row : rows_) {
      const bool belongs = row.name.pid == root || row.group == root || pids.contains(row.parent);
      if (!belongs || !pids.insert(row.name.pid).second) continue;
      grown = true;
      if (row.name.pid == root) {
        found.insert(found.begin(), &row);
      } else {
        found.push_back(&row);
      }
    }
  }
  return found;
}

std::vector<ProcessName> ProcessTable::below(pid_t root) const {
  std::vector<ProcessName> names;
  for (const Row* row : rows_below(root)) names.push_back(row->name);
  return names;
}

bool ProcessTable::holds(ProcessName name) const {
  return std::ranges::any_of(rows_, [&](const Row& row) { return row.name == name; });
}

ProcessUse ProcessTable::use_below(pid_t root) const {
  ProcessUse sum;
  for (const Row* row : rows_below(root)) {
    sum.resident_bytes += row->resident_bytes;
    sum.cpu_seconds += row->cpu_seconds;
    sum.waits.push_back({row->name, row->waited_seconds});
  }
  return sum;
}

}  // namespace gridlock::campaign
