#include "engine/cli/death.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstring>

#include "engine/cli/fake_machine.h"

namespace gridlock {
namespace {

// The status that waitpid(2) gives for an exit code, and for a signal.
constexpr int exited(int code) {
  return code << 8;
}
constexpr int killed(int signal) {
  return signal;
}

class DeathTest : public testing::Test {
 protected:
  DeathTest() { bench_.page->running = 1; }

  DeathCause cause(int status) { return cause_of({false, status, ""}, *bench_.page); }
  Verdict verdict(int status) { return verdict_of({false, status, ""}, *bench_.page, bench_.names); }

  FakeBench bench_;
};

TEST_F(DeathTest, InsideARunASignalIsTheTargets) {
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP}) {
    EXPECT_EQ(cause(killed(signal)), DeathCause::kTarget);
  }
  EXPECT_EQ(cause(exited(kExitCrashed)), DeathCause::kTarget);
  EXPECT_EQ(cause(exited(66)), DeathCause::kTarget);
}

TEST_F(DeathTest, OutsideARunItIsADefectOfOurs) {
  bench_.page->running = 0;
  EXPECT_EQ(cause(killed(SIGSEGV)), DeathCause::kDefect);
  EXPECT_EQ(cause(exited(kExitCrashed)), DeathCause::kDefect);
}

TEST_F(DeathTest, AFailedCheckIsADefectEvenInsideARun) {
  EXPECT_EQ(cause(exited(kExitInternalDefect)), DeathCause::kDefect);
}

TEST_F(DeathTest, SomebodyElsesSignalIsNobodysBug) {
  EXPECT_EQ(cause(killed(SIGKILL)), DeathCause::kOutside);
  EXPECT_EQ(cause(killed(SIGTERM)), DeathCause::kOutside);
}

TEST_F(DeathTest, ARunWithoutAPointIsAHangAlthoughWeKilledIt) {
  const ChildDeath death{true, killed(SIGKILL), ""};
  EXPECT_EQ(cause_of(death, *bench_.page), DeathCause::kTarget);
  const Verdict verdict = verdict_of(death, *bench_.page, bench_.names);
  EXPECT_EQ(verdict.kind, VerdictKind::kHang);
  EXPECT_EQ(verdict.signature, "hang: (no point)");
  EXPECT_TRUE(kills_process(verdict));
}

TEST_F(DeathTest, TheDyingProcessesOwnWordsMakeTheVerdict) {
  CrashReport& report = bench_.page->crash;
  std::strcpy(report.what, "heap-use-after-free");
  report.is_memory_error = 1;
  report.frame_count = 2;
  report.frames[0] = 5;
  report.frames[1] = 6;
  const Verdict error = verdict(exited(kExitCrashed));
  EXPECT_EQ(error.kind, VerdictKind::kMemoryError);
  EXPECT_NE(error.signature.find("heap-use-after-free"), std::string::npos);
  EXPECT_NE(error.signature.find("f5<f6"), std::string::npos);
}

TEST_F(DeathTest, WithoutWordsTheStatusSpeaks) {
  EXPECT_EQ(verdict(killed(SIGILL)).kind, VerdictKind::kCrash);
  EXPECT_NE(verdict(killed(SIGILL)).signature.find("SIGILL"), std::string::npos);
  EXPECT_TRUE(kills_process(verdict(killed(SIGILL))));
  EXPECT_NE(verdict(exited(66)).signature.find("66"), std::string::npos);
}

TEST_F(DeathTest, LogicalBugsKillNoProcess) {
  EXPECT_FALSE(kills_process({VerdictKind::kHang, "hang: a<b", ""}));
  EXPECT_FALSE(kills_process({VerdictKind::kDataRace, "data-race: read a vs write b", ""}));
  EXPECT_FALSE(kills_process({VerdictKind::kMemoryError, "memory-error use-after-free: a<b", ""}));
}

}  // namespace
}  // namespace gridlock
