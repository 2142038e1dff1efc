// How a regression run is cut into batches, one process each, so that two cores are busy to the end: what takes long
// comes first, and files that are quick share a process, whose start and whose reading of debug information cost more
// than their runs.
//
// May include: base, cli (replayer). Pure functions.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cli/replayer.h"

namespace gridlock {

struct RegressBatch {
  std::string_view flavour;
  std::vector<std::size_t> files;  // indices
};

// So many files share a process; a few more processes than cores even out what they take.
inline constexpr std::size_t kFilesInBatchMax = 12;

// True if the file holds a run that ends only when its parent gives up waiting for a point.
[[nodiscard]] bool is_stalling(const ReplayFile& file);

// Each file once for each flavour, in the order in which the batches are to be started: stalling files first and alone,
// then the others, the slowest flavour first.
[[nodiscard]] std::vector<RegressBatch> plan_batches(std::span<const ReplayFile> files,
                                                     std::span<const std::string_view> flavours);

}  // namespace gridlock
