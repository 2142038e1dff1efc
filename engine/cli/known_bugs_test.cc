#include "engine/cli/known_bugs.h"

#include <gtest/gtest.h>

namespace gridlock {
namespace {

Verdict hang(const std::string& parts) {
  return {VerdictKind::kHang, "hang: " + parts, ""};
}

TEST(KnownBugs, NothingIsKnownAtFirst) {
  EXPECT_FALSE(KnownBugs().contains(hang("a<b")));
}

TEST(KnownBugs, ARawBugIsKnownAsItIs) {
  KnownBugs bugs;
  bugs.add_raw(hang("a<b + c<d"));
  EXPECT_TRUE(bugs.contains(hang("a<b + c<d")));
  EXPECT_FALSE(bugs.contains(hang("a<b")));
  EXPECT_FALSE(bugs.contains({VerdictKind::kDeadlock, "hang: a<b + c<d", ""}));
}

TEST(KnownBugs, AMinimalBugIsKnownAmongBystandersToo) {
  KnownBugs bugs;
  bugs.add_minimal(hang("a<b"));
  EXPECT_TRUE(bugs.contains(hang("a<b")));
  EXPECT_TRUE(bugs.contains(hang("a<b + c<d")));
  EXPECT_FALSE(bugs.contains(hang("c<d")));
}

TEST(KnownBugs, SurviveTheirTextForm) {
  KnownBugs bugs;
  bugs.add_raw({VerdictKind::kAssertion, "assertion x: f<g", ""});
  bugs.add_minimal(hang("a<b"));
  const KnownBugs again = KnownBugs::from_text(bugs.to_text());
  EXPECT_TRUE(again.contains({VerdictKind::kAssertion, "assertion x: f<g", ""}));
  EXPECT_TRUE(again.contains(hang("a<b + c<d")));
  EXPECT_FALSE(again.contains(hang("c<d")));
}

TEST(KnownBugs, LinesThatAreNoneAreLeftOut) {
  const KnownBugs bugs = KnownBugs::from_text("\n\traw\nraw\nraw\thang\nraw\tnosuch\tx\nminimal\thang\thang: a<b");
  EXPECT_TRUE(bugs.contains(hang("a<b")));
  EXPECT_EQ(bugs.to_text(), "raw\thang\thang: a<b\nminimal\thang\thang: a<b\n");
}

}  // namespace
}  // namespace gridlock
