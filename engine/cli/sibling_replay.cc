#include "engine/cli/sibling_replay.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>

#include "engine/cli/death.h"
#include "engine/cli/exit_code.h"
#include "engine/cli/program_runs.h"
#include "engine/cli/regress_plan.h"
#include "engine/cli/sibling.h"

namespace gridlock {
namespace {

std::filesystem::path sibling_path(const std::filesystem::path& program, std::string_view flavour) {
  return program.parent_path() / sibling_name(program.filename().string(), flavour);
}

std::vector<std::string> command_of(const std::filesystem::path& program, const RegressBatch& batch,
                                    std::span<const ReplayFile> files) {
  std::vector<std::string> command = {sibling_path(program, batch.flavour).string(), "replay", "--json", "--"};
  for (const std::size_t file : batch.files) command.push_back(files[file].path);
  return command;
}

bool has_judged(int wait_status) {
  return WIFEXITED(wait_status) && (WEXITSTATUS(wait_status) == static_cast<int>(ExitCode::kAsExpected) ||
                                    WEXITSTATUS(wait_status) == static_cast<int>(ExitCode::kFound));
}

std::string reason(const ProgramEnd& end) {
  if (WIFEXITED(end.wait_status) && WEXITSTATUS(end.wait_status) == kExitNotExecuted) {
    return "it cannot be executed; build all flavours with `cmake --build --preset release`, or choose one with "
           "--sanitizer";
  }
  return describe_status(end.wait_status) + (end.stderr_tail.empty() ? "" : ": " + end.stderr_tail);
}

std::string_view last_line(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  return text.substr(text.rfind('\n') + 1);  // npos + 1 is 0
}

Result<std::vector<ReplayRow>> rows_of(const ProgramEnd& end, const std::string& program) {
  if (WIFEXITED(end.wait_status) && WEXITSTATUS(end.wait_status) == static_cast<int>(ExitCode::kInternalDefect)) {
    leave_with_defect({false, end.wait_status, end.stderr_tail});
  }
  if (!has_judged(end.wait_status)) return failure("replay in another flavour", program, reason(end));
  return rows_from_json(nlohmann::json::parse(last_line(end.output), nullptr, false));
}

// By file: its rows, flavour by flavour.
using RowsByFile = std::vector<std::vector<std::vector<ReplayRow>>>;

Result<void> sort_in(std::vector<ReplayRow> rows, const RegressBatch& batch, std::size_t flavour,
                     std::span<const ReplayFile> files, RowsByFile& sorted) {
  auto next = rows.begin();
  for (const std::size_t file : batch.files) {
    const std::size_t cases = files[file].cases.size();
    if (static_cast<std::size_t>(rows.end() - next) < cases) {
      return failure("replay in another flavour", files[file].path, "a result is missing");
    }
    sorted[file][flavour].assign(next, next + static_cast<std::ptrdiff_t>(cases));
    next += static_cast<std::ptrdiff_t>(cases);
  }
  return {};
}

}  // namespace

Result<std::vector<ReplayRow>> replay_in_siblings(const std::filesystem::path& program,
                                                  std::span<const ReplayFile> files,
                                                  std::span<const std::string_view> flavours, std::uint32_t jobs) {
  const auto batches = plan_batches(files, flavours);
  std::vector<std::vector<std::string>> commands;
  for (const auto& batch : batches) commands.push_back(command_of(program, batch, files));
  const auto ends = run_programs(commands, jobs);
  if (!ends) return std::unexpected(ends.error());
  RowsByFile sorted(files.size(), std::vector<std::vector<ReplayRow>>(flavours.size()));
  for (std::size_t i = 0; i < batches.size(); ++i) {
    auto rows = rows_of(ends->at(i), commands[i].front());
    if (!rows) return std::unexpected(rows.error());
    const auto flavour = std::ranges::find(flavours, batches[i].flavour) - flavours.begin();
    auto done = sort_in(std::move(*rows), batches[i], static_cast<std::size_t>(flavour), files, sorted);
    if (!done) return std::unexpected(done.error());
  }
  std::vector<ReplayRow> all;
  for (std::size_t file = 0; file < files.size(); ++file) {
    for (std::size_t work = 0; work < files[file].cases.size(); ++work) {
      for (auto& rows : sorted[file]) all.push_back(std::move(rows[work]));
    }
  }
  return all;
}

Result<std::map<std::size_t, nlohmann::json>> explain_in_siblings(const std::filesystem::path& program,
                                                                  std::span<const ReplayRow> rows, std::uint32_t jobs) {
  std::vector<std::size_t> explained;
  std::vector<std::vector<std::string>> commands;
  for (std::size_t i = 0; i < rows.size() && explained.size() < kExplainedMax; ++i) {
    const ReplayRow& row = rows[i];
    if (row.passed() || !is_bug(row.seen.kind)) continue;
    explained.push_back(i);
    commands.push_back({sibling_path(program, row.flavour).string(), "explain", "--format", "json", "--variant",
                        row.variant, "--", row.file});
  }
  const auto ends = run_programs(commands, jobs);
  if (!ends) return std::unexpected(ends.error());
  std::map<std::size_t, nlohmann::json> documents;
  for (std::size_t i = 0; i < explained.size(); ++i) {
    auto document = nlohmann::json::parse(ends->at(i).output, nullptr, false);
    if (document.is_object()) documents.emplace(explained[i], std::move(document));
  }
  return documents;
}

}  // namespace gridlock
