#include "engine/cli/regress_reports.h"

#include <gtest/gtest.h>

namespace gridlock {
namespace {

constexpr std::string_view kAllFlavours[] = {"plain", "tsan", "asan"};

ReplayRow row(std::string flavour, bool passed) {
  ReplayRow row;
  row.file = "corpus/x.repro";
  row.target = "lock";
  row.variant = "broken";
  row.flavour = std::move(flavour);
  row.expected = VerdictKind::kHang;
  row.seen =
      passed ? Verdict{VerdictKind::kHang, "hang: f1<f2", ""} : Verdict{VerdictKind::kCrash, "crash: f1<f2", "why"};
  row.times = 1;
  row.as_expected = passed ? 1 : 0;
  return row;
}

TEST(RegressReports, JunitHasASuiteForEachFlavourAndEscapes) {
  const std::vector<ReplayRow> rows = {row("plain", true), row("tsan", false), row("asan", true)};
  const std::string xml = junit_report(rows, kAllFlavours);
  EXPECT_NE(xml.find("<testsuite name=\"plain\" tests=\"1\" failures=\"0\">"), std::string::npos);
  EXPECT_NE(xml.find("<testsuite name=\"tsan\" tests=\"1\" failures=\"1\">"), std::string::npos);
  EXPECT_NE(xml.find("<testcase classname=\"tsan.lock\" name=\"corpus/x.repro broken\">"), std::string::npos);
  EXPECT_NE(xml.find("message=\"lock broken in tsan: expected hang, got crash\""), std::string::npos);
  EXPECT_NE(xml.find("crash: f1&lt;f2"), std::string::npos);
  EXPECT_EQ(xml.find("f1<f2"), std::string::npos);
}

TEST(RegressReports, WhatXmlReservesOrForbidsIsReplaced) {
  EXPECT_EQ(escape_xml("a\"&\x01"), "a&quot;&amp;?");
}

}  // namespace
}  // namespace gridlock
