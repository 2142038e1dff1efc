// A server on a free port over a real store with one of everything in it, and clients for it: the library's, and a bare
// socket for what no library would send.
//
// For tests. May include: base, model, store.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dashboard/server/schema_fixture.h"
#include "dashboard/server/server.h"
#include "engine/store/store.h"

namespace gridlock::dashboard {

// A socket that says what it is told to, and nothing else.
class BareClient {
 public:
  explicit BareClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    EXPECT_EQ(::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    // No test waits this long unless the server is broken; it then fails instead of hanging.
    const timeval limit{.tv_sec = 60};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  }
  ~BareClient() { ::close(socket_); }
  BareClient(const BareClient&) = delete;
  BareClient& operator=(const BareClient&) = delete;

  bool send(std::string_view bytes) {
    return ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
  }
  // What comes until `end` is there or the server closes.
  std::string read_until(std::string_view end) {
    while (!received_.contains(end) && receive()) {
    }
    const std::size_t at = std::min(received_.find(end), received_.size());
    const std::size_t length = std::min(received_.size(), at + end.size());
    std::string taken = received_.substr(0, length);
    received_.erase(0, length);
    return taken;
  }
  // All that comes until the server closes.
  std::string read_all() {
    while (receive()) {
    }
    return std::exchange(received_, {});
  }
  // The status of the answer to bytes after which the server closes; 0 if it closes without one.
  int status_of(std::string_view bytes) {
    send(bytes);
    return status_in(read_all());
  }
  static int status_in(const std::string& answer) {
    return answer.starts_with("HTTP/1.1 ") ? std::atoi(answer.c_str() + 9) : 0;
  }

 private:
  bool receive() {
    std::array<char, 65536> bytes;
    const ssize_t count = ::recv(socket_, bytes.data(), bytes.size(), 0);
    if (count > 0) received_.append(bytes.data(), static_cast<std::size_t>(count));
    return count > 0;
  }

  int socket_;
  std::string received_;
};

class FixedLive final : public LiveStatus {
 public:
  std::vector<LiveWorker> workers() const override {
    return {{.target = "ticket", .variant = "good", .engine = "builtin", .sanitizer = "none", .pid = 7}};
  }
  std::uint32_t workers_max() const override { return 2; }
  LiveCanary canary() const override { return {true, 1'000, 3'600}; }
  double runs_per_second(std::string_view) const override { return runs_per_second_; }
  std::string summary(std::string_view target) const override { return "what " + std::string(target) + " is"; }

  std::atomic<double> runs_per_second_ = 10.5;
};

class CountingObserver final : public RequestObserver {
 public:
  void observe(RouteClass route, int status, double) noexcept override {
    const std::lock_guard lock(mutex_);
    ++counts_[{std::string(route_class_name(route)), status}];
  }
  int count(const std::string& route, int status) {
    const std::lock_guard lock(mutex_);
    return counts_[{route, status}];
  }

 private:
  std::mutex mutex_;
  std::map<std::pair<std::string, int>, int> counts_;
};

class ServerFixture : public testing::Test {
 protected:
  using Json = nlohmann::json;

  ServerFixture() {
    std::string name = (std::filesystem::temp_directory_path() / "gridlock-server-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    std::filesystem::create_directories(folder_ / "static" / "lanes");
    write("static/index.html", "<!doctype html><title>Gridlock</title>");
    write("static/lanes/draw.js", "export {};");
    write("secret.txt", "not to be served");
    auto opened = store::Store::open(folder_ / "data");
    if (!opened) throw std::runtime_error(opened.error().message());
    store_ = *std::move(opened);
    fill_store();
  }
  ~ServerFixture() override {
    server_.reset();
    store_.reset();
    std::filesystem::remove_all(folder_);
  }

  [[nodiscard]] ServerOptions options() {
    return {.static_folder = folder_ / "static",
            .openapi = GRIDLOCK_OPENAPI,
            .served_by = {.version = "1.2", .build_digest = "d1", .build_version = "v1"},
            .observer = &observer_};
  }
  void start(ServerOptions options) {
    auto made = Server::create(*store_, live_, [] { return std::string("gridlock_up 1\n"); }, {}, std::move(options));
    ASSERT_TRUE(made) << made.error().message();
    server_ = *std::move(made);
    server_->listen();
  }
  void start() { start(options()); }

  [[nodiscard]] httplib::Client client() const {
    httplib::Client client("127.0.0.1", server_->port());
    client.set_read_timeout(60);
    return client;
  }
  [[nodiscard]] httplib::Result get(const std::string& target) const { return client().Get(target); }
  [[nodiscard]] Json get_json(const std::string& target) const {
    const auto answer = get(target);
    return answer && answer->status == 200 ? Json::parse(answer->body) : Json();
  }
  [[nodiscard]] httplib::Result post(const std::string& target, const std::string& body,
                                     httplib::Headers headers = {{"X-Gridlock", "1"}}) const {
    return client().Post(target, headers, body, "application/json");
  }
  [[nodiscard]] std::string finding_url() const { return "/api/v1/findings/" + key_; }
  [[nodiscard]] BareClient bare() const { return BareClient(server_->port()); }

  void write(const std::string& name, std::string_view bytes) const {
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
  }

  std::filesystem::path folder_;
  std::unique_ptr<store::Store> store_;
  FixedLive live_;
  CountingObserver observer_;
  std::unique_ptr<Server> server_;
  const SchemaFixture schema_{GRIDLOCK_OPENAPI};
  std::string key_;
  store::FindingId finding_;
  store::CampaignId campaign_;

 private:
  template <typename T>
  static T good(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().message());
    if constexpr (!std::is_void_v<T>) return *std::move(result);
  }

  void fill_store() {
    const store::Build build = good(store_->record_build("d1", "v1", 1'000));
    good(store_->record_targets(std::vector<store::TargetVariant>{{"ticket", "good", "a lock", "ok"},
                                                                  {"ticket", "bad", "<b>bad</b>", "hang"}}));
    const store::Campaign campaign = good(store_->campaign("ticket", "bad", "builtin", "none"));
    campaign_ = campaign.id;
    const store::StintId stint = good(store_->begin_stint(campaign.id, build.id, 2'000));
    good(store_->record_progress({.stint = stint, .time = 3'000, .runs = 100, .points = 900, .features = 50}));
    good(store_->record_features("ticket", {.time = ServerClock{}.now(), .features = 50, .runs = 100}));
    good(store_->record_corpus("ticket", std::vector<store::CorpusEntry>{{"ticket", "a", 3, "builtin", 4'000}}));
    fill_findings(build, campaign, stint);
  }

  void fill_findings(const store::Build& build, const store::Campaign& campaign, store::StintId stint) {
    const store::BlobName repro = good(store_->put_blob("target ticket\n"));
    for (const std::string signature : {"lock_spin", "lock_<script>alert(1)</script>"}) {
      const auto recorded = good(store_->record_sighting(
          {.target = "ticket",
           .variant = "bad",
           .verdict = {.kind = VerdictKind::kHang, .signature = signature, .summary = "It hangs."},
           .repro = repro,
           .sighting = {.campaign = campaign.id, .stint = stint, .build = build.id, .time = 5'000}}));
      finding_ = recorded.id;
    }
    key_ = good(store_->finding(finding_))->key;
    good(store_->record_triage(finding_, {.title = "A </script> hang",
                                          .cpus = 2,
                                          .preemptions = 1,
                                          .decisions = 1,
                                          .decisions_as_found = 9,
                                          .reproduced = 100,
                                          .replays = 100,
                                          .repro = repro,
                                          .explanation = good(store_->put_blob("{\"format\":1,\"steps\":[]}")),
                                          .text = good(store_->put_blob("cpu0 spins"))}));
    good(store_->record_test(finding_, {.build = build.id,
                                        .variant = "bad",
                                        .sanitizer = "thread",
                                        .verdict = VerdictKind::kHang,
                                        .same = 20,
                                        .replays = 20,
                                        .sanitizer_report = "WARNING: \xff",
                                        .time = 6'000}));
    good(store_->add_note(key_, "a person", "<img src=x onerror=alert(1)>", 7'000));
  }
};

}  // namespace gridlock::dashboard
