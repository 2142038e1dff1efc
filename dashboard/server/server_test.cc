#include "dashboard/server/server.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "dashboard/server/route.h"
#include "dashboard/server/server_fixture.h"

namespace gridlock::dashboard {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class ServerTest : public ServerFixture {
 protected:
  // An address of a route of the API, with what there is in the store put in.
  [[nodiscard]] std::string address(std::string path) const {
    for (const auto& [name, value] :
         std::vector<std::pair<std::string, std::string>>{{"{key}", key_},
                                                          {"{name}", "ticket"},
                                                          {"{target}", "ticket"},
                                                          {"{id}", std::to_string(campaign_.value())}}) {
      if (const auto at = path.find(name); at != std::string::npos) path.replace(at, name.size(), value);
    }
    return path;
  }
};

TEST_F(ServerTest, EveryAnswerFitsItsSchema) {
  start();
  const std::vector<std::string> no_documents = {"/events", "/repro", "/text", "/input", "/perfetto", "/test"};
  int checked = 0;
  for (const RouteName& route : api_routes()) {
    const std::string path(route.path);
    const auto ends_it = [&](const std::string& end) { return path.ends_with(end); };
    if (route.method != "get" || std::ranges::any_of(no_documents, ends_it)) continue;
    const auto answer = get(address(path));
    ASSERT_TRUE(answer) << path;
    EXPECT_EQ(answer->status, 200) << path << answer->body;
    EXPECT_EQ(answer->get_header_value("Content-Type"), "application/json; charset=utf-8");
    EXPECT_THAT(schema_.faults_of_answer(Json::parse(answer->body), "get", path), IsEmpty());
    ++checked;
  }
  EXPECT_EQ(checked, 10);
}

TEST_F(ServerTest, EveryRefusalFitsItsSchema) {
  start();
  for (const char* target : {"/nothing", "/api/v1/findings?sort=x", "/api/v1/findings/0000000000000000",
                             "/api/v1/targets/none", "/static/../secret.txt", "/api/v1/findings/../overview"}) {
    const auto answer = get(target);
    ASSERT_TRUE(answer);
    EXPECT_GE(answer->status, 400) << target;
    EXPECT_THAT(schema_.faults(Json::parse(answer->body), "Error"), IsEmpty());
  }
}

TEST_F(ServerTest, AFindingIsShownWithAllThatIsKnownOfIt) {
  start();
  const Json finding = get_json(finding_url());
  EXPECT_EQ(finding.at("title"), "A </script> hang");
  EXPECT_EQ(finding.at("story"), "2 CPUs, 1 preemption, from 9 decisions down to 1");
  EXPECT_EQ(finding.at("explanation").at("format"), 1);
  EXPECT_EQ(finding.at("repro_text"), "target ticket\n");
  EXPECT_EQ(finding.at("tests").at(0).at("sanitizer_report"), "WARNING: \xef\xbf\xbd");
  EXPECT_EQ(finding.at("sightings_by").at(0).at("build"), "v1");
  EXPECT_EQ(finding.at("notes").size(), 1U);
  // The command names the file that the download gives.
  const std::string command = finding.at("command");
  std::ifstream repro(command.substr(command.rfind(' ') + 1));
  std::string line;
  EXPECT_TRUE(std::getline(repro, line)) << command;
  EXPECT_EQ(line, "target ticket");
}

TEST_F(ServerTest, DownloadsAreSavedAndNeverShown) {
  start();
  const auto repro = get(finding_url() + "/repro");
  ASSERT_TRUE(repro);
  EXPECT_EQ(repro->body, "target ticket\n");
  EXPECT_EQ(repro->get_header_value("Content-Disposition"), "attachment; filename=\"" + key_ + ".repro\"");
  EXPECT_EQ(get(finding_url() + "/perfetto")->status, 404);
}

TEST_F(ServerTest, FindingsAreFilteredAndSorted) {
  start();
  EXPECT_EQ(get_json("/api/v1/findings").at("total"), 2);
  EXPECT_EQ(get_json("/api/v1/findings?verdict=crash").at("total"), 0);
  EXPECT_EQ(get_json("/api/v1/findings?q=alert").at("findings").at(0).at("key"), key_);
  EXPECT_EQ(get_json("/api/v1/findings?limit=1&offset=1").at("findings").size(), 1U);
  EXPECT_EQ(get_json("/api/v1/findings").at("facets").at("targets"), Json::parse("[\"ticket\"]"));
}

TEST_F(ServerTest, AChangeOfStateIsSeenAtOnce) {
  start();
  EXPECT_EQ(get_json(finding_url()).at("state"), "new");
  const auto changed = post(finding_url() + "/state", R"({"state":"confirmed","author":"<i>me</i>"})");
  ASSERT_TRUE(changed);
  EXPECT_EQ(changed->status, 200) << changed->body;
  EXPECT_THAT(schema_.faults(Json::parse(changed->body), "FindingRow"), IsEmpty());
  EXPECT_EQ(get_json(finding_url()).at("state"), "confirmed");
  EXPECT_EQ(get_json("/api/v1/overview").at("open"), Json::parse(R"({"new":1,"confirmed":1,"flaky":0})"));
}

TEST_F(ServerTest, ADuplicateIsOfAnotherFindingOfItsTarget) {
  start();
  for (const std::string& original : {key_, std::string("0000000000000000")}) {
    const auto answer = post(finding_url() + "/state", R"({"state":"duplicate","duplicate_of":")" + original + "\"}");
    EXPECT_EQ(answer->status, 400) << original;
  }
}

TEST_F(ServerTest, ANoteKeepsItsText) {
  start();
  const std::string text = "<script>alert(1)</script>\n\"quoted\" \xe2\x80\xae";
  const auto added = post(finding_url() + "/notes", Json({{"text", text}, {"author", "me"}}).dump());
  ASSERT_TRUE(added);
  EXPECT_EQ(added->status, 200) << added->body;
  EXPECT_THAT(schema_.faults(Json::parse(added->body), "Note"), IsEmpty());
  EXPECT_EQ(get_json(finding_url()).at("notes").back().at("text"), text);
  EXPECT_EQ(post("/api/v1/findings/0000000000000000/notes", R"({"text":"x"})")->status, 404);
}

TEST_F(ServerTest, ACampaignGetsItsWeight) {
  start();
  const std::string url = "/api/v1/campaigns/" + std::to_string(campaign_.value()) + "/weight";
  const auto answer = post(url, R"({"weight":2.5})");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200) << answer->body;
  EXPECT_THAT(schema_.faults(Json::parse(answer->body), "Campaign"), IsEmpty());
  EXPECT_EQ(Json::parse(answer->body).at("weight"), 2.5);
  EXPECT_EQ(post("/api/v1/campaigns/999/weight", R"({"weight":1})")->status, 404);
}

TEST_F(ServerTest, EveryPageIsTheShell) {
  start();
  for (const std::string& page :
       {std::string("/"), std::string("/findings?state=new"), "/findings/" + key_, std::string("/regressions"),
        std::string("/corpus"), std::string("/targets/ticket"), std::string("/api")}) {
    const auto answer = get(page);
    ASSERT_TRUE(answer);
    EXPECT_THAT(answer->body, HasSubstr("<title>Gridlock</title>")) << page;
    EXPECT_EQ(answer->get_header_value("Content-Type"), "text/html; charset=utf-8");
  }
}

TEST_F(ServerTest, AFileThatABrowserHasIsNotSentAgain) {
  start();
  const auto first = get("/static/lanes/draw.js");
  ASSERT_TRUE(first);
  EXPECT_EQ(first->body, "export {};");
  EXPECT_EQ(first->get_header_value("Content-Type"), "text/javascript; charset=utf-8");
  const auto again = client().Get("/static/lanes/draw.js", {{"If-None-Match", first->get_header_value("ETag")}});
  ASSERT_TRUE(again);
  EXPECT_EQ(again->status, 304);
  EXPECT_THAT(again->body, IsEmpty());
}

TEST_F(ServerTest, EveryAnswerForbidsFramesScriptsAndGuessing) {
  start();
  for (const char* target : {"/", "/static/lanes/draw.js", "/api/v1/overview", "/nothing", "/metrics"}) {
    const auto answer = get(target);
    ASSERT_TRUE(answer);
    const std::string policy = answer->get_header_value("Content-Security-Policy");
    EXPECT_THAT(policy, HasSubstr("default-src 'self'"));
    EXPECT_THAT(policy, HasSubstr("frame-ancestors 'none'"));
    EXPECT_THAT(policy, testing::Not(HasSubstr("unsafe")));
    EXPECT_EQ(answer->get_header_value("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(answer->get_header_value("Referrer-Policy"), "no-referrer");
    EXPECT_FALSE(answer->has_header("Access-Control-Allow-Origin"));
  }
}

TEST_F(ServerTest, MetricsAndHealthAreTextAndEveryAnswerIsObserved) {
  start();
  EXPECT_EQ(get("/metrics")->body, "gridlock_up 1\n");
  EXPECT_THAT(get("/metrics")->get_header_value("Content-Type"), HasSubstr("version=0.0.4"));
  EXPECT_EQ(get("/healthz")->body, "ok\n");
  EXPECT_FALSE(get("/nothing")->body.empty());
  EXPECT_EQ(observer_.count("metrics", 200), 2);
  EXPECT_EQ(observer_.count("health", 200), 1);
  EXPECT_EQ(observer_.count("refused", 404), 1);
}

TEST_F(ServerTest, AHeadHasNoBody) {
  start();
  const auto answer = client().Head("/api/v1/overview");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_THAT(answer->body, IsEmpty());
  EXPECT_NE(answer->get_header_value("Content-Length"), "0");
}

TEST_F(ServerTest, AListenerIsToldOfFindingsAndOfTheState) {
  ServerOptions quick = options();
  quick.limits.status_ms = 5;
  start(quick);
  BareClient listener = bare();
  listener.send("GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const std::string head = listener.read_until("retry: 2000\n\n");
  EXPECT_THAT(head, HasSubstr("Content-Type: text/event-stream"));
  listener.read_until("event: status\ndata: ");
  const std::string status = listener.read_until("\n\n");
  EXPECT_THAT(schema_.faults(Json::parse(status), "Status"), IsEmpty());
  live_.runs_per_second_ = 99;
  EXPECT_THAT(listener.read_until("\"runs_per_second\":99.0"), HasSubstr("event: status"));
  server_->announce(finding_);
  listener.read_until("event: finding\ndata: ");
  const Json row = Json::parse(listener.read_until("\n\n"));
  EXPECT_THAT(schema_.faults(row, "FindingRow"), IsEmpty());
  EXPECT_EQ(row.at("key"), key_);
  EXPECT_EQ(post(finding_url() + "/state", R"({"state":"fixed"})")->status, 200);
  listener.read_until("event: finding\ndata: ");
  EXPECT_EQ(Json::parse(listener.read_until("\n\n")).at("state"), "fixed");
}

TEST_F(ServerTest, StoppingEndsListeners) {
  start();
  BareClient listener = bare();
  listener.send("GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
  listener.read_until("retry");
  server_->stop();
  listener.read_all();
  server_->stop();  // a second time does nothing
}

TEST_F(ServerTest, AServerThatNeverListensEnds) {
  auto made = Server::create(*store_, live_, [] { return std::string(); }, {}, options());
  ASSERT_TRUE(made);
}

TEST_F(ServerTest, APortThatIsTakenIsAnError) {
  start();
  ServerOptions same = options();
  same.port = server_->port();
  const auto second = Server::create(*store_, live_, [] { return std::string(); }, {}, same);
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message(), HasSubstr("--listen"));
}

TEST_F(ServerTest, AFolderWithoutPagesIsAnError) {
  ServerOptions wrong = options();
  wrong.static_folder = folder_ / "data";
  EXPECT_FALSE(Server::create(*store_, live_, [] { return std::string(); }, {}, wrong));
  wrong.static_folder = folder_ / "none";
  EXPECT_FALSE(Server::create(*store_, live_, [] { return std::string(); }, {}, wrong));
}

}  // namespace
}  // namespace gridlock::dashboard
