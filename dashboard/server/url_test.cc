#include "dashboard/server/url.h"

#include <gmock/gmock.h>

#include <string>

#include "dashboard/server/limits.h"
#include "dashboard/server/utf8.h"

namespace gridlock::dashboard {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

int status_of(const std::string& target) {
  const auto url = parse_target(target);
  return url ? 200 : url.error().status;
}

TEST(Url, EveryPathTrickIsNotFound) {
  const std::vector<std::string> tricks = {"",
                                           "findings",
                                           "http://other/findings",
                                           "//findings",
                                           "/findings/",
                                           "/static/../etc/passwd",
                                           "/static/./x",
                                           "/static/..%2fetc",
                                           "/static/%2e%2e/etc",
                                           "/static/%2E%2E%2Fetc",
                                           "/static/a%5cb",
                                           "/static/a\\b",
                                           "/static/%00",
                                           "/static/x%00.js",
                                           "/static/%252e%252e",
                                           "/static/%25",
                                           "/static/%",
                                           "/static/%2",
                                           "/static/%zz",
                                           "/static/%0d%0aX: y",
                                           "/static/a b",
                                           "/static/%ff",
                                           "/static/%c0%af",
                                           "/findings#x",
                                           std::string("/a\0b", 4),
                                           "/a\x7f",
                                           "/\xc3\xa9",
                                           "/1/2/3/4/5/6/7/8/9"};
  for (const std::string& trick : tricks) EXPECT_EQ(status_of(trick), 404) << trick;
}

TEST(Url, AnAddressThatIsTooLongIsRefused) {
  EXPECT_EQ(status_of("/" + std::string(kTargetBytesMax, 'x')), 414);
  EXPECT_EQ(status_of("/" + std::string(kTargetBytesMax - 1, 'x')), 200);
}

TEST(Url, AQueryThatCannotBeReadIsABadRequest) {
  for (const std::string query : {"a=%", "a=%g0", "a=%00", "a=%0a", "a=%ff", "%c0%80=1", "a=1&a=2"}) {
    EXPECT_EQ(status_of("/findings?" + query), 400) << query;
  }
  std::string many = "/findings?";
  for (std::size_t i = 0; i <= kParametersMax; ++i) many += "p" + std::to_string(i) + "=1&";
  EXPECT_EQ(status_of(many), 400);
}

TEST(Url, IsDecodedOnce) {
  const auto url = parse_target("/targets/xen%20pv?q=a+b%26c&state=&flag&&x=%25");
  ASSERT_TRUE(url);
  EXPECT_THAT(url->segments, ElementsAre("targets", "xen pv"));
  EXPECT_THAT(url->parameters,
              ElementsAre(Parameter{"q", "a b&c"}, Parameter{"state", ""}, Parameter{"flag", ""}, Parameter{"x", "%"}));
}

TEST(Url, TheFirstPageHasNoSegments) {
  const auto url = parse_target("/");
  ASSERT_TRUE(url);
  EXPECT_THAT(url->segments, IsEmpty());
  EXPECT_EQ(parse_target("/?a=1")->parameters.size(), 1U);
}

TEST(Utf8, WhatIsNotUtf8IsTold) {
  for (const std::string bad : {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
                                "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xc3", "a\xe2\x82", "\xc3("}) {
    EXPECT_FALSE(is_utf8(bad));
  }
}

TEST(Utf8, AllLengthsAreRead) {
  for (const std::string good : {"", "a", "\xc2\x80", "\xc3\xa9", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xe2\x80\xae",
                                 "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(is_utf8(good)) << good;
  }
}

}  // namespace
}  // namespace gridlock::dashboard
