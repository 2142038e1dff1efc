// remove_chunks on plain lists of numbers.
#include "engine/reduce/chunks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <numeric>
#include <vector>

namespace gridlock {
namespace {

using List = std::vector<int>;

struct Result {
  List list;
  int trials = 0;
};

Result reduced(int count, const std::function<bool(const List&)>& keeps) {
  Result result;
  result.list.resize(static_cast<std::size_t>(count));
  std::iota(result.list.begin(), result.list.end(), 0);
  remove_chunks(result.list.size(), [&](IndexRange range) {
    List candidate = result.list;
    candidate.erase(candidate.begin() + static_cast<std::ptrdiff_t>(range.begin),
                    candidate.begin() + static_cast<std::ptrdiff_t>(range.end));
    ++result.trials;
    if (!keeps(candidate)) return false;
    result.list = candidate;
    return true;
  });
  return result;
}

bool has(const List& list, int value) {
  return std::ranges::find(list, value) != list.end();
}

TEST(RemoveChunks, AnEmptyListNeedsNoTrial) {
  EXPECT_EQ(reduced(0, [](const List&) { return true; }).trials, 0);
}

TEST(RemoveChunks, AllGoesInOneTrialWhereNothingIsNeeded) {
  const Result result = reduced(1'000, [](const List&) { return true; });
  EXPECT_TRUE(result.list.empty());
  EXPECT_EQ(result.trials, 1);
}

TEST(RemoveChunks, FindsTheOnlyNeededElements) {
  for (int first = 0; first < 33; ++first) {
    for (int second = first; second < 33; ++second) {
      const Result result = reduced(33, [&](const List& list) { return has(list, first) && has(list, second); });
      const List expected = first == second ? List{first} : List{first, second};
      EXPECT_EQ(result.list, expected);
    }
  }
}

TEST(RemoveChunks, NeedsFewTrialsForFewNeededElements) {
  // About log2(1024) levels with a handful of refused runs each; one by one it would be 1,024.
  EXPECT_LE(reduced(1'024, [](const List& list) { return has(list, 700); }).trials, 50);
}

TEST(RemoveChunks, SweepsAgainUntilNothingMoreCanGo) {
  // Only the first element may go, so that each sweep from the back removes one.
  std::size_t last = 16;
  const auto keeps = [&](const List& list) {
    if (list.size() + 1 < last || list.back() - list.front() + 1 != static_cast<int>(list.size())) return false;
    if (list.front() > 12 || list.back() != 15) return false;
    last = list.size();
    return true;
  };
  EXPECT_EQ(reduced(16, [&](const List& list) { return !list.empty() && keeps(list); }).list, (List{12, 13, 14, 15}));
}

}  // namespace
}  // namespace gridlock
