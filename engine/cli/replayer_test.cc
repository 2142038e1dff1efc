#include "engine/cli/replayer.h"

#include <gtest/gtest.h>

#include "engine/cli/fake_machine.h"
#include "engine/cli/regress_reports.h"

namespace gridlock {
namespace {

class ReplayerTest : public testing::Test {
 protected:
  ReplayerTest() {
    input_.target = &bench_.target;
    input_.is_repro = true;
    input_.repro.scenario = fake_scenario(FakeMachine::kStick);
    input_.repro.signature = "hang: f1<f2";
    input_.repro.expectations = {{"broken", VerdictKind::kHang}, {"fixed", VerdictKind::kOk}};
  }
  ReplayRow replay(const ReplayCase& work, std::uint32_t times = 1) {
    return replay_case(bench_.tools(), input_, "x.repro", work, times, *bench_.page).value();
  }

  FakeBench bench_;
  LoadedInput input_;
};

TEST_F(ReplayerTest, EveryExpectationIsACase) {
  const auto cases = replay_cases(input_, "");
  ASSERT_TRUE(cases.has_value());
  ASSERT_EQ(cases->size(), 2u);
  EXPECT_EQ(cases->at(1).variant, 1u);
  EXPECT_EQ(cases->at(1).expected, VerdictKind::kOk);
}

TEST_F(ReplayerTest, ANamedVariantKeepsItsExpectation) {
  EXPECT_EQ(replay_cases(input_, "fixed")->front().expected, VerdictKind::kOk);
  input_.repro.expectations.pop_back();
  EXPECT_EQ(replay_cases(input_, "fixed")->front().expected, std::nullopt);
  EXPECT_FALSE(replay_cases(input_, "nosuch").has_value());
}

TEST_F(ReplayerTest, WithoutExpectationsTheFirstVariantRuns) {
  input_.repro.expectations.clear();
  const auto cases = replay_cases(input_, "");
  ASSERT_EQ(cases->size(), 1u);
  EXPECT_EQ(cases->front().variant, 0u);
  EXPECT_EQ(cases->front().expected, std::nullopt);
}

TEST_F(ReplayerTest, AnExpectedVerdictPasses) {
  const ReplayRow row = replay({0, VerdictKind::kHang}, 5);
  EXPECT_TRUE(row.passed());
  EXPECT_EQ(row.as_expected, 5u);
  EXPECT_EQ(row.signature_note, "");
  EXPECT_NE(describe(row).find("hang as expected (5 of 5 runs)"), std::string::npos);
}

TEST_F(ReplayerTest, AnotherVerdictDoesNotPass) {
  const ReplayRow row = replay({0, VerdictKind::kOk}, 2);
  EXPECT_FALSE(row.passed());
  EXPECT_EQ(row.as_expected, 0u);
  EXPECT_EQ(row.seen.kind, VerdictKind::kHang);
  EXPECT_NE(describe(row).find("expected ok, got hang"), std::string::npos);
}

TEST_F(ReplayerTest, WithoutAnExpectationAnyBugFails) {
  EXPECT_FALSE(replay({0, std::nullopt}).passed());
  EXPECT_TRUE(replay({1, std::nullopt}).passed());
}

TEST_F(ReplayerTest, AnotherSignatureIsToldButPasses) {
  input_.repro.signature = "hang: old_name<f2";
  const ReplayRow row = replay({0, VerdictKind::kHang});
  EXPECT_TRUE(row.passed());
  EXPECT_NE(describe(row).find("old_name"), std::string::npos);
}

TEST_F(ReplayerTest, TheJsonObjectHasTheCommonKeysAndEveryRow) {
  const std::vector<ReplayRow> rows = {replay({0, VerdictKind::kHang}, 2), replay({1, VerdictKind::kOk}, 2)};
  const auto object = replay_json(rows, 0.5);
  EXPECT_EQ(object.at("target"), "fake");
  EXPECT_EQ(object.at("variant"), "broken,fixed");
  EXPECT_EQ(object.at("strategy"), "directed");
  EXPECT_EQ(object.at("runs"), 4);
  EXPECT_EQ(object.at("findings").size(), 1u);
  EXPECT_EQ(object.at("findings").at(0).at("repro"), "x.repro");
  EXPECT_EQ(object.at("results").size(), 2u);
  EXPECT_EQ(object.at("results").at(1).at("passed"), true);
}

TEST_F(ReplayerTest, EvidenceAndOrderedReportsAreTold) {
  ReplayRow row = replay({0, VerdictKind::kHang});
  EXPECT_EQ(describe(row).find("sanitizer"), std::string::npos);
  row.seen = {VerdictKind::kDataRace, "data-race: read a vs write b", ""};
  row.times = 3;
  row.evidence = {2, ""};
  row.ordered_reports = 1;
  EXPECT_NE(describe(row).find("  sanitizer  ThreadSanitizer reports it in 2 of 3 runs\n"), std::string::npos);
  EXPECT_NE(describe(row).find("  ordered    1 report of ThreadSanitizer"), std::string::npos);
  const auto object = replay_json({&row, 1}, 0.5);
  EXPECT_EQ(object.at("findings").at(0).at("sanitizer_reports"), 2);
  EXPECT_EQ(object.at("results").at(0).at("ordered_reports"), 1);
}

TEST_F(ReplayerTest, JunitCountsFailuresAndEscapes) {
  const std::vector<ReplayRow> rows = {replay({0, VerdictKind::kOk}), replay({1, VerdictKind::kOk})};
  const std::string xml = junit_report(rows);
  EXPECT_NE(xml.find("tests=\"2\" failures=\"1\""), std::string::npos);
  EXPECT_NE(xml.find("hang: f1&lt;f2"), std::string::npos);
  EXPECT_EQ(xml.find("f1<f2"), std::string::npos);
  EXPECT_EQ(escape_xml("a\"&\x01"), "a&quot;&amp;?");
}

TEST_F(ReplayerTest, SarifHasAResultForEachFailureOnly) {
  const std::vector<ReplayRow> rows = {replay({0, VerdictKind::kOk}), replay({1, VerdictKind::kOk})};
  const auto log = nlohmann::json::parse(sarif_report(rows));
  EXPECT_EQ(log.at("version"), "2.1.0");
  const auto& results = log.at("runs").at(0).at("results");
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(results.at(0).at("ruleId"), "hang");
}

}  // namespace
}  // namespace gridlock
