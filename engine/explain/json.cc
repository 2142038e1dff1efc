// The form for programs (docs/EXPLAIN_JSON.md): the rows of the story as steps, and beside them what a picture needs.
// Every step that the document names is the number of one of its rows; what happened inside a fold is told of the row.
//
// May include: base, model. Pure.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/explain/arrows.h"
#include "engine/explain/ending.h"
#include "engine/explain/explain.h"
#include "engine/explain/fatal_step.h"
#include "engine/explain/held.h"
#include "engine/explain/near_order.h"
#include "engine/explain/near_pass.h"
#include "engine/explain/race_story.h"
#include "engine/explain/race_words.h"
#include "engine/explain/spans.h"
#include "engine/explain/step_kinds.h"
#include "engine/explain/step_labels.h"
#include "engine/explain/story.h"
#include "engine/explain/title.h"
#include "engine/explain/waits_for.h"
#include "engine/explain/words.h"

namespace gridlock {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kFormat = 1;
// Of more rows the last ones are told: there it ends badly.
constexpr std::size_t kRowsMax = 5000;

const Trace& trace_of(const ExplainInput& input) {
  static const Trace kNone;
  return input.run->trace == nullptr ? kNone : *input.run->trace;
}

Json place_json(const Place& place) {
  return {{"function", place.function}, {"file", place.file}, {"line", place.line}};
}

Json stack_json(std::span<const Site> frames, const Words& words) {
  Json stack = Json::array();
  for (const Place& place : words.places(frames)) stack.push_back(place_json(place));
  return stack;
}

// The rows that are told, and which of them stands for a step of the trace.
class Rows {
 public:
  Rows(const Story& story, std::size_t steps)
      : story_(story), first_(story.rows.size() > kRowsMax ? story.rows.size() - kRowsMax : 0), number_(steps) {
    for (std::size_t i = 0; i < story.rows.size(); ++i) {
      const Row& row = story.rows[i];
      const std::size_t number = story.rows[std::max(i, first_)].first_step + 1;
      for (std::size_t at = row.first_step; at <= row.last_step; ++at) number_[at] = number;
    }
  }

  [[nodiscard]] std::span<const Row> told() const { return std::span(story_.rows).subspan(first_); }
  [[nodiscard]] bool is_cut() const { return first_ > 0; }
  // The number of the row in which step `at` is told.
  [[nodiscard]] std::size_t number(std::size_t at) const { return number_.at(at); }
  [[nodiscard]] Json number_or_null(const std::optional<std::size_t>& at) const {
    return at && *at < number_.size() ? Json(number(*at)) : Json(nullptr);
  }

 private:
  const Story& story_;
  std::size_t first_;
  std::vector<std::size_t> number_;  // by step
};

// By step: in which context its cpu was, and in which operation of its program.
class Surroundings {
 public:
  Surroundings(const Trace& trace, std::size_t cpu_count, const Words& words) : cpus_(cpu_count) {
    for (const Step& step : trace.steps) add(step, cpus_[step.cpu.value()], words);
  }

  [[nodiscard]] const std::string& context(std::size_t at) const { return contexts_[at]; }
  [[nodiscard]] Json operation(std::size_t at) const {
    return operations_[at] ? Json(*operations_[at]) : Json(nullptr);
  }

 private:
  struct Cpu {
    std::vector<std::string> contexts{"task"};  // by depth
    std::optional<std::uint32_t> operation;
  };

  void add(const Step& step, Cpu& cpu, const Words& words) {
    if (step.kind == StepKind::kOperationBegin) cpu.operation = step.b;
    if (cpu.contexts.size() <= step.depth) cpu.contexts.resize(step.depth + std::size_t{1}, "handler");
    if (step.kind == StepKind::kIrqEnter) cpu.contexts[step.depth] = "irq " + words.vector(step.a);
    if (step.kind == StepKind::kSoftirqEnter) cpu.contexts[step.depth] = "softirq " + std::to_string(step.a);
    if (step.kind == StepKind::kMigrateEnter) cpu.contexts[step.depth] = "migration request";
    contexts_.push_back(cpu.contexts[step.depth]);
    operations_.push_back(cpu.operation);
    if (step.kind == StepKind::kOperationEnd) cpu.operation.reset();
  }

  std::vector<Cpu> cpus_;
  std::vector<std::string> contexts_;
  std::vector<std::optional<std::uint32_t>> operations_;
};

class Document {
 public:
  Document(const ExplainInput& input, const std::string& text)
      : input_(input),
        text_(text),
        words_(input),
        story_(tell(input, words_)),
        rows_(story_, trace_of(input).steps.size()),
        surroundings_(trace_of(input), story_.cpu_count, words_) {}

  Json build() {
    Json document = {{"format", kFormat},
                     {"target", input_.schema->name},
                     {"variant", input_.variant},
                     {"verdict", verdict_name(input_.verdict.kind)},
                     {"signature", input_.verdict.signature},
                     {"title", title_of(input_, words_)},
                     {"summary", input_.verdict.summary}};
    document["story"] = story();
    document["cpus"] = cpus();
    document["steps"] = steps();
    document["cut"] = rows_.is_cut();
    document["spans"] = spans();
    document["inferred_locks"] = inferred_locks();
    document["arrows"] = arrows();
    document["fatal_step"] = rows_.number_or_null(fatal_step(input_));
    document["ending"] = ending();
    document["waits_for"] = waits();
    document["race"] = race();
    document["near_pass"] = near_pass();
    document["states"] = states();
    document["text"] = text_;
    return document;
  }

 private:
  [[nodiscard]] bool has_trace() const { return input_.run->trace != nullptr; }
  [[nodiscard]] std::size_t cpu_count() const {
    return std::max<std::size_t>(story_.cpu_count, input_.scenario->cpu_count());
  }

  [[nodiscard]] Json story() const {
    const auto count = [&](Action action) {
      return std::ranges::count(input_.run->directives, action, &Directive::action);
    };
    return {{"cpus", cpu_count()},
            {"preemptions", count(Action::kDemote)},
            {"interrupts", count(Action::kInterrupt)},
            {"migrations", count(Action::kMigrate)},
            {"decisions", input_.run->directives.size()}};
  }

  // A cpu that the target itself created has no program.
  [[nodiscard]] Json cpus() const {
    Json list = Json::array();
    for (std::size_t cpu = 0; cpu < cpu_count(); ++cpu) {
      Json program = Json::array();
      if (cpu < input_.scenario->programs.size()) {
        for (const OperationCall& call : input_.scenario->programs[cpu]) program.push_back(words_.call(call));
      }
      list.push_back({{"name", fmt::format("cpu{}", cpu)}, {"program", std::move(program)}});
    }
    return list;
  }

  [[nodiscard]] Json steps() const {
    Json list = Json::array();
    for (const Row& row : rows_.told()) list.push_back(step(row));
    return list;
  }

  [[nodiscard]] Json step(const Row& row) const {
    const Step& first = trace_of(input_).steps[row.first_step];
    const StepLabel label = row.is_fold ? StepLabel::kFold : label_of(first.kind);
    Json step = {{"n", row.first_step + 1}, {"cpu", row.cpu.value()}};
    step.update(place_json(row.where));
    step["callers"] = row.callers;
    step["kind"] = step_label_name(label);
    step["text"] = row.what;
    step["context"] = first.depth;
    step["context_name"] = surroundings_.context(row.first_step);
    step["operation"] = surroundings_.operation(row.first_step);
    step["decision"] = decision(row);
    step["fold"] = row.is_fold ? Json{{"rounds", row.rounds}, {"last", row.last_step + 1}} : Json(nullptr);
    step["matters"] = row.matters;
    step["switched"] = row.switched;
    return step;
  }

  [[nodiscard]] Json decision(const Row& row) const {
    if (!row.directive) return nullptr;
    const Directive& directive = input_.run->directives[*row.directive];
    return {{"number", *row.directive + 1},
            {"kind", decision_name(directive.action)},
            {"text", decision_text(directive, words_)}};
  }

  [[nodiscard]] Json spans() const {
    Json list = Json::array();
    if (!has_trace()) return list;
    for (const Span& span : spans_of(input_, words_, story_)) {
      list.push_back({{"cpu", span.cpu.value()},
                      {"from", rows_.number(span.from)},
                      {"to", rows_.number(span.to)},
                      {"kind", span_kind_name(span.kind)},
                      {"name", span.name},
                      {"open", span.is_open}});
    }
    return list;
  }

  [[nodiscard]] Json inferred_locks() const {
    std::set<std::string> names;
    for (const LockSpan& lock : evident_locks(trace_of(input_).steps)) names.insert(words_.memory(lock.offset));
    return names;
  }

  [[nodiscard]] Json arrows() const {
    Json list = Json::array();
    if (!has_trace()) return list;
    for (const Arrow& arrow : arrows_of(input_, words_, story_)) {
      list.push_back({{"from_step", rows_.number(arrow.from)},
                      {"to_step", rows_.number(arrow.to)},
                      {"kind", arrow_kind_name(arrow.kind)},
                      {"text", arrow.text}});
    }
    return list;
  }

  [[nodiscard]] Json ending() const {
    Json lines = Json::array();
    const Ending ending = ending_of(input_, words_);
    lines.push_back(ending.title);
    for (const Stand& stand : ending.stands) {
      lines.push_back(stand.heading);
      for (const std::string& line : stand.lines) lines.push_back("  " + line);
    }
    Json cpus = Json::array();
    for (const CpuView& cpu : input_.run->cpus) cpus.push_back(cpu_at_end(cpu));
    return {{"lines", std::move(lines)}, {"cpus", std::move(cpus)}};
  }

  [[nodiscard]] Json cpu_at_end(const CpuView& cpu) const {
    std::string on;
    for (const std::uint64_t offset : cpu.watches) on += (on.empty() ? "" : ", ") + words_.memory(offset);
    Json stack = Json::array();
    for (std::size_t i = cpu.contexts.size(); i-- > 0;) {
      for (Json frame : stack_json(cpu.contexts[i].frames, words_)) {
        frame["context"] = words_.context(cpu.contexts[i]);
        stack.push_back(std::move(frame));
      }
    }
    Json pending = Json::array();
    for (std::uint32_t vector = 0; vector < 64; ++vector) {
      if ((cpu.pending_vectors >> vector & 1) != 0) pending.push_back("irq " + words_.vector(vector));
    }
    Json end = {{"cpu", cpu.cpu.value()}, {"activity", activity_name(cpu.activity)}, {"on", std::move(on)}};
    end.update(place_json(cpu.contexts.empty() ? Place{} : words_.place(cpu.contexts.back().frames)));
    end["stack"] = std::move(stack);
    end["pending"] = std::move(pending);
    end["irqs_enabled"] = cpu.irqs_enabled;
    return end;
  }

  static const char* activity_name(CpuActivity activity) {
    switch (activity) {
      case CpuActivity::kEnded:
        return "ended";
      case CpuActivity::kIdle:
        return "idle";
      case CpuActivity::kWaiting:
        return "waits";
      case CpuActivity::kSpinning:
        return "spins";
      case CpuActivity::kRunning:
        return "runs";
    }
  }

  [[nodiscard]] Json waits() const {
    const WaitGraph graph = waits_for(input_, words_);
    Json nodes = Json::array();
    for (const WaitNode& node : graph.nodes) {
      nodes.push_back(
          {{"id", node.id}, {"name", node.name}, {"cpu", node.cpu ? Json(node.cpu->value()) : Json(nullptr)}});
    }
    Json edges = Json::array();
    for (const WaitEdge& edge : graph.edges) {
      edges.push_back({{"from", edge.from}, {"to", edge.to}, {"text", edge.text}, {"in_cycle", edge.in_cycle}});
    }
    return {{"nodes", std::move(nodes)}, {"edges", std::move(edges)}};
  }

  [[nodiscard]] Json race() const {
    const RaceReport* const report = input_.run->race;
    if (report == nullptr) return nullptr;
    const auto story = story_of_race(*input_.run);
    Json accesses = Json::array();
    for (std::size_t side = 0; side < 2; ++side) {
      const RaceAccess& access = report->accesses[side];
      std::optional<std::size_t> at;
      if (story) at = side == 0 ? story->first.access : story->second.access;
      accesses.push_back(
          {{"cpu", access.cpu.value()},
           {"kind", fmt::format("{} {}", access.is_atomic ? "atomic" : "plain", access.is_write ? "write" : "read")},
           {"stack", stack_json(access.frames, words_)},
           {"step", rows_.number_or_null(at)}});
    }
    const std::string memory = report->on_stack ? "the stack of a cpu" : words_.memory(report->offset);
    return {{"memory", memory}, {"accesses", std::move(accesses)}, {"missing", missing_edge(input_, words_)}};
  }

  [[nodiscard]] Json near_pass() const {
    if (input_.near_pass == nullptr) return nullptr;
    const NearPass& near = *input_.near_pass;
    Json steps = Json::array();
    for (const NearStep& step : near.steps) {
      Json row = {{"n", step.step + 1}, {"cpu", step.cpu.value()}};
      row.update(place_json(step.where));
      row["text"] = step.text;
      steps.push_back(std::move(row));
    }
    return {{"text", near.text},
            {"parts_at_step", rows_.number_or_null(near.parts_at)},
            {"directives", near.directives},
            {"steps", std::move(steps)}};
  }

  // The first row, and each that changed something.
  [[nodiscard]] Json states() const {
    if (story_.shown.empty()) return nullptr;
    Json rows = Json::array();
    for (const Row& row : rows_.told()) {
      if (!rows.empty() && row.changed.empty()) continue;
      rows.push_back({{"step", row.first_step + 1}, {"values", row.shown}});
    }
    return {{"columns", story_.shown}, {"rows", std::move(rows)}};
  }

  const ExplainInput& input_;
  const std::string& text_;
  const Words words_;
  const Story story_;
  const Rows rows_;
  const Surroundings surroundings_;
};

}  // namespace

std::string explain_json(const ExplainInput& input, const std::string& text) {
  // Names come from the target: whatever is not UTF-8 in them is replaced rather than thrown about.
  return Document(input, text).build().dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace gridlock
