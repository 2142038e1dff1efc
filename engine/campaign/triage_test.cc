#include "engine/campaign/triage.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>

#include "engine/campaign/campaign_fixture.h"
#include "engine/campaign/intake.h"

namespace gridlock::campaign {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::Eq;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class TriageTest : public CampaignFixture {
 protected:
  void SetUp() override { must(make_folder(data().temporary())); }

  store::Finding find(const std::string& target, const std::string& signature, const std::string& input = "raw") {
    const Spool spool = spool_of(target);
    drop(spool, "x", repro_text(target, signature), input);
    Intake intake(*store_, metrics_, clock_, data(), announce());
    must(intake.take(spool, {}));
    return must(store_->finding(announced().back())).value();
  }
  Triage triage_with(const std::string& digest) {
    const auto build = must(store_->record_build(digest, digest, clock_.now()));
    return Triage(*store_, metrics_, clock_, data(), tool_, build.id, announce());
  }
  [[nodiscard]] store::Finding again(const store::Finding& finding) const {
    return must(store_->finding(finding.id)).value();
  }

  Tool tool_{misbehaving_programs(), clock_, data().temporary()};
  std::stop_source stop_;
};

TEST_F(TriageTest, AFindingIsReplayedMinimizedTriedElsewhereAndExplained) {
  const auto found = find("toy", "hang: a<b");
  Triage triage = triage_with("digest");
  EXPECT_TRUE(must(triage.step(stop_.get_token())));
  const auto finding = again(found);
  EXPECT_TRUE(finding.triaged);
  EXPECT_THAT(finding.title, Eq("Hang: two cpus wait for ever"));
  EXPECT_THAT(finding.reproduced, Eq(kReplays));
  EXPECT_THAT(finding.replays, Eq(kReplays));
  EXPECT_THAT(finding.cpus, Eq(2U));
  EXPECT_THAT(finding.decisions, Eq(1U));
  EXPECT_THAT(finding.decisions_as_found, Eq(5U));
  EXPECT_THAT(finding.minimize_runs, Eq(74U));
  EXPECT_THAT(must(store_->blob(finding.explanation)), HasSubstr("\"title\""));
  EXPECT_THAT(must(store_->blob(finding.text)), Eq("the text\n"));
  EXPECT_THAT(must(store_->blob(finding.perfetto)), Eq("the perfetto\n"));
  EXPECT_THAT(finding.test, Eq("")) << "a format that this program does not have is left out";
  std::map<std::pair<std::string, std::string>, std::uint32_t> tests;
  for (const auto& test : must(store_->tests(finding.id))) tests[{test.variant, test.sanitizer}] = test.replays;
  EXPECT_THAT(tests,
              Eq(std::map<std::pair<std::string, std::string>, std::uint32_t>{{{"broken", "none"}, kReplays},
                                                                              {{"broken", "thread"}, kReplaysOther},
                                                                              {{"broken", "address"}, kReplaysOther},
                                                                              {{"repaired", "none"}, kReplaysOther}}));
  EXPECT_THAT(finding.regression, Eq(store::RegressionState::kFails));
  EXPECT_THAT(announced(), Contains(finding.id).Times(2)) << "when it was new, and when it was triaged";
  EXPECT_FALSE(must(triage.step(stop_.get_token()))) << "nothing is left to be done";
}

TEST_F(TriageTest, AnotherLifeGoesOnWithWhatIsLeftAndRepeatsNothing) {
  const auto found = find("toy", "hang: a<b");
  Triage first = triage_with("digest");
  ASSERT_TRUE(must(first.step(stop_.get_token())));
  const auto tests = must(store_->tests(found.id)).size();

  const auto another = find("toy", "hang: c<d");
  Triage second = triage_with("digest");
  while (must(second.step(stop_.get_token()))) {
  }
  EXPECT_TRUE(again(another).triaged);
  EXPECT_THAT(must(store_->tests(found.id)), SizeIs(tests));
}

TEST_F(TriageTest, OneThatCannotBeReplayedIsFiledAsItIsAndStandsInNobodysWay) {
  const auto bad = find("unplayable", "hang: a<b");
  const auto good = find("toy", "hang: a<b");
  Triage triage = triage_with("digest");
  while (must(triage.step(stop_.get_token()))) {
  }
  EXPECT_TRUE(again(good).triaged);
  EXPECT_THAT(again(good).replays, Eq(kReplays));
  EXPECT_TRUE(again(bad).triaged);
  EXPECT_THAT(again(bad).replays, Eq(0U));
  EXPECT_THAT(must(read_bounded(data().rejected() / (bad.key + ".repro.reason"), 10'000)), HasSubstr("unplayable"));
}

TEST_F(TriageTest, AnotherBuildTestsAllReprosAgain) {
  const auto first = find("toy", "hang: a<b");
  const auto second = find("toy", "hang: c<d");
  Triage old_build = triage_with("digest");
  while (must(old_build.step(stop_.get_token()))) {
  }
  const auto tests_before = must(store_->tests(first.id)).size();
  Triage new_build = triage_with("another digest");
  while (must(new_build.step(stop_.get_token()))) {
  }
  for (const auto& finding : {first, second}) {
    const auto tests = must(store_->tests(finding.id));
    EXPECT_THAT(tests, SizeIs(2 * tests_before));
    EXPECT_THAT(tests.front().replays, Eq(kReplaysOther));
  }
}

TEST_F(TriageTest, AStopEndsItSoonAndLosesNothing) {
  const auto found = find("toy", "hang: a<b");
  Triage triage = triage_with("digest");
  stop_.request_stop();
  const auto step = triage.step(stop_.get_token());
  ASSERT_FALSE(step.has_value());
  EXPECT_TRUE(was_stopped(step.error()));
  EXPECT_FALSE(again(found).triaged);
  EXPECT_THAT(must(store_->untriaged(10)), SizeIs(1));
}

TEST_F(TriageTest, AFindingWithoutAnInputKeepsTheFiguresOfItsRepro) {
  const auto found = find("toy", "hang: a<b", "");
  Triage triage = triage_with("digest");
  ASSERT_TRUE(must(triage.step(stop_.get_token())));
  EXPECT_THAT(again(found).decisions_as_found, Eq(1U));
  EXPECT_THAT(again(found).minimize_runs, Eq(0U));
}

}  // namespace
}  // namespace gridlock::campaign
