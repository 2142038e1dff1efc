// What a judge with clocks, epochs and shadow easily gets wrong, each as a program of a few steps: those that race must
// fire at their last step, and those that are ordered must stay silent. The oracle agrees on each.
#include "engine/judge/race/race_judge.h"

#include <gtest/gtest.h>

#include "engine/judge/race/judge_runner.h"

namespace gridlock::race {
namespace {

constexpr int kRelaxed = __ATOMIC_RELAXED, kAcquire = __ATOMIC_ACQUIRE, kRelease = __ATOMIC_RELEASE,
              kAcqRel = __ATOMIC_ACQ_REL;
constexpr std::uint32_t kData = 16, kFlag = 24, kSlot = 32, kBlock = 64;

Step read(std::uint32_t cpu, std::uint32_t offset = kData, std::uint32_t bytes = 8) {
  return {.cpu = cpu, .act = Act::kPlainRead, .offset = offset, .bytes = bytes};
}
Step write(std::uint32_t cpu, std::uint32_t offset = kData, std::uint32_t bytes = 8) {
  return {.cpu = cpu, .act = Act::kPlainWrite, .offset = offset, .bytes = bytes};
}
Step load(std::uint32_t cpu, int order, std::uint32_t offset = kFlag, std::uint32_t bytes = 8) {
  return {.cpu = cpu, .act = Act::kLoad, .order = order, .offset = offset, .bytes = bytes};
}
Step store(std::uint32_t cpu, int order, std::uint32_t offset = kFlag, std::uint32_t bytes = 8) {
  return {.cpu = cpu, .act = Act::kStore, .order = order, .offset = offset, .bytes = bytes};
}
Step rmw(std::uint32_t cpu, int order, std::uint32_t offset = kFlag, std::uint32_t bytes = 8) {
  return {.cpu = cpu, .act = Act::kReadModifyWrite, .order = order, .offset = offset, .bytes = bytes};
}
Step fence(std::uint32_t cpu, int order) {
  return {.cpu = cpu, .act = Act::kFence, .order = order};
}
Step simple(std::uint32_t cpu, Act act) {
  return {.cpu = cpu, .act = act};
}
// A release of a pointer to the block, and a volatile read of it.
Step publish(std::uint32_t cpu) {
  return {.cpu = cpu, .act = Act::kStore, .order = kRelease, .offset = kSlot, .bytes = 8, .points_to = kBlock};
}
Step dereference(std::uint32_t cpu) {
  return {.cpu = cpu, .act = Act::kVolatileRead, .offset = kSlot, .bytes = 8};
}

struct Case {
  const char* name;
  SmallProgram program;
};

class RaceJudgeTest : public testing::Test {
 protected:
  // The number of the step that races; 0: none.
  std::size_t racing_step(const Case& test) {
    EXPECT_EQ(disagreement(judge_, test.program), "") << test.name;
    judge_.begin();
    for (std::size_t i = 0; i < test.program.size(); ++i) {
      if (judge_.take(test.program[i])) return i + 1;
    }
    return 0;
  }

  JudgeRunner judge_;
};

TEST_F(RaceJudgeTest, FiresAtTheAccessThatRaces) {
  const Case kMustFire[] = {
      {"a relaxed store publishes nothing", {write(0), store(0, kRelaxed), load(1, kAcquire), read(1)}},
      {"a relaxed load acquires nothing", {write(0), store(0, kRelease), load(1, kRelaxed), read(1)}},
      {"another store ends a release sequence",
       {write(0), store(0, kRelease), store(2, kRelaxed), load(1, kAcquire), read(1)}},
      {"a relaxed store of the same strand ends it too",
       {write(0), store(0, kRelease), store(0, kRelaxed), load(1, kAcquire), read(1)}},
      {"a write between a release fence and the store is not published",
       {fence(0, kRelease), write(0), store(0, kRelaxed), load(1, kAcquire), read(1)}},
      {"an acquire fence takes no later load",
       {write(0), store(0, kRelease), fence(1, kAcquire), load(1, kRelaxed), read(1)}},
      {"the other half of a word carries nothing",
       {write(0), store(0, kRelease, kFlag, 4), load(1, kAcquire, kFlag + 4, 4), read(1)}},
      {"one of two concurrent readers is not ordered",
       {read(0), read(1), store(1, kRelease), load(2, kAcquire), write(2)}},
      {"a dependency orders nothing outside of the block", {write(0), publish(0), dereference(1), read(1)}},
      {"a handler is not ordered after the task since interrupts were enabled",
       {write(0), simple(0, Act::kEnter), write(0)}},
      {"a task is not ordered after a handler", {simple(0, Act::kEnter), write(0), simple(0, Act::kLeave), write(0)}},
      {"an overlap of one byte", {write(0, kData + 6, 4), write(1, kData + 9, 2)}},
  };
  for (const Case& test : kMustFire) EXPECT_EQ(racing_step(test), test.program.size()) << test.name;
}

TEST_F(RaceJudgeTest, IsSilentWhereEverythingIsOrdered) {
  const Case kMustStaySilent[] = {
      {"an acquire is itself ordered after the release that it reads",
       {write(0, kFlag), store(0, kRelease), load(1, kAcquire)}},
      {"a release sequence goes on through relaxed read-modify-writes",
       {write(0), store(0, kRelease), rmw(2, kRelaxed), load(1, kAcquire), read(1)}},
      {"a word of mixed sizes carries what each part does",
       {write(0), store(0, kRelease, kFlag, 2), store(2, kRelease, kFlag + 2, 2), load(1, kAcquire, kFlag, 4),
        read(1)}},
      {"a read-modify-write publishes at each byte what it acquired at any",
       {write(0), store(0, kRelease, kFlag + 8), rmw(1, kAcqRel, kFlag, 16), load(2, kAcquire, kFlag), read(2)}},
      {"a word that is split keeps its release",
       {write(0), store(0, kRelease), load(2, kRelaxed, kFlag, 1), load(1, kAcquire), read(1)}},
      {"neighbours do not conflict", {write(0, kData + 6, 3), write(1, kData + 9, 2)}},
      {"a chain of dependencies ends in a release that publishes it",
       {write(0, kBlock), publish(0), dereference(1), read(1, kBlock), store(1, kRelease), load(2, kAcquire),
        read(2, kBlock)}},
      {"what a task released comes back and reaches the handler over it",
       {write(0), store(0, kRelease), load(1, kAcquire), store(1, kRelease, kSlot), load(0, kAcquire, kSlot),
        simple(0, Act::kEnter), write(0)}},
  };
  for (const Case& test : kMustStaySilent) EXPECT_EQ(racing_step(test), 0u) << test.name;
}

// Clocks grow by groups of strands, and sets by nodes; the writer's strand is the last to appear.
TEST_F(RaceJudgeTest, KnowledgeOfManyStrandsIsPassedOnWhole) {
  const SmallProgram ordered = {
      store(1, kRelease, kSlot), load(2, kAcquire, kSlot), write(0), store(0, kRelease), load(1, kAcquire),
      store(1, kRelease, kSlot), load(2, kAcquire, kSlot), read(2)};
  const SmallProgram racing = {read(1), read(2), write(0)};
  for (std::uint32_t before = 0; before < 60; ++before) {
    EXPECT_EQ(disagreement(judge_, ordered, before), "");
    EXPECT_FALSE(judge_.has_race()) << before;
    EXPECT_EQ(disagreement(judge_, racing, before), "");
    EXPECT_TRUE(judge_.has_race()) << before;
  }
}

// A run that ends in a race is repeated, and the first access known again by its number.
TEST_F(RaceJudgeTest, AnAccessIsNamedByItsNumberAlthoughItLearnsWhileItIsMade) {
  const SmallProgram program = {simple(0, Act::kEnter), store(0, kRelaxed, kFlag), simple(0, Act::kLeave),
                                rmw(0, kRelaxed, kFlag, 16), write(1, kFlag + 8)};
  EXPECT_EQ(disagreement(judge_, program), "");
  EXPECT_TRUE(judge_.has_race());
}

}  // namespace
}  // namespace gridlock::race
