// Programs with threads, in every flavour: the same codes as the C library's own, no false race and no missed one, what
// schedules find, and what ends threads.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/abi/program/threads_tests/programs/programs.h"
#include "engine/machine/machine_fixture.h"
#include "engine/symbolize/symbolize.h"

namespace gridlock {
namespace {

// The vectors of program::thread_vectors.
constexpr std::uint32_t kSpuriousWakeup = 0;
constexpr std::uint32_t kTimeout = 1;

std::vector<long> results() {
  return {program_results.values, program_results.values + program_results.count};
}

std::string what_failed(const RunView& view) {
  return view.failure != nullptr ? ": " + view.failure->what : "";
}

std::vector<std::string> programs_beginning_with(const std::string& prefix) {
  std::vector<std::string> names;
  for (const gl_operation_entry* entry = test_target("programs").operations; entry->name != nullptr; ++entry) {
    if (std::string(entry->name).starts_with(prefix)) names.emplace_back(entry->name);
  }
  return names;
}

class ProgramThreadsTest : public MachineFixture {
 protected:
  // One run in the default order, with these directives.
  const RunView& run_program(const std::string& name, std::vector<Directive> directives = {}) {
    program_results.count = 0;
    return run("programs", {name}, std::move(directives));
  }
  // The results of the same code as an ordinary program.
  static std::vector<long> run_natively(const std::string& name) {
    const gl_operation_entry* entry = test_target("programs").operations;
    while (entry->name != nullptr && name != entry->name) ++entry;
    program_results.count = 0;
    entry->run(nullptr);
    return results();
  }
  // How many of `runs` random schedules end with `end`.
  int count_runs(const std::string& name, const char* strategy, int runs, RunEnd end) {
    const auto random = make_strategy(strategy, {.seed = 7});
    const Scenario scenario = make_scenario("programs", {name});
    int count = 0;
    for (int i = 0; i < runs; ++i) {
      program_results.count = 0;
      count += machine_->run(test_target("programs"), scenario, *random, {}).end == end ? 1 : 0;
    }
    return count;
  }
};

// ---- codes ----

TEST_F(ProgramThreadsTest, EveryFunctionReturnsWhatTheCLibraryReturns) {
  for (const std::string& name : programs_beginning_with("codes_")) {
    const RunView& view = run_program(name);
    EXPECT_EQ(view.end, RunEnd::kCompleted) << name << what_failed(view);
    const std::vector<long> said = results();
    EXPECT_FALSE(said.empty()) << name;
    // The sanitizers put functions of their own in the C library's place, which end the process at some errors.
    if (is_flavour("plain")) EXPECT_EQ(said, run_natively(name)) << name;
  }
}

// ---- the C++ library ----

TEST_F(ProgramThreadsTest, TheCppLibraryGivesTheNativeResultsInEverySchedule) {
  for (const std::string& name : programs_beginning_with("cpp_")) {
    // ThreadSanitizer's own pthread_once, which the native call meets, never ends after an exception.
    if (is_flavour("tsan") && name == "cpp_once") continue;
    // An exception that two threads have counts its references inside the C++ library, where ThreadSanitizer sees
    // nothing; it reports the memory, which in this test is not the run's.
    if (is_flavour("tsan") && name == "cpp_future_exception") continue;
    const std::vector<long> native = run_natively(name);
    for (const char* strategy : {"directed", "random", "pct"}) {
      const auto chosen = make_strategy(strategy, {.seed = 3});
      const Scenario scenario = make_scenario("programs", {name});
      for (int i = 0; i < 40; ++i) {
        program_results.count = 0;
        const RunView& view = machine_->run(test_target("programs"), scenario, *chosen, {});
        ASSERT_EQ(view.end, RunEnd::kCompleted) << name << " " << strategy << " " << i << what_failed(view);
        ASSERT_EQ(results(), native) << name << " " << strategy << " " << i;
      }
    }
  }
}

TEST_F(ProgramThreadsTest, SpuriousWakeupsAndTimeoutsChangeNoResultOfTheCppLibrary) {
  for (const std::string name : {"cpp_queue", "cpp_atomic_wait", "cpp_semaphores", "cpp_jthread", "cpp_mutex"}) {
    const std::vector<long> native = run_natively(name);
    for (std::uint32_t cpu = 0; cpu < 2; ++cpu) {
      for (std::uint32_t point = 1; point < 30; ++point) {
        const RunView& view = run_program(name, {interrupt(cpu, point, kSpuriousWakeup)});
        ASSERT_EQ(view.end, RunEnd::kCompleted) << name << " cpu " << cpu << " point " << point;
        ASSERT_EQ(results(), native) << name << " cpu " << cpu << " point " << point;
      }
    }
  }
}

// ---- happens-before ----

TEST_F(ProgramThreadsTest, WhatOrdersIsNoRaceInAnySchedule) {
  for (const std::string& name : programs_beginning_with("ordered_")) {
    const RunView& view = run_program(name);
    EXPECT_EQ(view.end, RunEnd::kCompleted) << name;
    EXPECT_EQ(view.ordered_reports, 0u) << name;
    EXPECT_EQ(count_runs(name, "random", 60, RunEnd::kCompleted), 60) << name;
  }
}

TEST_F(ProgramThreadsTest, WhatDoesNotOrderIsARaceAtOnce) {
  for (const std::string& name : programs_beginning_with("race_")) {
    EXPECT_EQ(run_program(name).end, RunEnd::kDataRace) << name;
  }
}

// Who leaves a barrier late is not ordered after what the others did since.
TEST_F(ProgramThreadsTest, WhatNeverOrdersIsARaceInEverySchedule) {
  for (const std::string name : {"race_beyond_barrier", "race_two_readers", "race_other_mutex", "race_with_creator",
                                 "race_after_unlock", "race_sleep"}) {
    EXPECT_EQ(count_runs(name, "random", 60, RunEnd::kDataRace), 60) << name;
  }
}

// ---- what schedules find ----

TEST_F(ProgramThreadsTest, ALostSignalIsFoundAndItsTwinIsSilent) {
  EXPECT_GT(count_runs("wait_lost_signal", "random", 300, RunEnd::kSelfLoops), 0);
  EXPECT_EQ(count_runs("wait_correctly", "random", 300, RunEnd::kCompleted), 300);
}

TEST_F(ProgramThreadsTest, AnIfWhereAWhileBelongsIsFoundByASpuriousWakeup) {
  int found = 0;
  // The waiter runs first; main stands back at its first points.
  for (std::uint32_t point = 1; point < 8; ++point) {
    const std::vector<Directive> directives = {demote(0, 2), interrupt(1, point, kSpuriousWakeup)};
    found += run_program("wait_if", directives).end == RunEnd::kAssertion ? 1 : 0;
    EXPECT_EQ(run_program("wait_correctly", directives).end, RunEnd::kCompleted) << point;
  }
  EXPECT_GT(found, 0);
  EXPECT_EQ(count_runs("wait_if", "random", 100, RunEnd::kCompleted), 100);
}

TEST_F(ProgramThreadsTest, WhichWaiterASignalWakesIsTheSchedulesChoice) {
  const auto random = make_strategy("random", {.seed = 5});
  const Scenario scenario = make_scenario("programs", {"signal_one_of_two"});
  bool has_won[3] = {};
  for (int i = 0; i < 200; ++i) {
    program_results.count = 0;
    ASSERT_EQ(machine_->run(test_target("programs"), scenario, *random, {}).end, RunEnd::kCompleted);
    has_won[results().at(0)] = true;
  }
  EXPECT_TRUE(has_won[1]);
  EXPECT_TRUE(has_won[2]);
}

TEST_F(ProgramThreadsTest, DeadlocksAreProven) {
  EXPECT_EQ(run_program("deadlock_relock").end, RunEnd::kSelfLoops);
  EXPECT_EQ(run_program("deadlock_semaphore").end, RunEnd::kSelfLoops);
  EXPECT_EQ(run_program("deadlock_join").end, RunEnd::kSelfLoops);
  EXPECT_EQ(run_program("deadlock_barrier").end, RunEnd::kSelfLoops);
  EXPECT_EQ(run_program("signal_then_wait").end, RunEnd::kSelfLoops);
  EXPECT_GT(count_runs("deadlock_two_orders", "random", 100, RunEnd::kSelfLoops), 0);
}

TEST_F(ProgramThreadsTest, ARunThatWentWellStillShowsTwoOrdersOfLocks) {
  const RunView& view = run_program("deadlock_two_orders");
  EXPECT_EQ(view.end, RunEnd::kCompleted);
  EXPECT_NE(view.locks, nullptr);
}

TEST_F(ProgramThreadsTest, ATimeoutThatOnlyAScheduleBringsIsFound) {
  EXPECT_EQ(run_program("timeout_first").end, RunEnd::kCompleted);
  EXPECT_EQ(count_runs("timeout_first", "random", 50, RunEnd::kCompleted), 50);
  int found = 0;
  for (std::uint32_t point = 3; point < 9; ++point) {
    found += run_program("timeout_first", {demote(0, 3), interrupt(0, point, kTimeout)}).end == RunEnd::kAssertion;
  }
  EXPECT_GT(found, 0);
}

// ---- misuse ----

struct Misuse {
  const char* program;
  const char* text;
};
constexpr Misuse kMisuses[] = {
    {"misuse_unlock", "a mutex was unlocked that is not locked"},
    {"misuse_unlock_of_another", "a mutex was unlocked that another thread holds"},
    {"misuse_destroy", "a mutex was destroyed that is locked"},
    {"misuse_destroyed", "a mutex was used that has been destroyed"},
    {"misuse_wait", "a thread waits on a condition variable without the mutex"},
    {"misuse_join_twice", "a thread was joined that never was, or that was joined before"},
    {"misuse_rwlock", "a read-write lock was unlocked that is not locked"},
    {"misuse_spin", "a spin lock was unlocked that is not locked"},
    {"misuse_static_local", "a static local is initialised by its own initialisation"},
    {"misuse_cancel_type", "pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS)"},
};

TEST_F(ProgramThreadsTest, MisuseEndsTheRunAtTheCallAndSaysWhatWasWrong) {
  auto names = open_site_names();
  ASSERT_TRUE(names.has_value()) << names.error().message();
  for (const Misuse& misuse : kMisuses) {
    const RunView& view = run_program(misuse.program);
    ASSERT_NE(view.failure, nullptr) << misuse.program;
    EXPECT_EQ(view.failure->what, misuse.text);
    ASSERT_FALSE(view.failure->frames.empty());
    EXPECT_EQ((*names)->frames_at(view.failure->frames[0]).front().file.substr(0, 5),
              misuse.program == std::string("misuse_static_local") ? "waits" : "waits");
  }
}

// ---- ends of threads ----

TEST_F(ProgramThreadsTest, ThreadsEndAsNatively) {
  for (const std::string name : {"end_by_exit", "cancel_in_sem_wait", "cancel_in_cond_wait", "cancel_in_sleep",
                                 "cancel_when_enabled", "cancel_with_cleanup"}) {
    const std::vector<long> native = run_natively(name);
    for (int again = 0; again < 3; ++again) {
      const RunView& view = run_program(name);
      EXPECT_EQ(view.end, RunEnd::kCompleted) << name << what_failed(view);
      EXPECT_EQ(results(), native) << name;
    }
    EXPECT_EQ(count_runs(name, "random", 50, RunEnd::kCompleted), 50) << name;
  }
}

TEST_F(ProgramThreadsTest, TheProcessGoesOnWhenMainHasEnded) {
  EXPECT_EQ(run_program("end_main_first").end, RunEnd::kCompleted);
  EXPECT_EQ(results(), std::vector<long>{4});
}

TEST_F(ProgramThreadsTest, WhatWasAThreadsOwnIsDeadAfterItsEnd) {
  const RunView& view = run_program("use_dead_thread_local");
  EXPECT_EQ(view.end, RunEnd::kMemoryError);
  EXPECT_EQ(view.failure->what, "use-after-free");
}

}  // namespace
}  // namespace gridlock
