// `gridlock explain`: traces one run in a child and tells it; of a run that kills its process, its last words.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <optional>
#include <utility>

#include "engine/base/check.h"
#include "engine/cli/commands.h"
#include "engine/cli/finding_files.h"
#include "engine/cli/near_schedule.h"
#include "engine/cli/reset_check.h"
#include "engine/cli/variant_choice.h"
#include "engine/decode/decode.h"
#include "engine/explain/explain.h"
#include "engine/explain/near_pass.h"
#include "engine/explain/test_source.h"
#include "engine/judge/judge.h"
#include "engine/model/repro_text.h"

namespace gridlock {
namespace {

std::string explain(const ExplainInput& input, ExplainFormat format) {
  switch (format) {
    case ExplainFormat::kText:
      return explain_text(input);
    case ExplainFormat::kHtml:
      return explain_html(input);
    case ExplainFormat::kPerfetto:
      return explain_perfetto(input);
    case ExplainFormat::kJson:
      return explain_json(input, explain_text(input));
    case ExplainFormat::kTest:
      break;  // tells the input, not the run
  }
  GRIDLOCK_CHECK(false);
}

std::string call_chain(const CrashReport& crash, const SiteNames& names) {
  std::string text;
  for (std::uint32_t at = 0; at < std::min(crash.frame_count, CrashReport::kFramesMax); ++at) {
    for (const Frame& frame : names.frames_at(crash.frames[at])) {
      text += fmt::format("  {} ({}:{})\n", frame.function, frame.file, frame.line);
    }
  }
  return text;
}

const std::string& variant_name(const LoadedInput& input, const ChosenVariant& chosen) {
  return input.target->schema.variants[chosen.variant].name;
}

std::string death_text(const LoadedInput& input, const ChosenVariant& chosen, const CrashReport& crash,
                       const SiteNames& names) {
  std::string text = fmt::format("variant     {}\nsignature   {}\nsummary     {}\n\n", variant_name(input, chosen),
                                 chosen.verdict.signature, chosen.verdict.summary);
  text += "The run kills its process, so there is no trace of it.\n\n";
  if (crash.frame_count > 0) text += fmt::format("Call chain on cpu {}\n{}\n", crash.cpu, call_chain(crash, names));
  if (crash.text[0] != '\0') text += fmt::format("The sanitizer's report\n{}\n", crash.text);
  return text + "Input\n" + print_repro(input.repro, input.target->schema);
}

// A run that kills its process takes its trace with it; what the dying process wrote down is what there is to tell.
std::string explain_death(const LoadedInput& input, const ChosenVariant& chosen, const CrashReport& crash,
                          const SiteNames& names, ExplainFormat format) {
  const std::string text = death_text(input, chosen, crash, names);
  if (format != ExplainFormat::kJson) return text;
  const std::uint32_t frames = std::min(crash.frame_count, CrashReport::kFramesMax);
  const Failure failure{
      .what = chosen.verdict.summary, .cpu = CpuId(crash.cpu), .frames = {crash.frames, crash.frames + frames}};
  RunView run;
  run.end = RunEnd::kCrash;
  run.directives = input.repro.scenario.directives;
  run.failure = &failure;
  return explain_json({.schema = &input.target->schema,
                       .variant = variant_name(input, chosen),
                       .scenario = &input.repro.scenario,
                       .run = &run,
                       .verdict = chosen.verdict,
                       .names = &names},
                      text);
}

// The nearest schedule that passes, of the schedule that the run really had. A candidate that kills the child takes the
// answer with it: there is none then.
Result<std::optional<NearChange>> near_change(ChildRunner& runner, const Scenario& scenario) {
  auto work = runner.call([&](Session& session, const Channel& channel) {
    const Scenario failing = as_it_was(scenario, session.replay(scenario).view);
    if (!is_legal(failing, session.schema())) return;
    const auto change = find_near_pass(session, failing);
    if (change) channel.send({change->directive, change->points_later});
  });
  if (!work) return std::unexpected(work.error());
  if (work->messages.empty()) return std::nullopt;
  const auto& message = work->messages.front();
  return NearChange{message.at(0).get<std::size_t>(), message.at(1).get<std::int32_t>()};
}

// Traces both runs.
NearPass near_pass_of(Session& session, const std::string& variant, const Scenario& scenario,
                      const NearChange& change) {
  const RunView& failing_view = session.trace(scenario).view;
  const Scenario failing = as_it_was(scenario, failing_view);
  const Trace failing_trace = *failing_view.trace;
  const Scenario passing = changed(failing, change);
  const Judged judged = session.trace(passing);
  return tell_near_pass(failing, failing_trace, change,
                        {.schema = &session.schema(),
                         .variant = variant,
                         .scenario = &passing,
                         .run = &judged.view,
                         .verdict = judged.verdict,
                         .names = &session.names()});
}

// Traces and tells in a child: the run may kill it.
Result<std::string> explain_in_child(const LoadedInput& input, const ChosenVariant& chosen, ExplainFormat format,
                                     Tools tools, RunPage& page) {
  // Of the run without a trace, which is the one that was judged.
  const CrashReport crash = page.crash;
  ChildRunner runner(tools, *input.target, chosen.variant, page);
  const Scenario& scenario = input.repro.scenario;
  std::optional<NearChange> change;
  if (format == ExplainFormat::kJson && is_bug(chosen.verdict.kind)) {
    auto found = near_change(runner, scenario);
    if (!found) return std::unexpected(found.error());
    change = *found;
  }
  auto work = runner.call([&](Session& session, const Channel& channel) {
    const std::string& variant = variant_name(input, chosen);
    std::optional<NearPass> near;
    if (change) near = near_pass_of(session, variant, scenario, *change);
    const Judged judged = session.trace(scenario);
    const auto lock_order = lock_order_of(judged.view, tools.names);
    channel.send(to_message(explain({.schema = &input.target->schema,
                                     .variant = variant,
                                     .scenario = &scenario,
                                     .run = &judged.view,
                                     .verdict = judged.verdict,
                                     .names = &tools.names,
                                     .lock_order = lock_order ? &*lock_order : nullptr,
                                     .near_pass = near ? &*near : nullptr},
                                    format)));
  });
  if (!work) return std::unexpected(work.error());
  if (!work->messages.empty()) return text_from_message(work->messages.front());
  GRIDLOCK_CHECK(work->died.has_value());
  return explain_death(input, chosen, crash, tools.names, format);
}

// What the file expects is tested; of a file that expects nothing, what it shows now.
std::string test_of(const LoadedInput& input, const ChosenVariant& chosen) {
  Repro repro = input.repro;
  repro.target = input.target->schema.name;
  if (repro.expectations.empty()) {
    repro.expectations = {{variant_name(input, chosen), chosen.verdict.kind}};
    repro.signature = chosen.verdict.signature;
  }
  return test_source(repro, input.target->schema);
}

}  // namespace

Result<ExitCode> run_command(const ExplainOptions& options, std::span<const Target> targets, Tools tools) {
  const auto input = load_input(options.file, options.target, targets);
  if (!input) return std::unexpected(input.error());
  const auto page = SharedRunPage::create();
  if (!page) return std::unexpected(page.error());
  if (const auto process = choose_process(tools, RunsIn::kWhatFits, *input->target, 0, **page); process) {
    tools.forks = process->forks;
  } else {
    return std::unexpected(process.error());
  }
  const auto chosen = choose_variant(tools, *input, options.variant, **page);
  if (!chosen) return std::unexpected(chosen.error());
  const bool is_test = options.format == ExplainFormat::kTest;
  const auto text = is_test ? Result<std::string>(test_of(*input, *chosen))
                            : explain_in_child(*input, *chosen, options.format, tools, **page);
  if (!text) return std::unexpected(text.error());
  if (const auto written = write_output(options.output, *text); !written) return std::unexpected(written.error());
  return ExitCode::kAsExpected;
}

}  // namespace gridlock
