#include "engine/explain/history.h"

#include <gtest/gtest.h>

#include "engine/explain/fake_traced_run.h"

namespace gridlock {
namespace {

using enum StepKind;
using Indices = std::vector<std::size_t>;

TEST(History, LastWritesAreThoseThatChangedTheByteLatestFirst) {
  FakeTracedRun run;
  run.at(0, {"f"}).store(0x40, 0, 1).store(0x40, 1, 1).store(0x50, 0, 1).load(0x40, 1).xchg(0x40, 1, 2);
  const History history(run.trace.steps);
  EXPECT_EQ(history.last_writes(0x40, 5), (Indices{4, 0}));
  EXPECT_EQ(history.last_writes(0x43, 1), (Indices{4}));
  EXPECT_EQ(history.last_writes(0x44, 5), (Indices{}));
}

TEST(History, AValueIsKnownWhereTheLastAccessBegan) {
  FakeTracedRun run;
  run.at(0, {"f"}).store(0x40, 0, 7);
  const History history(run.trace.steps);
  EXPECT_EQ(history.last_value(0x40), "7");
  EXPECT_EQ(history.last_value(0x42), std::nullopt);
  EXPECT_EQ(history.last_value(0x60), std::nullopt);
}

TEST(History, ACallThatSynchronisesChangesWhatItIsAbout) {
  FakeTracedRun run;
  const FakeStep takes{.kind = kFetchAdd, .address = 0x40, .before = 1, .after = 1};
  run.at(0, {"f"}).call("sem_wait", takes);
  run.at(1, {"g"}).call("sem_wait", takes);
  const History history(run.trace.steps);
  EXPECT_EQ(history.last_writes(0x40, 5), (Indices{1, 0}));
  EXPECT_EQ(history.last_change_for(CpuId(1), 0x40), 0U);  // cpu 1 waits in its own call
  EXPECT_EQ(history.last_change_for(CpuId(2), 0x40), 1U);
  EXPECT_EQ(history.last_value(0x40), std::nullopt);
  EXPECT_EQ(history.vain_tries(CpuId(1)), (Indices{}));
}

TEST(History, TheLastActIsWhatTheCpuDidItself) {
  FakeTracedRun run;
  run.at(0, {"f"}).load(0x40, 1).event(kDemote);
  run.at(1, {"g"}).load(0x40, 1);
  const History history(run.trace.steps);
  EXPECT_EQ(history.last_act(CpuId(0)), 0U);
  EXPECT_EQ(history.last_act(CpuId(2)), std::nullopt);
}

TEST(History, ATryInVainIsAReadModifyWriteThatChangedNothing) {
  FakeTracedRun run;
  run.at(0, {"f"}).xchg(0x40, 1, 1).load(0x50, 1).store(0x60, 1, 1);
  EXPECT_EQ(History(run.trace.steps).vain_tries(CpuId(0)), (Indices{0}));
}

TEST(History, ATryThatSucceededLaterWasNotInVain) {
  FakeTracedRun run;
  run.at(0, {"f"}).xchg(0x40, 1, 1).xchg(0x40, 0, 1);
  EXPECT_EQ(History(run.trace.steps).vain_tries(CpuId(0)), (Indices{}));
}

TEST(History, TriesOfAnEarlierOperationAreOver) {
  FakeTracedRun run;
  run.at(0, {"f"}).xchg(0x40, 1, 1).event(kOperationEnd).event(kOperationBegin).xchg(0x50, 1, 1);
  EXPECT_EQ(History(run.trace.steps).vain_tries(CpuId(0)), (Indices{3}));
}

TEST(History, OnlyTheLastPlacesTriedAreTold) {
  FakeTracedRun run;
  run.at(0, {"f"});
  for (std::uint64_t i = 0; i < kVainTriesMax + 2; ++i) run.xchg(0x40 + 8 * i, 1, 1).xchg(0x40 + 8 * i, 1, 1);
  EXPECT_EQ(History(run.trace.steps).vain_tries(CpuId(0)), (Indices{9, 7, 5}));
}

}  // namespace
}  // namespace gridlock
