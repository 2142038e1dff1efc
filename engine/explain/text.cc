// The text form. It fits kColumns; at 80 columns only the places at the ends of rows break.
//
//     mark step cpu  state of each cpu ...  what                    where
//     *      41   0  irq blkif  wait        takes irq blkif         poll_irq (hypercall.cc:41)
//
// State that the target shows has columns between the cpus and what was done, and makes rows longer than kColumns. More
// cpus than kStateColumnsMax, or more shown state than kShownColumnsTotal, have no columns: what changed stands on a
// line of its own below the row.
#include <fmt/format.h>

#include <algorithm>

#include "engine/explain/ending.h"
#include "engine/explain/explain.h"
#include "engine/explain/heading.h"
#include "engine/explain/story.h"
#include "engine/explain/words.h"

namespace gridlock {
namespace {

constexpr std::size_t kColumns = 100;
constexpr std::size_t kStateColumnsMax = 6;
// All state columns together, with the space before each.
constexpr std::size_t kStateColumnsTotal = 33;
constexpr std::size_t kStateWidthMin = 5;
constexpr std::size_t kStateWidthMax = 16;
// Beside state that the target shows: a word for each cpu.
constexpr std::size_t kStateWidthMaxBesideShown = 5;
constexpr std::size_t kShownWidthMax = 9;
constexpr std::size_t kShownColumnsTotal = 60;
// mark, step, cpu and the spaces around them.
constexpr std::size_t kRowPrefixWidth = 12;
constexpr std::size_t kWhatWidthMax = 30;
// The steps that matter are listed before the trace up to this many; of more, the last ones.
constexpr std::size_t kShortRowsMax = 30;
constexpr std::size_t kShortIndent = 13;  // below what follows "  step   41: "

// Cut to `width` columns; "~" says that something is missing.
std::string cut(const std::string& text, std::size_t width) {
  if (text.size() <= width) return text;
  return width == 0 ? "" : text.substr(0, width - 1) + "~";
}

// The place in `width` columns: the line is worth more than the end of a long function name.
std::string fit(const Place& place, std::size_t width) {
  const std::string whole = place.text();
  if (whole.size() <= width || place.file.empty()) return cut(whole, width);
  constexpr std::size_t kFunctionWidthMin = 10;
  const std::string position = fmt::format(" ({}:{})", place.file, place.line);
  if (width >= position.size() + kFunctionWidthMin) return cut(place.function, width - position.size()) + position;
  const std::string line = fmt::format(":{}", place.line);
  return width <= line.size() ? cut(whole, width) : cut(place.function, width - line.size()) + line;
}

void trim_right(std::string& line) {
  line.erase(line.find_last_not_of(' ') + 1);
}

// Appends `text` broken at spaces, so that no line passes kColumns where words allow; `indent` before all but the
// first, which begins at column `column`.
void add_wrapped(std::string& out, const std::string& text, std::size_t column, std::size_t indent) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t room = kColumns - column;
    std::size_t end = text.size();
    if (end - at > room) {
      end = text.rfind(' ', at + room);
      if (end == std::string::npos || end <= at) end = std::min(text.find(' ', at + room), text.size());
    }
    out.append(text, at, end - at);
    out += '\n';
    at = end + 1;
    if (at < text.size()) out.append(indent, ' ');
    column = indent;
  }
}

class TextLayout {
 public:
  explicit TextLayout(const Story& story) : story_(story), has_columns_(story.cpu_count <= kStateColumnsMax) {
    for (const Row& row : story.rows) what_width_ = std::max(what_width_, row.what.size());
    what_width_ = std::min(what_width_, kWhatWidthMax);
    measure_states();
    measure_shown();
  }

  [[nodiscard]] std::string table() const {
    std::string out = header();
    std::vector<std::string> known(story_.cpu_count, "-");
    for (const Row& row : story_.rows) {
      out += line(row);
      std::string changes;
      if (!has_columns_) changes = state_changes(row, known);
      if (shown_widths_.empty() && !row.changed.empty()) {
        changes += (changes.empty() ? "" : ", ") + shown_changes(row, story_);
      }
      if (changes.empty()) continue;
      out.append(kRowPrefixWidth, ' ');
      add_wrapped(out, "[" + changes + "]", kRowPrefixWidth, kRowPrefixWidth);
    }
    return out;
  }

 private:
  void measure_states() {
    if (!has_columns_ || story_.cpu_count == 0) return;
    std::size_t longest = kStateWidthMin;
    for (const Row& row : story_.rows) {
      for (const std::string& state : row.states) longest = std::max(longest, state.size());
    }
    const std::size_t most = story_.shown.empty() ? kStateWidthMax : kStateWidthMaxBesideShown;
    state_width_ = std::min({longest, most, kStateColumnsTotal / story_.cpu_count - 1});
  }

  // Leaves shown_widths_ empty if the columns find no room.
  void measure_shown() {
    std::size_t total = 0;
    for (std::size_t i = 0; i < story_.shown.size(); ++i) {
      std::size_t longest = story_.shown[i].size();
      for (const Row& row : story_.rows) longest = std::max(longest, row.shown[i].size());
      shown_widths_.push_back(std::min(longest, kShownWidthMax));
      total += shown_widths_.back() + 1;
    }
    if (total > kShownColumnsTotal)
      shown_widths_.clear();
    else
      columns_ += total;
  }

  [[nodiscard]] std::string header() const {
    std::string out = "   step cpu ";
    for (std::size_t cpu = 0; has_columns_ && cpu < story_.cpu_count; ++cpu) {
      out += fmt::format(" {:<{}}", cut(fmt::format("cpu {}", cpu), state_width_), state_width_);
    }
    add_shown(out, story_.shown);
    out += fmt::format(" {:<{}}  where", "what", what_width_);
    return out + "\n";
  }

  [[nodiscard]] std::string line(const Row& row) const {
    std::string out = fmt::format("{}{:>6} {:>3} ",
                                  row.matters    ? '*'
                                  : row.switched ? '>'
                                                 : ' ',
                                  row.first_step + 1, row.cpu.value());
    for (std::size_t cpu = 0; has_columns_ && cpu < row.states.size(); ++cpu) {
      out += fmt::format(" {:<{}}", cut(row.states[cpu], state_width_), state_width_);
    }
    add_shown(out, row.shown);
    out += fmt::format(" {:<{}}", row.what, what_width_);
    if (out.size() + 2 < columns_) out += "  " + fit(row.where, columns_ - out.size() - 2);
    trim_right(out);
    return cut(out, columns_) + "\n";
  }

  void add_shown(std::string& out, const std::vector<std::string>& texts) const {
    for (std::size_t i = 0; i < shown_widths_.size(); ++i) {
      out += fmt::format(" {:<{}}", cut(texts[i], shown_widths_[i]), shown_widths_[i]);
    }
  }

  // "cpu 0: run, cpu 2: wait", and takes note of it in `known`.
  static std::string state_changes(const Row& row, std::vector<std::string>& known) {
    std::string changes;
    for (std::size_t cpu = 0; cpu < row.states.size(); ++cpu) {
      if (row.states[cpu] == known[cpu]) continue;
      known[cpu] = row.states[cpu];
      changes += fmt::format("{}cpu {}: {}", changes.empty() ? "" : ", ", cpu, known[cpu]);
    }
    return changes;
  }

  const Story& story_;
  bool has_columns_;
  std::size_t columns_ = kColumns;
  std::size_t state_width_ = 0;
  std::vector<std::size_t> shown_widths_;  // by Story::shown
  std::size_t what_width_ = 4;
};

void add_heading(std::string& out, const ExplainInput& input, const Words& words, const Story& story) {
  for (const HeadingLine& line : heading_of(input, words, story)) {
    const std::string label = fmt::format("{:<{}}", line.label, kHeadingLabelWidth);
    out += label;
    add_wrapped(out, line.text, label.size(), kHeadingLabelWidth + 2);
  }
}

void add_short(std::string& out, const Story& story) {
  std::vector<const Row*> rows;
  for (const Row& row : story.rows) {
    if (row.matters) rows.push_back(&row);
  }
  if (rows.empty()) return;
  out += "\nThe steps that matter\n\n";
  if (rows.size() > kShortRowsMax) {
    out += fmt::format("  ({} before these, marked * below)\n", rows.size() - kShortRowsMax);
    rows.erase(rows.begin(), rows.end() - static_cast<std::ptrdiff_t>(kShortRowsMax));
  }
  for (const Row* row : rows) {
    out += "  ";
    add_wrapped(out, short_line(*row, story), 2, kShortIndent);
  }
}

void add_ending(std::string& out, const ExplainInput& input, const Words& words) {
  const Ending ending = ending_of(input, words);
  out += "\n" + ending.title + "\n";
  for (const Stand& stand : ending.stands) {
    out += "\n  ";
    add_wrapped(out, stand.heading, 2, 4);
    for (const std::string& line : stand.lines) {
      const std::size_t indent = 4 + std::min(line.find_first_not_of(' '), line.size());
      out += "    ";
      add_wrapped(out, line, 4, indent + 2);
    }
  }
}

}  // namespace

std::string explain_text(const ExplainInput& input) {
  const Words words(input);
  const Story story = tell(input, words);
  std::string out;
  add_heading(out, input, words, story);
  add_short(out, story);
  if (!story.rows.empty()) {
    out += "\nStep by step (* a step that matters, > control comes from another cpu)\n\n";
    out += TextLayout(story).table();
  }
  add_ending(out, input, words);
  return out;
}

}  // namespace gridlock
