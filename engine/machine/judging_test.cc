// What the engine itself sees of memory that is not the target's, in every flavour: in process, with the function that
// touched it, and never of memory that is.
#include <gtest/gtest.h>

#include <algorithm>

#include "engine/machine/machine_fixture.h"
#include "engine/symbolize/symbolize.h"

namespace gridlock {
namespace {

class JudgingTest : public MachineFixture {
 protected:
  void expect_fault(const std::string& program, const std::string& what, const std::string& function) {
    auto names = open_site_names();
    ASSERT_TRUE(names.has_value());
    const RunView& view = run("memory_errors", {program});
    ASSERT_EQ(view.end, RunEnd::kMemoryError) << program;
    EXPECT_EQ(view.failure->what, what) << program;
    ASSERT_FALSE(view.failure->frames.empty()) << program;
    EXPECT_EQ((*names)->frames_at(view.failure->frames.front()).front().function, function) << program;
  }
};

TEST_F(JudgingTest, EveryUseOfAFreedBlockIsSeen) {
  expect_fault("freed_atomic", "use-after-free", "use_atomically");
  expect_fault("freed_plain", "use-after-free", "use_plainly");
  expect_fault("freed_volatile", "use-after-free", "use_volatile");
}

TEST_F(JudgingTest, AUseOfAFreedBlockKnowsTheBlockAndTheTraceWhoFreedIt) {
  const RunView& view = run("memory_errors", {"freed_plain"}, {}, {.trace = true});
  ASSERT_TRUE(view.failure->access.has_value());
  const BadAccess& access = *view.failure->access;
  EXPECT_TRUE(access.is_write && access.has_block && !access.on_stack);
  EXPECT_EQ(access.offset, access.block_begin);
  EXPECT_EQ(access.bytes, 4u);
  EXPECT_EQ(access.block_bytes, 4u);
  EXPECT_EQ(access.sanitizer_agrees, is_flavour("asan"));
  const auto freed = std::ranges::find(view.trace->steps, StepKind::kFree, &Step::kind);
  ASSERT_NE(freed, view.trace->steps.end());
  EXPECT_EQ(freed->address, access.block_begin);
  EXPECT_NE(freed->frames[0], 0u);
}

TEST_F(JudgingTest, AMemsetPastItsBlockIsSeenFromTheFirstByteOn) {
  EXPECT_EQ(run("memory_errors", {"overflow 24"}).end, RunEnd::kCompleted);
  expect_fault("overflow 25", "out-of-bounds", "clear");
  expect_fault("overflow 4096", "out-of-bounds", "clear");
}

TEST_F(JudgingTest, ALocalOfAHandlerThatHasReturnedIsDead) {
  const RunView& view = run("memory_errors", {"read_local_of_handler"}, {interrupt(0, 1, 0)});
  ASSERT_EQ(view.end, RunEnd::kMemoryError);
  EXPECT_EQ(view.failure->what, "stack-use-after-return");
}

TEST_F(JudgingTest, ALocalOfTheTaskIsAliveForAHandlerOverIt) {
  EXPECT_EQ(run("memory_errors", {"lend_local_to_handler"}, {interrupt(0, 2, 1)}).end, RunEnd::kCompleted);
}

// Frames of handlers and of the task come to lie at the same addresses, one after the other.
TEST_F(JudgingTest, StackMemoryThatIsUsedAgainRacesWithNothing) {
  for (std::uint32_t point = 1; point <= 8; ++point) {
    EXPECT_EQ(run("memory_errors", {"nested_frames 3"}, {interrupt(0, point, 2), interrupt(0, point + 2, 2)}).end,
              RunEnd::kCompleted)
        << point;
  }
}

TEST_F(JudgingTest, NothingIsJudgedIfItIsNotAskedFor) {
  EXPECT_EQ(run("race", {"write", "write"}, {}, {.races = false}).end,
            is_flavour("tsan") ? RunEnd::kSanitizerReport : RunEnd::kCompleted);
}

}  // namespace
}  // namespace gridlock
