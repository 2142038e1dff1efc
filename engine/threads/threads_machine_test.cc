// Runs on real cores, in every flavour: what is correct completes again and again, interrupts come only where they are
// enabled, waits end, and what hangs is dumped. Nothing is asserted about time.
//
// May include: base, model, hook, machine, strategy.
#include "engine/threads/threads_machine.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>

#include "engine/judge/judge.h"
#include "engine/machine/machine_fixture.h"
#include "engine/symbolize/symbolize.h"

namespace gridlock {
namespace {

class ThreadsMachineTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto created = ThreadsMachine::create();
    ASSERT_TRUE(created.has_value()) << created.error().message();
    machine_ = std::move(*created);
  }
  static void TearDownTestSuite() { machine_.reset(); }

  const ThreadsRun& run(const std::string& target, const std::vector<std::string>& programs,
                        std::vector<Directive> directives = {}, std::uint64_t seed = 1) {
    scenario_ = make_scenario(target, programs, std::move(directives));
    return machine_->run(test_target(target), scenario_, 0, seed);
  }

  // Each run with delays of its own.
  void completes(int times, const std::string& target, const std::vector<std::string>& programs,
                 const std::vector<Directive>& directives = {}) {
    for (int i = 0; i < times && !HasFailure(); ++i) {
      const ThreadsRun& made = run(target, programs, directives, static_cast<std::uint64_t>(i));
      // Of the target `irq` one handler races, and may arrive by chance.
      if (target == "irq" && made.view.end == RunEnd::kSanitizerReport) continue;
      ASSERT_EQ(made.view.end, RunEnd::kCompleted)
          << "run " << i << (made.view.failure != nullptr ? ": " + made.view.failure->what : "");
    }
  }

  inline static std::unique_ptr<ThreadsMachine> machine_;
  Scenario scenario_;
};

// Runs that end with stuck threads have a process and a machine to themselves. By its name this suite comes first,
// before the process has threads.
class ThreadsMachineDeathTest : public testing::Test {
 protected:
  template <typename Check>
  void in_a_child(const std::string& target, const std::vector<std::string>& programs, const Check& check) {
    const auto body = [&] {
      const auto machine = ThreadsMachine::create();
      const Scenario scenario = make_scenario(target, programs);
      check((*machine)->run(test_target(target), scenario, 0, 1));
      std::fflush(stdout);
      ::_exit(HasFailure() ? 1 : 0);
    };
    EXPECT_EXIT(body(), testing::ExitedWithCode(0), "");
  }
};

TEST_F(ThreadsMachineTest, ACorrectLockCompletesAThousandRuns) {
  completes(1000, "ticket", {"section; section", "section; section", "section"});
}

TEST_F(ThreadsMachineTest, DemotedCpusComeBack) {
  completes(200, "ticket", {"section", "section"}, {demote(0, 1), demote(1, 2), demote(0, 3)});
}

// The handlers assert that interrupts are disabled in a handler and enabled in a softirq.
TEST_F(ThreadsMachineTest, InterruptsComeOnlyWhereTheyAreEnabled) {
  completes(500, "irq", {"work; work", "work; work"}, {interrupt(0, 1, 0), interrupt(0, 3, 0), interrupt(1, 2, 0)});
}

TEST_F(ThreadsMachineTest, AnInterruptOfTheOtherCpuEndsTheWait) {
  completes(500, "irq", {"wait", "send 0"});
}

// The cpu that is sent to has ended its program.
TEST_F(ThreadsMachineTest, AnIdleCpuTakesInterrupts) {
  completes(500, "irq", {"work", "work; wait; work", "work; work; send 1"});
}

TEST_F(ThreadsMachineTest, DeferralsEndWhenNothingElseCanHappen) {
  completes(50, "irq", {"work; wait"}, {defer(0, 1, 0, 60'000), interrupt(0, 1, 0)});
}

// Nobody makes it ready: virtual time jumps.
TEST_F(ThreadsMachineTest, TimedWaitsEndByVirtualTime) {
  completes(50, "delivery", {"wait_out 1000", "wait_out 1000000"});
}

TEST_F(ThreadsMachineTest, CpusAreCreatedAndEnd) {
  completes(100, "delivery", {"create", "work 20"});
}

TEST_F(ThreadsMachineTest, HandlersNest) {
  completes(200, "delivery", {"work 20"}, {interrupt(0, 2, 0), interrupt(0, 3, 1), interrupt(0, 4, 2)});
}

// What the log says of a lock whose turns are taken in some order.
TEST_F(ThreadsMachineDeathTest, AnAssertionHasItsPlaceAndTheOrderThatLedToIt) {
  in_a_child("assertion", {"first", "first"}, [](const ThreadsRun& made) {
    ASSERT_EQ(made.view.end, RunEnd::kAssertion);
    EXPECT_FALSE(made.is_reusable);
    EXPECT_NE(made.view.failure->where.find("interrupts.cc"), std::string::npos);
    EXPECT_EQ(made.order.size(), 2u);
  });
}

TEST_F(ThreadsMachineDeathTest, ASpinForEverIsAHangAndSaysWhere) {
  in_a_child("spin_forever", {"spin", "spin"}, [](const ThreadsRun& made) {
    ASSERT_EQ(made.view.end, RunEnd::kSelfLoops);
    EXPECT_FALSE(made.no_point);
    const auto names = open_site_names();
    ASSERT_TRUE(names.has_value());
    const Verdict verdict = judge(made.view, **names);
    EXPECT_EQ(verdict.kind, VerdictKind::kHang);
    EXPECT_NE(verdict.signature.find("spin_on_flag"), std::string::npos) << verdict.signature;
    EXPECT_FALSE(made.view.cpus[0].watches.empty());
  });
}

TEST_F(ThreadsMachineDeathTest, ALoopWithoutAPointIsAHangAndSaysWhere) {
  in_a_child("plain_spin", {"spin"}, [](const ThreadsRun& made) {
    ASSERT_EQ(made.view.end, RunEnd::kSelfLoops);
    EXPECT_TRUE(made.no_point);
    const auto names = open_site_names();
    ASSERT_TRUE(names.has_value());
    EXPECT_NE(judge(made.view, **names).signature.find("spin_without_point"), std::string::npos);
  });
}

TEST_F(ThreadsMachineDeathTest, AWaitThatNobodyEndsIsADeadlock) {
  in_a_child("proofs", {"wait_never", "wait_never"}, [](const ThreadsRun& made) {
    ASSERT_EQ(made.view.end, RunEnd::kSelfLoops);
    const auto names = open_site_names();
    ASSERT_TRUE(names.has_value());
    EXPECT_EQ(judge(made.view, **names).kind, VerdictKind::kDeadlock);
  });
}

// ThreadSanitizer sees the two threads race, and the machine goes on.
TEST_F(ThreadsMachineTest, ARaceIsReportedWhereThreadSanitizerIsLinked) {
  std::uint32_t reports = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const ThreadsRun& made = run("race", {"write", "write"}, {}, seed);
    EXPECT_TRUE(made.is_reusable);
    if (made.view.end != RunEnd::kSanitizerReport) continue;
    ++reports;
    EXPECT_TRUE(made.view.race->accesses[0].is_write || made.view.race->accesses[1].is_write);
    EXPECT_FALSE(made.view.race->accesses[1].frames.empty());
  }
  EXPECT_EQ(reports > 0, is_flavour("tsan"));
}

}  // namespace
}  // namespace gridlock
