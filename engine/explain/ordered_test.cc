#include <gtest/gtest.h>

#include "engine/explain/explain.h"
#include "engine/explain/fake_traced_run.h"

namespace gridlock {
namespace {

class OrderedTest : public testing::Test {
 protected:
  OrderedTest() {
    run_.trace.names = {{0x80, 8, "message"}};
    report_.accesses[0] = {.is_write = true, .frames = run_.chain({"send"})};
    report_.accesses[1] = {.is_write = false, .frames = run_.chain({"receive"})};
    report_.offset = 0x80;
  }
  std::string told() {
    ExplainInput input = run_.input();
    RunView view = *input.run;
    view.ordered_reports = 1;
    view.ordered_report = &report_;
    input.run = &view;
    return explain_ordered(input);
  }

  FakeTracedRun run_;
  RaceReport report_;
};

TEST_F(OrderedTest, BothCallChainsAreShown) {
  const std::string text = told();
  EXPECT_NE(text.find("a race on message, which is none"), std::string::npos);
  EXPECT_NE(text.find("plain write\n      in send (code.cc:1)"), std::string::npos);
  EXPECT_NE(text.find("plain read\n      in receive (code.cc:2)"), std::string::npos);
}

TEST_F(OrderedTest, FencesAreNamedAsWhatThreadSanitizerDoesNotSee) {
  run_.at(0, {"send"}).fence(__ATOMIC_RELEASE);
  EXPECT_NE(told().find("fences, which order what stands around them: step 1 in send (code.cc:1)"), std::string::npos);
}

TEST_F(OrderedTest, SeveralSizesOfOneWordAreNamed) {
  run_.at(0, {"lock"}).store(0x40, 0, 1).step({.kind = StepKind::kLoad, .address = 0x40});
  EXPECT_EQ(told().find("several sizes"), std::string::npos);
  run_.trace.steps.back().width_bytes = 2;
  EXPECT_NE(told().find("several sizes to one word: step 2 in lock"), std::string::npos);
}

TEST_F(OrderedTest, AFollowedPointerIsNamed) {
  run_.at(0, {"find"}).step({.kind = StepKind::kVolatileRead, .address = 0x40, .after = 0x7b5000000000});
  EXPECT_EQ(told().find("address dependency"), std::string::npos);
  run_.trace.steps.back().width_bytes = 8;
  EXPECT_NE(told().find("address dependency: step 1 in find"), std::string::npos);
}

TEST_F(OrderedTest, ARunWithoutSuchAReportSaysSo) {
  EXPECT_NE(explain_ordered(run_.input()).find("no such report"), std::string::npos);
}

}  // namespace
}  // namespace gridlock
