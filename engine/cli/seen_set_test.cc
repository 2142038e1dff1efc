#include "engine/cli/seen_set.h"

#include <gtest/gtest.h>

namespace gridlock {
namespace {

TEST(SeenSet, EachMemberCountsOnce) {
  SeenSet<130> set;
  EXPECT_EQ(set.size(), 0u);
  for (const std::size_t member : {0u, 63u, 64u, 129u, 64u}) set.mark(member);
  EXPECT_EQ(set.size(), 4u);
}

TEST(SeenSet, AMemberThatIsTooLargeIsLeftOut) {
  SeenSet<64> set;
  set.mark(64);
  set.mark(1000);
  EXPECT_EQ(set.size(), 0u);
}

TEST(SeenSet, AUnionHasTheMembersOfBothOnce) {
  SeenSet<1000> left;
  SeenSet<1000> right;
  for (const std::size_t member : {1u, 2u, 500u}) left.mark(member);
  for (const std::size_t member : {2u, 999u}) right.mark(member);
  left.unite_with(right);
  EXPECT_EQ(left.size(), 4u);
  EXPECT_EQ(right.size(), 2u);
}

}  // namespace
}  // namespace gridlock
