#include "dashboard/server/route.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "dashboard/server/json_body.h"
#include "dashboard/server/limits.h"

namespace gridlock::dashboard {
namespace {

const std::string kKey = "0123456789abcdef";
const std::string kFinding = "/api/v1/findings/" + kKey;

Parsed<Action> get(const std::string& target) {
  return parse_request({.target = target, .host = "localhost"}, {});
}

Parsed<Action> post(const std::string& target, const std::string& body) {
  return parse_request({.method = Method::kPost,
                        .target = target,
                        .body = body,
                        .host = "localhost",
                        .content_type = "application/json",
                        .x_gridlock = "1"},
                       {});
}

int status_of(const Parsed<Action>& action) {
  return action ? 200 : action.error().status;
}

TEST(Route, BadParametersAreTold) {
  for (const char* query : {"verdict=nonsense", "state=nonsense", "regression=x", "canary=2", "canary=", "sort=key",
                            "order=up", "offset=-1", "offset=1x", "offset=1000001", "offset=", "limit=501",
                            "limit=99999999999", "colour=red", "State=new"}) {
    EXPECT_EQ(status_of(get(std::string("/api/v1/findings?") + query)), 400) << query;
  }
  EXPECT_EQ(status_of(get("/api/v1/findings?q=" + std::string(kSearchBytesMax + 1, 'x'))), 400);
  EXPECT_EQ(status_of(get("/api/v1/overview?x=1")), 400);
  EXPECT_EQ(status_of(get("/api/v1/regressions?offset=1")), 400);
  EXPECT_EQ(status_of(get("/api/v1/corpus/a?limit=1001")), 400);
}

TEST(Route, AFindingsQueryIsReadWhole) {
  const auto action =
      get("/api/v1/"
          "findings?verdict=hang&target=ck-stack&variant=a%20b&state=wont-fix&regression=fixed%3F&canary=1&q=%3Cb%3E"
          "&sort=decisions&order=asc&offset=100&limit=500");
  ASSERT_TRUE(action);
  const auto& query = std::get<ShowFindings>(*action).query;
  EXPECT_EQ(query.verdict, VerdictKind::kHang);
  EXPECT_EQ(query.target, "ck-stack");
  EXPECT_EQ(query.variant, "a b");
  EXPECT_EQ(query.state, store::TriageState::kWontFix);
  EXPECT_EQ(query.regression, store::RegressionState::kMaybeFixed);
  EXPECT_EQ(query.is_canary, true);
  EXPECT_EQ(query.text, "<b>");
  EXPECT_EQ(query.order, store::FindingQuery::Order::kDecisions);
  EXPECT_FALSE(query.descending);
  EXPECT_EQ(query.offset, 100U);
  EXPECT_EQ(query.limit, 500U);
}

TEST(Route, AnEmptyChoiceAsksForAll) {
  const auto action = get("/api/v1/findings?verdict=&target=&state=&regression=&q=");
  ASSERT_TRUE(action);
  EXPECT_FALSE(std::get<ShowFindings>(*action).query.verdict);
  EXPECT_FALSE(std::get<ShowFindings>(*action).query.state);
}

TEST(Route, WhatIsNotThereIsNotFound) {
  for (const char* target : {"/x", "/api/v1", "/api/v2/overview", "/api/v1/findings/xyz", "/api/v1/findings/0123/repro",
                             "/api/v1/findings/0123456789ABCDEF", "/api/v1/findings/0123456789abcdef/blob", "/static",
                             "/api/v1/campaigns/1", "/findings/a/b", "/index.html"}) {
    EXPECT_EQ(status_of(get(target)), 404) << target;
  }
}

TEST(Route, AWrongMethodIsToldWhichOnesThereAre) {
  EXPECT_EQ(post("/api/v1/overview", "{}").error().allow, "GET, HEAD");
  EXPECT_EQ(post("/static/app.js", "{}").error().status, 405);
  EXPECT_EQ(get(kFinding + "/state").error().allow, "POST");
  EXPECT_EQ(parse_request({.method = Method::kOther, .target = "/", .host = "localhost"}, {}).error().status, 405);
}

TEST(Route, PagesKeepTheirQueryForTheirModules) {
  for (const char* target : {"/", "/?x=1", "/findings", "/findings?state=new&anything=1", "/findings/0123456789abcdef",
                             "/regressions", "/corpus", "/targets/xen-pv-spinlock", "/api"}) {
    const auto action = get(target);
    ASSERT_TRUE(action) << target;
    EXPECT_TRUE(std::holds_alternative<ShowPage>(*action)) << target;
  }
  EXPECT_EQ(std::get<ShowStatic>(*get("/static/lanes/draw.js")).path, "lanes/draw.js");
}

TEST(Route, BadBodiesAreTold) {
  const std::string deep(kJsonDepthMax + 1, '[');
  for (const std::string& body :
       std::vector<std::string>{"",
                                "x",
                                "[]",
                                "null",
                                "1",
                                "\"text\"",
                                "{",
                                "{\"state\":}",
                                deep,
                                "{\"state\":" + deep,
                                "{\"state\":1}",
                                "{\"state\":\"\"}",
                                "{\"state\":\"nonsense\"}",
                                "{}",
                                "{\"state\":\"new\",\"more\":1}",
                                "{\"state\":\"new\",\"duplicate_of\":\"" + kKey + "\"}",
                                "{\"state\":\"duplicate\"}",
                                "{\"state\":\"duplicate\",\"duplicate_of\":\"x\"}",
                                "{\"state\":\"new\",\"author\":\"\\u0000\"}",
                                "{\"state\":\"new\",\"author\":\"\xff\"}",
                                "{\"state\":\"new\",\"author\":\"" + std::string(kNameBytesMax + 1, 'x') + "\"}",
                                "{\"state\":\"new\"} x"}) {
    EXPECT_EQ(status_of(post(kFinding + "/state", body)), 400) << body;
  }
  EXPECT_EQ(status_of(post(kFinding + "/notes", "{\"text\":\"" + std::string(kNoteBytesMax + 1, 'x') + "\"}")), 400);
  EXPECT_EQ(status_of(post(kFinding + "/notes", "{\"text\":\"\"}")), 400);
  for (const char* weight : {"-1", "100.5", "1e999", "\"1\"", "null", "[]"}) {
    EXPECT_EQ(status_of(post("/api/v1/campaigns/1/weight", std::string("{\"weight\":") + weight + "}")), 400) << weight;
  }
  for (const char* id : {"-1", "x", "1x", "99999999999999999999"}) {
    EXPECT_EQ(status_of(post(std::string("/api/v1/campaigns/") + id + "/weight", "{\"weight\":1}")), 404) << id;
  }
  EXPECT_EQ(status_of(post(kFinding + "/state?x=1", "{\"state\":\"new\"}")), 400);
}

TEST(Route, WritesAreRead) {
  const auto state =
      post(kFinding + "/state", "{\"state\":\"duplicate\",\"duplicate_of\":\"fedcba9876543210\",\"author\":\"<b>\"}");
  ASSERT_TRUE(state);
  EXPECT_EQ(std::get<SetState>(*state).duplicate_of, "fedcba9876543210");
  EXPECT_EQ(std::get<SetState>(*state).author, "<b>");
  const auto note = post(kFinding + "/notes", "{\"text\":\"line\\n\\tline <script>\"}");
  ASSERT_TRUE(note);
  EXPECT_EQ(std::get<AddNote>(*note).text, "line\n\tline <script>");
  const auto weight = post("/api/v1/campaigns/7/weight", "{\"weight\":0.5}");
  ASSERT_TRUE(weight);
  EXPECT_EQ(std::get<SetWeight>(*weight).campaign.value(), 7);
  EXPECT_EQ(std::get<SetWeight>(*weight).weight, 0.5);
}

TEST(Route, NobodyWritesWithoutPassingTheGuard) {
  const Request request = {
      .method = Method::kPost, .target = kFinding + "/state", .body = "{\"state\":\"new\"}", .host = "localhost"};
  EXPECT_EQ(parse_request(request, {}).error().status, 403);
}

TEST(Route, TheOpenApiDocumentListsTheRoutesThatExist) {
  std::ifstream file(GRIDLOCK_OPENAPI);
  const auto document = nlohmann::json::parse(file);
  std::set<std::string> documented;
  for (const auto& [path, methods] : document.at("paths").items()) {
    for (const auto& [method, operation] : methods.items()) documented.insert(method + " " + path);
  }
  std::set<std::string> routed;
  for (const RouteName& route : api_routes()) routed.insert(std::string(route.method) + " " + std::string(route.path));
  EXPECT_EQ(documented, routed);
}

TEST(JsonBody, DepthIsCountedOutsideOfStrings) {
  EXPECT_TRUE(is_shallow("[[\"[[[[\\\"[[\"]]", 2));
  EXPECT_TRUE(is_shallow("[][][]{}", 1));
  EXPECT_FALSE(is_shallow("[{[", 2));
  EXPECT_TRUE(is_shallow("]]]\"\\", 1));
}

}  // namespace
}  // namespace gridlock::dashboard
