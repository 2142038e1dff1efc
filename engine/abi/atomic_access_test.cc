// Every width and operation of the ThreadSanitizer ABI computes what the model says, is one point, and shows in a
// trace with its kind, width and values; the same in every flavour.
#include <gtest/gtest.h>

#include <cstdint>
#include <thread>

#include "engine/base/prng.h"
#include "engine/machine/fixed_memory.h"
#include "engine/machine/machine_fixture.h"
#include "engine/machine/test_targets/access_cases.h"

// What the compiler makes of an atomic access of a target.
extern "C" {
std::uint32_t __tsan_atomic32_load(const volatile std::uint32_t* address, int order);
std::uint32_t __tsan_atomic32_fetch_add(volatile std::uint32_t* address, std::uint32_t value, int order);
int __tsan_atomic32_compare_exchange_strong(volatile std::uint32_t* address, std::uint32_t* expected,
                                            std::uint32_t desired, int order, int failure_order);
}

namespace gridlock {
namespace {

using test_targets::Access;
using test_targets::access_code;
using test_targets::AccessResult;
using test_targets::kAccessKinds;
using test_targets::spread;
using test_targets::Wide;

constexpr std::uint32_t kWidthsBytes[] = {1, 2, 4, 8, 16};

// Seeds of the three operands; the same seed gives the same value.
struct Operands {
  std::uint32_t memory, operand, expected;
};

struct Expected {
  Wide returned = 0;  // what the access returns
  Wide expected = 0;  // what a compare-exchange leaves in `expected`
  Wide left = 0;      // what is in memory afterwards
  bool succeeded = false;
  StepKind kind = StepKind::kLoad;
};

Wide low_bytes(Wide value, std::uint32_t width_bytes) {
  return width_bytes == 16 ? value : value & ((Wide{1} << (8 * width_bytes)) - 1);
}

StepKind kind_of(Access access) {
  switch (access) {
    case Access::kLoad:
      return StepKind::kLoad;
    case Access::kStore:
      return StepKind::kStore;
    case Access::kExchange:
      return StepKind::kExchange;
    case Access::kFetchAdd:
      return StepKind::kFetchAdd;
    case Access::kFetchSub:
      return StepKind::kFetchSub;
    case Access::kFetchAnd:
      return StepKind::kFetchAnd;
    case Access::kFetchOr:
      return StepKind::kFetchOr;
    case Access::kFetchXor:
      return StepKind::kFetchXor;
    case Access::kFetchNand:
      return StepKind::kFetchNand;
    case Access::kCompareExchangeVal:
    case Access::kCompareExchangeStrong:
    case Access::kCompareExchangeWeak:
      return StepKind::kCompareExchange;
  }
  return StepKind::kNote;
}

bool is_compare_exchange(Access access) {
  return kind_of(access) == StepKind::kCompareExchange;
}

// The value in memory after the access, of the whole width.
Wide new_value(Access access, Wide memory, Wide operand, Wide expected) {
  switch (access) {
    case Access::kLoad:
      return memory;
    case Access::kStore:
    case Access::kExchange:
      return operand;
    case Access::kFetchAdd:
      return memory + operand;
    case Access::kFetchSub:
      return memory - operand;
    case Access::kFetchAnd:
      return memory & operand;
    case Access::kFetchOr:
      return memory | operand;
    case Access::kFetchXor:
      return memory ^ operand;
    case Access::kFetchNand:
      return ~(memory & operand);
    case Access::kCompareExchangeVal:
    case Access::kCompareExchangeStrong:
    case Access::kCompareExchangeWeak:
      return memory == expected ? operand : memory;
  }
  return memory;
}

Expected model(Access access, std::uint32_t width_bytes, const Operands& seeds) {
  const Wide whole = spread(seeds.memory);
  const Wide memory = low_bytes(whole, width_bytes);
  const Wide operand = low_bytes(spread(seeds.operand), width_bytes);
  const Wide expected = low_bytes(spread(seeds.expected), width_bytes);
  const bool succeeds = is_compare_exchange(access) && memory == expected;
  const bool returns = access != Access::kStore && !is_compare_exchange(access);
  return {.returned = returns ? memory : 0,
          .expected = is_compare_exchange(access) ? memory : expected,
          .left = (whole ^ memory) | low_bytes(new_value(access, memory, operand, expected), width_bytes),
          .succeeded = succeeds,
          .kind = kind_of(access)};
}

class AtomicAccessTest : public MachineFixture {
 protected:
  const RunView& run_access(std::uint32_t code, const Operands& seeds, const RunOptions& options) {
    return run("accesses",
               {"access " + std::to_string(code) + " " + std::to_string(seeds.memory) + " " +
                std::to_string(seeds.operand) + " " + std::to_string(seeds.expected)},
               {}, options);
  }

  // The target's first block.
  static const AccessResult& result() { return *reinterpret_cast<const AccessResult*>(kArenaBase + kArenaGapBytes); }

  void expect_access(Access access, std::uint32_t width_bytes, const Operands& seeds) {
    const Expected expected = model(access, width_bytes, seeds);
    const RunView& view = run_access(access_code(access, width_bytes), seeds, {.trace = true});
    ASSERT_EQ(view.end, RunEnd::kCompleted);
    EXPECT_TRUE(result().returned == expected.returned);
    EXPECT_TRUE(result().left == expected.left);
    EXPECT_TRUE(result().expected == expected.expected);
    EXPECT_EQ(result().succeeded, expected.succeeded ? 1u : 0u);

    const auto steps = steps_of_kind(view, expected.kind);
    ASSERT_EQ(steps.size(), 1u);
    EXPECT_EQ(steps[0].width_bytes, width_bytes);
    EXPECT_EQ(steps[0].before, static_cast<std::uint64_t>(low_bytes(spread(seeds.memory), width_bytes)));
    EXPECT_EQ(steps[0].after, static_cast<std::uint64_t>(low_bytes(expected.left, width_bytes)));
    EXPECT_EQ(steps[0].changed, expected.left != spread(seeds.memory));
  }

  std::uint64_t points_of(const std::string& program) { return run("accesses", {program}).points; }
};

TEST_F(AtomicAccessTest, EveryAccessComputesWhatTheModelSays) {
  Prng prng(1);
  for (const std::uint32_t width_bytes : kWidthsBytes) {
    for (std::uint32_t kind = 0; kind < kAccessKinds; ++kind) {
      for (int round = 0; round < 30; ++round) {
        const auto draw = [&prng] { return static_cast<std::uint32_t>(prng.next()); };
        Operands seeds{draw(), draw(), draw()};
        if (prng.chance(1, 2)) seeds.expected = seeds.memory;  // a compare-exchange that succeeds
        if (prng.chance(1, 8)) seeds.operand = seeds.memory;   // a store that changes nothing
        expect_access(static_cast<Access>(kind), width_bytes, seeds);
        if (HasFailure()) FAIL() << "access " << kind << " of " << width_bytes << " bytes, round " << round;
      }
    }
  }
}

TEST_F(AtomicAccessTest, EveryAccessIsOnePoint) {
  const std::uint64_t none = points_of("nothing");
  for (const std::uint32_t width_bytes : kWidthsBytes) {
    for (std::uint32_t kind = 0; kind < kAccessKinds; ++kind) {
      const std::uint32_t code = access_code(static_cast<Access>(kind), width_bytes);
      EXPECT_EQ(points_of("access " + std::to_string(code) + " 1 2 3"), none + 1) << kind << " " << width_bytes;
    }
  }
}

// One of the high bytes differs: an exchange that looks at the low half alone would succeed.
TEST_F(AtomicAccessTest, AWideCompareExchangeComparesBothHalves) {
  const RunView& view = run("proofs", {"spin_on_failing_compare_exchange 16"}, {}, {.trace = true});
  const auto steps = steps_of_kind(view, StepKind::kCompareExchange);
  ASSERT_FALSE(steps.empty());
  EXPECT_EQ(steps[0].before, 1u);
  EXPECT_EQ(steps[0].after, 1u);
  EXPECT_FALSE(steps[0].changed);
}

// A program that is not run under Gridlock has threads of its own.
TEST(AtomicAccessOutsideRuns, AreAtomic) {
  constexpr std::uint32_t kTimes = 200'000;
  std::uint32_t added = 0;
  std::uint32_t exchanged = 0;
  const auto work = [&] {
    for (std::uint32_t i = 0; i < kTimes; ++i) {
      __tsan_atomic32_fetch_add(&added, 1, __ATOMIC_SEQ_CST);
      std::uint32_t seen = __tsan_atomic32_load(&exchanged, __ATOMIC_SEQ_CST);
      while (__tsan_atomic32_compare_exchange_strong(&exchanged, &seen, seen + 1, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST) ==
             0) {
      }
    }
  };
  {
    const std::jthread one(work);
    const std::jthread other(work);
  }
  EXPECT_EQ(added, 2 * kTimes);
  EXPECT_EQ(exchanged, 2 * kTimes);
}

}  // namespace
}  // namespace gridlock
