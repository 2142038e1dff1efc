#include "engine/cli/sarif_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gridlock {
namespace {

using nlohmann::json;

ReplayRow failing_row() {
  ReplayRow row;
  row.file = "corpus/x y.repro";
  row.target = "lock";
  row.variant = "broken";
  row.flavour = "tsan";
  row.expected = VerdictKind::kOk;
  row.seen = {VerdictKind::kHang, "hang: f1<f2", "cpu 0 spins"};
  row.times = 1;
  return row;
}

ReplayRow passing_row() {
  ReplayRow row = failing_row();
  row.as_expected = 1;
  return row;
}

json step(std::uint64_t n, std::uint32_t cpu, const std::string& file, bool matters) {
  return {{"n", n},
          {"cpu", cpu},
          {"function", "f" + std::to_string(n)},
          {"file", file},
          {"line", 10 + n},
          {"kind", "load"},
          {"text", "load x"},
          {"context", n == 3 ? 1 : 0},
          {"matters", matters}};
}

json explanation() {
  return {{"title", "Hang: cpu0 spins"},
          {"cpus", {{{"name", "cpu0"}}, {{"name", "cpu1"}}, {{"name", "cpu2"}}}},
          {"story", {{"decisions", 3}, {"preemptions", 2}, {"interrupts", 1}, {"migrations", 0}}},
          {"steps", {step(1, 0, "a.c", false), step(2, 1, "a.c", true), step(3, 0, "gone.c", true)}},
          {"fatal_step", 2}};
}

class SarifReport : public testing::Test {
 protected:
  json report() { return json::parse(sarif_report({rows_, explanations_, sources_, "."}).value()).at("runs").at(0); }

  std::vector<ReplayRow> rows_ = {passing_row(), failing_row()};
  std::map<std::size_t, json> explanations_ = {{1, explanation()}};
  SourceTree sources_{{"targets/lock/a.c"}};
};

TEST_F(SarifReport, HasAResultForEachFailureOnlyAndItsRuleWithHelp) {
  const json run = report();
  ASSERT_EQ(run.at("results").size(), 1u);
  const json& result = run.at("results").at(0);
  EXPECT_EQ(result.at("ruleId"), "hang");
  EXPECT_EQ(result.at("level"), "error");
  EXPECT_EQ(result.at("message").at("text"),
            "lock broken in tsan: expected ok, got hang: hang: f1<f2. cpu 0 spins. Hang: cpu0 spins");
  ASSERT_EQ(run.at("tool").at("driver").at("rules").size(), 1u);
  const json& rule = run.at("tool").at("driver").at("rules").at(0);
  EXPECT_EQ(rule.at("id"), "hang");
  EXPECT_FALSE(rule.at("help").at("text").get<std::string>().empty());
}

TEST_F(SarifReport, TheFlowHasAThreadForEachCpuThatDidSomething) {
  const json flows = report().at("results").at(0).at("codeFlows");
  ASSERT_EQ(flows.size(), 1u);
  const json& threads = flows.at(0).at("threadFlows");
  ASSERT_EQ(threads.size(), 2u);
  EXPECT_EQ(threads.at(0).at("id"), "cpu0");
  const json& locations = threads.at(0).at("locations");
  ASSERT_EQ(locations.size(), 2u);
  EXPECT_EQ(locations.at(0).at("executionOrder"), 1);
  EXPECT_EQ(locations.at(0).at("importance"), "unimportant");
  EXPECT_EQ(locations.at(1).at("executionOrder"), 3);
  EXPECT_EQ(locations.at(1).at("nestingLevel"), 1);
}

TEST_F(SarifReport, PathsAreToldFromTheRootOfTheRepository) {
  const json run = report();
  EXPECT_TRUE(run.at("originalUriBaseIds").contains("SRCROOT"));
  const json& result = run.at("results").at(0);
  const json& place = result.at("locations").at(0).at("physicalLocation");
  EXPECT_EQ(place.at("artifactLocation"), (json{{"uri", "targets/lock/a.c"}, {"uriBaseId", "SRCROOT"}}));
  EXPECT_EQ(place.at("region").at("startLine"), 12);
  const json& repro = result.at("relatedLocations").at(0).at("physicalLocation").at("artifactLocation");
  EXPECT_EQ(repro, (json{{"uri", "corpus/x%20y.repro"}, {"uriBaseId", "SRCROOT"}}));
}

TEST_F(SarifReport, AFileThatIsNotInTheRepositoryHasItsFunctionOnly) {
  const json locations = report().at("results").at(0).at("codeFlows").at(0).at("threadFlows").at(0).at("locations");
  const json& location = locations.at(1).at("location");
  EXPECT_FALSE(location.contains("physicalLocation"));
  EXPECT_EQ(location.at("logicalLocations").at(0).at("name"), "f3");
}

TEST_F(SarifReport, TheFingerprintIsThatOfTheBugAlone) {
  const auto fingerprint = [this] {
    return report().at("results").at(0).at("partialFingerprints").at("gridlockSignature/v1");
  };
  const json before = fingerprint();
  rows_[1].flavour = "plain";
  rows_[1].file = "elsewhere.repro";
  rows_[1].seen.summary = "cpu 3 spins";
  EXPECT_EQ(fingerprint(), before);
  rows_[1].seen.signature = "hang: f1<f3";
  EXPECT_NE(fingerprint(), before);
}

TEST_F(SarifReport, ABugThatIsGoneIsAWarningAtTheRepro) {
  explanations_.clear();
  rows_[1].expected = VerdictKind::kHang;
  rows_[1].seen = {VerdictKind::kOk, "", ""};
  const json run = report();
  const json& result = run.at("results").at(0);
  EXPECT_EQ(result.at("ruleId"), "not-reproduced");
  EXPECT_EQ(result.at("level"), "warning");
  EXPECT_FALSE(result.contains("codeFlows"));
  EXPECT_EQ(result.at("locations").at(0).at("physicalLocation").at("artifactLocation").at("uri"), "corpus/x%20y.repro");
}

TEST_F(SarifReport, AThreadWithTooManyStepsTellsThoseThatMatter) {
  json steps = json::array();
  for (std::uint64_t n = 1; n <= 3 * kFlowStepsMax; ++n) steps.push_back(step(n, 0, "a.c", n % 2 == 0));
  explanations_[1]["steps"] = std::move(steps);
  const json locations = report().at("results").at(0).at("codeFlows").at(0).at("threadFlows").at(0).at("locations");
  EXPECT_EQ(locations.size(), kFlowStepsMax);
  EXPECT_EQ(locations.back().at("executionOrder"), 3 * kFlowStepsMax);
}

TEST_F(SarifReport, AnExplanationThatIsNoneIsAnError) {
  explanations_[1] = {{"title", "only that"}};
  EXPECT_FALSE(sarif_report({rows_, explanations_, sources_, "."}).has_value());
}

}  // namespace
}  // namespace gridlock
