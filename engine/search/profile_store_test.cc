// A profile that was packed comes back as it was, and what many share is kept once.
#include "engine/search/profile_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gridlock {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

PointNote note(Site site, std::uint32_t object = 1) {
  return {.site = site, .object = object, .kind = StepKind::kStore, .depth = 1, .writes = true, .irqs_enabled = true};
}

TEST(ProfileStore, GivesBackWhatItTook) {
  ProfileStore store;
  RunProfile profile;
  profile.cpus = {{note(10), note(11), note(10)}, {}, {note(11), note(12, 7)}};
  profile.operation_starts = {{0, 2}, {}, {1}};
  const RunProfile back = store.unpack(store.pack(profile, 512));
  EXPECT_EQ(back.cpus, profile.cpus);
  EXPECT_EQ(back.operation_starts, profile.operation_starts);
}

TEST(ProfileStore, TellsPointsApartByEachOfTheirParts) {
  ProfileStore store;
  RunProfile profile;
  profile.cpus.resize(1);
  auto& notes = profile.cpus[0];
  notes = {note(10), note(11), note(10, 2)};
  notes.push_back({.site = 10, .object = 1, .kind = StepKind::kLoad, .depth = 1, .writes = true, .irqs_enabled = true});
  notes.push_back(
      {.site = 10, .object = 1, .kind = StepKind::kStore, .depth = 2, .writes = true, .irqs_enabled = true});
  notes.push_back({.site = 10, .object = 1, .kind = StepKind::kStore, .depth = 1, .irqs_enabled = true});
  notes.push_back({.site = 10, .object = 1, .kind = StepKind::kStore, .depth = 1, .writes = true});
  const PackedProfile packed = store.pack(profile, 512);
  EXPECT_THAT(packed.points, ElementsAre(1, 2, 3, 4, 5, 6, 7));
  EXPECT_EQ(store.unpack(packed).cpus, profile.cpus);
}

TEST(ProfileStore, KeepsTheFirstPointsOfEachCpu) {
  ProfileStore store;
  RunProfile profile;
  profile.cpus = {{note(1), note(2), note(3)}, {note(4)}};
  const RunProfile back = store.unpack(store.pack(profile, 2));
  EXPECT_THAT(back.cpus[0], ElementsAre(note(1), note(2)));
  EXPECT_THAT(back.cpus[1], ElementsAre(note(4)));
  EXPECT_THAT(back.operation_starts, IsEmpty());
}

TEST(ProfileStore, PointsBeyondItsRoomKeepTheirPlaces) {
  ProfileStore store;
  RunProfile many;
  many.cpus.resize(1);
  for (Site site = 1; site <= ProfileStore::kPointsMax; ++site) many.cpus[0].push_back(note(site));
  EXPECT_EQ(store.unpack(store.pack(many, UINT32_MAX)).cpus, many.cpus) << "there is room for so many";
  RunProfile more;
  more.cpus = {{note(5), note(ProfileStore::kPointsMax + 1), note(6)}};
  EXPECT_THAT(store.unpack(store.pack(more, 512)).cpus[0], ElementsAre(note(5), PointNote{}, note(6)));
}

}  // namespace
}  // namespace gridlock
