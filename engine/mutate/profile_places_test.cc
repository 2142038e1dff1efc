// Places in a run: shared words, handlers, sites, and a fair look around.
#include "engine/mutate/profile_places.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "engine/mutate/toy_profile.h"

namespace gridlock {
namespace {

TEST(SharedWords, AreTouchedBySeveralAndWrittenByOne) {
  const SharedWords words(toy_profile({"w1 r2 w3 w4 ( r4 ) r5 ( w6 ) .", "r1 r2 w7 ( w5 )"}));
  std::set<std::uint32_t> between_cpus, between_contexts;
  for (std::uint32_t object = 0; object < 10; ++object) {
    if (words.between_cpus(object)) between_cpus.insert(object);
    if (words.between_contexts(object)) between_contexts.insert(object);
  }
  EXPECT_EQ(between_cpus, (std::set<std::uint32_t>{1, 5}));
  EXPECT_EQ(between_contexts, (std::set<std::uint32_t>{1, 4, 5}));
}

// Twice as many words as are kept, all of them shared: the first are known, none is taken for another.
TEST(SharedWords, BeyondTheLimitWordsCountAsPrivate) {
  RunProfile profile;
  profile.cpus.resize(2);
  for (auto& notes : profile.cpus) {
    for (std::uint32_t i = 0; i < 2 * SharedWords::kWordsMax; ++i)
      notes.push_back({.object = 7 * i + 1, .writes = true});
  }
  const SharedWords words(profile);
  for (std::uint32_t i = 0; i < 2 * SharedWords::kWordsMax; ++i) {
    EXPECT_EQ(words.between_cpus(7 * i + 1), i < SharedWords::kWordsMax) << i;
    EXPECT_FALSE(words.between_cpus(7 * i + 2)) << i;
  }
}

TEST(FindPlace, EveryMatchIsFoundOnEveryCpuAndNothingElse) {
  const auto profile = toy_profile({"", ". w1 . .", "", "w1 .", ". . w1", ""});
  std::map<std::pair<std::uint32_t, std::uint32_t>, int> found;
  Prng prng(1);
  for (int i = 0; i < 9000; ++i) {
    const auto place = find_place(prng, profile, [](Place, const PointNote& note) { return note.writes; });
    ASSERT_TRUE(place);
    ++found[{place->cpu, place->point}];
  }
  ASSERT_EQ(found.size(), 3u);
  EXPECT_NEAR((found[{1, 2}]), 2000, 200);  // as many of the nine points lie in front of each
  EXPECT_NEAR((found[{3, 1}]), 3000, 200);
  EXPECT_NEAR((found[{4, 3}]), 4000, 200);
  EXPECT_FALSE(find_place(prng, profile, [](Place, const PointNote& note) { return note.object == 2; }));
  EXPECT_FALSE(find_place(prng, toy_profile({"", ""}), [](Place, const PointNote&) { return true; }));
}

TEST(HandlerPoints, AreThoseOfAHandlerThatBeginsThere) {
  const auto profile = toy_profile({"( . . ) . ( . ( . . ) . ) . ( . ."});
  const std::vector<std::uint32_t> points = {2, 0, 0, 4, 2, 0, 0, 0, 2, 0, 0};
  for (std::uint32_t i = 0; i < points.size(); ++i) EXPECT_EQ(handler_points(profile, {0, i + 1}), points[i]) << i + 1;
  EXPECT_EQ(handler_points(profile, {1, 1}), 0u);
}

TEST(SameSite, IsTheSameTimeRoundOrTheLast) {
  const auto profile = toy_profile({".@1 .@2 .@1 .@1 .", ".@2 .@1 .@3 .@1"});
  EXPECT_EQ(same_site(profile, {0, 1}, 1), (Place{1, 2}));
  EXPECT_EQ(same_site(profile, {0, 3}, 1), (Place{1, 4}));
  EXPECT_EQ(same_site(profile, {0, 4}, 1), (Place{1, 4}));
  EXPECT_EQ(same_site(profile, {1, 3}, 0), std::nullopt);  // cpu 0 is never there
  EXPECT_EQ(same_site(profile, {0, 5}, 1), std::nullopt);  // no site
  EXPECT_EQ(same_site(profile, {0, 1}, 2), std::nullopt);
}

}  // namespace
}  // namespace gridlock
