#include "engine/model/status_counts.h"

#include <gtest/gtest.h>

#include <memory>

namespace gridlock {
namespace {

// The page as a row of numbers, which is what it is to the two programs that share it.
constexpr std::size_t kWords = sizeof(StatusPage) / sizeof(std::uint64_t);

TEST(StatusCounts, EveryFieldOfThePageIsInTheSnapshotOnce) {
  const auto page = std::make_unique<StatusPage>();
  auto* words = reinterpret_cast<std::atomic<std::uint64_t>*>(page.get());
  const StatusCounts zeros = snapshot(*page);
  EXPECT_EQ(zeros, StatusCounts());
  // The first word is the magic, which is no count.
  for (std::size_t i = 1; i < kWords; ++i) {
    words[i] = i;
    const StatusCounts one = snapshot(*page);
    EXPECT_FALSE(one == zeros) << "word " << i;
    words[i] = 0;
  }
  EXPECT_EQ(sizeof(StatusCounts), sizeof(StatusPage) - sizeof(page->magic));
}

TEST(StatusCounts, NamesAreThoseOfThePage) {
  StatusPage page;
  page.runs = 1;
  page.points = 2;
  page.interrupts_raised = 3;
  page.interrupts_taken = 4;
  page.run_points_buckets[kStatusBuckets - 1] = 5;
  page.run_nanoseconds_buckets[0] = 6;
  page.features = 7;
  const StatusCounts counts = snapshot(page);
  EXPECT_EQ(counts.runs, 1u);
  EXPECT_EQ(counts.points, 2u);
  EXPECT_EQ(counts.interrupts_raised, 3u);
  EXPECT_EQ(counts.interrupts_taken, 4u);
  EXPECT_EQ(counts.run_points_buckets[kStatusBuckets - 1], 5u);
  EXPECT_EQ(counts.run_nanoseconds_buckets[0], 6u);
  EXPECT_EQ(counts.features, 7u);
}

TEST(StatusCounts, APageIsValidOnceTheFuzzingProcessHasSaidSo) {
  StatusPage page;
  EXPECT_FALSE(is_valid(page));
  page.magic = kStatusPageMagic;
  EXPECT_TRUE(is_valid(page));
  page.magic = kStatusPageMagic + 1;
  EXPECT_FALSE(is_valid(page));
}

}  // namespace
}  // namespace gridlock
