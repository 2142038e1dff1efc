#include <gmock/gmock.h>

#include "engine/store/store_fixture.h"

namespace gridlock::store {
namespace {

using testing::ElementsAre;
using testing::Field;

class RegressionsTest : public StoreTest {
 protected:
  RegressionState test(FindingId id, const std::string& digest, std::uint32_t same,
                       const std::string& sanitizer = "none", const std::string& variant = "broken") {
    return must(store().record_test(id, {.build = build(digest),
                                         .variant = variant,
                                         .sanitizer = sanitizer,
                                         .verdict = same > 0 ? VerdictKind::kDeadlock : VerdictKind::kOk,
                                         .signature = same > 0 ? "a" : "",
                                         .same = same,
                                         .replays = 20,
                                         .time = kNow}));
  }
  std::vector<FindingId> to_test(const std::string& digest) {
    std::vector<FindingId> ids;
    for (const Finding& each : must(store().not_tested_with(build(digest), 100))) ids.push_back(each.id);
    return ids;
  }
  FindingId with_repro(const std::string& signature) {
    Store::Seen what = seen("lock", signature);
    what.repro = must(store().put_blob("repro of " + signature));
    return record(what).id;
  }
};

TEST_F(RegressionsTest, AFindingFollowsItsTests) {
  const FindingId id = found("lock", "a");
  EXPECT_EQ(test(id, "b1", 20), RegressionState::kFails);
  EXPECT_EQ(test(id, "b2", 0), RegressionState::kMaybeFixed);
  EXPECT_EQ(finding(id).regression, RegressionState::kMaybeFixed);
  EXPECT_EQ(test(id, "b3", 20), RegressionState::kRegressed);
  reopen();
  EXPECT_EQ(finding(id).regression, RegressionState::kRegressed);
  EXPECT_THAT(must(store().tests(id)),
              ElementsAre(Field(&ReproTest::same, 20U), Field(&ReproTest::same, 0U), Field(&ReproTest::same, 20U)));
}

TEST_F(RegressionsTest, OtherVariantsAreKeptAndDoNotCount) {
  const FindingId id = found("lock", "a");
  test(id, "b1", 20);
  EXPECT_EQ(test(id, "b1", 0, "none", "repaired"), RegressionState::kFails);
  EXPECT_EQ(test(id, "b2", 0, "none", "repaired"), RegressionState::kFails);
  EXPECT_EQ(must(store().tests(id)).size(), 3U);
}

TEST_F(RegressionsTest, TheNewestTestOfAFlavourHolds) {
  const FindingId id = found("lock", "a");
  EXPECT_EQ(test(id, "b1", 0), RegressionState::kNotRepeatable);
  EXPECT_EQ(test(id, "b1", 20), RegressionState::kFails);
}

TEST_F(RegressionsTest, AFlavourThatFailsIsEnoughInWhateverOrder) {
  const FindingId id = found("lock", "a");
  test(id, "b1", 20, "thread");
  EXPECT_EQ(test(id, "b2", 0, "none"), RegressionState::kMaybeFixed);
  EXPECT_EQ(test(id, "b2", 20, "thread"), RegressionState::kFails);
}

TEST_F(RegressionsTest, ABugThatIsSeenAgainIsNotFixed) {
  const FindingId id = found("lock", "a");
  test(id, "b1", 20);
  test(id, "b2", 0);
  record(seen("lock", "a", "b3"));
  EXPECT_EQ(finding(id).regression, RegressionState::kRegressed);
}

TEST_F(RegressionsTest, ABuildBeforeTheBugWasFoundDoesNotSayThatItWasFixed) {
  const BuildId old = build("b0");
  const FindingId id = found("lock", "a");
  ASSERT_LT(old, finding(id).first_build);
  test(id, "b0", 0);
  EXPECT_EQ(test(id, "b1", 20), RegressionState::kFails);
}

TEST_F(RegressionsTest, WhatABuildHasNotTestedIsListed) {
  const FindingId a = with_repro("a");
  const FindingId b = with_repro("b");
  found("lock", "without a repro");
  EXPECT_THAT(to_test("b1"), ElementsAre(a, b));
  test(a, "b1", 20);
  EXPECT_THAT(to_test("b1"), ElementsAre(b));
  test(b, "b1", 20);
  EXPECT_THAT(to_test("b1"), ElementsAre());
  EXPECT_THAT(to_test("b2"), ElementsAre(a, b));
  test(a, "b2", 20);
  // Back to the earlier build: what was tested with another one since is tested again.
  EXPECT_THAT(to_test("b1"), ElementsAre(a));
  EXPECT_EQ(must(store().not_tested_with(build("b3"), 1)).size(), 1U);
}

TEST_F(RegressionsTest, AReportIsCutAndATestOfNothingIsAnError) {
  const FindingId id = found("lock", "a");
  must(store().record_test(id, {.build = build(), .sanitizer_report = std::string(kSanitizerReportMax + 9, 'x')}));
  EXPECT_EQ(must(store().tests(id)).at(0).sanitizer_report.size(), kSanitizerReportMax);
  EXPECT_FALSE(store().record_test(FindingId(99), {.build = build()}).has_value());
  EXPECT_FALSE(store().record_test(id, {.build = BuildId(99)}).has_value());
  EXPECT_EQ(must(store().tests(id)).size(), 1U);
}

}  // namespace
}  // namespace gridlock::store
