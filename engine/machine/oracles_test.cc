// hook/oracles.h and hook/futex.h: what must end a run, and what must not. Cpus without a decision run one after the
// other, each to its end.
//
// May include: base, model, hook, strategy, machine, machine/test_targets.
#include "engine/machine/machine_fixture.h"

namespace gridlock {
namespace {

struct OracleCase {
  const char* name;
  std::vector<std::string> programs;
  RunEnd end;
  std::string promise = {};  // the beginning of what is broken; empty: nothing
  std::vector<Directive> directives = {};
};

class OraclesTest : public MachineFixture, public testing::WithParamInterface<OracleCase> {};

TEST_P(OraclesTest, EndsAsItMust) {
  const OracleCase& expected = GetParam();
  const RunView& view = run("oracles", expected.programs, expected.directives);
  ASSERT_EQ(view.end, expected.end);
  if (expected.end != RunEnd::kAssertion) return;
  ASSERT_NE(view.failure, nullptr);
  EXPECT_TRUE(view.failure->what.starts_with(expected.promise)) << view.failure->what;
}

const OracleCase kMustFire[] = {
    {"TwoInside", {"enter", "enter"}, RunEnd::kAssertion, "mutual exclusion"},
    {"AWriterBesideAReader", {"enter_shared", "enter"}, RunEnd::kAssertion, "exclusion: no writer"},
    {"AReaderBesideAWriter", {"enter", "enter_shared"}, RunEnd::kAssertion, "exclusion: no reader"},
    {"OneAfterTheOtherWithoutOrder", {"enter; leave", "enter; leave"}, RunEnd::kDataRace},
    {"BypassedTwice", {"announce", "announce; come_in; announce; come_in"}, RunEnd::kAssertion, "bounded bypass"},
    {"BypassedByWhoHasNoPlace", {"announce", "come_in; come_in"}, RunEnd::kAssertion, "bounded bypass"},
    {"APermitThatNobodyGave", {"give 1; take; take"}, RunEnd::kAssertion, "permits"},
    {"AnItemTakenTwice", {"put_item 3; take_item 3", "take_item 3"}, RunEnd::kAssertion, "delivery: an item is taken"},
    {"AnItemPutInTwice", {"put_item 3; put_item 3"}, RunEnd::kAssertion, "delivery: an item is put in"},
    {"AReaderThatStillReads", {"read_begins", "wait_for_nobody"}, RunEnd::kAssertion, "grace period"},
    {"ANestedReaderThatStillReads",
     {"read_begins; read_begins; read_ends", "wait_for_nobody"},
     RunEnd::kAssertion,
     "grace period"},
    {"ASleeperThatIsNeeded", {"ask_for_all; sleep"}, RunEnd::kAssertion, "lost wakeup"},
    {"AFutexThatNobodyWakes", {"futex_wait 0"}, RunEnd::kSelfLoops},
    {"AWakeBeforeTheWaitIsNotKept", {"futex_wake 1; futex_wait 0"}, RunEnd::kSelfLoops},
    {"OneWakeForTwo", {"futex_wait 0", "futex_wait 0", "futex_wake 1"}, RunEnd::kSelfLoops},
};

const OracleCase kMustStaySilent[] = {
    {"OneInsideAgainAndAgain", {"enter; leave; enter; leave"}, RunEnd::kCompleted},
    {"ManyReaders", {"enter_shared", "enter_shared; leave_shared"}, RunEnd::kCompleted},
    {"BypassedOnce", {"announce", "announce; come_in"}, RunEnd::kCompleted},
    {"FirstComeFirstServed", {"announce; come_in; announce; come_in", "announce; come_in"}, RunEnd::kCompleted},
    {"WhoCameLastIsNotBypassed",
     {"announce; pass; come_in", "announce; pass; come_in", "announce"},
     RunEnd::kCompleted,
     {},
     {demote(0, 1), demote(1, 1)}},
    {"WhoWithdrewIsNotBypassed", {"announce; withdraw", "announce; come_in; announce; come_in"}, RunEnd::kCompleted},
    {"AsManyTakenAsGiven", {"give 2", "take; take"}, RunEnd::kCompleted},
    {"AnItemThatComesBack", {"put_item 3; take_item 3; put_item 3", "take_item 3"}, RunEnd::kCompleted},
    {"AReaderThatHasEnded", {"read_begins; read_ends", "wait_for_nobody"}, RunEnd::kCompleted},
    {"AReaderThatBeganLater", {"wait_for_nobody", "read_begins"}, RunEnd::kCompleted, {}, {demote(0, 1)}},
    {"ASleeperThatNobodyNeeds", {"sleep", "sleep"}, RunEnd::kCompleted},
    {"ASleeperThatIsWoken", {"sleep", "need_then_wake"}, RunEnd::kCompleted},
    {"AReaderThatBeganAnew",
     {"read_begins; pass; read_ends; read_begins", "wait_for_nobody"},
     RunEnd::kCompleted,
     {},
     {demote(0, 1), demote(1, 1)}},
    // One of two sleepers is asked, goes on, and is about to wake the other, who looks again before it is ready.
    {"TheSecondIsAboutToWakeTheFirst",
     {"sleep", "sleep; need_then_wake"},
     RunEnd::kCompleted,
     {},
     {demote(1, 25), demote(1, 26)}},
    {"TheFirstIsAboutToWakeTheSecond",
     {"sleep; need_then_wake", "sleep"},
     RunEnd::kCompleted,
     {},
     {demote(0, 25), demote(0, 26)}},
    {"AFutexThatHasChanged", {"futex_wait 1"}, RunEnd::kCompleted},
    {"AFutexThatIsWoken", {"futex_wait 0", "futex_wake 1"}, RunEnd::kCompleted},
    {"TwoWakesForTwo", {"futex_wait 0", "futex_wait 0", "futex_wake 1; futex_wake 1"}, RunEnd::kCompleted},
    {"OneWakeOfTwo", {"futex_wait 0", "futex_wait 0", "futex_wake 2"}, RunEnd::kCompleted},
};

std::string case_name(const testing::TestParamInfo<OracleCase>& info) {
  return info.param.name;
}
INSTANTIATE_TEST_SUITE_P(MustFire, OraclesTest, testing::ValuesIn(kMustFire), case_name);
INSTANTIATE_TEST_SUITE_P(MustStaySilent, OraclesTest, testing::ValuesIn(kMustStaySilent), case_name);

}  // namespace
}  // namespace gridlock
