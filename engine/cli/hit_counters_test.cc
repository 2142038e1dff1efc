#include "engine/cli/hit_counters.h"

#include <gmock/gmock.h>

#include <array>
#include <utility>
#include <vector>

namespace gridlock {
namespace {

using Hits = std::vector<std::pair<std::size_t, int>>;

Hits hits_of(std::span<const std::uint8_t> counters) {
  Hits hits;
  for_each_hit(counters, [&](std::size_t at, std::uint8_t count) { hits.emplace_back(at, count); });
  return hits;
}

TEST(HitCountersTest, NoneIsLeftOutAtTheEdgesOfWordsAndInAPartOfOne) {
  for (std::size_t size = 0; size <= 20; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      std::vector<std::uint8_t> counters(size);
      counters[at] = 255;
      EXPECT_EQ(hits_of(counters), (Hits{{at, 255}})) << size;
    }
    EXPECT_EQ(hits_of(std::vector<std::uint8_t>(size)), Hits{});
    EXPECT_EQ(hits_of(std::vector<std::uint8_t>(size, 1)).size(), size);
  }
}

TEST(HitCountersTest, EachMayBeClearedAsItIsSeen) {
  std::array<std::uint8_t, 11> counters{0, 3, 0, 0, 0, 0, 0, 1, 2, 0, 9};
  Hits hits;
  for_each_hit(std::span<std::uint8_t>(counters), [&](std::size_t at, std::uint8_t& count) {
    hits.emplace_back(at, count);
    count = 0;
  });
  EXPECT_EQ(hits, (Hits{{1, 3}, {7, 1}, {8, 2}, {10, 9}}));
  EXPECT_THAT(counters, testing::Each(0));
}

}  // namespace
}  // namespace gridlock
