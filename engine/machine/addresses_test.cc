// Addresses are the same in every run, process and flavour, so what a target does by address is the same too.
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>

#include "engine/base/hash.h"
#include "engine/machine/fixed_memory.h"
#include "engine/machine/machine_fixture.h"

extern char** environ;

namespace gridlock {
namespace {

using AddressesTest = MachineFixture;

Hash128 hash_of(const Trace& trace) {
  Hasher hasher;
  for (const Step& step : trace.steps) {
    for (const std::uint64_t word : {std::uint64_t{step.cpu.value()}, step.address, step.before, step.after})
      hasher.add(word);
  }
  return hasher.finish();
}

const Scenario& contended() {
  static const Scenario scenario =
      make_scenario("addresses", {"lock 0; lock 3; lock 5", "lock 4; lock 3; lock 0", "lock 3; lock 2; lock 1"},
                    {demote(0, 2), demote(1, 3), demote(2, 1), demote(0, 5), demote(1, 8)});
  return scenario;
}

TEST_F(AddressesTest, BlocksLieWhereTheyDoInEveryFlavour) {
  const RunView& view = run("addresses", contended(), {.trace = true});
  ASSERT_EQ(view.end, RunEnd::kCompleted);
  std::vector<std::uint64_t> objects;
  for (const Step& step : steps_of_kind(view, StepKind::kStore)) {
    if (step.after > kArenaBase) objects.push_back(step.after - kArenaBase);
  }
  const std::vector<std::uint64_t> expected = {528, 4096, 384, 384, 272, 192, 384, 736, 4096};
  EXPECT_EQ(objects, expected);
}

// The trace of a lock table that hashes addresses, as one number.
TEST_F(AddressesTest, AnAddressHashingLockHasItsGoldenTrace) {
  const Hash128 hash = hash_of(*run("addresses", contended(), {.trace = true}).trace);
  EXPECT_EQ(hash.low, 172765403253316178u);
  EXPECT_EQ(hash.high, 5859982809262459058u);
}

// Each with an address space layout of its own.
TEST_F(AddressesTest, ThreeProcessesAgree) {
  for (int i = 0; i < 3; ++i) {
    char program[] = "/proc/self/exe";
    char filter[] = "--gtest_filter=AddressesTest.AnAddressHashingLockHasItsGoldenTrace";
    char brief[] = "--gtest_brief=1";
    char* const arguments[] = {program, filter, brief, nullptr};
    pid_t child = 0;
    ASSERT_EQ(::posix_spawn(&child, program, nullptr, nullptr, arguments, environ), 0);
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
}

}  // namespace
}  // namespace gridlock
