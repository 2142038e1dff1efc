#include "engine/cli/first_come_places.h"

#include <gtest/gtest.h>

#include <array>

namespace gridlock {
namespace {

TEST(FirstComePlaces, GoInTheOrderInWhichThingsComeUp) {
  std::array<FirstComePlaces::Word, 101> memory{};
  FirstComePlaces places(memory, 8);
  EXPECT_EQ(places.of(99), 0u);
  EXPECT_EQ(places.of(0), 1u);
  EXPECT_EQ(places.of(99), 0u);
  EXPECT_EQ(places.of(50), 2u);
}

TEST(FirstComePlaces, AreSharedWhenAllAreGone) {
  std::array<FirstComePlaces::Word, 11> memory{};
  FirstComePlaces places(memory, 3);
  for (std::size_t thing = 0; thing < 10; ++thing) EXPECT_EQ(places.of(thing), thing % 3) << thing;
}

TEST(FirstComePlaces, StayWhenAnotherGoesOn) {
  std::array<FirstComePlaces::Word, 11> memory{};
  EXPECT_EQ(FirstComePlaces(memory, 5).of(7), 0u);
  FirstComePlaces second(memory, 5);
  EXPECT_EQ(second.of(3), 1u);
  EXPECT_EQ(second.of(7), 0u);
}

}  // namespace
}  // namespace gridlock
