#include "engine/cli/replayer.h"

#include <gtest/gtest.h>

#include "engine/cli/fake_machine.h"

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
    const ReplayFile file{"x.repro", input_, {work}};
    return replay_files(bench_.tools(), {&file, 1}, times, *bench_.page).value().front();
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

TEST_F(ReplayerTest, FilesAndTheirCasesKeepTheirOrder) {
  const auto cases = replay_cases(input_, "").value();
  std::vector<ReplayFile> files = {{"a.repro", input_, cases}, {"b.repro", input_, cases}};
  files[1].input.repro.scenario = fake_scenario(FakeMachine::kCrash);
  const auto rows = replay_files(bench_.tools(), files, 2, *bench_.page);
  ASSERT_TRUE(rows.has_value());
  ASSERT_EQ(rows->size(), 4u);
  EXPECT_EQ(rows->at(0).seen.kind, VerdictKind::kHang);
  EXPECT_EQ(rows->at(2).file, "b.repro");
  EXPECT_EQ(rows->at(2).seen.kind, VerdictKind::kCrash);
  EXPECT_EQ(rows->at(3).variant, "fixed");
  EXPECT_EQ(rows->at(3).as_expected, 2u);
}

TEST_F(ReplayerTest, RowsComeBackFromTheirJson) {
  std::vector<ReplayRow> rows = {replay({0, VerdictKind::kHang}, 2), replay({0, std::nullopt})};
  rows[0].evidence.reports = 2;
  rows[0].signature_note = "the file has: x";
  rows[1].ordered_reports = 7;
  const auto again = rows_from_json(replay_json(rows, 0.5));
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(replay_json(*again, 0.5), replay_json(rows, 0.5));
  EXPECT_EQ(again->at(0).flavour, "plain");
  EXPECT_EQ(again->at(1).expected, std::nullopt);
}

TEST_F(ReplayerTest, WhatIsNoSuchObjectIsRefused) {
  EXPECT_FALSE(rows_from_json(nlohmann::json::array()).has_value());
  EXPECT_FALSE(rows_from_json({{"results", {{{"file", "x"}}}}}).has_value());
  auto object = replay_json(std::vector<ReplayRow>{replay({0, VerdictKind::kHang})}, 0.5);
  object["results"][0]["verdict"] = "fine";
  EXPECT_FALSE(rows_from_json(object).has_value());
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

}  // namespace
}  // namespace gridlock
