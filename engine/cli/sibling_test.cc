#include "engine/cli/sibling.h"

#include <gtest/gtest.h>

namespace gridlock {
namespace {

TEST(Sibling, EveryFlavourFindsEveryOther) {
  for (const char* own : {"gridlock", "gridlock-tsan", "gridlock-asan"}) {
    EXPECT_EQ(sibling_name(own, "plain"), "gridlock");
    EXPECT_EQ(sibling_name(own, "tsan"), "gridlock-tsan");
    EXPECT_EQ(sibling_name(own, "asan"), "gridlock-asan");
  }
}

TEST(Sibling, DriversAreNamedByFuzzerAndFlavour) {
  EXPECT_EQ(driver_name("gridlock", "libfuzzer", "plain"), "gridlock-libfuzzer");
  EXPECT_EQ(driver_name("gridlock-tsan", "libfuzzer", "tsan"), "gridlock-libfuzzer-tsan");
  EXPECT_EQ(driver_name("gridlock-asan", "afl", "plain"), "gridlock-afl");
  EXPECT_EQ(driver_name("account.gridlock", "afl", "asan"), "account.gridlock-afl-asan");
}

TEST(Sibling, SanitizersAreFlavours) {
  EXPECT_EQ(flavour_of(Sanitizer::kNone), "plain");
  EXPECT_EQ(flavour_of(Sanitizer::kThread), "tsan");
  EXPECT_EQ(flavour_of(Sanitizer::kAddress), "asan");
  EXPECT_EQ(sanitizer_name("plain"), "none");
  EXPECT_EQ(sanitizer_name("tsan"), "thread");
  EXPECT_EQ(sanitizer_name("asan"), "address");
}

TEST(Sibling, TheFlavourThatRunsAlreadyIsNotExecutedAgain) {
  EXPECT_TRUE(become_flavour(Sanitizer::kThread, "tsan", nullptr).has_value());
  EXPECT_TRUE(become_flavour(Sanitizer::kAsBuilt, "asan", nullptr).has_value());
}

TEST(Sibling, AMissingFlavourIsNamed) {
  char name[] = "gridlock";
  char* arguments[] = {name, nullptr};
  const auto became = become_flavour(Sanitizer::kThread, "plain", arguments);
  ASSERT_FALSE(became.has_value());
  EXPECT_NE(became.error().message().find("-tsan"), std::string::npos);
}

TEST(Sibling, AMissingFlavourOfAnOwnProgramSaysHowToBuildIt) {
  EXPECT_EQ(
      how_to_build(true, "a.gridlock-tsan", "tsan"),
      "build it with `gridlock-c++ -g -fsanitize=thread SOURCES -o a.gridlock-tsan`, and its objects with the same "
      "flags");
  EXPECT_EQ(how_to_build(true, "a.gridlock-afl", "plain", "afl"),
            "build it with `gridlock-c++ -g --gridlock-engine=afl SOURCES -o a.gridlock-afl`, and its objects with the "
            "same flags");
}

TEST(Sibling, OnlyFlavoursThatAreThereAreBesideAProgram) {
  EXPECT_TRUE(flavours_beside("/nowhere/a.gridlock").empty());
}

}  // namespace
}  // namespace gridlock
