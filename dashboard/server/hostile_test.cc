// What no browser sends: to each of it the server has an answer or a closed connection, and goes on answering others.
#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "dashboard/server/server_fixture.h"

namespace gridlock::dashboard {
namespace {

using testing::HasSubstr;

const std::string kHost = "Host: localhost\r\n";
const std::string kClose = "Connection: close\r\n";

// More than the kernel keeps for a socket on both sides.
constexpr std::size_t kLargeBytes = 15 << 20;

class Hostile : public ServerFixture {
 protected:
  void expect_alive() { EXPECT_EQ(get("/healthz")->status, 200); }
};

TEST_F(Hostile, BrokenRequestsAreRefused) {
  start();
  const std::vector<std::pair<std::string, int>> rows = {
      {"\r\n\r\n", 400},
      {std::string("\0\0\0\0\r\n\r\n", 8), 400},
      {"GET / HTTP/9.9\r\n\r\n", 505},
      {"GET /" + std::string(5'000, 'x') + " HTTP/1.1\r\n\r\n", 414},
      {"GET / HTTP/1.1\r\nX: " + std::string(20'000, 'x'), 431},
      {"POST /x HTTP/1.1\r\n" + kHost + "Content-Length: 1000000\r\n\r\n", 413},
      {"POST /x HTTP/1.1\r\n" + kHost + "Transfer-Encoding: chunked\r\n\r\n", 411},
      {"GET / HTTP/1.1\r\n" + kClose + "\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: evil.example\r\n" + kClose + "\r\n", 421},
      {"GET / HTTP/1.1\r\n" + kHost + kHost + kClose + "\r\n", 400},
      {"PUT / HTTP/1.1\r\n" + kHost + kClose + "\r\n", 405},
      {"NONSENSE / HTTP/1.1\r\n" + kHost + kClose + "\r\n", 400},
      {"GET http://localhost/ HTTP/1.1\r\n" + kHost + kClose + "\r\n", 404},
      {"GET /static/..%2fsecret.txt HTTP/1.1\r\n" + kHost + kClose + "\r\n", 404},
      {"GET /static/../secret.txt HTTP/1.1\r\n" + kHost + kClose + "\r\n", 404},
      {"GET /static/%2e%2e/secret.txt HTTP/1.1\r\n" + kHost + kClose + "\r\n", 404},
      {"GET /static/%252e%252e%252fsecret.txt HTTP/1.1\r\n" + kHost + kClose + "\r\n", 404},
      {"GET /static//etc/passwd HTTP/1.1\r\n" + kHost + kClose + "\r\n", 404},
      {"GET /static/index.html%00.js HTTP/1.1\r\n" + kHost + kClose + "\r\n", 404},
      {"GET /healthz HTTP/1.1\r\n" + kHost + kClose + "Range: bytes=0-0,1-1,x\r\n\r\n", 416},
      {"GET /healthz HTTP/1.1\r\n" + kHost + kClose + "Range: bytes=0-0,1-1\r\n\r\n", 200},
  };
  for (const auto& [bytes, status] : rows) {
    EXPECT_EQ(bare().status_of(bytes), status) << bytes.substr(0, 100);
  }
  expect_alive();
}

TEST_F(Hostile, BrokenBodiesAreRefused) {
  start();
  for (const std::string& body :
       std::vector<std::string>{"", "{", "[]", std::string(60'000, '['), "{\"state\":\"new\",",
                                std::string("{\"state\":\"n\0w\"}", 15), "\xff\xfe"}) {
    EXPECT_EQ(post(finding_url() + "/state", body)->status, 400);
  }
  EXPECT_EQ(get_json(finding_url()).at("state"), "new");
}

TEST_F(Hostile, APageOfAnotherSiteCannotWrite) {
  start();
  const std::string body = R"({"state":"fixed"})";
  EXPECT_EQ(post(finding_url() + "/state", body, {})->status, 403);
  EXPECT_EQ(post(finding_url() + "/state", body, {{"X-Gridlock", "1"}, {"Origin", "http://evil.example"}})->status,
            403);
  EXPECT_EQ(client().Post(finding_url() + "/state", {{"X-Gridlock", "1"}}, body, "text/plain")->status, 415);
  const auto asked = client().Options(finding_url() + "/state");
  EXPECT_EQ(asked->status, 405);
  EXPECT_FALSE(asked->has_header("Access-Control-Allow-Origin"));
  EXPECT_EQ(get_json(finding_url()).at("state"), "new");
}

TEST_F(Hostile, NobodyWritesWithoutTheToken) {
  ServerOptions with_token = options();
  with_token.token = "correct horse";
  start(with_token);
  const auto status = [&](const char* authorization) {
    return post(finding_url() + "/state", R"({"state":"fixed"})",
                {{"X-Gridlock", "1"}, {"Authorization", authorization}})
        ->status;
  };
  EXPECT_EQ(post(finding_url() + "/state", R"({"state":"fixed"})")->status, 401);
  EXPECT_EQ(status("Bearer correct hors"), 401);
  EXPECT_EQ(status("Basic correct horse"), 401);
  EXPECT_EQ(get_json(finding_url()).at("state"), "new");
  EXPECT_EQ(status("Bearer correct horse"), 200);
}

TEST_F(Hostile, BeyondLoopbackATokenIsNeededToBegin) {
  ServerOptions open = options();
  open.address = "0.0.0.0";
  const auto made = Server::create(*store_, live_, [] { return std::string(); }, {}, open);
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message(), HasSubstr("token"));
  open.token = "x";
  EXPECT_TRUE(Server::create(*store_, live_, [] { return std::string(); }, {}, open));
}

TEST_F(Hostile, WritesAreLimited) {
  ServerOptions few = options();
  few.limits.writes_burst = 2;
  few.limits.writes_per_second = 0;
  start(few);
  EXPECT_EQ(post(finding_url() + "/notes", R"({"text":"1"})")->status, 200);
  EXPECT_EQ(post(finding_url() + "/notes", R"({"text":"2"})")->status, 200);
  const auto third = post(finding_url() + "/notes", R"({"text":"3"})");
  EXPECT_EQ(third->status, 429);
  EXPECT_TRUE(third->has_header("Retry-After"));
  expect_alive();
}

TEST_F(Hostile, SlowClientsHoldNoWorkerAndAreClosed) {
  ServerOptions narrow = options();
  narrow.limits.workers = 1;
  narrow.limits.request_ms_max = 500;
  start(narrow);
  std::vector<std::unique_ptr<BareClient>> slow;
  for (const char* beginning : {"G", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: x\r\nX:",
                                "POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n1234"}) {
    for (int i = 0; i < 8; ++i) {
      slow.push_back(std::make_unique<BareClient>(server_->port()));
      slow.back()->send(beginning);
    }
  }
  expect_alive();
  for (const auto& client : slow) EXPECT_EQ(client->read_all(), "");
}

TEST_F(Hostile, SilentClientsAreClosed) {
  ServerOptions impatient = options();
  impatient.limits.idle_ms_max = 200;
  start(impatient);
  EXPECT_EQ(bare().read_all(), "");
  BareClient once = bare();
  once.send("GET /healthz HTTP/1.1\r\n" + kHost + "\r\n");
  EXPECT_THAT(once.read_all(), testing::EndsWith("ok\n"));
}

TEST_F(Hostile, ClientsThatDoNotReadHoldNoWorkerAndAreClosed) {
  write("static/large.txt", std::string(kLargeBytes, 'x'));
  ServerOptions narrow = options();
  narrow.limits.workers = 1;
  narrow.limits.answer_ms_max = 500;
  narrow.limits.idle_ms_max = 1'000;
  start(narrow);
  std::vector<std::unique_ptr<BareClient>> deaf;
  for (int i = 0; i < 4; ++i) {
    deaf.push_back(std::make_unique<BareClient>(server_->port()));
    deaf.back()->send("GET /static/large.txt HTTP/1.1\r\n" + kHost + "\r\n");
  }
  expect_alive();
  // The one worker has answered them all, so this one's time is over later than theirs.
  EXPECT_EQ(bare().read_all(), "");
  for (const auto& client : deaf) EXPECT_LT(client->read_all().size(), kLargeBytes);
}

TEST_F(Hostile, AnswersThatNobodyTakesAreBounded) {
  write("static/large.txt", std::string(kLargeBytes, 'x'));
  ServerOptions narrow = options();
  narrow.limits.waiting_bytes_max = 1 << 20;
  start(narrow);
  std::vector<std::unique_ptr<BareClient>> deaf;
  for (int i = 0; i < 6; ++i) {
    deaf.push_back(std::make_unique<BareClient>(server_->port()));
    deaf.back()->send("GET /static/large.txt HTTP/1.1\r\n" + kHost + "\r\n");
  }
  std::size_t cut = 0;
  for (const auto& client : deaf) cut += client->read_all().size() < kLargeBytes ? 1 : 0;
  EXPECT_GE(cut, 1U);
  expect_alive();
}

TEST_F(Hostile, TooManyConnectionsAreClosedAtOnce) {
  ServerOptions few = options();
  few.limits.connections_max = 3;
  start(few);
  std::vector<std::unique_ptr<BareClient>> open;
  for (int i = 0; i < 3; ++i) {
    open.push_back(std::make_unique<BareClient>(server_->port()));
    open.back()->send("GET /healthz HTTP/1.1\r\n" + kHost + "\r\n");
    EXPECT_THAT(open.back()->read_until("ok\n"), HasSubstr("200"));
  }
  EXPECT_EQ(bare().read_all(), "");
  open.pop_back();
  // The server notices the end of the third one in its own time; until then it closes new ones.
  std::string answer;
  while (!answer.contains("ok\n")) {
    BareClient next = bare();
    next.send("GET /healthz HTTP/1.1\r\n" + kHost + kClose + "\r\n");
    answer = next.read_all();
  }
}

TEST_F(Hostile, TooManyListenersAreToldSoAndSeatsAreGivenBack) {
  ServerOptions few = options();
  few.limits.listeners_max = 2;
  few.limits.workers = 1;
  start(few);
  const std::string listen = "GET /api/v1/events HTTP/1.1\r\n" + kHost + kClose + "\r\n";
  auto first = std::make_unique<BareClient>(server_->port());
  BareClient second = bare();
  for (BareClient* const client : {first.get(), &second}) {
    client->send(listen);
    EXPECT_THAT(client->read_until("retry"), HasSubstr("200"));
  }
  EXPECT_EQ(get("/api/v1/events")->status, 503);
  expect_alive();
  first.reset();
  std::string answer;
  while (!answer.contains("retry")) {
    BareClient next = bare();
    next.send(listen);
    answer = next.read_until("retry");
  }
}

TEST_F(Hostile, RequestsThatCameTogetherAreAnsweredInOrder) {
  start();
  BareClient client = bare();
  std::string bytes;
  for (int i = 0; i < 50; ++i) bytes += "GET /healthz HTTP/1.1\r\n" + kHost + "\r\n";
  client.send(bytes + "GET /nothing HTTP/1.1\r\n" + kHost + kClose + "\r\n");
  const std::string answers = client.read_all();
  std::size_t count = 0;
  for (std::size_t at = answers.find("ok\n"); at != std::string::npos; at = answers.find("ok\n", at + 1)) ++count;
  EXPECT_EQ(count, 50U);
  EXPECT_THAT(answers, HasSubstr("HTTP/1.1 404"));
}

TEST_F(Hostile, AConnectionHasSoManyRequests) {
  ServerOptions few = options();
  few.limits.requests_max = 2;
  start(few);
  BareClient client = bare();
  const std::string request = "GET /healthz HTTP/1.1\r\n" + kHost + "\r\n";
  client.send(request + request + request);
  const std::string answers = client.read_all();
  EXPECT_EQ(answers.find("ok\n", answers.find("ok\n") + 1), answers.rfind("ok\n"));
}

TEST_F(Hostile, ABlobThatIsGoneIsToldAndNothingElseFails) {
  start();
  std::filesystem::remove_all(folder_ / "data" / "blobs");
  EXPECT_EQ(get(finding_url() + "/text")->status, 503);
  EXPECT_EQ(get("/api/v1/overview")->status, 200);
}

}  // namespace
}  // namespace gridlock::dashboard
