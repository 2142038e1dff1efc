#include "dashboard/server/documents.h"

#include <gmock/gmock.h>

#include "dashboard/server/finding_document.h"
#include "dashboard/server/limits.h"
#include "dashboard/server/regression_document.h"
#include "dashboard/server/schema_fixture.h"
#include "dashboard/server/utf8.h"

namespace gridlock::dashboard {
namespace {

using store::TriageState;
using testing::ElementsAre;
using testing::IsEmpty;

// Everything that a fuzzed program or a person may put into a text.
const std::string kHostile =
    std::string("</script><script>alert(1)</script>\"'&\\ \xff\xfe\xc0\x80 \xe2\x80\xae \xe2\x80\xa8 ") +
    std::string("\0\x01\x1b[31m\x7f\r\n", 10);

store::Finding hostile_finding() {
  store::Finding finding;
  finding.key = "0123456789abcdef";
  finding.verdict = VerdictKind::kHang;
  for (std::string* const text : {&finding.target, &finding.variant, &finding.signature, &finding.title}) {
    *text = kHostile;
  }
  return finding;
}

class Documents : public testing::Test {
 protected:
  const SchemaFixture schema_{GRIDLOCK_OPENAPI};
};

TEST_F(Documents, HostileTextComesOutAsValidJson) {
  FindingParts parts = {.finding = hostile_finding(), .repro = kHostile, .command = kHostile};
  parts.sightings = {{.variant = kHostile, .engine = kHostile, .sanitizer = kHostile}};
  parts.tests = {{.variant = kHostile, .sanitizer = kHostile, .signature = kHostile, .sanitizer_report = kHostile}};
  parts.notes = {{.author = kHostile, .text = kHostile}};
  const std::string text = print_with(finding_document(parts), "explanation", "null");
  EXPECT_TRUE(is_utf8(text));
  EXPECT_EQ(text.find('\n'), std::string::npos);  // an event would end there
  const Json read = Json::parse(text);
  EXPECT_THAT(schema_.faults(read, "Finding"), IsEmpty());
  EXPECT_THAT(read.at("title").get<std::string>(), testing::StartsWith("</script><script>alert(1)</script>\"'&\\ "));
  EXPECT_THAT(read.at("title").get<std::string>(), testing::EndsWith(std::string("\0\x01\x1b[31m\x7f\r\n", 10)));
}

TEST_F(Documents, ARowFitsItsSchema) {
  EXPECT_THAT(schema_.faults(finding_row({}), "FindingRow"), IsEmpty());
  EXPECT_THAT(schema_.faults(campaign_document({.engine = "afl", .sanitizer = "none"}, std::vector<store::Stint>(2)),
                             "Campaign"),
              IsEmpty());
}

TEST_F(Documents, ASchemaThatDoesNotFitIsTold) {
  Json row = finding_row({});
  row["extra"] = 1;
  row["sightings"] = "many";
  row["state"] = "nonsense";
  row.erase("title");
  EXPECT_EQ(schema_.faults(row, "FindingRow").size(), 4U);
}

TEST_F(Documents, AMemberOfJsonTextIsPutIn) {
  EXPECT_EQ(print_with({{"a", 1}}, "b", "[2]"), R"({"a":1,"b":[2]})");
  EXPECT_EQ(print_with(Json::object(), "b", "null"), R"({"b":null})");
}

TEST_F(Documents, OnlyOpenFindingsCountAndNoCanary) {
  const std::vector<store::FindingCount> counts = {
      {.target = "a", .verdict = VerdictKind::kHang, .state = TriageState::kNew, .count = 2},
      {.target = "b", .verdict = VerdictKind::kHang, .state = TriageState::kNew, .count = 3},
      {.target = "a", .verdict = VerdictKind::kCrash, .state = TriageState::kFlaky, .count = 1},
      {.target = "a", .verdict = VerdictKind::kCrash, .state = TriageState::kFixed, .count = 9},
      {.target = "c", .verdict = VerdictKind::kOk, .state = TriageState::kWontFix, .count = 0},
      {.target = "a", .verdict = VerdictKind::kHang, .state = TriageState::kNew, .is_canary = true, .count = 7}};
  EXPECT_EQ(open_document(counts), Json::parse(R"({"new":5,"confirmed":0,"flaky":1})"));
  EXPECT_EQ(facets_document(counts),
            Json::parse(R"({"verdicts":["crash","hang"],"targets":["a","b"],"states":["fixed","flaky","new"]})"));
  const auto targets =
      sum_targets(std::vector<store::TargetVariant>{{"a", "v", "s", "ok"}, {"d", "w", "", "ok"}}, {}, counts);
  ASSERT_EQ(targets.size(), 2U);
  EXPECT_EQ(targets.at("a").open_findings, 3U);
  EXPECT_EQ(targets.at("d").open_findings, 0U);
}

TEST_F(Documents, ATargetIsTheSumOfItsCampaigns) {
  const std::vector<store::Campaign> campaigns = {
      {.target = "a", .runs = 5, .features = 30, .last_run = 7, .last_new_feature = 3},
      {.target = "a", .runs = 6, .features = 20, .last_run = 6, .last_new_feature = 4}};
  const auto targets = sum_targets({}, campaigns, {});
  const Json row = target_row("a", targets.at("a"), 1.5, "a lock");
  EXPECT_THAT(schema_.faults(row, "TargetRow"), IsEmpty());
  EXPECT_EQ(row.at("runs"), 11);
  EXPECT_EQ(row.at("features"), 30);
  EXPECT_EQ(row.at("last_run"), 7);
  EXPECT_EQ(row.at("last_new_feature"), 4);
}

TEST_F(Documents, SamplesAreThinnedOutAndTheLastOneIsKept) {
  EXPECT_EQ(samples_document({}), Json::array());
  for (const std::size_t count : {std::size_t{1}, std::size_t{2}, kFeatureSamplesMax - 1, kFeatureSamplesMax,
                                  kFeatureSamplesMax + 1, 2 * kFeatureSamplesMax, std::size_t{1440}}) {
    std::vector<store::FeatureSample> samples(count);
    for (std::size_t i = 0; i < count; ++i) samples[i].time = static_cast<store::UnixMs>(i);
    const Json shown = samples_document(samples);
    EXPECT_LE(shown.size(), kFeatureSamplesMax);
    EXPECT_GE(shown.size(), std::min(count, kFeatureSamplesMax / 2));
    EXPECT_EQ(shown.back().at(0), count - 1);
    EXPECT_THAT(schema_.faults(shown, "Samples"), IsEmpty());
  }
}

TEST_F(Documents, ACanarySaysHowOldItIs) {
  EXPECT_EQ(canary_document({true, 1'000, 3'600}, 41'000).at("text"), "found 40 s ago");
  EXPECT_EQ(canary_document({false, 1'000, 3'600}, 8'000'000).at("text"),
            "not found for 2 h; it has to be found every 60 min");
  EXPECT_EQ(canary_document({false, {}, 60}, 0).at("text"), "not found yet; it has to be found every 60 s");
  EXPECT_THAT(schema_.faults(canary_document({}, 0), "Canary"), IsEmpty());
  EXPECT_THAT(schema_.faults(canary_document({true, 5, 60}, 0), "Canary"), IsEmpty());
}

TEST_F(Documents, DurationsAreInWords) {
  EXPECT_EQ(duration_words(-5), "0 s");
  EXPECT_EQ(duration_words(119), "119 s");
  EXPECT_EQ(duration_words(120), "2 min");
  EXPECT_EQ(duration_words(7'200), "2 h");
  EXPECT_EQ(duration_words(172'800), "2 days");
}

TEST(FindingDocument, TheStoryCounts) {
  store::Finding finding{
      .triaged = true, .cpus = 3, .preemptions = 4, .interrupts = 1, .decisions = 5, .decisions_as_found = 61};
  EXPECT_EQ(story_line(finding), "3 CPUs, 4 preemptions, 1 interrupt, from 61 decisions down to 5");
  finding = {.triaged = true, .cpus = 1, .migrations = 2, .decisions = 1, .decisions_as_found = 1};
  EXPECT_EQ(story_line(finding), "1 CPU, 0 preemptions, 2 migrations, 1 decision");
  EXPECT_EQ(story_line({}), "seen, and not triaged yet");
}

TEST(FindingDocument, ACommandIsSafeToPaste) {
  EXPECT_EQ(replay_command("gridlock", "/var/lib/a-b/blobs/ab/cd"), "gridlock replay /var/lib/a-b/blobs/ab/cd");
  EXPECT_EQ(replay_command("/my programs/gridlock", "/a$(rm x)'b"), "'/my programs/gridlock' replay '/a$(rm x)'\\''b'");
  EXPECT_EQ(replay_command("", "~"), "'' replay '~'");
}

TEST(FindingDocument, OnlyTheNewestReportOfEachSanitizerIsIn) {
  const auto test = [](const char* sanitizer, const char* report) {
    return store::ReproTest{.variant = "v", .sanitizer = sanitizer, .sanitizer_report = report};
  };
  FindingParts parts;
  parts.tests = {test("thread", ""), test("thread", "newest"), test("address", "other"), test("thread", "old")};
  const Json document = finding_document(parts);
  std::vector<std::string> reports;
  for (const Json& row : document.at("tests")) reports.push_back(row.at("sanitizer_report"));
  EXPECT_THAT(reports, ElementsAre("", "newest", "other", ""));
}

TEST(FindingDocument, DownloadsAreThereWhenTheirBlobsAre) {
  FindingParts parts;
  parts.finding.key = "0123456789abcdef";
  parts.finding.repro = "blob";
  const Json urls = finding_document(parts).at("downloads");
  EXPECT_EQ(urls.at("repro"), "/api/v1/findings/0123456789abcdef/repro");
  EXPECT_TRUE(urls.at("perfetto").is_null());
}

store::ReproTest seen(std::int64_t build, const char* sanitizer, std::uint32_t same, const char* variant = "v") {
  return {.build = store::BuildId(build), .variant = variant, .sanitizer = sanitizer, .same = same, .replays = 20};
}

TEST(RegressionDocument, ACellSaysWhatTheNewestTestsSay) {
  using Tests = std::vector<store::ReproTest>;
  EXPECT_EQ(cell_state({}, "v"), "untested");
  EXPECT_EQ(cell_state(Tests{seen(1, "none", 20, "other")}, "v"), "untested");
  EXPECT_EQ(cell_state(Tests{seen(1, "none", 20), seen(1, "thread", 20), seen(1, "none", 0, "other")}, "v"), "fails");
  EXPECT_EQ(cell_state(Tests{seen(1, "none", 0), seen(1, "thread", 0)}, "v"), "passes");
  EXPECT_EQ(cell_state(Tests{seen(1, "none", 7)}, "v"), "flaky");
  EXPECT_EQ(cell_state(Tests{seen(1, "none", 20), seen(1, "thread", 0)}, "v"), "flaky");
}

TEST(RegressionDocument, ThereIsOneCellABuildAndTheNewestTestCounts) {
  RegressionRow row;
  row.finding.variant = "v";
  row.tests = {seen(2, "none", 0), seen(2, "none", 20), seen(1, "none", 20)};
  const std::vector<store::Build> builds = {{.id = store::BuildId(3), .digest = "c"},
                                            {.id = store::BuildId(2), .digest = "b"},
                                            {.id = store::BuildId(1), .digest = "a"}};
  const Json document = regression_row(row, builds);
  std::vector<std::string> states;
  for (const Json& cell : document.at("cells")) states.push_back(cell.at("state"));
  EXPECT_THAT(states, ElementsAre("untested", "passes", "fails"));
  const SchemaFixture schema(GRIDLOCK_OPENAPI);
  EXPECT_THAT(
      schema.faults({{"builds", Json::array()}, {"rows", Json::array({document})}, {"total", 1}}, "Regressions"),
      IsEmpty());
}

}  // namespace
}  // namespace gridlock::dashboard
