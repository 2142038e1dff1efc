// The top of the story: what was run, and what came of it, as labelled lines. The text and the page are two layouts of
// it.
//
// May include: base, model. Pure.
#pragma once

#include <string>
#include <vector>

#include "engine/explain/explain.h"
#include "engine/explain/story.h"
#include "engine/explain/words.h"

namespace gridlock {

inline constexpr std::size_t kHeadingLabelWidth = 12;

struct HeadingLine {
  std::string label;  // empty: belongs to the line before; shorter than kHeadingLabelWidth
  std::string text;
};

// Verdict, signature, program, schedule. Lines without content are left out.
[[nodiscard]] std::vector<HeadingLine> heading_of(const ExplainInput& input, const Words& words, const Story& story);

// "step 41: cpu 0 takes irq blkif in poll_irq (hypercall.cc:41) < lock_slow < timer_tick"; what the target shows and
// this row changed stands behind it: "[v0.flag 1, v0.runq -]".
[[nodiscard]] std::string short_line(const Row& row, const Story& story);
// "v0.flag 1, v0.runq -"; empty if the row changed nothing that is shown.
[[nodiscard]] std::string shown_changes(const Row& row, const Story& story);

}  // namespace gridlock
