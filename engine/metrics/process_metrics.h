// What the operating system says of this process and of a file system: the `process_*` metrics that every exporter
// has under the same names, and the room that is left on a disk.
//
// May include: base, model; prometheus-cpp.
#pragma once

#include <prometheus/metric_family.h>

#include <filesystem>
#include <vector>

#include "engine/base/error.h"

namespace gridlock::metrics {

// process_cpu_seconds_total, process_open_fds, process_max_fds, process_resident_memory_bytes,
// process_virtual_memory_bytes, process_start_time_seconds, process_threads; by name, each with one value. `proc`:
// where procfs is mounted. What cannot be read is left out: a metric that is missing is seen, one that is wrong is not.
[[nodiscard]] std::vector<prometheus::MetricFamily> process_families(const std::filesystem::path& proc = "/proc");

struct DiskSpace {
  double free_bytes = 0;  // that this process may still use
  double size_bytes = 0;
};

// Of the file system that `folder` lies on. ERRORS: no such folder.
[[nodiscard]] Result<DiskSpace> disk_space(const std::filesystem::path& folder);

}  // namespace gridlock::metrics
