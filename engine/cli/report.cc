#include "engine/cli/report.h"

#include <fmt/format.h>

#include <cstdio>

namespace gridlock {
namespace {

nlohmann::json to_json(const ReportedFinding& finding) {
  const auto& reports = finding.evidence.reports;
  nlohmann::json object = {{"signature", finding.verdict.signature},
                           {"verdict", verdict_name(finding.verdict.kind)},
                           {"summary", finding.verdict.summary},
                           {"runs_to_find", finding.runs_to_find},
                           {"seconds_to_find", finding.seconds_to_find},
                           {"directives", finding.directives},
                           {"repro", finding.repro},
                           {"reproduced", finding.reproduced},
                           {"confirmations", finding.confirmations},
                           {"sanitizer_reports", reports ? nlohmann::json(*reports) : nlohmann::json()}};
  if (finding.repro.empty()) {
    object["repro"] = nullptr;
    object["seen"] = finding.seen;
    object["of"] = finding.seen_of;
    object["report"] = finding.seen_report;
  }
  return object;
}

nlohmann::json bugs_json(const TargetSchema& schema) {
  auto bugs = nlohmann::json::array();
  for (const auto& bug : schema.bugs) {
    bugs.push_back({{"variant", bug.variant}, {"fixed", bug.fixed}, {"source", bug.source}, {"failure", bug.failure}});
  }
  return bugs;
}

}  // namespace

nlohmann::json to_json(const Report& report) {
  auto findings = nlohmann::json::array();
  for (const auto& finding : report.findings) findings.push_back(to_json(finding));
  return {
      {"target", report.target}, {"variant", report.variant}, {"strategy", report.strategy},    {"runs", report.runs},
      {"points", report.points}, {"seconds", report.seconds}, {"findings", std::move(findings)}};
}

nlohmann::json targets_json(std::span<const Target> targets, std::span<const AbsentTarget> absent) {
  auto list = nlohmann::json::array();
  for (const Target& target : targets) {
    auto variants = nlohmann::json::array();
    for (const auto& variant : target.schema.variants) {
      variants.push_back({{"name", variant.name}, {"summary", variant.summary}, {"expect", variant.expect}});
    }
    list.push_back({{"name", target.schema.name},
                    {"summary", target.schema.summary},
                    {"models", target.schema.models},
                    {"variants", std::move(variants)},
                    {"bugs", bugs_json(target.schema)}});
  }
  auto missing = nlohmann::json::array();
  for (const AbsentTarget& target : absent) missing.push_back({{"name", target.name}, {"reason", target.reason}});
  return {{"targets", std::move(list)}, {"absent", std::move(missing)}};
}

void print_json(const nlohmann::json& object) {
  fmt::print("{}\n", object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  std::fflush(stdout);
}

}  // namespace gridlock
