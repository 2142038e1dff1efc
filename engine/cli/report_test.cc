#include "engine/cli/report.h"

#include <gtest/gtest.h>

namespace gridlock {
namespace {

TEST(Report, HasTheKeysOfTheContract) {
  Report report{"lock", "broken", "pct", 10, 200, 1.5, {}};
  report.findings.push_back({{VerdictKind::kHang, "hang: a<b", "cpu 0 spins"}, 7, 0.5, 2, "findings/x.repro", 99, 100});
  const auto object = to_json(report);
  EXPECT_EQ(object.at("target"), "lock");
  EXPECT_EQ(object.at("variant"), "broken");
  EXPECT_EQ(object.at("strategy"), "pct");
  EXPECT_EQ(object.at("runs"), 10);
  EXPECT_EQ(object.at("points"), 200);
  EXPECT_EQ(object.at("seconds"), 1.5);
  const auto& finding = object.at("findings").at(0);
  EXPECT_EQ(finding.at("signature"), "hang: a<b");
  EXPECT_EQ(finding.at("verdict"), "hang");
  EXPECT_EQ(finding.at("runs_to_find"), 7);
  EXPECT_EQ(finding.at("seconds_to_find"), 0.5);
  EXPECT_EQ(finding.at("directives"), 2);
  EXPECT_EQ(finding.at("repro"), "findings/x.repro");
  EXPECT_EQ(finding.at("confirmations"), 100);
  EXPECT_TRUE(finding.at("sanitizer_reports").is_null());
}

TEST(Report, CountsTheSanitizersReportsWhereOneLooks) {
  Report report;
  report.findings.push_back({.verdict = {VerdictKind::kDataRace, "data-race: a vs b", ""}, .evidence = {98, ""}});
  EXPECT_EQ(to_json(report).at("findings").at(0).at("sanitizer_reports"), 98);
}

TEST(Report, WhatWasOnlySeenHasNoRepro) {
  Report report;
  report.findings.push_back({.verdict = {VerdictKind::kHang, "hang: a", ""}, .seen = 3, .seen_of = 100});
  const auto object = to_json(report).at("findings").at(0);
  EXPECT_TRUE(object.at("repro").is_null());
  EXPECT_EQ(object.at("seen"), 3);
  EXPECT_EQ(object.at("of"), 100);
}

TEST(Report, WithoutFindingsTheListIsEmptyAndNotNull) {
  EXPECT_EQ(to_json(Report{}).at("findings"), nlohmann::json::array());
}

TEST(Report, TargetsAreListedWithTheirVariants) {
  Target target;
  target.schema.name = "lock";
  target.schema.summary = "a lock";
  target.schema.variants = {{"broken", "", "hang"}, {"fixed", "", "ok"}};
  target.schema.bugs = {{"broken", "fixed", "Linux 76eaca031f0a (2013)", "a waiter sleeps for ever"}};
  const AbsentTarget absent{"b-lock", "install the package b"};
  const auto object = targets_json({&target, 1}, {&absent, 1});
  EXPECT_EQ(object.at("absent").dump(), R"([{"name":"b-lock","reason":"install the package b"}])");
  EXPECT_EQ(object.at("targets").at(0).at("name"), "lock");
  EXPECT_EQ(object.at("targets").at(0).at("summary"), "a lock");
  EXPECT_EQ(object.at("targets").at(0).at("variants").at(0).at("name"), "broken");
  EXPECT_EQ(object.at("targets").at(0).at("variants").at(1).at("expect"), "ok");
  const auto& bug = object.at("targets").at(0).at("bugs").at(0);
  EXPECT_EQ(bug.at("variant"), "broken");
  EXPECT_EQ(bug.at("fixed"), "fixed");
  EXPECT_EQ(bug.at("source"), "Linux 76eaca031f0a (2013)");
  EXPECT_EQ(bug.at("failure"), "a waiter sleeps for ever");
}

TEST(Report, IsPrintedAsOneLineWhateverItHolds) {
  testing::internal::CaptureStdout();
  print_json({{"text", "two\nlines and a stray \xff byte"}});
  const std::string printed = testing::internal::GetCapturedStdout();
  EXPECT_EQ(printed.find('\n'), printed.size() - 1);
  EXPECT_TRUE(nlohmann::json::accept(printed));
}

}  // namespace
}  // namespace gridlock
