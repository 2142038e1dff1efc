// What is known of a list, and when it is forgotten.
#include "engine/store/finding_marks.h"

#include <gtest/gtest.h>

#include <array>

namespace gridlock::store {
namespace {

FindingMark mark(std::uint64_t rank) {
  return {.rank = rank, .finding = FindingId(static_cast<std::int64_t>(rank) + 1000)};
}

class FindingMarksTest : public testing::Test {
 protected:
  // The ranks of the nearest marks around those of a page; a list has 100 findings.
  std::pair<std::uint64_t, std::uint64_t> around(const FindingQuery& query, FindingMarks::Version version,
                                                 std::uint64_t first, std::uint64_t last) {
    const auto found = marks_.around(query, version, first, last, 100);
    return {found.below.rank, found.above.rank};
  }
  using Ranks = std::pair<std::uint64_t, std::uint64_t>;

  FindingMarks marks_;
  const FindingQuery all_;
};

TEST_F(FindingMarksTest, WithoutMarksThereAreTheListsEnds) {
  EXPECT_EQ(around(all_, 2, 40, 49), Ranks(0, 99));
  EXPECT_FALSE(marks_.around(all_, 2, 40, 49, 100).below.finding.has_value());
  EXPECT_FALSE(marks_.sizes(all_, 2).has_value());
}

TEST_F(FindingMarksTest, TheNearestMarksAreGivenAndOneAtThePagesEdgeIsOne) {
  marks_.keep(all_, 2, std::array{mark(10), mark(40), mark(49), mark(90)});
  EXPECT_EQ(around(all_, 2, 40, 49), Ranks(40, 49));
  EXPECT_EQ(around(all_, 2, 41, 48), Ranks(40, 49));
  EXPECT_EQ(around(all_, 2, 39, 50), Ranks(10, 90));
  EXPECT_EQ(around(all_, 2, 5, 95), Ranks(0, 99));
  EXPECT_EQ(marks_.around(all_, 2, 41, 48, 100).below.finding, FindingId(1040));
}

TEST_F(FindingMarksTest, BothDirectionsOfAnOrderShareAListAndFiltersDoNot) {
  marks_.keep(all_, 2, std::array{mark(40)});
  EXPECT_EQ(around({.descending = false, .offset = 7, .limit = 1}, 2, 45, 49), Ranks(40, 99));
  EXPECT_EQ(around({.target = "lock"}, 2, 45, 49), Ranks(0, 99));
  EXPECT_EQ(around({.order = FindingQuery::Order::kTarget}, 2, 45, 49), Ranks(0, 99));
}

TEST_F(FindingMarksTest, ANewVersionKnowsNothingAndAnOldOneAddsNothing) {
  marks_.keep(all_, 2, std::array{mark(40)});
  marks_.keep_sizes(all_, 2, {.all = 9, .matching = 7});
  EXPECT_EQ(marks_.sizes(all_, 2)->matching, 7U);
  EXPECT_FALSE(marks_.sizes(all_, 4).has_value());
  EXPECT_EQ(around(all_, 4, 45, 49), Ranks(0, 99));
  marks_.keep(all_, 2, std::array{mark(41)});
  EXPECT_EQ(around(all_, 4, 45, 49), Ranks(0, 99));
  EXPECT_EQ(around(all_, 2, 45, 49), Ranks(0, 99));
}

TEST_F(FindingMarksTest, WithoutAVersionNothingIsKept) {
  marks_.keep(all_, std::nullopt, std::array{mark(40)});
  marks_.keep_sizes(all_, std::nullopt, {.all = 9, .matching = 7});
  EXPECT_EQ(around(all_, std::nullopt, 45, 49), Ranks(0, 99));
  EXPECT_FALSE(marks_.sizes(all_, std::nullopt).has_value());
  EXPECT_EQ(around(all_, 0, 45, 49), Ranks(0, 99));
}

TEST(FindingsVersionTest, FindingsAreNotAtRestWhileTheyChange) {
  FindingsVersion version;
  const auto before = version.at_rest();
  EXPECT_TRUE(before.has_value());
  version.change_ends();  // of a transaction that changed no finding
  EXPECT_EQ(version.at_rest(), before);
  version.change_begins();
  version.change_begins();  // another row of the same one
  EXPECT_FALSE(version.at_rest().has_value());
  version.change_ends();
  EXPECT_TRUE(version.at_rest().has_value());
  EXPECT_NE(version.at_rest(), before);
}

}  // namespace
}  // namespace gridlock::store
