// A predicted deadlock as it is told: both chains, by the names that the target gave its locks, in text and on the
// page.
//
// May include: base, model.
#include "engine/explain/lock_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/explain/fake_traced_run.h"

namespace gridlock {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::uint64_t kFirst = 0x40;
constexpr std::uint64_t kSecond = 0x80;

class LockWordsTest : public testing::Test {
 protected:
  void SetUp() override {
    run.schema.name = "accounts";
    run.schema.operations = {{"transfer", {}}};
    run.schema.vectors = {"device"};
    run.scenario.programs = {{{OperationId(0), {}}}, {{OperationId(0), {}}}};
    run.scenario.start_order = {CpuId(0), CpuId(1)};
    run.trace.names = {{kFirst, 4, "accounts[0].lock"}, {kSecond, 4, "accounts[1].lock"}};
    run.verdict = {VerdictKind::kLockOrder, "lock-order: account > account: lock<transfer", "they could meet"};
    take(0, kFirst, kSecond);
    take(1, kSecond, kFirst);
  }

  void take(std::uint32_t cpu, std::uint64_t first, std::uint64_t second) {
    const FakeTracedRun::Functions chain = {"lock", "transfer"};
    run.at(cpu, chain).step({.kind = StepKind::kLockAcquired, .address = first});
    run.step({.kind = StepKind::kLockAcquired, .address = second});
    run.step({.kind = StepKind::kLockReleased, .address = second});
    run.step({.kind = StepKind::kLockReleased, .address = first});
    LockLink link;
    link.held = {.offset = first, .name = "account"};
    link.wanted = {.offset = second, .name = "account"};
    link.cpu = CpuId(cpu);
    link.irqs_enabled = true;
    link.held_frames = link.wanted_frames = run.chain(chain);
    report.links.push_back(link);
  }

  [[nodiscard]] ExplainInput input() {
    ExplainInput input = run.input();
    input.lock_order = &report;
    return input;
  }

  FakeTracedRun run;
  LockOrderReport report;
};

TEST_F(LockWordsTest, TellsWhatEachCpuHoldsAndTakesAndWhoWaitsForWhom) {
  const std::string text = explain_text(input());
  EXPECT_THAT(text, HasSubstr("What can deadlock"));
  EXPECT_THAT(text, HasSubstr("cpu 0 takes accounts[1].lock while it holds accounts[0].lock"));
  EXPECT_THAT(text, HasSubstr("cpu 1 takes accounts[0].lock while it holds accounts[1].lock"));
  EXPECT_THAT(text, HasSubstr("took accounts[0].lock, interrupts enabled"));
  EXPECT_THAT(text, HasSubstr("called from transfer"));
  EXPECT_THAT(text, HasSubstr("cpu 1 waits for accounts[0].lock, which cpu 0 holds"));
}

TEST_F(LockWordsTest, ThePageSaysTheSame) {
  EXPECT_THAT(explain_html(input()), HasSubstr("cpu 0 takes accounts[1].lock while it holds accounts[0].lock"));
}

TEST_F(LockWordsTest, TheStepsThatTakeTheLocksMatter) {
  EXPECT_THAT(lock_steps(report, run.trace.steps), ElementsAre(0, 1, 4, 5));
}

TEST_F(LockWordsTest, AHandlerComesInAtAnotherMoment) {
  report.links.resize(1);
  LockLink& link = report.links.front();
  link.wanted = link.held;
  link.by_interrupt = true;
  link.context = ContextView::Kind::kIrq;
  link.wanted_frames = run.chain({"lock", "device_interrupt"});
  const std::string text = explain_text(input());
  EXPECT_THAT(text, HasSubstr("cpu 0 holds accounts[0].lock, and irq device comes in and takes accounts[0].lock"));
  EXPECT_THAT(text, HasSubstr("irq device took, at another moment of this run, accounts[0].lock"));
  EXPECT_THAT(text, HasSubstr("this run went well only because that did not come at this moment"));
}

TEST_F(LockWordsTest, ALockWithoutANameOfItsOwnIsNamedByItsClass) {
  run.trace.names.clear();
  EXPECT_THAT(explain_text(input()), HasSubstr("cpu 0 takes account while it holds account"));
}

}  // namespace
}  // namespace gridlock
