// A program under test as a process: how it begins, ends, fails and allocates, run after run in one process. The
// program is testdata/process.cc.
//
// May include: base, model, hook, strategy, judge, symbolize.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/abi/program/entry.h"
#include "engine/abi/program/library_state.h"
#include "engine/abi/program/sections.h"
#include "engine/judge/judge.h"
#include "engine/machine/machine.h"
#include "engine/machine/machine_impl.h"
#include "engine/strategy/strategies.h"
#include "engine/symbolize/symbolize.h"

// The tests are no command line.
extern "C" int gridlock_command(int, char**) {
  return 0;
}

namespace gridlock::program {
namespace {

using testing::AnyOf;
using testing::HasSubstr;
using testing::StartsWith;

class ProcessTest : public testing::Test {
 public:
  static void SetUpTestSuite() {
    auto created = Machine::create();
    ASSERT_TRUE(created.has_value()) << created.error().message();
    machine_ = std::move(*created);
    auto names = open_site_names();
    ASSERT_TRUE(names.has_value()) << names.error().message();
    names_ = std::move(*names);
    keep_pristine_data();
    keep_library_state();
  }
  static void TearDownTestSuite() { machine_.reset(); }

  // Runs the program with these arguments, as `fuzz` does for one schedule.
  const RunView& run(std::vector<std::string> arguments, const RunOptions& options = {}) {
    set_arguments(std::move(arguments));
    Scenario scenario;
    scenario.start_order = {CpuId(0)};
    scenario.programs = {{OperationCall{.operation = OperationId(0)}}};
    scenario_ = std::move(scenario);
    // The repetition of a run with a race gives the streams away; engine/cli takes them back after each run.
    const int own[] = {::dup(STDOUT_FILENO), ::dup(STDERR_FILENO)};
    const RunView& view = machine_->run(target(), scenario_, *strategy_, options);
    for (const int stream : {STDOUT_FILENO, STDERR_FILENO}) {
      ::dup2(own[stream - STDOUT_FILENO], stream);
      ::close(own[stream - STDOUT_FILENO]);
    }
    return view;
  }
  Verdict verdict(const std::string& what) { return judge(run({what}), *names_); }

 protected:
  inline static std::unique_ptr<Machine> machine_;
  inline static std::unique_ptr<SiteNames> names_;
  Scenario scenario_;
  std::unique_ptr<Strategy> strategy_ = make_strategy("directed", {});
};

TEST_F(ProcessTest, EveryRunBeginsWithTheProgramAsItWasLoaded) {
  for (const std::string what : {"globals", "heap", "globals", "destructors", "globals", "catch", "globals"}) {
    EXPECT_EQ(verdict(what).kind, VerdictKind::kOk) << what << ": " << verdict(what).summary;
  }
}

TEST_F(ProcessTest, WhatTheCLibraryKeepsIsPutBack) {
  for (int i = 0; i < 3; ++i) {
    const Verdict seen = judge(run({"library", "-x"}), *names_);
    EXPECT_EQ(seen.kind, VerdictKind::kOk) << seen.summary;
  }
}

TEST_F(ProcessTest, AnEndWithAnotherStatusThanZeroIsAVerdict) {
  EXPECT_EQ(verdict("return-3").signature, "assertion main returns 3");
  EXPECT_THAT(verdict("exit-4").signature, StartsWith("assertion exits with status 4: "));
  EXPECT_THAT(verdict("exit-4").signature, HasSubstr("run_by_name"));
  EXPECT_THAT(verdict("quick-exit").signature, HasSubstr("exits with status 6"));
  EXPECT_EQ(verdict("nothing").kind, VerdictKind::kOk);
  EXPECT_EQ(verdict("_exit").kind, VerdictKind::kOk);
  EXPECT_EQ(verdict("exit-in-atexit").kind, VerdictKind::kOk);
}

TEST_F(ProcessTest, WhatNobodyCatchesIsAVerdictThatNamesTheType) {
  for (const std::string what : {"throw", "noexcept"}) {
    const Verdict seen = verdict(what);
    EXPECT_EQ(seen.kind, VerdictKind::kAssertion);
    EXPECT_THAT(seen.summary, HasSubstr("an exception of type (anonymous namespace)::Ball that nobody catches"));
    EXPECT_THAT(seen.summary, HasSubstr("throws_ball (process.cc:"));
  }
  EXPECT_THAT(verdict("terminate").summary, HasSubstr("std::terminate is called in"));
}

TEST_F(ProcessTest, AFailingAssertAndAbortAreVerdictsOfTheUsersLine) {
  const Verdict failed = verdict("assert");
  EXPECT_THAT(failed.summary, HasSubstr("the assertion initialised == 0 fails in"));
  EXPECT_THAT(failed.summary, HasSubstr("fails_assertion"));
  EXPECT_EQ(failed.kind, VerdictKind::kAssertion);
  EXPECT_THAT(verdict("abort").summary, HasSubstr("abort is called in"));
}

TEST_F(ProcessTest, MistakesWithTheHeapAreMemoryErrorsInEveryFlavour) {
  EXPECT_THAT(verdict("uaf").signature, StartsWith("memory-error use-after-free: "));
  EXPECT_THAT(verdict("uaf").signature, HasSubstr("reads_freed"));
  EXPECT_THAT(verdict("overflow").signature, StartsWith("memory-error out-of-bounds: "));
  EXPECT_THAT(verdict("double-free").signature, StartsWith("memory-error double-free: "));
  EXPECT_THAT(verdict("free-global").signature, StartsWith("memory-error free of what is not a heap block: "));
}

TEST_F(ProcessTest, FreedMemoryIsUsedAgainWhenTheArenaWouldRunOut) {
  EXPECT_EQ(verdict("much").kind, VerdictKind::kOk) << verdict("much").summary;
  EXPECT_EQ(run({"too-much"}).end, RunEnd::kRefused);
  EXPECT_EQ(verdict("globals").kind, VerdictKind::kOk);
}

TEST_F(ProcessTest, WhatIsNotControlledIsRefusedByName) {
  for (const std::string what : {"fork", "system", "execl", "alarm", "signal"}) {
    const RunView& view = run({what});
    ASSERT_EQ(view.end, RunEnd::kRefused) << what;
    EXPECT_THAT(view.failure->what, StartsWith(what));
    ASSERT_FALSE(view.failure->frames.empty());
    EXPECT_THAT(names_->frames_at(view.failure->frames[0])[0].function, HasSubstr("run_by_name"));
  }
  EXPECT_EQ(run({"ignore"}).end, RunEnd::kCompleted);
}

TEST_F(ProcessTest, PlainAccessesToGlobalsAreJudged) {
  const Verdict race = verdict("race");
  EXPECT_EQ(race.kind, VerdictKind::kDataRace) << race.summary;
  EXPECT_THAT(race.signature, HasSubstr("adds"));
}

TEST_F(ProcessTest, NothingOfOneRunRacesWithTheNext) {
  strategy_ = make_strategy("random", {.seed = 1});
  for (int i = 0; i < 300; ++i) {
    for (const std::string what : {"hand-over", "atomics", "leave"}) {
      ASSERT_EQ(run({what}).end, RunEnd::kCompleted) << what << ", round " << i;
    }
  }
}

TEST_F(ProcessTest, PlainAccessesArePointsIfThatIsAskedFor) {
  const std::uint64_t usual = run({"hand-over"}).points;
  EXPECT_GT(run({"hand-over"}, {.points = PointSet::kMemory}).points, usual);
  EXPECT_EQ(run({"hand-over"}).points, usual);
}

// True if a cpu is sent back at an access of the function, whatever the compiler put into it.
bool is_sent_back_there(const SiteNames& names, const Trace& trace, const std::string& function) {
  for (const Step& step : trace.steps) {
    if (step.kind != StepKind::kDemote || step.frames[0] == 0) continue;
    for (const Frame& frame : names.frames_at(step.frames[0])) {
      if (frame.function.find(function) != std::string::npos) return true;
    }
  }
  return false;
}

TEST_F(ProcessTest, WithSyncNoDecisionFallsAtAnAtomicAccess) {
  for (const PointSet points : {PointSet::kAtomic, PointSet::kSync}) {
    bool seen = false;
    strategy_ = make_strategy("random", {.seed = 3});
    for (int i = 0; i < 20; ++i) {
      const RunView& view = run({"atomics"}, {.trace = true, .points = points});
      ASSERT_EQ(view.end, RunEnd::kCompleted);
      seen = seen || is_sent_back_there(*names_, *view.trace, "stores_atomically");
    }
    EXPECT_EQ(seen, points == PointSet::kAtomic);
  }
}

TEST_F(ProcessTest, TracesCallGlobalsByTheirNames) {
  const RunView& view = run({"globals"}, {.trace = true, .points = PointSet::kMemory});
  EXPECT_EQ(view.end, RunEnd::kCompleted);
  std::vector<std::string> names;
  for (const NamedMemory& named : view.trace->names) names.push_back(named.name);
  EXPECT_THAT(names, testing::Contains("(anonymous namespace)::initialised"));
  EXPECT_THAT(names, testing::Contains("(anonymous namespace)::zeroed"));
}

// 100,000 of the same, which no leak of even a few bytes a run would let pass.
TEST_F(ProcessTest, MemoryStaysFlat) {
  const auto resident_kib = [] {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
  };
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(run({"heap"}).end, RunEnd::kCompleted);
  const long before = resident_kib();
  for (int i = 0; i < 20'000; ++i) ASSERT_EQ(run({"heap"}).end, RunEnd::kCompleted);
  // AddressSanitizer holds back what the C library's own blocks (strdup's, exceptions) gave up, a few hundred bytes a
  // run.
  const bool holds_back = std::string_view(Machine::flavour()) == "asan";
  EXPECT_LT(resident_kib() - before, holds_back ? 16'384 : 2048);
}

}  // namespace
}  // namespace gridlock::program
