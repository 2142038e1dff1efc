#include "engine/campaign/repro_head.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gridlock::campaign {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::HasSubstr;

constexpr const char* kRepro = R"(gridlock-repro 1
target toy
signature hang: spin_until_free<lock # and more
expect fixed ok
expect broken hang
expect worse deadlock
parameter spin_budget 2
cpu 0: lock(3) ; at()
cpu 1: unlock()
cpu 2:
order 2 0 1
at cpu 1 point 9 demote           # unlock (toy.cc:88)
at cpu 0 point 22 interrupt disk  # spin_until_free (toy.cc:41)
at cpu 0 point 23 defer disk 12
at cpu 0 point 24 migrate v0 1
at cpu 0 point 25 demote
)";

TEST(ReproHead, ReadsNamesAndCountsDecisions) {
  const auto head = read_repro_head(kRepro, "x");
  ASSERT_TRUE(head);
  EXPECT_THAT(head->target, Eq("toy"));
  EXPECT_THAT(head->signature, Eq("hang: spin_until_free<lock # and more"));
  EXPECT_THAT(head->expectations,
              ElementsAre(Expectation{"fixed", VerdictKind::kOk}, Expectation{"broken", VerdictKind::kHang},
                          Expectation{"worse", VerdictKind::kDeadlock}));
  EXPECT_THAT(head->counts, Eq(DecisionCounts{3, 2, 1, 1, 5}));
}

TEST(ReproHead, TheBugIsThatOfTheVariantElseTheFirst) {
  const auto head = read_repro_head(kRepro, "x");
  ASSERT_TRUE(head);
  EXPECT_THAT(head->bug_in("worse"), Eq(Expectation{"worse", VerdictKind::kDeadlock}));
  EXPECT_THAT(head->bug_in("fixed"), Eq(Expectation{"broken", VerdictKind::kHang}));
  EXPECT_THAT(head->bug_in("unknown"), Eq(Expectation{"broken", VerdictKind::kHang}));
}

TEST(ReproHead, RefusesWhatCannotBeAFinding) {
  const struct {
    const char* text;
    const char* why;
  } table[] = {
      {"", "gridlock-repro"},
      {"garbage\n", "gridlock-repro"},
      {"gridlock-repro 2\ntarget toy\n", "version"},
      {"gridlock-repro 1\ntarget toy\nexpect a hang\n", "signature"},
      {"gridlock-repro 1\ntarget toy\nsignature \nexpect a hang\n", "signature"},
      {"gridlock-repro 1\ntarget toy\nsignature s\nexpect a ok\n", "expected to fail"},
      {"gridlock-repro 1\ntarget toy\nsignature s\nexpect a nonsense\n", "expected to fail"},
      {"gridlock-repro 1\ntarget toy\nsignature s\xff\nexpect a hang\n", "UTF-8 text"},
      {"gridlock-repro 1\ntarget toy\nsignature s\nexpect a hang\ncpu 0: \x01\n", "no text"},
  };
  for (const auto& row : table) {
    const auto head = read_repro_head(row.text, "dropped.repro");
    ASSERT_FALSE(head.has_value()) << row.text;
    EXPECT_THAT(head.error().message(), HasSubstr(row.why));
  }
}

TEST(ReproHead, LinesMayEndAsOnWindows) {
  const auto head = read_repro_head("gridlock-repro 1\r\ntarget toy\r\nsignature s\r\nexpect a hang\r\n", "x");
  ASSERT_TRUE(head);
  EXPECT_THAT(head->signature, Eq("s"));
  EXPECT_THAT(head->bug_in("a").verdict, Eq(VerdictKind::kHang));
}

}  // namespace
}  // namespace gridlock::campaign
