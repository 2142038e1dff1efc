// `gridlock explain`: traces one run in a child and tells it; of a run that kills its process, its last words.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "engine/base/check.h"
#include "engine/cli/commands.h"
#include "engine/cli/finding_files.h"
#include "engine/cli/variant_choice.h"
#include "engine/explain/explain.h"
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

// A run that kills its process takes its trace with it; what the dying process wrote down is what there is to tell.
std::string explain_death(const LoadedInput& input, const ChosenVariant& chosen, const CrashReport& crash,
                          const SiteNames& names) {
  std::string text =
      fmt::format("variant     {}\nsignature   {}\nsummary     {}\n\n",
                  input.target->schema.variants[chosen.variant].name, chosen.verdict.signature, chosen.verdict.summary);
  text += "The run kills its process, so there is no trace of it.\n\n";
  if (crash.frame_count > 0) text += fmt::format("Call chain on cpu {}\n{}\n", crash.cpu, call_chain(crash, names));
  if (crash.text[0] != '\0') text += fmt::format("The sanitizer's report\n{}\n", crash.text);
  return text + "Input\n" + print_repro(input.repro, input.target->schema);
}

// Traces and tells in a child: the run may kill it.
Result<std::string> explain_in_child(const LoadedInput& input, const ChosenVariant& chosen, ExplainFormat format,
                                     Tools tools, RunPage& page) {
  // Of the run without a trace, which is the one that was judged.
  const CrashReport crash = page.crash;
  ChildRunner runner(tools, *input.target, chosen.variant, page);
  const Scenario& scenario = input.repro.scenario;
  auto work = runner.call([&](Session& session, const Channel& channel) {
    const Judged judged = session.trace(scenario);
    const auto lock_order = lock_order_of(judged.view, tools.names);
    channel.send(to_message(explain({.schema = &input.target->schema,
                                     .variant = input.target->schema.variants[chosen.variant].name,
                                     .scenario = &scenario,
                                     .run = &judged.view,
                                     .verdict = judged.verdict,
                                     .names = &tools.names,
                                     .lock_order = lock_order ? &*lock_order : nullptr},
                                    format)));
  });
  if (!work) return std::unexpected(work.error());
  if (!work->messages.empty()) return text_from_message(work->messages.front());
  GRIDLOCK_CHECK(work->died.has_value());
  return explain_death(input, chosen, crash, tools.names);
}

}  // namespace

Result<ExitCode> run_command(const ExplainOptions& options, std::span<const Target> targets, Tools tools) {
  const auto input = load_input(options.file, options.target, targets);
  if (!input) return std::unexpected(input.error());
  const auto page = SharedRunPage::create();
  if (!page) return std::unexpected(page.error());
  const auto chosen = choose_variant(tools, *input, options.variant, **page);
  if (!chosen) return std::unexpected(chosen.error());
  const auto text = explain_in_child(*input, *chosen, options.format, tools, **page);
  if (!text) return std::unexpected(text.error());
  if (const auto written = write_output(options.output, *text); !written) return std::unexpected(written.error());
  return ExitCode::kAsExpected;
}

}  // namespace gridlock
