// The end of the story, as headings and lines: for a hang where each cpu stands, on what, who wrote that last, and why
// nobody can go on; for the other verdicts what broke. The text and the page are two layouts of it.
//
// May include: base, model. Pure.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/explain/explain.h"
#include "engine/explain/words.h"

namespace gridlock {

// A call chain is shown this deep.
inline constexpr std::size_t kEndingPlacesMax = 10;
// So many values of shared memory are listed at the end.
inline constexpr std::size_t kLastValuesMax = 40;

// One cpu, or one access, with what is to be said of it.
struct Stand {
  std::string heading;
  std::vector<std::string> lines;  // indented by two spaces for each level below the heading
};

struct Ending {
  std::string title;
  std::vector<Stand> stands;
};

// Adds a call chain, a line each, innermost first: "in f (a.cc:1)", "called from g (a.cc:2)".
void add_chain(const Words& words, std::span<const Site> frames, const std::string& indent,
               std::vector<std::string>& lines);

[[nodiscard]] Ending ending_of(const ExplainInput& input, const Words& words);

}  // namespace gridlock
