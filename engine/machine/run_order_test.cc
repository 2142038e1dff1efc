// The priority list against a plain one: a list of cpus from which the first runnable one is taken.
#include "engine/machine/run_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "engine/base/prng.h"

namespace gridlock {
namespace {

struct PlainOrder {
  std::vector<std::uint32_t> list;
  std::vector<bool> runnable = std::vector<bool>(kCpusMax, false);

  void append(std::uint32_t cpu) {
    list.push_back(cpu);
    runnable[cpu] = true;
  }
  void demote(std::uint32_t cpu) {
    std::erase(list, cpu);
    list.push_back(cpu);
  }
  void end(std::uint32_t cpu) {
    std::erase(list, cpu);
    runnable[cpu] = false;
  }
  [[nodiscard]] std::uint32_t highest() const {
    const auto first = std::ranges::find_if(list, [this](std::uint32_t cpu) { return runnable[cpu]; });
    return first == list.end() ? RunOrder::kNobody : *first;
  }
};

std::vector<std::uint32_t> list_of(const RunOrder& order) {
  std::vector<std::uint32_t> list;
  order.for_each([&list](std::uint32_t cpu) { list.push_back(cpu); });
  return list;
}

TEST(RunOrder, NobodyIsTheHighestOfAnEmptyList) {
  RunOrder order;
  order.reset();
  EXPECT_EQ(order.highest(), RunOrder::kNobody);
  EXPECT_TRUE(list_of(order).empty());
}

TEST(RunOrder, ACpuThatEndedLeavesTheListAndOneThatIsStuckKeepsItsPlace) {
  RunOrder order;
  for (const std::uint32_t cpu : {5u, 3u, 4u}) order.append(cpu);
  order.set_runnable(5, false);
  EXPECT_EQ(order.highest(), 3u);
  order.end(3);
  EXPECT_EQ(order.highest(), 4u);
  EXPECT_TRUE(order.is_alone(4));
  order.set_runnable(5, true);
  EXPECT_EQ(order.highest(), 5u);
  EXPECT_EQ(list_of(order), (std::vector<std::uint32_t>{5, 4}));
}

// Many more steps than there are slots, so that they are moved together again and again.
TEST(RunOrder, AgreesWithAPlainListWhateverIsDone) {
  Prng prng(1);
  for (const std::uint32_t cpus : {1u, 2u, 7u, 63u, 64u}) {
    RunOrder order;
    PlainOrder plain;
    order.reset();
    for (std::uint32_t cpu = 0; cpu < cpus; ++cpu) order.append(cpu), plain.append(cpu);
    for (int step = 0; step < 2000 && !plain.list.empty(); ++step) {
      const std::uint32_t cpu = plain.list[prng.below(static_cast<std::uint32_t>(plain.list.size()))];
      if (prng.chance(1, 100)) {
        order.end(cpu), plain.end(cpu);
      } else if (prng.chance(1, 2)) {
        order.demote(cpu), plain.demote(cpu);
      } else {
        const bool runnable = prng.chance(1, 2);
        order.set_runnable(cpu, runnable), plain.runnable[cpu] = runnable;
      }
      ASSERT_EQ(order.highest(), plain.highest()) << cpus << " cpus, step " << step;
      ASSERT_EQ(list_of(order), plain.list) << cpus << " cpus, step " << step;
    }
  }
}

}  // namespace
}  // namespace gridlock
