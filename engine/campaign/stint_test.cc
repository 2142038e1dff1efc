#include "engine/campaign/stint.h"

#include <gmock/gmock.h>

#include "engine/campaign/campaign_fixture.h"

namespace gridlock::campaign {
namespace {

using std::chrono::milliseconds;
using ::testing::Eq;
using ::testing::Ge;
using ::testing::SizeIs;

class StintTest : public CampaignFixture {
 protected:
  Stint start(const std::string& target, double seconds = 1000, StintLimits limits = {}) {
    return must(Stint::start(spool_of(target),
                             {.seconds = seconds, .programs = misbehaving_programs(), .corpus = data().corpus(target)},
                             limits, clock_.steady()));
  }
  // Looks until it has ended, at a time of its own that goes `hurry` times as fast.
  StintEnd end_of(Stint& stint, std::int64_t hurry = 1) {
    const milliseconds begin = clock_.steady();
    const auto ended = eventually([&] {
      stint.drain();
      stint.look(ProcessTable::read(), begin + (clock_.steady() - begin) * hurry);
      return stint.ended().has_value();
    });
    EXPECT_TRUE(ended);
    return stint.ended().value_or(StintEnd::kTime);
  }
  void wait_for_page(Stint& stint) {
    EXPECT_TRUE(eventually([&] {
      stint.look(ProcessTable::read(), clock_.steady());
      return stint.counts().runs > 0;
    }));
  }
};

TEST_F(StintTest, OneThatUsesItsTimeUpEndsWithTime) {
  Stint stint = start("finds", 1);
  EXPECT_THAT(end_of(stint), Eq(StintEnd::kTime));
  EXPECT_THAT(stint.counts().runs, Eq(10U));
  EXPECT_THAT(stint.counts().points, Eq(20U));
  EXPECT_THAT(stint.counts().features, Eq(3U));
  EXPECT_THAT(stint.spool().drops(), SizeIs(1));
}

TEST_F(StintTest, OneWhoseHeartbeatStandsStillIsHung) {
  Stint stint = start("hangs");
  EXPECT_THAT(end_of(stint, 1000), Eq(StintEnd::kHung));
}

TEST_F(StintTest, OneThatBeatsIsNotHungHoweverLongItTakes) {
  Stint stint = start("finds", 100'000);
  wait_for_page(stint);
  milliseconds now = clock_.steady();
  std::uint64_t beats = 0;
  for (std::uint64_t last = 0; beats < 20;) {
    const std::uint64_t heartbeat = stint.counts().heartbeat;
    beats += heartbeat != last;
    // An hour in all, in steps that are shorter than what it may stand still.
    if (heartbeat != last) now += milliseconds(20'000);
    last = heartbeat;
    stint.look(ProcessTable::read(), now);
    ASSERT_FALSE(stint.ended().has_value());
  }
  stint.kill();
  EXPECT_THAT(stint.ended(), Eq(StintEnd::kKilled));
}

TEST_F(StintTest, OneThatTakesMoreThanItsTimeIsHungThoughItBeats) {
  Stint stint = start("finds", 1000);
  wait_for_page(stint);
  stint.look(ProcessTable::read(), clock_.steady() + milliseconds(1000 * 1000 + 31'000));
  EXPECT_THAT(stint.ended(), Eq(StintEnd::kHung));
}

TEST_F(StintTest, OneThatEatsMemoryIsKilledForIt) {
  Stint stint = start("eats", 1000, {.memory_bytes = 100 << 20});
  EXPECT_THAT(end_of(stint), Eq(StintEnd::kMemory));
}

TEST_F(StintTest, OneThatDiesHasCrashed) {
  Stint stint = start("dies");
  EXPECT_THAT(end_of(stint), Eq(StintEnd::kCrash));
  EXPECT_TRUE(is_unasked(StintEnd::kCrash));
}

TEST_F(StintTest, OneThatBabblesIsBoundedAndKilledWhenItsHeartStandsStill) {
  Stint stint = start("babbles");
  EXPECT_THAT(end_of(stint, 100), Eq(StintEnd::kHung));
}

TEST_F(StintTest, OneThatEndsWithoutAnAnswerIsGarbage) {
  Stint stint = start("answers-rubbish");
  EXPECT_THAT(end_of(stint), Eq(StintEnd::kGarbage));
}

TEST_F(StintTest, APageThatIsDamagedIsGarbage) {
  Stint stint = start("finds");
  wait_for_page(stint);
  std::filesystem::resize_file(stint.spool().status(), 8);
  EXPECT_THAT(end_of(stint), Eq(StintEnd::kGarbage));
}

TEST_F(StintTest, AskedToEndItEndsAndIsNoRestart) {
  Stint stint = start("finds");
  wait_for_page(stint);
  stint.ask_to_end(clock_.steady());
  EXPECT_THAT(end_of(stint), Eq(StintEnd::kKilled));
  EXPECT_FALSE(is_unasked(StintEnd::kKilled));
}

TEST_F(StintTest, OneThatDoesNotEndWhenAskedIsKilledAfterItsTimeOfGrace) {
  Stint stint = start("hangs");  // the program under exec knows no trap, but this one ignores nothing: stop it first
  wait_for_page(stint);
  ::kill(stint.pid(), SIGSTOP);
  stint.ask_to_end(clock_.steady());
  EXPECT_THAT(end_of(stint, 100), Eq(StintEnd::kKilled));
}

}  // namespace
}  // namespace gridlock::campaign
