// Logs by cpu become one order: by time, without the rounds of spins.
#include "engine/threads/order_log.h"

#include <gtest/gtest.h>

namespace gridlock {
namespace {

constexpr std::uint64_t kLock = 0x100, kData = 0x200;

RecordedPoint read(std::uint32_t cpu, std::uint64_t address) {
  return {CpuId(cpu), address, false};
}
RecordedPoint write(std::uint32_t cpu, std::uint64_t address) {
  return {CpuId(cpu), address, true};
}

RecordedOrder merged(const OrderLog& first, const OrderLog& second) {
  const OrderLog* const logs[] = {&first, &second};
  return merge(logs);
}

TEST(OrderLogTest, PointsAreOrderedByTime) {
  OrderLog first, second;
  first.note(10, kLock, true);
  first.note(30, kData, false);
  second.note(20, kLock, true);
  EXPECT_EQ(merged(first, second), (RecordedOrder{write(0, kLock), write(1, kLock), read(0, kData)}));
}

TEST(OrderLogTest, ATieGoesToTheLowerCpu) {
  OrderLog first, second;
  first.note(10, kData, false);
  second.note(10, kLock, true);
  EXPECT_EQ(merged(first, second), (RecordedOrder{read(0, kData), write(1, kLock)}));
}

TEST(OrderLogTest, OfASpinTheFirstRoundIsKept) {
  OrderLog first, second;
  for (std::uint64_t time = 1; time <= 50; ++time) {
    first.note(10 * time, kLock, false);
    first.note(10 * time + 1, 0, false);
  }
  first.note(1000, kData, true);
  second.note(400, kLock, true);
  EXPECT_EQ(merged(first, second), (RecordedOrder{read(0, kLock), read(0, 0), write(1, kLock), write(0, kData)}));
}

TEST(OrderLogTest, AccessesThatDifferInKindAreNoSpin) {
  OrderLog first, second;
  first.note(1, kLock, false);
  first.note(2, kLock, true);
  first.note(3, kData, false);
  EXPECT_EQ(merged(first, second).size(), 3u);
}

TEST(OrderLogTest, AFullLogKeepsItsBeginning) {
  OrderLog first, second;
  for (std::uint64_t i = 0; i < OrderLog::kRecordsMax + 5; ++i) first.note(i, 8 * i, false);
  ASSERT_EQ(first.records().size(), OrderLog::kRecordsMax);
  EXPECT_EQ(first.records().front().address, 0u);
  first.clear();
  EXPECT_TRUE(merged(first, second).empty());
}

}  // namespace
}  // namespace gridlock
