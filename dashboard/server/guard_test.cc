#include "dashboard/server/guard.h"

#include <gtest/gtest.h>

namespace gridlock::dashboard {
namespace {

Request good_write() {
  return {.method = Method::kPost,
          .host = "127.0.0.1:8080",
          .origin = "http://127.0.0.1:8080",
          .content_type = "application/json; charset=utf-8",
          .authorization = "Bearer secret",
          .x_gridlock = "1"};
}

const AccessRules kRules = {.token = "secret", .host_names = {"fuzz.example.org"}};

int status_of(const std::optional<ApiError>& error) {
  return error ? error->status : 200;
}

TEST(Guard, OnlyKnownHostsAreAnswered) {
  for (const char* host : {"localhost", "LOCALHOST:1", "127.0.0.1", "127.0.0.1:8080", "[::1]:8080", "[::1]",
                           "192.168.1.7:80", "fuzz.example.org", "Fuzz.Example.Org:8080"}) {
    EXPECT_EQ(status_of(refuse_request({.host = host}, kRules)), 200) << host;
  }
  for (const char* host : {"", ":80", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "1.2.3", "[",
                           "[]", "[::1", "[evil.example]:80", "fuzz.example.org.", "localhost@evil.example"}) {
    EXPECT_NE(status_of(refuse_request({.host = host}, kRules)), 200) << host;
  }
  EXPECT_EQ(status_of(refuse_request({}, kRules)), 400);
  EXPECT_EQ(status_of(refuse_request({.host = "localhost", .ambiguous = true}, kRules)), 400);
}

TEST(Guard, AWriteWithEverythingItNeedsPasses) {
  EXPECT_EQ(status_of(refuse_write(good_write(), kRules)), 200);
  Request without_origin = good_write();
  without_origin.origin.reset();
  EXPECT_EQ(status_of(refuse_write(without_origin, kRules)), 200);
  Request behind_tls = good_write();
  behind_tls.origin = "https://127.0.0.1:8080";
  EXPECT_EQ(status_of(refuse_write(behind_tls, kRules)), 200);
}

TEST(Guard, AWriteOfAnotherSiteIsRefused) {
  for (const char* origin : {"http://evil.example", "null", "", "http://127.0.0.1:8081", "http://127.0.0.1:8080.evil",
                             "ftp://127.0.0.1:8080"}) {
    Request request = good_write();
    request.origin = origin;
    EXPECT_EQ(status_of(refuse_write(request, kRules)), 403) << origin;
  }
  for (const std::optional<std::string>& header : {std::optional<std::string>{}, {"0"}, {"11"}, {""}}) {
    Request request = good_write();
    request.x_gridlock = header;
    EXPECT_EQ(status_of(refuse_write(request, kRules)), 403);
  }
  for (const std::optional<std::string>& type :
       {std::optional<std::string>{}, {"text/plain"}, {"application/jsonp"}, {"application/x-www-form-urlencoded"}}) {
    Request request = good_write();
    request.content_type = type;
    EXPECT_EQ(status_of(refuse_write(request, kRules)), 415);
  }
}

TEST(Guard, AWrongTokenIsRefusedAndNoneIsNeededWithoutOne) {
  for (const std::optional<std::string>& token : {std::optional<std::string>{},
                                                  {""},
                                                  {"Bearer"},
                                                  {"Bearer "},
                                                  {"secret"},
                                                  {"Bearer secre"},
                                                  {"Bearer secret "},
                                                  {"bearer secret"}}) {
    Request request = good_write();
    request.authorization = token;
    EXPECT_EQ(status_of(refuse_write(request, kRules)), 401);
    EXPECT_EQ(status_of(refuse_write(request, {})), 200);
  }
}

TEST(Guard, SecretsAreComparedWhole) {
  EXPECT_TRUE(same_secret("", ""));
  EXPECT_TRUE(same_secret("abc", "abc"));
  for (const char* other : {"", "ab", "abcd", "abd", "bbc"}) EXPECT_FALSE(same_secret("abc", other));
}

TEST(Guard, LoopbackIsTold) {
  for (const char* address : {"127.0.0.1", "127.8.9.10", "::1", "localhost"}) EXPECT_TRUE(is_loopback(address));
  for (const char* address : {"0.0.0.0", "::", "10.0.0.1", "example.org", "", "128.0.0.1"}) {
    EXPECT_FALSE(is_loopback(address));
  }
}

}  // namespace
}  // namespace gridlock::dashboard
