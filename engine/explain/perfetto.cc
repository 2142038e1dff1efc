// The timeline, in the Chrome trace-event format ("Trace Event Format", Google, 2016), which ui.perfetto.dev and
// chrome://tracing open. Time is not time: step n of the trace is microsecond n. A track is a cpu; operations,
// handlers and waits are slices that nest, accesses are slices of one step inside them, directives are instant events,
// and arrows show a data race.
#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "engine/explain/explain.h"
#include "engine/explain/race_story.h"
#include "engine/explain/race_words.h"
#include "engine/explain/slices.h"
#include "engine/explain/story.h"
#include "engine/explain/words.h"

namespace gridlock {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kProcess = 1;

class Timeline {
 public:
  Timeline(const ExplainInput& input, const Words& words, const Story& story)
      : input_(input), words_(words), story_(story), open_(story.cpu_count) {}

  Json events() && {
    add_names();
    const auto& steps = input_.run->trace->steps;
    for (std::size_t at = 0; at < steps.size(); ++at) add_step(at, steps[at]);
    if (const auto race = story_of_race(*input_.run)) add_race(*race);
    for (std::uint32_t cpu = 0; cpu < open_.size(); ++cpu) {
      while (!open_[cpu].empty()) close_innermost(steps.size(), cpu);
    }
    return std::move(events_);
  }

 private:
  static Json event(const char* phase, std::size_t at, std::uint32_t cpu, std::string name) {
    return {{"name", std::move(name)}, {"ph", phase}, {"ts", at + 1}, {"pid", kProcess}, {"tid", cpu + 1}};
  }

  void add_names() {
    events_.push_back({{"name", "process_name"},
                       {"ph", "M"},
                       {"pid", kProcess},
                       {"args", {{"name", input_.schema->name + " (" + input_.variant + ")"}}}});
    for (std::uint32_t cpu = 0; cpu < story_.cpu_count; ++cpu) {
      Json name = event("M", 0, cpu, "thread_name");
      name["args"] = {{"name", "cpu " + std::to_string(cpu)}};
      events_.push_back(std::move(name));
    }
  }

  void add_step(std::size_t at, const Step& step) {
    const std::uint32_t cpu = step.cpu.value();
    if (const auto slice = opened_by(step.kind)) {
      events_.push_back(with_place(event("B", at, cpu, slice_name(step, words_)), step));
      open_[cpu].push_back(*slice);
    } else if (const auto closed = closed_by(step.kind)) {
      close(at + 1, cpu, *closed);
    } else if (is_point(step.kind) || step.kind == StepKind::kRacingAccess) {
      Json access = with_place(event("X", at, cpu, words_.action(step)), step);
      access["dur"] = 1;
      events_.push_back(std::move(access));
    } else {
      add_instant(at, step);
    }
    add_directives(at, step);
  }

  void add_instant(std::size_t at, const Step& step) {
    Json instant = with_place(event("i", at, step.cpu.value(), words_.action(step)), step);
    instant["s"] = "t";  // on its track
    events_.push_back(std::move(instant));
  }

  void add_directives(std::size_t at, const Step& step) {
    for (std::size_t i = 0; i < story_.directive_steps.size(); ++i) {
      if (story_.directive_steps[i] != at) continue;
      const std::string words = words_.directive(input_.run->directives[i]);
      Json mark = event("i", at, step.cpu.value(), "directive " + std::to_string(i + 1) + ": " + words);
      mark["s"] = "p";  // a line across all tracks
      events_.push_back(std::move(mark));
    }
  }

  // Arrows: between the accesses, and along the way that nearly ordered them.
  void add_race(const RaceStory& race) {
    add_arrow("data race", race.first.access, race.second.access);
    for (const Hop& hop : race.way) {
      const bool orders = hop.releases && hop.acquires;
      add_arrow(orders ? "orders" : "does not order", hop.store, hop.read);
    }
  }

  void add_arrow(const char* name, std::size_t from, std::size_t to) {
    const auto& steps = input_.run->trace->steps;
    for (const bool is_start : {true, false}) {
      const std::size_t at = is_start ? from : to;
      Json flow = event(is_start ? "s" : "f", at, steps[at].cpu.value(), name);
      flow["cat"] = "race";
      flow["id"] = arrows_;
      if (!is_start) flow["bp"] = "e";  // at the slice that encloses it, not at the next one
      events_.push_back(std::move(flow));
    }
    ++arrows_;
  }

  [[nodiscard]] Json with_place(Json event, const Step& step) const {
    std::string chain;
    for (const Place& place : words_.places(step.frames)) chain += (chain.empty() ? "" : " < ") + place.text();
    if (!chain.empty()) event["args"]["in"] = chain;
    return event;
  }

  // An end without a beginning closes nothing.
  void close(std::size_t at, std::uint32_t cpu, Slice slice) {
    const std::vector<Slice>& open = open_[cpu];
    if (std::find(open.begin(), open.end(), slice) == open.end()) return;
    while (open.back() != slice) close_innermost(at, cpu);
    close_innermost(at, cpu);
  }

  void close_innermost(std::size_t at, std::uint32_t cpu) {
    events_.push_back({{"ph", "E"}, {"ts", at + 1}, {"pid", kProcess}, {"tid", cpu + 1}});
    open_[cpu].pop_back();
  }

  const ExplainInput& input_;
  const Words& words_;
  const Story& story_;
  std::vector<std::vector<Slice>> open_;  // by cpu, outermost first
  int arrows_ = 1;
  Json events_ = Json::array();
};

}  // namespace

std::string explain_perfetto(const ExplainInput& input) {
  const Words words(input);
  const Story story = tell(input, words);
  Json page;
  page["traceEvents"] = input.run->trace == nullptr ? Json::array() : Timeline(input, words, story).events();
  page["displayTimeUnit"] = "ns";
  page["otherData"] = {{"verdict", verdict_name(input.verdict.kind)}, {"signature", input.verdict.signature}};
  if (const auto edge = missing_edge(input, words); !edge.empty()) page["otherData"]["missing edge"] = edge;
  // Names come from the target: whatever is not UTF-8 in them is replaced rather than thrown about.
  return page.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace gridlock
