// A trace as rows to read: what each step did and what every cpu was doing then, with rounds of a loop folded, stuck
// cpus that look again and stay stuck folded, and the few steps that matter marked. The text and the page are two
// layouts of it.
//
// A row matters if it is one that a person would name when telling the bug: a directive, control that comes from
// another cpu, an operation begun, an interrupt taken, a wait begun, an inter-processor interrupt sent, a cpu found
// stuck, a change of what the target shows, the last writes to what a stuck cpu reads or tried in vain, and the step
// that broke something. Of a data race it is the directives, the two accesses, and what nearly ordered them.
//
// May include: base, model. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "engine/explain/explain.h"
#include "engine/explain/words.h"

namespace gridlock {

// A loop's round has at most this many steps, of all cpus together.
inline constexpr std::size_t kFoldPeriodMax = 64;
// Fewer steps than this are shown rather than folded: a fold costs a row itself.
inline constexpr std::size_t kFoldStepsMin = 2;
// The same for a run of steps on memory that only one cpu uses.
inline constexpr std::size_t kQuietStepsMin = 3;

// How far up the call chain a step is told.
inline constexpr std::size_t kCallersMax = 3;

struct Row {
  std::size_t first_step = 0;  // index in the trace
  std::size_t last_step = 0;   // the same but for a fold
  CpuId cpu;
  std::string what;
  Place where;
  std::vector<std::string> callers;  // the functions around `where`, innermost first, at most kCallersMax
  std::vector<std::string> states;   // by cpu: what it is doing once the row is over
  std::vector<std::string> shown;    // by Story::shown: what it is once the row is over
  std::vector<std::size_t> changed;  // which of `shown` this row changed
  bool is_fold = false;              // stands for the steps first .. last
  std::size_t rounds = 0;            // of a loop that the fold stands for; 0: it is of another kind
  bool switched = false;             // control came here from another cpu
  bool matters = false;
  std::optional<std::size_t> directive;  // index in RunView::directives, applied here
};

struct Story {
  std::size_t cpu_count = 0;
  // The names of the state that the target shows and that changes in the run, in the order of its table.
  std::vector<std::string> shown;
  std::vector<Row> rows;
  // By directive of the run: the index of the step where it was applied; nothing if the run did not come there.
  std::vector<std::optional<std::size_t>> directive_steps;
};

[[nodiscard]] Story tell(const ExplainInput& input, const Words& words);

}  // namespace gridlock
