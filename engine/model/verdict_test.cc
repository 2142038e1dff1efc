// The names of verdicts are persisted: in repros, in JSON, in file names. This table is the promise.
#include "engine/model/verdict.h"

#include <gtest/gtest.h>

namespace gridlock {
namespace {

struct Row {
  VerdictKind kind;
  std::uint8_t value;
  const char* name;
  bool is_bug;
};

constexpr Row kRows[] = {
    {VerdictKind::kOk, 0, "ok", false},
    {VerdictKind::kDeadlock, 1, "deadlock", true},
    {VerdictKind::kHang, 2, "hang", true},
    {VerdictKind::kLivelock, 3, "livelock", true},
    {VerdictKind::kInvariant, 4, "invariant", true},
    {VerdictKind::kAssertion, 5, "assertion", true},
    {VerdictKind::kDataRace, 6, "data-race", true},
    {VerdictKind::kMemoryError, 7, "memory-error", true},
    {VerdictKind::kCrash, 8, "crash", true},
    {VerdictKind::kLockOrder, 9, "lock-order", true},
    {VerdictKind::kInconclusive, 10, "inconclusive", false},
    {VerdictKind::kSanitizerReport, 11, "sanitizer-report", true},
};

TEST(Verdict, NamesAndValuesNeverChange) {
  for (const Row& row : kRows) {
    EXPECT_EQ(static_cast<std::uint8_t>(row.kind), row.value);
    EXPECT_EQ(verdict_name(row.kind), row.name);
    EXPECT_EQ(verdict_from_name(row.name), row.kind);
  }
}

TEST(Verdict, TheListOfNamesHasEveryKindOnce) {
  ASSERT_EQ(verdict_names().size(), std::size(kRows));
  for (const Row& row : kRows) EXPECT_EQ(verdict_names()[row.value], row.name);
}

TEST(Verdict, UnknownNamesAreNoVerdict) {
  for (const char* name : {"", "OK", "ok ", "hang\n", "data race", "bug"}) {
    EXPECT_EQ(verdict_from_name(name), std::nullopt) << name;
  }
}

TEST(Verdict, OkAndInconclusiveAreTheOnlyKindsThatAreNoBug) {
  for (const Row& row : kRows) EXPECT_EQ(is_bug(row.kind), row.is_bug) << row.name;
}

}  // namespace
}  // namespace gridlock
