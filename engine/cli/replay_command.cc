// `gridlock replay`: runs repros again against what they expect; --twice, --show-ordered and --stop-at look closer.
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <string>
#include <string_view>

#include "engine/cli/child_runner.h"
#include "engine/cli/commands.h"
#include "engine/cli/replayer.h"
#include "engine/cli/reset_check.h"
#include "engine/explain/explain.h"
#include "engine/model/trace.h"

namespace gridlock {
namespace {

// All files are read before the first runs: wrong input is told at once, with nothing done.
Result<std::vector<ReplayFile>> load_files(const ReplayOptions& options, std::span<const Target> targets) {
  std::vector<ReplayFile> files;
  for (const auto& path : options.files) {
    auto file = load_replay_file(path, options.target, options.variant, targets);
    if (!file) return std::unexpected(file.error());
    files.push_back(std::move(*file));
  }
  return files;
}

bool is_debugged() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("TracerPid:")) return line.find_first_of("123456789") != std::string::npos;
  }
  return false;
}

// In this very process, which is the one that the debugger watches.
Result<ExitCode> stop_at_step(const ReplayFile& file, std::uint64_t step, Tools tools, RunPage& page) {
  if (!is_debugged()) {
    fmt::print(stderr, "gridlock: no debugger is attached, the trap ends the process; use `gdb --args gridlock ...`\n");
  }
  Session session(tools, *file.input.target, file.cases.front().variant, page);
  const Judged judged = session.trace(file.input.repro.scenario, step);
  const std::size_t steps = judged.view.trace == nullptr ? 0 : judged.view.trace->steps.size();
  if (steps < step) {
    return failure("stop at the step", fmt::format("{} of {}", step, file.path),
                   fmt::format("the run has only {} steps", steps));
  }
  return ExitCode::kAsExpected;
}

std::string describe_step(const Step& step) {
  return fmt::format("cpu {} point {} {}{} at +{:#x}: {:#x} -> {:#x} ({}, {})", step.cpu.value(), step.point.value(),
                     step_kind_name(step.kind), step.stack_address ? " on the stack" : "", step.address, step.before,
                     step.after, step.a, step.b);
}

std::string step_or_end(const Trace& trace, std::size_t at) {
  return at < trace.steps.size() ? describe_step(trace.steps[at]) : "the run had ended";
}

std::string compare_two_runs(Session& session, const Scenario& scenario, bool& identical) {
  const Trace first = *session.trace(scenario).view.trace;
  const Trace& second = *session.trace(scenario).view.trace;
  const std::int64_t difference = first_difference(first, second);
  identical = difference < 0;
  if (identical) return fmt::format("  twice      identical, {} steps\n", first.steps.size());
  const auto at = static_cast<std::size_t>(difference);
  return fmt::format("  twice      the runs differ first at step {}\n    first    {}\n    second   {}\n", at + 1,
                     step_or_end(first, at), step_or_end(second, at));
}

// Runs the scenario twice in one process and tells the first step that differs. True if there is none.
Result<bool> replay_twice(const ReplayFile& file, const ReplayCase& work, Tools tools, RunPage& page) {
  ChildRunner runner(tools, *file.input.target, work.variant, page);
  auto done = runner.call([&](Session& session, const Channel& channel) {
    bool identical = false;
    const std::string text = compare_two_runs(session, file.input.repro.scenario, identical);
    channel.send({{"identical", identical}, {"text", text}});
  });
  if (!done) return std::unexpected(done.error());
  if (done->messages.empty()) {
    fmt::print("  twice      not compared: the run kills its process\n");
    return true;
  }
  fmt::print("{}", done->messages.front().at("text").get<std::string>());
  return done->messages.front().at("identical").get<bool>();
}

// Traces the scenario and tells the first report of ThreadSanitizer that is no finding.
Result<std::string> ordered_report(const ReplayFile& file, const ReplayCase& work, Tools tools, RunPage& page) {
  ChildRunner runner(tools, *file.input.target, work.variant, page);
  auto done = runner.call([&](Session& session, const Channel& channel) {
    const Judged judged = session.trace(file.input.repro.scenario);
    channel.send(to_message(explain_ordered({.schema = &session.schema(),
                                             .variant = session.schema().variants[work.variant].name,
                                             .scenario = &file.input.repro.scenario,
                                             .run = &judged.view,
                                             .verdict = judged.verdict,
                                             .names = &tools.names})));
  });
  if (!done) return std::unexpected(done.error());
  return done->messages.empty() ? std::string("the run kills its process\n") : text_from_message(done->messages[0]);
}

Result<bool> look_closer(const ReplayOptions& options, const ReplayFile& file, const ReplayCase& work, Tools tools,
                         RunPage& page) {
  if (options.show_ordered) {
    const auto text = ordered_report(file, work, tools, page);
    if (!text) return std::unexpected(text.error());
    fmt::print("{}", *text);
  }
  return options.twice ? replay_twice(file, work, tools, page) : true;
}

}  // namespace

Result<ExitCode> run_command(const ReplayOptions& options, std::span<const Target> targets, Tools tools) {
  if (options.show_ordered && Machine::flavour() != std::string_view("tsan")) {
    return failure("show a report of ThreadSanitizer", "--show-ordered", "it goes with --sanitizer thread");
  }
  const auto files = load_files(options, targets);
  if (!files) return std::unexpected(files.error());
  const auto page = SharedRunPage::create();
  if (!page) return std::unexpected(page.error());
  if (options.stop_at_step != 0) return stop_at_step(files->front(), options.stop_at_step, tools, **page);

  const auto start = std::chrono::steady_clock::now();
  // All files of a program are of the one program that this is.
  if (options.times > 1 || options.twice || files->size() > 1) {
    const auto process = choose_process(tools, RunsIn::kWhatFits, *files->front().input.target, 0, **page);
    if (!process) return std::unexpected(process.error());
    tools.forks = process->forks;
  }
  const auto rows = replay_files(tools, *files, options.times, **page, !options.json);
  if (!rows) return std::unexpected(rows.error());
  bool all_passed = true;
  auto row = rows->begin();
  for (const auto& file : *files) {
    for (const auto& work : file.cases) {
      fmt::print("{}", describe(*row));
      all_passed = all_passed && row->passed();
      ++row;
      const auto looked = look_closer(options, file, work, tools, **page);
      if (!looked) return std::unexpected(looked.error());
      all_passed = all_passed && *looked;
    }
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  if (options.json) print_json(replay_json(*rows, seconds.count()));
  return all_passed ? ExitCode::kAsExpected : ExitCode::kFound;
}

}  // namespace gridlock
