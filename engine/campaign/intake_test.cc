#include "engine/campaign/intake.h"

#include <gmock/gmock.h>

#include "engine/campaign/campaign_fixture.h"

namespace gridlock::campaign {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class IntakeTest : public CampaignFixture {
 protected:
  Intake intake_{*store_, metrics_, clock_, data(), announce()};
};

TEST_F(IntakeTest, AFindingIsDurableThenAnnouncedThenItsFilesGo) {
  const Spool spool = spool_of("toy");
  drop(spool, "x", repro_text("toy", "hang: a<b"), "raw");
  const Taken taken = must(intake_.take(spool, {70, 1.5}));
  EXPECT_THAT(taken.new_findings, Eq(1U));
  ASSERT_THAT(findings(), SizeIs(1));
  const auto finding = findings().front();
  EXPECT_THAT(announced(), ElementsAre(finding.id));
  EXPECT_THAT(finding.signature, Eq("hang: a<b"));
  EXPECT_THAT(finding.verdict, Eq(VerdictKind::kHang));
  EXPECT_THAT(finding.variant, Eq("broken"));
  EXPECT_FALSE(finding.is_canary);
  EXPECT_THAT(must(store_->blob(finding.repro)), Eq(repro_text("toy", "hang: a<b")));
  EXPECT_THAT(must(store_->blob(finding.input)), Eq("raw"));
  EXPECT_THAT(spool.drops(), IsEmpty());
}

TEST_F(IntakeTest, TheSameDropTwiceIsOneSighting) {
  const Spool spool = spool_of("toy");
  drop(spool, "x", repro_text("toy", "hang: a<b"));
  must(intake_.take(spool, {}));
  // Killed before the files went: another server finds them again.
  drop(spool, "x", repro_text("toy", "hang: a<b"));
  Intake next(*store_, metrics_, clock_, data(), announce());
  must(next.take(must(Spool::open(spool.folder())), {}));
  ASSERT_THAT(findings(), SizeIs(1));
  EXPECT_THAT(findings().front().sightings, Eq(1U));
  EXPECT_THAT(spool.drops(), IsEmpty());
}

TEST_F(IntakeTest, AnotherStintIsAnotherSightingOfTheSameFinding) {
  for (int i = 0; i < 3; ++i) {
    const Spool spool = spool_of("toy");
    drop(spool, "x", repro_text("toy", "hang: a<b"));
    EXPECT_THAT(must(intake_.take(spool, {})).known_findings, Eq(i == 0 ? 0U : 1U));
  }
  ASSERT_THAT(findings(), SizeIs(1));
  EXPECT_THAT(findings().front().sightings, Eq(3U));
}

TEST_F(IntakeTest, WhatIsNoFindingIsKeptWithTheReason) {
  const Spool spool = spool_of("toy");
  drop(spool, "garbage", "nonsense\n");
  drop(spool, "other", repro_text("another-target", "hang: a<b"));
  drop(spool, "huge", repro_text("toy", "hang: a<b") + std::string(2 << 20, ' '));
  const Taken taken = must(intake_.take(spool, {}));
  EXPECT_THAT(taken.rejected, Eq(3U));
  EXPECT_THAT(findings(), IsEmpty());
  EXPECT_THAT(spool.drops(), IsEmpty());
  const std::string stem = std::to_string(spool.identity().stint.value());
  EXPECT_THAT(must(read_bounded(data().rejected() / (stem + "-garbage.repro"), 1000)), Eq("nonsense\n"));
  EXPECT_THAT(must(read_bounded(data().rejected() / (stem + "-other.repro.reason"), 1000)),
              HasSubstr("another-target"));
  EXPECT_THAT(must(read_bounded(data().rejected() / (stem + "-huge.repro.reason"), 1000)), HasSubstr("more than"));
}

TEST_F(IntakeTest, RejectsFillNoDisk) {
  const Spool spool = spool_of("toy");
  for (int round = 0; round < 12; ++round) {
    for (std::size_t i = 0; i < kDropsPerLookMax; ++i) {
      drop(spool, "r" + std::to_string(round) + "-" + std::to_string(i), "nonsense\n");
    }
    must(intake_.take(spool, {}));
  }
  const std::filesystem::directory_iterator kept(data().rejected());
  EXPECT_THAT(std::distance(begin(kept), end(kept)), ::testing::Le(static_cast<std::ptrdiff_t>(kRejectedFilesMax)));
}

TEST_F(IntakeTest, ALinkOutOfTheFolderIsNotFollowed) {
  const Spool spool = spool_of("toy");
  must(make_folder(spool.found() / "toy"));
  must(write_whole(data().root / "secret", repro_text("toy", "hang: secret")));
  std::filesystem::create_symlink(data().root / "secret", spool.found() / "toy" / "x.repro");
  must(intake_.take(spool, {}));
  EXPECT_THAT(findings(), IsEmpty());
}

TEST_F(IntakeTest, WhatIsNotCompleteYetIsLeftAlone) {
  const Spool spool = spool_of("toy");
  must(make_folder(spool.found() / "toy"));
  must(write_whole(spool.found() / "toy" / "x.repro.123.tmp", "half"));
  EXPECT_THAT(spool.drops(), IsEmpty());
}

TEST_F(IntakeTest, TheCanarysFindingsAreMarked) {
  const Spool spool = spool_of(std::string(kCanaryTarget));
  drop(spool, "x", repro_text(std::string(kCanaryTarget), "hang: a<b"));
  must(intake_.take(spool, {}));
  ASSERT_THAT(findings(), SizeIs(1));
  EXPECT_TRUE(findings().front().is_canary);
}

TEST_F(IntakeTest, ASpoolFolderSaysWhoseItIs) {
  const Spool spool = spool_of("toy");
  EXPECT_THAT(must(Spool::open(spool.folder())).identity(), Eq(spool.identity()));
  must(write_whole(spool.folder() / "stint.json", "{\"target\":7}"));
  EXPECT_FALSE(Spool::open(spool.folder()).has_value());
}

}  // namespace
}  // namespace gridlock::campaign
