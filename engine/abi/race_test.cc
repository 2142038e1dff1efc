// Data races in every flavour, and ThreadSanitizer's reports of them where it is linked: frame #0 of each side is the
// racing function, in every order, every time in one process; and nothing is found in accesses that are ordered.
#include <gtest/gtest.h>

#include <algorithm>

#include "engine/machine/machine_fixture.h"
#include "engine/machine/misjudged_sites.h"
#include "engine/symbolize/symbolize.h"

namespace gridlock {
namespace {

class RaceTest : public MachineFixture {
 protected:
  void SetUp() override {
    auto names = open_site_names();
    ASSERT_TRUE(names.has_value()) << names.error().message();
    names_ = std::move(*names);
  }

  // "write write_word, read read_word": what each side did and in which function.
  std::string accesses_of(std::span<const RaceAccess> accesses) {
    std::vector<std::string> sides;
    for (const RaceAccess& access : accesses) {
      const std::string function =
          access.frames.empty() ? "nowhere" : names_->frames_at(access.frames[0]).front().function;
      sides.push_back((access.is_write ? "write " : "read ") + function);
    }
    std::ranges::sort(sides);
    return sides[0] + ", " + sides[1];
  }

  void expect_race(const RunView& view, const std::string& accesses) {
    ASSERT_EQ(view.end, RunEnd::kDataRace) << accesses;
    EXPECT_EQ(accesses_of(view.race->accesses), accesses);
    ASSERT_EQ(view.race->sanitizer_agrees, is_flavour("tsan")) << accesses;
    if (view.race->sanitizer_agrees) EXPECT_EQ(accesses_of(view.race->sanitizer_accesses), accesses);
  }

  std::unique_ptr<SiteNames> names_;
};

struct RaceCase {
  const char* first;
  const char* second;
  const char* accesses;
};
constexpr RaceCase kMustFire[] = {
    {"write", "write", "write write_word, write write_word"},
    {"write", "read", "read read_word, write write_word"},
    {"read", "write", "read read_word, write write_word"},
    {"atomic_write", "write", "write write_word, write write_word_atomically"},
    {"write", "atomic_write", "write write_word, write write_word_atomically"},
    {"atomic_read", "write", "read read_word_atomically, write write_word"},
    {"write", "atomic_read", "read read_word_atomically, write write_word"},
    {"read", "atomic_write", "read read_word, write write_word_atomically"},
    {"atomic_write", "read", "read read_word, write write_word_atomically"},
    {"volatile_write", "plain_flag_write", "write write_flag, write write_flag_plainly"},
    {"plain_flag_write", "volatile_read", "read read_flag, write write_flag_plainly"},
    {"volatile_read", "plain_flag_write", "read read_flag, write write_flag_plainly"},
};

TEST_F(RaceTest, EveryOrderOfAccessesIsFoundWithItsFunctionsOnTop) {
  for (const RaceCase& race : kMustFire) expect_race(run("races", {race.first, race.second}), race.accesses);
}

TEST_F(RaceTest, TheSameRaceIsFoundAndReportedAThousandOfAThousandTimes) {
  for (const RaceCase& race : kMustFire) {
    const Scenario scenario = make_scenario("races", {race.first, race.second});
    int found = 0, reported = 0;
    for (int i = 0; i < 1000; ++i) {
      const RunView& view = run("races", scenario);
      found += view.end == RunEnd::kDataRace ? 1 : 0;
      reported += view.race != nullptr && view.race->sanitizer_agrees ? 1 : 0;
    }
    EXPECT_EQ(found, 1000) << race.first << " then " << race.second;
    EXPECT_EQ(reported, is_flavour("tsan") ? 1000 : 0) << race.first << " then " << race.second;
  }
}

struct OrderedCase {
  const char* first;
  const char* second;
};
constexpr OrderedCase kMustStaySilent[] = {
    {"read", "read"},
    {"read", "atomic_read"},
    {"atomic_write", "atomic_write"},
    {"atomic_read", "atomic_write"},
    {"volatile_write", "volatile_read"},
    {"volatile_write", "volatile_write"},
    {"publish", "consume"},
    {"consume", "publish"},
    {"store_big 1", "store_big 2"},
    {"write; read", ""},
};

TEST_F(RaceTest, OrderedAndAtomicPairsAreSilent) {
  for (const OrderedCase& pair : kMustStaySilent) {
    for (std::uint32_t point = 1; point <= 4; ++point) {
      for (int i = 0; i < 50; ++i) {
        const RunView& view = run("races", {pair.first, pair.second}, {demote(0, point)});
        ASSERT_EQ(view.end, RunEnd::kCompleted)
            << pair.first << " then " << pair.second
            << (view.race != nullptr ? ": " + accesses_of(view.race->accesses) : "");
      }
    }
  }
}

// Memory outside the arena is not judged, so ThreadSanitizer's word stands alone.
TEST_F(RaceTest, ARaceThatTheJudgeDoesNotSeeIsAVerdictOfItsOwn) {
  const RunView& view = run("races", {"outside_write", "outside_write"});
  EXPECT_EQ(view.end, is_flavour("tsan") ? RunEnd::kSanitizerReport : RunEnd::kCompleted);
  EXPECT_EQ(view.ordered_reports, 0u);
}

// Each such report costs milliseconds, so it is asked for no more than there are limits for.
TEST_F(RaceTest, WhereThreadSanitizerIsWrongAgainAndAgainItIsNotAskedAnyMore) {
  std::uint64_t reports = 0;
  for (int i = 0; i < 500; ++i) {
    const RunView& view = run("races", {"publish_by_fence", "consume_by_fence"});
    ASSERT_EQ(view.end, RunEnd::kCompleted);
    reports += view.ordered_reports;
  }
  EXPECT_EQ(reports, is_flavour("tsan") ? MisjudgedSites::kReportsMax : 0);
}

// The engine's own work on a cpu must not look like an access of the target: a trace grows while cpus take turns.
TEST_F(RaceTest, ALongTraceRacesWithNothing) {
  const RunView& view = run("proofs", {"ping_pong 2500", "ping_pong 2500"}, {}, {.trace = true});
  EXPECT_EQ(view.end, RunEnd::kCompleted);
  EXPECT_GT(view.trace->steps.size(), 16'384u);
}

TEST_F(RaceTest, ATracedRunFindsTheSameRace) {
  expect_race(run("races", {"write", "read"}, {}, {.trace = true}), "read read_word, write write_word");
}

}  // namespace
}  // namespace gridlock
