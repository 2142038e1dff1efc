#include "engine/metrics/process_metrics.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <fstream>
#include <map>
#include <optional>
#include <string>

namespace gridlock::metrics {
namespace {

namespace fs = std::filesystem;

std::map<std::string, double> values(const fs::path& proc) {
  std::map<std::string, double> found;
  for (const auto& family : process_families(proc)) found[family.name] = family.metric.at(0).gauge.value;
  return found;
}

class ProcFolder : public testing::Test {
 protected:
  ProcFolder() {
    std::string name = (fs::temp_directory_path() / "gridlock_proc_XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    fs::create_directories(folder_ / "self/fd");
  }
  ~ProcFolder() override { fs::remove_all(folder_); }

  void write(const char* name, const std::string& text) { std::ofstream(folder_ / name) << text; }

  fs::path folder_;
};

TEST_F(ProcFolder, FieldsAreFoundBehindANameThatHoldsAnything) {
  write("stat", "cpu  1 2 3\nintr 5\nbtime 1700000000\n");
  const double ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  write("self/stat", "77 (a) b (c) S 1 2 3 4 5 6 7 8 9 10 " + std::to_string(static_cast<long>(3 * ticks)) + " " +
                         std::to_string(static_cast<long>(2 * ticks)) + " 16 17 18 19 4 0 " +
                         std::to_string(static_cast<long>(50 * ticks)) + " 123456 10 18446744073709551615 0\n");
  const auto found = values(folder_);
  EXPECT_EQ(found.at("process_cpu_seconds_total"), 5);
  EXPECT_EQ(found.at("process_threads"), 4);
  EXPECT_EQ(found.at("process_start_time_seconds"), 1'700'000'050);
  EXPECT_EQ(found.at("process_virtual_memory_bytes"), 123456);
  EXPECT_EQ(found.at("process_resident_memory_bytes"), 10.0 * static_cast<double>(::sysconf(_SC_PAGESIZE)));
}

TEST_F(ProcFolder, WhatCannotBeReadIsMissingAndNotZero) {
  for (const char* stat : {"", "77 (a", "77 (a) S 1 2", "77 (a) S x x x x x x x x x x x x x x x x x x x x x"}) {
    write("self/stat", stat);
    EXPECT_FALSE(values(folder_).contains("process_resident_memory_bytes")) << stat;
    EXPECT_FALSE(values(folder_).contains("process_start_time_seconds")) << stat;
  }
  EXPECT_FALSE(values(folder_ / "gone").contains("process_open_fds"));
}

TEST(ProcessMetrics, OneMoreOpenFileIsOneMore) {
  const double before = values("/proc").at("process_open_fds");
  const int file = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ASSERT_GE(file, 0);
  EXPECT_EQ(values("/proc").at("process_open_fds"), before + 1);
  ::close(file);
  EXPECT_EQ(values("/proc").at("process_open_fds"), before);
}

TEST(ProcessMetrics, MemoryThatIsTouchedIsResident) {
  constexpr std::size_t kBytes = 64 << 20;
  const double before = values("/proc").at("process_resident_memory_bytes");
  void* block = ::mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  ASSERT_NE(block, MAP_FAILED);
  EXPECT_GE(values("/proc").at("process_resident_memory_bytes") - before, 0.9 * kBytes);
  ::munmap(block, kBytes);
}

TEST(DiskSpace, IsThatOfTheFoldersDisk) {
  const auto space = disk_space("/");
  ASSERT_TRUE(space.has_value());
  EXPECT_GT(space->size_bytes, 0);
  EXPECT_LE(space->free_bytes, space->size_bytes);
}

TEST(DiskSpace, OfNoFolderIsAnErrorThatNamesIt) {
  const auto space = disk_space("/nowhere/at/all");
  ASSERT_FALSE(space.has_value());
  EXPECT_NE(space.error().message().find("/nowhere/at/all"), std::string::npos);
}

}  // namespace
}  // namespace gridlock::metrics
