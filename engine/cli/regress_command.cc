// `gridlock regress`: replays every repro under a folder once and writes the reports that CI systems read.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "engine/cli/commands.h"
#include "engine/cli/finding_files.h"
#include "engine/cli/progress.h"
#include "engine/cli/regress_reports.h"
#include "engine/cli/replayer.h"

namespace gridlock {
namespace {

// Of one regression run; a corpus beyond it wants to be split.
constexpr std::size_t kReprosMax = 100'000;

Result<std::vector<std::string>> find_repros(const std::string& directory) {
  std::error_code error;
  std::vector<std::string> paths;
  std::filesystem::recursive_directory_iterator entry(directory, error);
  for (; !error && entry != std::filesystem::recursive_directory_iterator(); entry.increment(error)) {
    std::error_code ignored;
    const bool repro = entry->path().extension() == ".repro" && entry->is_regular_file(ignored);
    if (repro) paths.push_back(entry->path().string());
    if (paths.size() > kReprosMax) return failure("regress", directory, fmt::format("more than {} repros", kReprosMax));
  }
  if (error) return failure("search the folder for repros", directory, error.message());
  std::sort(paths.begin(), paths.end());
  return paths;
}

Result<void> replay_file(const std::string& path, std::span<const Target> targets, Tools tools, RunPage& page,
                         std::vector<ReplayRow>& rows) {
  const auto input = load_input(path, "", targets);
  if (!input) return std::unexpected(input.error());
  const auto cases = replay_cases(*input, "");
  if (!cases) return std::unexpected(cases.error());
  for (const auto& work : *cases) {
    auto row = replay_case(tools, *input, path, work, 1, page);
    if (!row) return std::unexpected(row.error());
    if (!row->passed()) fmt::print("{}", describe(*row));
    rows.push_back(std::move(*row));
  }
  return {};
}

Result<void> write_reports(const RegressOptions& options, std::span<const ReplayRow> rows) {
  if (!options.junit.empty()) {
    if (auto written = write_file(options.junit, junit_report(rows)); !written) return written;
  }
  if (!options.sarif.empty()) {
    if (auto written = write_file(options.sarif, sarif_report(rows)); !written) return written;
  }
  return {};
}

}  // namespace

Result<ExitCode> run_command(const RegressOptions& options, std::span<const Target> targets, Tools tools) {
  const auto paths = find_repros(options.directory);
  if (!paths) return std::unexpected(paths.error());
  const auto page = SharedRunPage::create();
  if (!page) return std::unexpected(page.error());
  const auto start = std::chrono::steady_clock::now();
  std::vector<ReplayRow> rows;
  std::size_t unreadable = 0;
  for (const auto& path : *paths) {
    // One bad file must not hide what the others say.
    if (const auto done = replay_file(path, targets, tools, **page, rows); !done) {
      fmt::print(stderr, "gridlock: {}\n", done.error().message());
      ++unreadable;
    }
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  const auto passed = std::count_if(rows.begin(), rows.end(), [](const ReplayRow& row) { return row.passed(); });
  fmt::print("{}, {} of {} expectations hold\n", counted(paths->size(), "repro"), passed, rows.size());
  if (const auto written = write_reports(options, rows); !written) return std::unexpected(written.error());
  if (options.json) print_json(replay_json(rows, seconds.count()));
  if (unreadable > 0) return ExitCode::kWrongUse;
  return static_cast<std::size_t>(passed) == rows.size() ? ExitCode::kAsExpected : ExitCode::kFound;
}

}  // namespace gridlock
