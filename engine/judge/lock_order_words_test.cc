// What is said of a predicted deadlock: the signature is of names alone, whatever the run, and both chains are told.
// Which deadlocks are predicted is tested with an oracle in engine/machine/lock_order_test.cc.
//
// May include: base, model.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/judge/fake_lock_graph.h"
#include "engine/judge/judge.h"
#include "engine/judge/lock_order.h"

namespace gridlock {
namespace {

using testing::HasSubstr;

std::string signature(FakeLockGraph& locks) {
  const auto report = predicted_deadlock(locks.graph(), locks.names);
  return report ? lock_order_signature(*report, locks.names) : "";
}

constexpr const char* kInversion = "lock-order: A > B: lock<f + B > A: lock<g";

TEST(LockOrderWords, AnInversionHasAPartForEachLink) {
  FakeLockGraph locks;
  locks.cpu(0).takes("A", {"lock", "f"}).takes("B", {"lock", "f", "main"});
  locks.cpu(1).takes("B", {"lock", "g"}).takes("A", {"lock", "g", "main"});
  EXPECT_EQ(signature(locks), kInversion);
}

TEST(LockOrderWords, CpusOrderAndOtherLocksDoNotMatter) {
  FakeLockGraph locks;
  locks.names.start_at(0x9000, 100);
  locks.cpu(3).takes("C", {"lock", "h"}).drops("C").takes("B", {"lock", "g"}).takes("A", {"lock", "g"});
  locks.cpu(2).takes("A", {"lock", "f"}).takes("B", {"lock", "f"});
  EXPECT_EQ(signature(locks), kInversion);
}

TEST(LockOrderWords, InstancesOfOneClassAndOneFunctionAreOnePart) {
  FakeLockGraph locks;
  locks.cpu(0).takes("A1", {"lock", "move"}).takes("A2", {"lock", "move"});
  locks.cpu(1).takes("A2", {"lock", "move"}).takes("A1", {"lock", "move"});
  EXPECT_EQ(signature(locks), "lock-order: A > A: lock<move");
}

TEST(LockOrderWords, TheOracleOfTheHarnessIsNoPlace) {
  FakeLockGraph locks;
  locks.cpu(0).takes("A", {"oracle::Exclusion::come_in", "f"}).takes("B", {"oracle::Exclusion::come_in", "f"});
  locks.cpu(1).takes("B", {"oracle::Exclusion::come_in", "g"}).takes("A", {"oracle::Exclusion::come_in", "g"});
  EXPECT_EQ(signature(locks), "lock-order: A > B: f + B > A: g");
}

TEST(LockOrderWords, AnInterruptNamesWhatItComesOver) {
  FakeLockGraph locks;
  locks.cpu(0).takes("A", {"lock", "f"});
  locks.irq(0, 2).takes("A", {"lock", "handler"});
  EXPECT_EQ(signature(locks), "lock-order: A > A: irq lock<handler over lock<f");
}

TEST(LockOrderWords, TheShortestCycleIsTold) {
  FakeLockGraph locks;
  locks.cpu(0).takes("A", {"f"}).takes("B", {"f"});
  locks.cpu(1).takes("B", {"g"}).takes("C", {"g"});
  locks.cpu(2).takes("C", {"h"}).takes("A", {"h"});
  EXPECT_EQ(signature(locks), "lock-order: A > B: f + B > C: g + C > A: h");
  locks.cpu(3).takes("C", {"i"}).takes("B", {"i"});
  EXPECT_EQ(signature(locks), "lock-order: B > C: g + C > B: i");
}

TEST(LockOrderWords, TheSummaryTellsBothChains) {
  FakeLockGraph locks;
  locks.cpu(0).takes("A", {"f"}).takes("B", {"f"});
  locks.cpu(1).takes("B", {"g"}).takes("A", {"g"});
  const auto report = predicted_deadlock(locks.graph(), locks.names);
  ASSERT_TRUE(report.has_value());
  const std::string summary = lock_order_summary(*report, locks.names);
  EXPECT_THAT(summary, HasSubstr("cpu 0 holds A, taken in f (code.cc:1), and takes B in f (code.cc:2)"));
  EXPECT_THAT(summary, HasSubstr("cpu 1 holds B, taken in g (code.cc:3), and takes A in g (code.cc:4)"));
}

TEST(LockOrderWords, OnlyARunWithNothingElseWrongIsJudgedByItsLocks) {
  FakeLockGraph locks;
  locks.cpu(0).takes("A", {"f"}).takes("B", {"f"});
  locks.cpu(1).takes("B", {"g"}).takes("A", {"g"});
  FakeRunView run;
  RunView view = run.view();
  view.locks = &locks.graph();
  EXPECT_EQ(judge(view, locks.names).kind, VerdictKind::kLockOrder);
  view.end = RunEnd::kPointLimit;
  EXPECT_EQ(judge(view, locks.names).kind, VerdictKind::kInconclusive);
  view.end = RunEnd::kCompleted;
  view.locks = nullptr;
  EXPECT_EQ(judge(view, locks.names).kind, VerdictKind::kOk);
}

}  // namespace
}  // namespace gridlock
