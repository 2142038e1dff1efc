#include "engine/campaign/tool_answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gridlock::campaign {
namespace {

using ::testing::Eq;
using ::testing::SizeIs;

TEST(ToolAnswers, AReplayAnswersForEachVariant) {
  const auto answers = replay_answers(
      R"({"findings":[],"results":[{"as_expected":19,"directives":1,"expected":"hang","file":"x","sanitizer":"tsan",
          "sanitizer_reports":20,"signature":"hang: a","summary":"s","target":"t","times":20,"variant":"v",
          "verdict":"hang"},{"as_expected":20,"signature":"","summary":"fine","times":20,"variant":"w",
          "sanitizer_reports":null,"verdict":"ok"}]})");
  ASSERT_TRUE(answers);
  ASSERT_THAT(*answers, SizeIs(2));
  EXPECT_THAT((*answers)[0].variant, Eq("v"));
  EXPECT_THAT((*answers)[0].verdict, Eq(VerdictKind::kHang));
  EXPECT_THAT((*answers)[0].as_expected, Eq(19U));
  EXPECT_THAT((*answers)[0].sanitizer_reports, Eq(20U));
  EXPECT_THAT((*answers)[1].verdict, Eq(VerdictKind::kOk));
  EXPECT_FALSE((*answers)[1].sanitizer_reports.has_value());
}

TEST(ToolAnswers, GarbageIsNoAnswer) {
  for (const char* line :
       {"", "garbage", "[]", "{}", R"({"results":7})", R"({"results":[7]})",
        R"({"results":[{"variant":"v","verdict":7}]})",
        R"({"results":[{"as_expected":"x","signature":"","summary":"","times":1,"variant":"v","verdict":"ok"}]})"}) {
    EXPECT_FALSE(replay_answers(line).has_value()) << line;
    EXPECT_FALSE(is_fuzz_answer(line)) << line;
    EXPECT_THAT(explanation_title(line), Eq("")) << line;
  }
  const std::string deep(100'000, '[');
  EXPECT_FALSE(replay_answers(deep).has_value());
}

TEST(ToolAnswers, MinimizeTellsFromHowManyDecisionsToHowMany) {
  const auto figures = minimize_figures("hang: a<b\ncpus 3 -> 2, operations 6 -> 2, directives 51 -> 4; 740 trials\n");
  ASSERT_TRUE(figures);
  EXPECT_THAT(figures->decisions_before, Eq(51U));
  EXPECT_THAT(figures->decisions_after, Eq(4U));
  EXPECT_THAT(figures->trials, Eq(740U));
  for (const char* text : {"", "directives", "directives x -> 4; 5", "directives 4; 5", "directives 5 -> 4"}) {
    EXPECT_FALSE(minimize_figures(text).has_value()) << text;
  }
}

TEST(ToolAnswers, KnowsTheEndOfAStintAndATitle) {
  EXPECT_TRUE(is_fuzz_answer(R"({"runs":1,"findings":[]})"));
  EXPECT_THAT(explanation_title(R"({"title":"Hang: x"})"), Eq("Hang: x"));
  EXPECT_THAT(explanation_title(R"({"title":7})"), Eq(""));
}

}  // namespace
}  // namespace gridlock::campaign
