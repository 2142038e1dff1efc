#include "engine/cli/regress_plan.h"

#include <algorithm>

#include "engine/cli/death.h"

namespace gridlock {
namespace {

// From slow to quick, as measured over the corpus.
constexpr std::string_view kBySlowness[] = {"tsan", "asan", "plain"};

void add_quick_files(std::span<const ReplayFile> files, std::string_view flavour, std::vector<RegressBatch>& batches) {
  RegressBatch batch{flavour, {}};
  for (std::size_t file = 0; file < files.size(); ++file) {
    if (is_stalling(files[file])) continue;
    batch.files.push_back(file);
    if (batch.files.size() < kFilesInBatchMax) continue;
    batches.push_back(std::move(batch));
    batch = {flavour, {}};
  }
  if (!batch.files.empty()) batches.push_back(std::move(batch));
}

}  // namespace

bool is_stalling(const ReplayFile& file) {
  return file.input.repro.signature == kNoPointSignature;
}

std::vector<RegressBatch> plan_batches(std::span<const ReplayFile> files, std::span<const std::string_view> flavours) {
  std::vector<RegressBatch> batches;
  for (std::size_t file = 0; file < files.size(); ++file) {
    if (!is_stalling(files[file])) continue;
    for (const std::string_view flavour : flavours) batches.push_back({flavour, {file}});
  }
  for (const std::string_view flavour : kBySlowness) {
    if (std::ranges::find(flavours, flavour) != flavours.end()) add_quick_files(files, flavour, batches);
  }
  return batches;
}

}  // namespace gridlock
