// The page: one file, no script, nothing from elsewhere. A column for each cpu holds what that cpu did, so that the
// eye follows a cpu downwards; rounds of a loop open on a click (<details>). Every text of the run is escaped.
#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "engine/explain/ending.h"
#include "engine/explain/explain.h"
#include "engine/explain/heading.h"
#include "engine/explain/story.h"
#include "engine/explain/words.h"

namespace gridlock {
namespace {

// Folds list their steps up to this many; a livelock's can have tens of thousands.
constexpr std::size_t kFoldListedMax = 200;

constexpr std::string_view kStyle = R"css(
:root { color-scheme: light dark; --line: #8884; --dim: #777; --mark: #d9822b; --head: Canvas; --on: #2b7fd922;
  --race: #d93b2b33; }
body { font: 14px/1.45 system-ui, sans-serif; margin: 1.5rem; background: Canvas; color: CanvasText; }
h1 { font-size: 1.3rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
code, table, pre, ol, dd { font-family: ui-monospace, monospace; font-size: 13px; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; }
dt { color: var(--dim); } dd { margin: 0; overflow-wrap: anywhere; }
table { border-collapse: collapse; }
th { position: sticky; top: 0; background: var(--head); text-align: left; border-bottom: 2px solid var(--line); }
th, td { padding: .15rem .6rem; vertical-align: top; white-space: nowrap; }
td { border-bottom: 1px solid var(--line); }
td.step { color: var(--dim); text-align: right; }
td.on { background: var(--on); }
tr.matters td.step { color: var(--mark); font-weight: bold; border-left: 3px solid var(--mark); }
tr.race td.on { background: var(--race); font-weight: bold; }
tr.switched td { border-top: 2px solid var(--line); }
.state, .where, .shown { color: var(--dim); }
td.changed { color: CanvasText; font-weight: bold; background: var(--on); }
.directive { color: var(--mark); font-weight: bold; }
.verdict { border: 1px solid currentColor; border-radius: .3rem; padding: 0 .4rem; }
pre { margin: .2rem 0 1rem; white-space: pre-wrap; }
)css";

std::string escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string heading_list(const std::vector<HeadingLine>& heading) {
  std::string out = "<dl>\n";
  for (const HeadingLine& line : heading) {
    out += fmt::format("<dt>{}</dt><dd>{}</dd>\n", escape(line.label), escape(line.text));
  }
  return out + "</dl>\n";
}

std::string short_list(const Story& story) {
  std::string out;
  for (const Row& row : story.rows) {
    if (row.matters) out += fmt::format("<li>{}</li>\n", escape(short_line(row, story)));
  }
  if (out.empty()) return "";
  return "<h2>The steps that matter</h2>\n<ol>\n" + out + "</ol>\n";
}

// The steps that a fold stands for, behind a click.
std::string fold_cell(const Row& row, const ExplainInput& input, const Words& words) {
  std::string list;
  const std::size_t end = std::min(row.last_step + 1, row.first_step + kFoldListedMax);
  for (std::size_t at = row.first_step; at < end; ++at) {
    const Step& step = input.run->trace->steps[at];
    list += fmt::format("{:>6}  cpu {}  {:<32}  {}\n", at + 1, step.cpu.value(), words.action(step),
                        words.place(step.frames).text());
  }
  if (end <= row.last_step) list += fmt::format("... and {} steps more\n", row.last_step + 1 - end);
  return fmt::format("<details><summary>{}</summary><pre>{}</pre></details>", escape(row.what), escape(list));
}

std::string act_cell(const Row& row, const ExplainInput& input, const Words& words) {
  if (row.is_fold) return fold_cell(row, input, words);
  const std::string what = escape(row.what);
  std::string out = row.directive ? "<span class=\"directive\">" + what + "</span>" : what;
  const std::string place = row.where.text();
  if (!place.empty()) out += fmt::format("<br><span class=\"where\">{}</span>", escape(place));
  return out;
}

std::string table_row(const Row& row, const ExplainInput& input, const Words& words) {
  const bool is_race = input.run->trace->steps[row.first_step].kind == StepKind::kRacingAccess;
  std::string classes;
  for (const auto& [applies, name] :
       {std::pair(row.matters, "matters"), {row.switched, "switched"}, {is_race, "race"}}) {
    if (applies) classes += (classes.empty() ? "" : " ") + std::string(name);
  }
  std::string out = fmt::format("<tr class=\"{}\"><td class=\"step\">{}</td>", classes, row.first_step + 1);
  for (std::size_t cpu = 0; cpu < row.states.size(); ++cpu) {
    if (cpu == row.cpu.value()) {
      out += fmt::format("<td class=\"on\">{}</td>", act_cell(row, input, words));
    } else {
      out += fmt::format("<td class=\"state\">{}</td>", escape(row.states[cpu]));
    }
  }
  for (std::size_t i = 0; i < row.shown.size(); ++i) {
    const bool changed = std::ranges::find(row.changed, i) != row.changed.end();
    out += fmt::format("<td class=\"{}\">{}</td>", changed ? "shown changed" : "shown", escape(row.shown[i]));
  }
  return out + "</tr>\n";
}

std::string table(const Story& story, const ExplainInput& input, const Words& words) {
  if (story.rows.empty()) return "";
  std::string out = "<h2>Step by step</h2>\n<table>\n<thead><tr><th>step</th>";
  for (std::size_t cpu = 0; cpu < story.cpu_count; ++cpu) out += fmt::format("<th>cpu {}</th>", cpu);
  for (const std::string& name : story.shown) out += fmt::format("<th>{}</th>", escape(name));
  out += "</tr></thead>\n<tbody>\n";
  for (const Row& row : story.rows) out += table_row(row, input, words);
  return out + "</tbody>\n</table>\n";
}

std::string ending_section(const Ending& ending) {
  std::string out = fmt::format("<h2>{}</h2>\n", escape(ending.title));
  for (const Stand& stand : ending.stands) {
    out += fmt::format("<b>{}</b>\n<pre>", escape(stand.heading));
    for (const std::string& line : stand.lines) out += escape(line) + "\n";
    out += "</pre>\n";
  }
  return out;
}

}  // namespace

std::string explain_html(const ExplainInput& input) {
  const Words words(input);
  const Story story = tell(input, words);
  const std::string title = escape(input.schema->name + " (" + input.variant + ")");
  std::string out = "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  out += "<meta name=\"viewport\" content=\"width=device-width\">\n";
  out += fmt::format("<title>{}: {}</title>\n<style>{}</style>\n</head>\n<body>\n", title,
                     verdict_name(input.verdict.kind), kStyle);
  out += fmt::format("<h1>{} <span class=\"verdict\">{}</span></h1>\n", title, verdict_name(input.verdict.kind));
  out += heading_list(heading_of(input, words, story));
  out += short_list(story);
  // The end is what a reader looks for first; the table between it and the top can be long.
  out += ending_section(ending_of(input, words));
  out += table(story, input, words);
  return out + "</body>\n</html>\n";
}

}  // namespace gridlock
