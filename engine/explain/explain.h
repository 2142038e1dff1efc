// A trace told to a person: one row a step in 80 to 120 columns, a page, or a Perfetto timeline; or to a program.
//
// May include: base, model. Pure: text in, text out.
#pragma once

#include <string>

#include "engine/model/finding.h"
#include "engine/model/lock_graph.h"
#include "engine/model/run_view.h"

namespace gridlock {

struct NearPass;  // engine/explain/near_pass.h

struct ExplainInput {
  const TargetSchema* schema = nullptr;
  std::string variant;
  const Scenario* scenario = nullptr;
  const RunView* run = nullptr;  // with a trace
  Verdict verdict;
  const SiteNames* names = nullptr;
  const LockOrderReport* lock_order = nullptr;  // of the run, if that is its verdict
  const NearPass* near_pass = nullptr;          // if one is known; the JSON form tells it
};

// One row a step: step number, cpu, function (file:line), what it did to which named memory, and, in a column for each
// cpu, what that cpu is doing now (runs, spins on X, waits for X, in handler of V). Rounds of a spin loop are folded
// into one row. Ends with the proof: where each cpu stands, on what, and why nobody can go on.
[[nodiscard]] std::string explain_text(const ExplainInput& input);

// The same as one self-contained HTML page (no script from elsewhere, works from file://).
[[nodiscard]] std::string explain_html(const ExplainInput& input);

// Chrome trace-event JSON, which ui.perfetto.dev opens: a track a cpu, slices for operations, handlers and waits.
[[nodiscard]] std::string explain_perfetto(const ExplainInput& input);

// All of it for programs: one JSON object, which docs/EXPLAIN_JSON.md describes. `text`: what it gives as the text
// form; of a run without a trace, which killed its process, only the caller knows it.
[[nodiscard]] std::string explain_json(const ExplainInput& input, const std::string& text);

// A few lines on the first report of ThreadSanitizer in this run whose accesses are ordered, and so no race: both call
// chains, and what orders them that ThreadSanitizer does not see.
[[nodiscard]] std::string explain_ordered(const ExplainInput& input);

}  // namespace gridlock
