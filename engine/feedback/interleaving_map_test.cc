#include "engine/feedback/interleaving_map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <set>
#include <vector>

namespace gridlock::feedback {
namespace {

using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr std::uint64_t kWord = 0x7be000001000;
constexpr std::uint64_t kOtherWord = 0x7be000001008;

class InterleavingMapTest : public testing::Test {
 protected:
  using Features = std::set<Feature>;

  // The features of a run that does this.
  Features run(const std::function<void(InterleavingMap&)>& steps) {
    map_->begin_run();
    steps(*map_);
    const auto touched = map_->touched();
    const Features features(touched.begin(), touched.end());
    EXPECT_THAT(touched, SizeIs(features.size())) << "a feature is told once";
    return features;
  }

  std::unique_ptr<InterleavingMap> map_ = std::make_unique<InterleavingMap>();
};

void writes(InterleavingMap& map, std::uint32_t cpu, std::uint32_t depth, Site site, std::uint64_t address = kWord) {
  map.enter(cpu, depth);
  map.write(address, site);
}

void reads(InterleavingMap& map, std::uint32_t cpu, std::uint32_t depth, Site site, std::uint64_t address = kWord) {
  map.enter(cpu, depth);
  map.read(address, site);
}

TEST_F(InterleavingMapTest, ARunThatDoesNothingHasNoFeature) {
  EXPECT_THAT(run([](InterleavingMap&) {}), IsEmpty());
}

TEST_F(InterleavingMapTest, TheSameRunHasTheSameFeaturesAgain) {
  const auto steps = [](InterleavingMap& map) {
    writes(map, 0, 0, 0x10);
    reads(map, 1, 0, 0x20);
    map.handed_over(0x10, 0x20, InterleavingMap::HandOver::kRaced);
    map.interrupted(0x20, 1, 3, 0);
  };
  const Features once = run(steps);
  EXPECT_THAT(once, SizeIs(3));
  EXPECT_EQ(run(steps), once);
  const auto fresh = std::make_unique<InterleavingMap>();
  fresh->begin_run();
  steps(*fresh);
  EXPECT_EQ(Features(fresh->touched().begin(), fresh->touched().end()), once) << "not a matter of what ran before";
}

TEST_F(InterleavingMapTest, AReadDiffersByWhoWrote) {
  const auto read_after = [&](std::uint32_t cpu, std::uint32_t depth, Site site) {
    return run([&](InterleavingMap& map) {
      writes(map, cpu, depth, site);
      reads(map, 0, 0, 0x20);
    });
  };
  const std::set<Features> kinds = {
      run([](InterleavingMap& map) { reads(map, 0, 0, 0x20); }),  // the setup
      read_after(0, 0, 0x10),                                     // this context
      read_after(0, 1, 0x10),                                     // a handler of this cpu
      read_after(1, 0, 0x10),                                     // another cpu
      read_after(1, 0, 0x14),                                     // another cpu, elsewhere
  };
  EXPECT_THAT(kinds, SizeIs(5));
  EXPECT_EQ(read_after(1, 0, 0x10), read_after(2, 0, 0x10)) << "which other cpu makes no difference";
}

TEST_F(InterleavingMapTest, WhatAnEarlierRunWroteIsNotReadFrom) {
  const Features from_setup = run([](InterleavingMap& map) { reads(map, 0, 0, 0x20); });
  static_cast<void>(run([](InterleavingMap& map) { writes(map, 1, 0, 0x10); }));
  EXPECT_EQ(run([](InterleavingMap& map) { reads(map, 0, 0, 0x20); }), from_setup);
}

TEST_F(InterleavingMapTest, TheAddressIsNoPartOfAFeature) {
  const auto at = [&](std::uint64_t address) {
    return run([&](InterleavingMap& map) {
      writes(map, 1, 0, 0x10, address);
      reads(map, 0, 0, 0x20, address);
    });
  };
  EXPECT_EQ(at(kWord), at(kOtherWord));
}

TEST_F(InterleavingMapTest, AWriteToAnotherWordIsNotReadFrom) {
  const Features from_setup = run([](InterleavingMap& map) { reads(map, 0, 0, 0x20); });
  EXPECT_EQ(run([](InterleavingMap& map) {
              writes(map, 1, 0, 0x10, kOtherWord);
              reads(map, 0, 0, 0x20);
            }),
            from_setup);
  // Granules that share a slot.
  EXPECT_EQ(run([](InterleavingMap& map) {
              writes(map, 1, 0, 0x10, kWord + 512 * 8);
              reads(map, 0, 0, 0x20);
            }),
            from_setup);
}

TEST_F(InterleavingMapTest, HandOversDifferByTheirEndsAndTheirReason) {
  using enum InterleavingMap::HandOver;
  const auto over = [&](Site from, Site to, InterleavingMap::HandOver why) {
    return run([&](InterleavingMap& map) { map.handed_over(from, to, why); });
  };
  for (const auto why : {kStuck, kRaced}) {
    EXPECT_NE(over(0x10, 0x20, why), over(0x20, 0x10, why));
    EXPECT_NE(over(0x10, 0x20, why), over(0x10, 0x24, why));
  }
  EXPECT_NE(over(0x10, 0x20, kStuck), over(0x10, 0x20, kRaced));
  EXPECT_NE(over(0x10, 0x20, kPreempted), over(0x10, 0x20, kRaced));
  EXPECT_EQ(over(0x10, 0x20, kPreempted), over(0x10, 0x24, kPreempted)) << "where it goes makes no difference";
  EXPECT_NE(over(0x10, 0x20, kPreempted), over(0x14, 0x20, kPreempted));
}

TEST_F(InterleavingMapTest, AnInterruptDiffersBySiteVectorAndLocksHeld) {
  const auto taken = [&](Site site, std::uint32_t vector, std::uint32_t held) {
    return run([&](InterleavingMap& map) { map.interrupted(site, 1, vector, held); });
  };
  EXPECT_NE(taken(0x10, 1, 0), taken(0x14, 1, 0));
  EXPECT_NE(taken(0x10, 1, 0), taken(0x10, 2, 0));
  EXPECT_THAT(taken(0x10, 1, 0), SizeIs(1));
  EXPECT_THAT(taken(0x10, 1, 77), SizeIs(2));
  EXPECT_NE(taken(0x10, 1, 77), taken(0x10, 1, 78));
}

TEST_F(InterleavingMapTest, MarksGoWhereTheFuzzerReadsThem) {
  std::vector<std::uint8_t> marks(kFeatures, 0);
  const auto map = std::make_unique<InterleavingMap>(marks.data());
  map->begin_run();
  reads(*map, 0, 0, 0x20);
  ASSERT_THAT(map->touched(), Not(IsEmpty()));
  for (const Feature feature : map->touched()) EXPECT_EQ(marks[feature], 1);
  map->begin_run();
  EXPECT_EQ(std::count(marks.begin(), marks.end(), 0), kFeatures);
}

TEST_F(InterleavingMapTest, NoRunIsTakenForAnother) {
  // More runs than the key has numbers for: the write of a run long ago must not come back.
  static_cast<void>(run([](InterleavingMap& map) { writes(map, 1, 0, 0x10); }));
  const Features from_setup = run([](InterleavingMap& map) { reads(map, 0, 0, 0x20); });
  for (std::uint32_t i = 0; i < (1u << 19) + 2; ++i) {
    map_->begin_run();
    reads(*map_, 0, 0, 0x20);
    const auto touched = map_->touched();
    ASSERT_EQ(Features(touched.begin(), touched.end()), from_setup) << i;
  }
}

// Thousands of different features must not all fall on each other.
TEST_F(InterleavingMapTest, FeaturesSpread) {
  const Features features = run([](InterleavingMap& map) {
    for (Site writer = 0; writer < 40; ++writer) {
      for (Site reader = 0; reader < 40; ++reader) {
        writes(map, 0, 0, 0x401000 + writer * 5);
        reads(map, 1, 0, 0x401000 + reader * 7);
      }
    }
  });
  // 1,600 balls in 16,384 urns hit 1,524 of them on average.
  EXPECT_GT(features.size(), 1'450u);
}

}  // namespace
}  // namespace gridlock::feedback
