#include "engine/campaign/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace gridlock::campaign {
namespace {

// A corpus of thousands of entries is kept whole while it is pruned.
TEST(FilesTest, AFileThatIsReadTakesTheRoomThatItNeedsAndNoMore) {
  const auto path = std::filesystem::path(testing::TempDir()) / "gridlock-files-test";
  std::ofstream(path) << std::string(100, 'x');
  const auto bytes = read_bounded(path, 1 << 20);
  ASSERT_TRUE(bytes.has_value());
  EXPECT_EQ(*bytes, std::string(100, 'x'));
  EXPECT_LT(bytes->capacity(), 4096U);
  EXPECT_FALSE(read_bounded(path, 99).has_value());
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace gridlock::campaign
