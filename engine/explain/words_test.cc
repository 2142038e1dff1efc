#include "engine/explain/words.h"

#include <gtest/gtest.h>

#include "engine/explain/fake_traced_run.h"

namespace gridlock {
namespace {

using enum StepKind;

class WordsTest : public testing::Test {
 protected:
  WordsTest() {
    run_.schema.operations = {{"tick", {{"cpu", 0, 3}, {"task", 0, 3}}}};
    run_.schema.vectors = {"blkif", "kick"};
    run_.schema.entities = {"vcpu0"};
    run_.scenario.programs = {{{OperationId(0), {2, 3}}}};
    run_.trace.names = {{0x40, 16, "rq[0]"}, {0x44, 4, "rq[0].lock"}};
    run_.at(0, {"f"});
  }
  std::string told(const FakeStep& fake) {
    run_.trace.steps.clear();
    run_.step(fake);
    const ExplainInput& input = run_.input();
    return Words(input).action(run_.trace.steps[0]);
  }
  std::string memory(std::uint64_t offset) { return Words(run_.input()).memory(offset); }

  FakeTracedRun run_;
};

TEST_F(WordsTest, MemoryIsNamedByTheSmallestBlockAroundIt) {
  EXPECT_EQ(memory(0x40), "rq[0]");
  EXPECT_EQ(memory(0x44), "rq[0].lock");
  EXPECT_EQ(memory(0x46), "rq[0].lock+2");
  EXPECT_EQ(memory(0x48), "rq[0]+8");
  EXPECT_EQ(memory(0x50), "arena+0x50");
  EXPECT_EQ(memory(0x3f), "arena+0x3f");
}

TEST_F(WordsTest, AccessesAreToldInTheKernelsWords) {
  EXPECT_EQ(told({.kind = kLoad, .address = 0x44, .after = 1}), "load rq[0].lock = 1");
  EXPECT_EQ(told({.kind = kStore, .address = 0x44, .before = 1, .after = 0}), "store rq[0].lock 1 -> 0");
  EXPECT_EQ(told({.kind = kExchange, .address = 0x44, .before = 0, .after = 1}), "xchg rq[0].lock 0 -> 1");
  EXPECT_EQ(told({.kind = kFetchAdd, .address = 0x44, .before = 1, .after = 2}), "fetch_add rq[0].lock 1 -> 2");
  EXPECT_EQ(told({.kind = kVolatileRead, .address = 0x44, .after = 1}), "read rq[0].lock = 1");
  EXPECT_EQ(told({.kind = kLoad, .after = 1, .stack_address = true}), "load its stack = 1");
}

TEST_F(WordsTest, ACompareExchangeSaysWhetherItSucceeded) {
  EXPECT_EQ(told({.kind = kCompareExchange, .address = 0x44, .before = 1, .after = 0}), "cmpxchg rq[0].lock 1 -> 0 ok");
  EXPECT_EQ(told({.kind = kCompareExchange, .address = 0x44, .before = 1, .after = 1}),
            "cmpxchg rq[0].lock failed, is 1");
}

TEST_F(WordsTest, ACallOfTheLibraryIsToldByItsNameAndNotByItsAccess) {
  run_.trace.names.push_back({0x80, 64, ""});
  const auto called = [&](const std::string& function, const FakeStep& fake) {
    run_.trace.steps.clear();
    run_.call(function, fake);
    return Words(run_.input()).action(run_.trace.steps[0]);
  };
  EXPECT_EQ(called("pthread_cond_signal", {.kind = kFetchAdd, .address = 0x44}), "pthread_cond_signal(rq[0].lock)");
  EXPECT_EQ(called("pthread_create", {.kind = kFetchAdd, .address = 0x88}), "pthread_create()");
  EXPECT_EQ(called("pthread_mutex_lock", {.kind = kCompareExchange, .address = 0x60, .after = 2}),
            "pthread_mutex_lock(arena+0x60)");
  EXPECT_EQ(called("pthread_mutex_lock", {.kind = kCompareExchange, .address = 0x44, .before = 1, .after = 1}),
            "pthread_mutex_lock(rq[0].lock) finds it taken");
  EXPECT_EQ(called("sem_wait", {.kind = kFetchAdd, .address = 0x44, .before = 1, .after = 1}),
            "sem_wait(rq[0].lock = 1)");
  EXPECT_EQ(called("pthread_join", {.kind = kWaitInside}), "sleeps in pthread_join");
  EXPECT_EQ(Words(run_.input()).place(run_.chain({"__wrap_pthread_join", "main"})).function, "main");
}

TEST_F(WordsTest, ValuesAreDecimalWhileTheyCountAndHexadecimalBeyond) {
  EXPECT_EQ(value_text(0, 4), "0");
  EXPECT_EQ(value_text(9999, 8), "9999");
  EXPECT_EQ(value_text(0x7b5000000040, 8), "0x7b5000000040");
  EXPECT_EQ(value_text(~std::uint64_t{0}, 1), "255");
  EXPECT_EQ(value_text(~std::uint64_t{0}, 4), "0xffffffff");
  EXPECT_EQ(value_text(~std::uint64_t{0}, 8), "0xffffffffffffffff");
}

TEST_F(WordsTest, MemoryOrdersAreToldWhereTheyAreAskedFor) {
  const auto ordered = [&](const FakeStep& fake) {
    static_cast<void>(told(fake));
    return Words(run_.input()).ordered_action(run_.trace.steps[0]);
  };
  EXPECT_EQ(ordered({.kind = kLoad, .address = 0x44, .after = 1, .order = __ATOMIC_ACQUIRE}),
            "load rq[0].lock = 1 (acquire)");
  EXPECT_EQ(ordered({.kind = kVolatileWrite, .address = 0x44, .after = 1}), "write rq[0].lock 0 -> 1 (volatile)");
  EXPECT_EQ(ordered({.kind = kFence, .order = __ATOMIC_SEQ_CST}), "seq_cst fence");
  EXPECT_EQ(ordered({.kind = kRelax}), "cpu_relax");
}

TEST_F(WordsTest, EveryKindOfStepHasWordsThatCanBeFilledIn) {
  for (int kind = 0; kind <= static_cast<int>(kRacingAccess); ++kind) {
    const std::string words = told({.kind = static_cast<StepKind>(kind)});
    EXPECT_FALSE(words.empty());
    EXPECT_EQ(words.find('{'), std::string::npos) << words;
  }
}

TEST_F(WordsTest, OperationsComeWithTheirArguments) {
  EXPECT_EQ(told({.kind = kOperationBegin, .a = 0, .b = 0}), "begins tick(cpu=2, task=3)");
  EXPECT_EQ(told({.kind = kOperationBegin, .a = 5, .b = 9}), "begins operation 5");
}

TEST_F(WordsTest, InterruptsAndRequestsAreNamedByTheTarget) {
  EXPECT_EQ(told({.kind = kIrqEnter, .a = 0}), "takes irq blkif");
  EXPECT_EQ(told({.kind = kIpiSend, .a = 2, .b = 1}), "sends ipi kick to cpu 2");
  EXPECT_EQ(told({.kind = kMigrateEnter, .a = 0, .b = 3}), "told to migrate vcpu0 to cpu 3");
  EXPECT_EQ(told({.kind = kIrqEnter, .a = 40}), "takes irq vector 40");
  EXPECT_EQ(Words(run_.input()).vectors(0b11), "blkif, kick");
}

TEST_F(WordsTest, DirectivesAreToldAsInTheText) {
  const Words words(run_.input());
  EXPECT_EQ(words.directive({CpuId(0), PointIndex(1), Action::kDemote, 0, 0}), "demote");
  EXPECT_EQ(words.directive({CpuId(0), PointIndex(1), Action::kInterrupt, 0, 0}), "interrupt blkif");
  EXPECT_EQ(words.directive({CpuId(0), PointIndex(1), Action::kDefer, 1, 5}), "defer kick by 5 points");
  EXPECT_EQ(words.directive({CpuId(0), PointIndex(1), Action::kMigrate, 0, 2}), "migrate vcpu0 to cpu 2");
}

TEST_F(WordsTest, APlaceIsTheInnermostFunctionOutsideTheStandardLibrary) {
  const Words words(run_.input());
  EXPECT_EQ(words.place(run_.chain({"std::atomic::load", "spin", "lock"})).text(), "spin (code.cc:3)");
  EXPECT_EQ(words.place(run_.chain({"std::atomic::load"})).text(), "");
  EXPECT_EQ(words.place({}).text(), "");
}

TEST_F(WordsTest, AnAccessTouchesItsBytesAndNoOthers) {
  run_.store(0x44, 0, 1);
  const Step& store = run_.trace.steps[0];
  EXPECT_FALSE(touches(store, 0x43));
  EXPECT_TRUE(touches(store, 0x44));
  EXPECT_TRUE(touches(store, 0x47));
  EXPECT_FALSE(touches(store, 0x48));
}

}  // namespace
}  // namespace gridlock
