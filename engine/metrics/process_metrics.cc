#include "engine/metrics/process_metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace gridlock::metrics {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kOpenFilesMax = 1 << 20;  // that are counted
constexpr std::size_t kStatLinesMax = 100'000;  // of PROC/stat, whose first lines are one a cpu
constexpr std::string_view kBootTime = "btime ";

// The fields of PROC/self/stat that are used, by their numbers in proc(5).
struct Stat {
  double user_ticks = 0;      // 14
  double system_ticks = 0;    // 15
  double threads = 0;         // 20
  double start_ticks = 0;     // 22, since boot
  double virtual_bytes = 0;   // 23
  double resident_pages = 0;  // 24
};

std::optional<Stat> read_stat(const fs::path& proc) {
  std::ifstream file(proc / "self/stat");
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  // The second field is the program's name in brackets and may hold anything, brackets and blanks too.
  const std::size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream fields(line.substr(name_end + 1));
  std::string skipped;
  Stat stat;
  for (int number = 3; number <= 24 && fields; ++number) {
    switch (number) {
      case 14:
        fields >> stat.user_ticks;
        break;
      case 15:
        fields >> stat.system_ticks;
        break;
      case 20:
        fields >> stat.threads;
        break;
      case 22:
        fields >> stat.start_ticks;
        break;
      case 23:
        fields >> stat.virtual_bytes;
        break;
      case 24:
        fields >> stat.resident_pages;
        break;
      default:
        fields >> skipped;
    }
  }
  if (!fields) return std::nullopt;
  return stat;
}

std::optional<double> boot_unix_seconds(const fs::path& proc) {
  std::ifstream file(proc / "stat");
  std::string line;
  for (std::size_t lines = 0; lines < kStatLinesMax && std::getline(file, line); ++lines) {
    if (!line.starts_with(kBootTime)) continue;
    double seconds = 0;
    if (std::istringstream(line.substr(kBootTime.size())) >> seconds) return seconds;
  }
  return std::nullopt;
}

std::optional<double> open_files(const fs::path& proc) {
  std::error_code error;
  std::size_t count = 0;
  for (fs::directory_iterator file(proc / "self/fd", error), end; !error && file != end && count < kOpenFilesMax;
       file.increment(error)) {
    ++count;
  }
  if (error || count == 0) return std::nullopt;
  return static_cast<double>(count - 1);  // without the one that the listing itself has open
}

prometheus::MetricFamily family(const char* name, const char* help, prometheus::MetricType type, double value) {
  prometheus::ClientMetric metric;
  metric.gauge.value = value;
  metric.counter.value = value;
  return {name, help, type, {metric}};
}

prometheus::MetricFamily gauge(const char* name, const char* help, double value) {
  return family(name, help, prometheus::MetricType::Gauge, value);
}

void add_stat(const fs::path& proc, std::vector<prometheus::MetricFamily>& families) {
  const auto stat = read_stat(proc);
  if (!stat) return;
  const auto ticks_per_second = static_cast<double>(::sysconf(_SC_CLK_TCK));
  families.push_back(gauge("process_resident_memory_bytes", "Resident memory size in bytes.",
                           stat->resident_pages * static_cast<double>(::sysconf(_SC_PAGESIZE))));
  if (const auto boot = boot_unix_seconds(proc)) {
    families.push_back(gauge("process_start_time_seconds", "Start time of the process since unix epoch in seconds.",
                             *boot + stat->start_ticks / ticks_per_second));
  }
  families.push_back(gauge("process_threads", "Number of OS threads in the process.", stat->threads));
  families.push_back(gauge("process_virtual_memory_bytes", "Virtual memory size in bytes.", stat->virtual_bytes));
  families.insert(families.begin(),
                  family("process_cpu_seconds_total", "Total user and system CPU time in seconds.",
                         prometheus::MetricType::Counter, (stat->user_ticks + stat->system_ticks) / ticks_per_second));
}

}  // namespace

std::vector<prometheus::MetricFamily> process_families(const fs::path& proc) {
  std::vector<prometheus::MetricFamily> families;
  if (rlimit limit{}; ::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    families.push_back(
        gauge("process_max_fds", "Maximum number of open file descriptors.", static_cast<double>(limit.rlim_cur)));
  }
  if (const auto count = open_files(proc)) {
    families.push_back(gauge("process_open_fds", "Number of open file descriptors.", *count));
  }
  add_stat(proc, families);
  return families;
}

Result<DiskSpace> disk_space(const fs::path& folder) {
  std::error_code error;
  const fs::space_info space = fs::space(folder, error);
  if (error) {
    return failure("read how full the disk is", folder.string(), error.message() + "; check that the folder is there");
  }
  return DiskSpace{static_cast<double>(space.available), static_cast<double>(space.capacity)};
}

}  // namespace gridlock::metrics
