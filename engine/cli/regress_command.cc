// `gridlock regress`: replays every repro under a folder once in every flavour, and writes the reports that CI systems
// read.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <system_error>
#include <thread>

#include "engine/cli/commands.h"
#include "engine/cli/finding_files.h"
#include "engine/cli/input_file.h"
#include "engine/cli/progress.h"
#include "engine/cli/regress_reports.h"
#include "engine/cli/regress_table.h"
#include "engine/cli/replayer.h"
#include "engine/cli/sarif_report.h"
#include "engine/cli/sibling.h"
#include "engine/cli/sibling_replay.h"
#include "engine/model/repro_text.h"

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

constexpr std::string_view kAllFlavours[] = {"plain", "tsan", "asan"};

// Takes out the repros of targets that this program was built without, and says so: they prove nothing, and are no
// failure. What cannot be read stays, for load_files to tell.
void leave_out_absent(std::vector<std::string>& paths, std::span<const AbsentTarget> absent) {
  if (absent.empty()) return;
  for (const AbsentTarget& target : absent) {
    const auto left_out = std::erase_if(paths, [&target](const std::string& path) {
      const auto bytes = read_file(path, kReproBytesMax);
      const auto named = bytes ? repro_target(*bytes, path) : Result<std::string>(std::unexpected(bytes.error()));
      return named && *named == target.name;
    });
    if (left_out != 0)
      fmt::print("left out: {}, {} is absent: {}\n", counted(left_out, "repro"), target.name, target.reason);
  }
}

// The files that can be read. One bad file must not hide what the others say: it is told, and counted.
std::vector<ReplayFile> load_files(std::span<const std::string> paths, std::span<const Target> targets,
                                   std::size_t& unreadable) {
  std::vector<ReplayFile> files;
  for (const auto& path : paths) {
    auto file = load_replay_file(path, "", "", targets);
    if (file) {
      files.push_back(std::move(*file));
    } else {
      fmt::print(stderr, "gridlock: {}\n", file.error().message());
      ++unreadable;
    }
  }
  return files;
}

std::vector<std::string_view> flavours_of(Sanitizer sanitizer) {
  if (sanitizer == Sanitizer::kAsBuilt) return {std::begin(kAllFlavours), std::end(kAllFlavours)};
  return {flavour_of(sanitizer)};
}

std::uint32_t jobs_of(const RegressOptions& options) {
  if (options.jobs != 0) return options.jobs;
  return std::clamp(std::thread::hardware_concurrency(), 1u, kJobsMax);
}

// Paths are told from the folder that one stands in: a CI system stands in the repository.
Result<void> write_sarif(const RegressOptions& options, const std::filesystem::path& program,
                         std::span<const ReplayRow> rows) {
  const auto explanations = explain_in_siblings(program, rows, jobs_of(options));
  if (!explanations) return std::unexpected(explanations.error());
  const auto report = sarif_report({rows, *explanations, SourceTree::below("."), "."});
  if (!report) return std::unexpected(report.error());
  return write_file(options.sarif, *report);
}

Result<void> write_reports(const RegressOptions& options, const std::filesystem::path& program,
                           std::span<const ReplayRow> rows, std::span<const std::string_view> flavours) {
  if (!options.junit.empty()) {
    if (auto written = write_file(options.junit, junit_report(rows, flavours)); !written) return written;
  }
  if (!options.sarif.empty()) {
    if (auto written = write_sarif(options, program, rows); !written) return written;
  }
  return {};
}

}  // namespace

Result<ExitCode> run_command(const RegressOptions& options, std::span<const Target> targets,
                             std::span<const AbsentTarget> absent) {
  auto paths = find_repros(options.directory);
  if (!paths) return std::unexpected(paths.error());
  leave_out_absent(*paths, absent);
  const auto program = program_path();
  if (!program) return std::unexpected(program.error());
  std::size_t unreadable = 0;
  const auto files = load_files(*paths, targets, unreadable);
  const auto flavours = flavours_of(options.sanitizer);
  const auto start = std::chrono::steady_clock::now();
  const auto rows = replay_in_siblings(*program, files, flavours, jobs_of(options));
  if (!rows) return std::unexpected(rows.error());
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  fmt::print("{}\n{}{}", regress_table(*rows, flavours), regress_failures(*rows),
             regress_summary(*rows, flavours, paths->size()));
  if (const auto written = write_reports(options, *program, *rows, flavours); !written)
    return std::unexpected(written.error());
  if (options.json) print_json(replay_json(*rows, seconds.count()));
  if (unreadable > 0) return ExitCode::kWrongUse;
  const bool passed = std::ranges::all_of(*rows, [](const ReplayRow& row) { return row.passed(); });
  return passed ? ExitCode::kAsExpected : ExitCode::kFound;
}

}  // namespace gridlock
