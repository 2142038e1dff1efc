#include "engine/metrics/labels.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace gridlock::metrics {
namespace {

constexpr std::string_view kBad = "\xEF\xBF\xBD";

struct Case {
  std::string_view value;
  std::string clean;
};

TEST(CleanLabelValue, WhatPrometheusCanReadStaysAndTheRestIsReplaced) {
  const std::string bad(kBad);
  using namespace std::string_view_literals;
  const std::vector<Case> cases = {
      {"tas-lock", "tas-lock"},
      {"", std::string(kEmptyLabel)},
      {"a\"b\\c\nd\te", "a\"b\\c\nd\te"},  // the serializer escapes these
      {"\0"sv, bad},
      {"a\x1b[31mb\x7f", "a" + bad + "[31mb" + bad},
      {"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x94\x92", "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x94\x92"},
      {"\x80", bad},
      {"\xC3", bad},                                // cut off
      {"\xC3(", bad + "("},                         // what follows is no continuation
      {"\xC0\xAF", bad + bad},                      // overlong
      {"\xE0\x80\xAF", bad + bad + bad},            // overlong
      {"\xED\xA0\x80", bad + bad + bad},            // a surrogate
      {"\xED\x9F\xBF", "\xED\x9F\xBF"},             // the last before them
      {"\xF4\x8F\xBF\xBF", "\xF4\x8F\xBF\xBF"},     // U+10FFFF
      {"\xF4\x90\x80\x80", bad + bad + bad + bad},  // beyond
      {"\xF0\x8F\xBF\xBF", bad + bad + bad + bad},  // overlong
      {"\xF5\xFF", bad + bad},
  };
  for (const Case& one : cases) EXPECT_EQ(clean_label_value(one.value), one.clean) << testing::PrintToString(one.value);
}

TEST(CleanLabelValue, ALongValueIsCutBetweenTwoCharacters) {
  EXPECT_EQ(clean_label_value(std::string(kLabelBytesMax + 1, 'x')), std::string(kLabelBytesMax, 'x'));
  std::string euros;
  for (int i = 0; i < 100; ++i) euros += "\xE2\x82\xAC";
  EXPECT_EQ(clean_label_value(euros), euros.substr(0, kLabelBytesMax / 3 * 3));
}

TEST(CleanLabelValue, IsIdempotentForAnyBytes) {
  std::mt19937 random(1);
  for (int i = 0; i < 10'000; ++i) {
    std::string value(random() % 12, '\0');
    for (char& c : value) c = static_cast<char>(random());
    const std::string clean = clean_label_value(value);
    ASSERT_EQ(clean_label_value(clean), clean) << testing::PrintToString(value);
    ASSERT_LE(clean.size(), kLabelBytesMax);
  }
}

TEST(LabelText, ReadsLikeWhatTheStoreKeeps) {
  EXPECT_EQ(label_text({}), "");
  EXPECT_EQ(label_text({{"target", "tas-lock"}, {"engine", "afl"}}), "engine=afl,target=tas-lock");
  EXPECT_EQ(label_text({{"a", "x=1,y%\n"}}), "a=x%3D1%2Cy%25%0A");
}

TEST(LabelText, WhatIsWrittenIsReadBack) {
  std::mt19937 random(2);
  for (int i = 0; i < 10'000; ++i) {
    prometheus::Labels labels;
    for (const char* name : {"a", "b", "c"}) {
      std::string value(random() % 6, '\0');
      for (char& c : value) c = "ab=,%\n\0\xE2\"2"[random() % 10];
      if (random() % 4 != 0) labels.emplace(name, value);
    }
    ASSERT_EQ(parse_label_text(label_text(labels)), labels) << label_text(labels);
  }
}

TEST(LabelText, WhatNobodyWroteIsRefused) {
  for (const std::string_view text :
       {"a", "=x", "a=1,", ",a=1", "a=1,,b=2", "a=1,a=2", "a=x=y", "a=%", "a=%2", "a=%zz", "a=%2c", "a=x\n"}) {
    EXPECT_EQ(parse_label_text(text), std::nullopt) << text;
  }
  EXPECT_EQ(parse_label_text("a=" + std::string(kLabelTextBytesMax, 'x')), std::nullopt);
}

}  // namespace
}  // namespace gridlock::metrics
