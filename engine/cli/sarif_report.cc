// See sarif_report.h. May include: base, model.
#include "engine/cli/sarif_report.h"

#include <fmt/format.h>

#include <cctype>
#include <vector>

#include "engine/cli/finding_files.h"
#include "engine/cli/regress_reports.h"

namespace gridlock {
namespace {

using nlohmann::json;

// What all paths are told from; whoever reads the report knows where the repository lies.
constexpr const char* kBase = "SRCROOT";

struct Rule {
  const char* name;  // SARIF wants one in Pascal case
  const char* text;  // one sentence
  const char* help;
};

Rule rule_of(VerdictKind kind) {
  switch (kind) {
    case VerdictKind::kOk:
    case VerdictKind::kInconclusive:
      return {
          "NotReproduced", "A repro does not give the bug that it expects.",
          "If the bug is fixed, change the `expect` line of the repro to `ok`. If the code has only moved, find the "
          "schedule again with `gridlock fuzz TARGET --corpus FOLDER`, the repro being in the folder."};
    case VerdictKind::kDeadlock:
      return {"Deadlock", "Every cpu that has work left waits, and nobody can wake one.",
              "Proven: the whole state recurs. `gridlock explain` tells who waits for what and who wrote it last."};
    case VerdictKind::kHang:
      return {"Hang", "Cpus spin or wait for what nobody can change any more.",
              "Proven: the whole state recurs. `gridlock explain` tells who spins on what and who wrote it last."};
    case VerdictKind::kLivelock:
      return {"Livelock", "Cpus go on changing things and come back to where they were, for ever.",
              "Proven under two fair orders. `gridlock explain` tells the round."};
    case VerdictKind::kInvariant:
      return {"Invariant", "A registered invariant of the target does not hold.",
              "`gridlock explain` tells the steps that lead there."};
    case VerdictKind::kAssertion:
      return {"Assertion", "What a lock or the code under test promises is broken.",
              "`gridlock explain` tells the step that breaks it and those before."};
    case VerdictKind::kDataRace:
      return {"DataRace", "Two accesses, one of them a write and one of them not atomic, that nothing orders.",
              "Judged exactly, from the accesses of one run. `gridlock explain` names the edge that is missing."};
    case VerdictKind::kMemoryError:
      return {"MemoryError", "An access to memory that is not the target's.",
              "`gridlock explain` tells which block was hit and who freed it."};
    case VerdictKind::kCrash:
      return {"Crash", "A fatal signal or a sanitizer ended the run.", "`gridlock explain` has the last call chain."};
    case VerdictKind::kLockOrder:
      return {"LockOrder", "Locks are taken in an order that can deadlock; in this run it did not come to that.",
              "`gridlock explain` tells which cpu holds what where."};
    case VerdictKind::kSanitizerReport:
      return {"SanitizerReport", "ThreadSanitizer reports a race of memory that the exact judge does not see.",
              "`gridlock explain` has both accesses."};
  }
}

// A rule's id is the verdict's name; what is no bug has one in common.
std::string rule_id(VerdictKind kind) {
  return is_bug(kind) ? std::string(verdict_name(kind)) : "not-reproduced";
}

const char* level_of(VerdictKind kind) {
  return is_bug(kind) ? "error" : "warning";
}

json rule_json(VerdictKind kind) {
  const Rule rule = rule_of(kind);
  return {{"id", rule_id(kind)},
          {"name", rule.name},
          {"shortDescription", {{"text", rule.text}}},
          {"fullDescription", {{"text", rule.text}}},
          {"help", {{"text", rule.help}}},
          {"defaultConfiguration", {{"level", level_of(kind)}}}};
}

// A path as a relative reference (RFC 3986).
std::string as_uri(const std::string& path) {
  std::string uri;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain = byte < 0x80 && (std::isalnum(byte) != 0 || std::string_view("-._~/+@").contains(c));
    uri += is_plain ? std::string(1, c) : fmt::format("%{:02X}", byte);
  }
  return uri;
}

json artifact(const std::string& path) {
  json location = {{"uri", as_uri(path)}};
  // A path from the root of the file system is from nowhere else.
  if (path.starts_with('/')) {
    location["uri"] = "file://" + as_uri(path);
  } else {
    location["uriBaseId"] = kBase;
  }
  return location;
}

class Log {
 public:
  explicit Log(const SarifInput& input) : input_(input) {}

  json build() {
    json results = json::array();
    for (std::size_t row = 0; row < input_.rows.size(); ++row) {
      if (!input_.rows[row].passed()) results.push_back(result(row));
    }
    json rules = json::array();
    for (const auto& [id, kind] : rules_) rules.push_back(rule_json(kind));
    json run = {{"tool", {{"driver", {{"name", "Gridlock"}, {"rules", std::move(rules)}}}}},
                {"originalUriBaseIds", {{kBase, {{"description", {{"text", "The root of the repository."}}}}}}},
                {"results", std::move(results)}};
    return {{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
            {"version", "2.1.0"},
            {"runs", json::array({std::move(run)})}};
  }

 private:
  json result(std::size_t number) {
    const ReplayRow& row = input_.rows[number];
    rules_.emplace(rule_id(row.seen.kind), row.seen.kind);
    const json repro = {{"physicalLocation", {{"artifactLocation", artifact(path_from(input_.root, row.file))}}},
                        {"message", {{"text", "the repro"}}}};
    json result = {{"ruleId", rule_id(row.seen.kind)},
                   {"level", level_of(row.seen.kind)},
                   {"message", {{"text", message(row)}}},
                   {"partialFingerprints", {{"gridlockSignature/v1", fingerprint(row)}}},
                   {"locations", json::array({repro})}};
    const auto explanation = input_.explanations.find(number);
    if (explanation == input_.explanations.end()) return result;
    add_story(explanation->second, row, repro, result);
    return result;
  }

  static std::string message(const ReplayRow& row) {
    std::string text = complaint(row);
    if (!row.seen.signature.empty()) text += ": " + row.seen.signature;
    if (!row.seen.summary.empty()) text += ". " + row.seen.summary;
    return text;
  }

  // The same bug has the same in every flavour and build: functions, no line and no schedule.
  static std::string fingerprint(const ReplayRow& row) {
    const std::string what = row.seen.signature.empty() ? path_from(".", row.file) : row.seen.signature;
    return finding_file_stem(fmt::format("{} {} {}", row.target, rule_id(row.seen.kind), what));
  }

  void add_story(const json& explanation, const ReplayRow& row, const json& repro, json& result) const {
    result["message"]["text"] = fmt::format("{}. {}", message(row), explanation.at("title").get<std::string>());
    json flows = json::array();
    for (std::size_t cpu = 0; cpu < explanation.at("cpus").size(); ++cpu) {
      json flow = thread_flow(explanation, cpu, row.target);
      if (!flow.at("locations").empty()) flows.push_back(std::move(flow));
    }
    if (!flows.empty()) {
      result["codeFlows"] =
          json::array({{{"message", explanation_text(explanation)}, {"threadFlows", std::move(flows)}}});
    }
    for (const json& step : explanation.at("steps")) {
      if (step.at("n") != explanation.at("fatal_step")) continue;
      json place = location(step, row.target);
      if (!place.contains("physicalLocation")) continue;
      result["locations"] = json::array({std::move(place)});
      json related = repro;
      related["id"] = 1;
      result["relatedLocations"] = json::array({std::move(related)});
    }
  }

  static json explanation_text(const json& explanation) {
    const json& story = explanation.at("story");
    return {{"text",
             fmt::format("{} decisions: {} preemptions, {} interrupts, {} migrations",
                         story.at("decisions").get<std::uint64_t>(), story.at("preemptions").get<std::uint64_t>(),
                         story.at("interrupts").get<std::uint64_t>(), story.at("migrations").get<std::uint64_t>())}};
  }

  [[nodiscard]] json thread_flow(const json& explanation, std::size_t cpu, const std::string& target) const {
    std::vector<const json*> steps;
    std::vector<const json*> that_matter;
    for (const json& step : explanation.at("steps")) {
      if (step.at("cpu") != cpu) continue;
      steps.push_back(&step);
      if (step.at("matters")) that_matter.push_back(&step);
    }
    if (steps.size() > kFlowStepsMax) steps = std::move(that_matter);
    if (steps.size() > kFlowStepsMax) steps.erase(steps.begin(), steps.end() - kFlowStepsMax);
    json locations = json::array();
    for (const json* const step : steps) locations.push_back(flow_location(*step, target));
    return {{"id", explanation.at("cpus").at(cpu).at("name")}, {"locations", std::move(locations)}};
  }

  [[nodiscard]] json flow_location(const json& step, const std::string& target) const {
    return {{"location", location(step, target)},
            {"executionOrder", step.at("n")},
            {"nestingLevel", step.at("context")},
            {"importance", step.at("matters") ? "essential" : "unimportant"},
            {"kinds", json::array({step.at("kind")})}};
  }

  // Of a step in a file that is not in the repository there is only the function.
  [[nodiscard]] json location(const json& step, const std::string& target) const {
    json location = {{"message", {{"text", step.at("text")}}}};
    const auto function = step.at("function").get<std::string>();
    if (!function.empty()) location["logicalLocations"] = json::array({{{"name", function}, {"kind", "function"}}});
    const auto line = step.at("line").get<std::uint32_t>();
    const auto path = input_.sources.path_of(step.at("file").get<std::string>(), target);
    if (path && line > 0) {
      location["physicalLocation"] = {{"artifactLocation", artifact(*path)}, {"region", {{"startLine", line}}}};
    }
    return location;
  }

  const SarifInput& input_;
  std::map<std::string, VerdictKind> rules_;
};

}  // namespace

Result<std::string> sarif_report(const SarifInput& input) {
  try {
    return Log(input).build().dump(2, ' ', false, json::error_handler_t::replace) + "\n";
  } catch (const json::exception& error) {
    return failure("write the SARIF report", "an explanation", error.what());
  }
}

}  // namespace gridlock
