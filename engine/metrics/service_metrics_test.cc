#include "engine/metrics/service_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <sstream>
#include <thread>

namespace gridlock::metrics {
namespace {

using testing::HasSubstr;
using testing::Not;

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> all;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) all.push_back(line);
  return all;
}

TEST(ServiceMetrics, EveryFamilyHasHelpAndATypeBeforeAnythingHappened) {
  const ServiceMetrics metrics("1.2.3", "abc");
  std::set<std::string> helped, typed;
  for (const std::string& line : lines(metrics.render())) {
    std::istringstream words(line);
    std::string hash, what, name, rest;
    words >> hash >> what >> name >> rest;
    if (hash != "#") continue;
    EXPECT_FALSE(rest.empty()) << line;
    EXPECT_TRUE((what == "HELP" ? helped : typed).insert(name).second) << line;
  }
  EXPECT_EQ(helped, typed);
  for (const char* name : {"gridlock_runs_total", "gridlock_run_duration_seconds", "gridlock_findings_total",
                           "gridlock_http_requests_total", "process_open_fds", "process_resident_memory_bytes"}) {
    EXPECT_TRUE(typed.contains(name)) << name;
  }
}

TEST(ServiceMetrics, BuildInfoIsOneWithItsLabels) {
  const ServiceMetrics metrics("1.2.3", "abc");
  EXPECT_THAT(metrics.render(), HasSubstr("gridlock_build_info{digest=\"abc\",version=\"1.2.3\"} 1\n"));
}

TEST(ServiceMetrics, HostileLabelsComeOutEscapedOnOneLine) {
  ServiceMetrics metrics("1\"}\n# HELP x", "d");
  metrics.set_corpus("a\"b\\c\nd\xff", 1, 2);
  const std::string text = metrics.render();
  EXPECT_THAT(text, HasSubstr("gridlock_corpus_entries{target=\"a\\\"b\\\\c\\nd\xEF\xBF\xBD\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("version=\"1\\\"}\\n# HELP x\"} 1\n"));
  EXPECT_THAT(text, Not(HasSubstr("\n# HELP x\"")));
}

TEST(ServiceMetrics, ACampaignIsOneObjectForItsFourWords) {
  ServiceMetrics metrics("v", "d");
  CampaignMetrics& one = metrics.campaign({"t", "v", "builtin", "none"});
  EXPECT_EQ(&one, &metrics.campaign({"t", "v", "builtin", "none"}));
  EXPECT_NE(&one, &metrics.campaign({"t", "v", "builtin", "thread"}));
  one.advance({.runs = 3});
  EXPECT_THAT(metrics.render(), HasSubstr("gridlock_runs_total{engine=\"builtin\",sanitizer=\"none\",target=\"t\","
                                          "variant=\"v\"} 3\n"));
}

// Prometheus sees no increase in a series that begins with 1.
TEST(ServiceMetrics, SeriesThatAlertsWatchAreThereAtZero) {
  ServiceMetrics metrics("v", "d");
  metrics.campaign({"t", "v", "builtin", "none"});
  const std::string text = metrics.render();
  EXPECT_THAT(text, HasSubstr("gridlock_replays_total{result=\"flaky\",target=\"t\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("gridlock_findings_total{kind=\"data-race\",novelty=\"new\",target=\"t\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("gridlock_store_write_failures_total 0\n"));
  EXPECT_THAT(text, Not(HasSubstr("kind=\"ok\"")));
}

TEST(ServiceMetrics, WhatIsToldOfFindingsAndOfTheStoreIsShown) {
  ServiceMetrics metrics("v", "d");
  metrics.count_finding("t", VerdictKind::kHang, true);
  metrics.count_finding("t", VerdictKind::kHang, false);
  metrics.count_finding("t", VerdictKind::kHang, false);
  metrics.set_open_findings("new", 4);
  metrics.count_replays("t", ReplayResult::kDifferent);
  metrics.observe_minimisation(2, 61, 5);
  metrics.observe_minimisation(2, 0, 0);
  metrics.set_disk({.free_bytes = 5, .size_bytes = 6});
  metrics.count_store_write_failure();
  const std::string text = metrics.render();
  for (const char* line :
       {"gridlock_findings_total{kind=\"hang\",novelty=\"new\",target=\"t\"} 1\n",
        "gridlock_findings_total{kind=\"hang\",novelty=\"known\",target=\"t\"} 2\n",
        "gridlock_open_findings{state=\"new\"} 4\n", "gridlock_replays_total{result=\"different\",target=\"t\"} 1\n",
        "gridlock_minimisation_duration_seconds_sum 4\n", "gridlock_minimisation_ratio_bucket{le=\"0.1\"} 1\n",
        "gridlock_minimisation_ratio_bucket{le=\"1\"} 2\n", "gridlock_data_disk_free_bytes 5\n",
        "gridlock_store_write_failures_total 1\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST(ServiceMetrics, MarksOfTimeOnlyRise) {
  ServiceMetrics metrics("v", "d");
  metrics.saw_canary(100);
  metrics.saw_canary(90);
  metrics.saw_new_feature("t", 80);
  metrics.saw_new_feature("t", 70);
  const std::string text = metrics.render();
  EXPECT_THAT(text, HasSubstr("gridlock_canary_last_found_timestamp_seconds 100\n"));
  EXPECT_THAT(text, HasSubstr("gridlock_last_new_feature_timestamp_seconds{target=\"t\"} 80\n"));
}

TEST(ServiceMetrics, RequestsAreCountedByRouteAndCodeAndWhatIsNoCodeIsOther) {
  ServiceMetrics metrics("v", "d");
  metrics.observe_request("/findings", 200, 0.01);
  metrics.observe_request("/findings", 200, 0.2);
  metrics.observe_request("/findings", 404, 0.01);
  metrics.observe_request("/findings", 7, 0.01);
  const std::string text = metrics.render();
  EXPECT_THAT(text, HasSubstr("gridlock_http_requests_total{code=\"200\",route=\"/findings\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("gridlock_http_requests_total{code=\"404\",route=\"/findings\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("gridlock_http_requests_total{code=\"other\",route=\"/findings\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("gridlock_http_request_duration_seconds_bucket{route=\"/findings\",le=\"0.1\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("gridlock_http_request_duration_seconds_count{route=\"/findings\"} 4\n"));
}

TEST(ServiceMetrics, MoreRoutesThanThereIsRoomForAreOther) {
  ServiceMetrics metrics("v", "d");
  constexpr int kRoutes = static_cast<int>(kRequestCodesMax) + 100;
  for (int i = 0; i < kRoutes; ++i) metrics.observe_request("/" + std::to_string(i), 200, 0);
  metrics.observe_request("/" + std::to_string(kRoutes - 1), 200, 0);
  const std::string text = metrics.render();
  EXPECT_THAT(text, HasSubstr("gridlock_http_requests_total{code=\"other\",route=\"other\"} 101\n"));
  EXPECT_THAT(text, HasSubstr("gridlock_http_request_duration_seconds_count{route=\"other\"} " +
                              std::to_string(kRoutes - static_cast<int>(kRoutesMax) + 1) + "\n"));
}

TEST(ServiceMetrics, TotalsOfAllFamiliesSurviveARestart) {
  ServiceMetrics before("v", "d");
  CampaignMetrics& campaign = before.campaign({"t", "v", "afl", "thread"});
  StatusCounts page{.runs = 3, .points = 30, .run_nanoseconds = 9000, .features = 12};
  page.run_nanoseconds_buckets[6] = 3;
  page.run_points_buckets[2] = 3;
  campaign.advance(page);
  campaign.count_restart("hung");
  before.count_finding("t", VerdictKind::kDataRace, true);
  before.observe_request("/", 200, 0.1);
  before.observe_minimisation(1, 10, 1);
  before.saw_canary(1e9);
  ServiceMetrics after("v2", "d2");
  EXPECT_EQ(after.restore(before.totals()), 0u);
  EXPECT_EQ(after.totals(), before.totals());
  CampaignMetrics& again = after.campaign({"t", "v", "afl", "thread"});
  again.begin_stint();
  EXPECT_FALSE(again.advance({.runs = 2, .features = 12}));
  EXPECT_THAT(after.render(), HasSubstr("gridlock_runs_total{engine=\"afl\",sanitizer=\"thread\",target=\"t\","
                                        "variant=\"v\"} 5\n"));
}

TEST(ServiceMetrics, ManyThreadsCountAndRenderAtOnce) {
  constexpr int kThreads = 4;
  constexpr int kEach = 300;
  ServiceMetrics metrics("v", "d");
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      CampaignMetrics& mine = metrics.campaign({"t", std::to_string(thread), "builtin", "none"});
      for (std::uint64_t i = 1; i <= kEach; ++i) {
        mine.advance({.runs = i, .switches = i});
        metrics.observe_request("/", 200, 0.001);
        if (i % 50 == 0) EXPECT_FALSE(metrics.render().empty());
      }
    });
  }
  threads.clear();
  const std::string text = metrics.render();
  EXPECT_THAT(text, HasSubstr("gridlock_context_switches_total{sanitizer=\"none\",target=\"t\"} 1200\n"));
  EXPECT_THAT(text, HasSubstr("gridlock_http_requests_total{code=\"200\",route=\"/\"} 1200\n"));
}

}  // namespace
}  // namespace gridlock::metrics
