#include "engine/cli/status_writer.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <filesystem>
#include <fstream>
#include <utility>

namespace gridlock {
namespace {

class StatusWriterTest : public testing::Test {
 protected:
  StatusWriterTest() {
    std::string path = testing::TempDir() + "gridlock-status-XXXXXX";
    folder_ = ::mkdtemp(path.data());
    path_ = folder_ + "/page";
  }
  ~StatusWriterTest() override {
    if (shown_ != nullptr) ::munmap(shown_, sizeof(StatusPage));
    std::filesystem::remove_all(folder_);
  }

  void create(std::size_t size) {
    std::ofstream(path_).close();
    std::filesystem::resize_file(path_, size);
  }
  // What the process that started the fuzzer sees.
  const StatusPage& shown() {
    if (shown_ == nullptr) {
      const int descriptor = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
      shown_ = ::mmap(nullptr, sizeof(StatusPage), PROT_READ, MAP_SHARED, descriptor, 0);
      ::close(descriptor);
    }
    return *static_cast<const StatusPage*>(shown_);
  }

  std::string folder_;
  std::string path_;
  void* shown_ = nullptr;
};

TEST_F(StatusWriterTest, AFileOfAnotherSizeOrNoneIsRefused) {
  EXPECT_FALSE(StatusWriter::open(path_, "").has_value());
  for (const std::size_t size : {std::size_t{0}, sizeof(StatusPage) - 1, sizeof(StatusPage) + 1}) {
    create(size);
    const auto opened = StatusWriter::open(path_, "");
    ASSERT_FALSE(opened.has_value()) << size;
    EXPECT_EQ(opened.error().on, path_);
  }
  EXPECT_FALSE(StatusWriter::open(folder_, "").has_value());
}

TEST_F(StatusWriterTest, ThePageIsNotValidBeforeItSaysSomething) {
  create(sizeof(StatusPage));
  auto writer = StatusWriter::open(path_, "").value();
  EXPECT_EQ(shown().magic.load(), 0u);
  writer.show({}, {}, StatusWriter::Clock::now());
  EXPECT_EQ(shown().magic.load(), kStatusPageMagic);
}

TEST_F(StatusWriterTest, TheWorkersAreAddedUp) {
  create(sizeof(StatusPage));
  auto writer = StatusWriter::open(path_, "").value();
  const auto first = std::move(SharedRunPage::create().value());
  const auto second = std::move(SharedRunPage::create().value());
  std::uint64_t number = 1;
  for (const auto* page : {&first, &second}) {
    (*page)->runs = number++;
    (*page)->points = number++;
    (*page)->switches = number++;
    (*page)->interrupts_raised = number++;
    (*page)->interrupts_taken = number++;
    (*page)->migrations_taken = number++;
    (*page)->inconclusive = number++;
    (*page)->unconfirmed = number++;
    (*page)->ordered_reports = number++;
    (*page)->run_nanoseconds = number++;
    (*page)->run_nanoseconds_buckets[3] = number++;
    (*page)->run_points_buckets[15] = number++;
    (*page)->features.mark(7);
    (*page)->features.mark(number);
    (*page)->code_edges.mark(number);
  }
  first->migrations_dropped = 300;
  second->migrations_dropped = 1;
  second->migrations_pending = 400;
  const RunPage* const pages[] = {&*first, &*second};
  const ParentCounts parent{
      .workers_up = 2, .worker_restarts = 5, .findings = 1, .unconfirmed = 100, .ordered_reports = 200};
  writer.show(pages, parent, StatusWriter::Clock::now());
  EXPECT_EQ(shown().runs.load(), 1u + 13);
  EXPECT_EQ(shown().points.load(), 2u + 14);
  EXPECT_EQ(shown().switches.load(), 3u + 15);
  EXPECT_EQ(shown().interrupts_raised.load(), 4u + 16);
  EXPECT_EQ(shown().interrupts_taken.load(), 5u + 17);
  EXPECT_EQ(shown().migrations_taken.load(), 6u + 18);
  EXPECT_EQ(shown().migrations_dropped.load(), 301u);
  EXPECT_EQ(shown().migrations_pending.load(), 400u);
  EXPECT_EQ(shown().inconclusive.load(), 7u + 19);
  EXPECT_EQ(shown().unconfirmed.load(), 8u + 20 + 100);
  EXPECT_EQ(shown().ordered_reports.load(), 9u + 21 + 200);
  EXPECT_EQ(shown().run_nanoseconds.load(), 10u + 22);
  EXPECT_EQ(shown().run_nanoseconds_buckets[3].load(), 11u + 23);
  EXPECT_EQ(shown().run_points_buckets[15].load(), 12u + 24);
  EXPECT_EQ(shown().features.load(), 3u);
  EXPECT_EQ(shown().code_edges.load(), 2u);
  EXPECT_EQ(shown().workers_up.load(), 2u);
  EXPECT_EQ(shown().worker_restarts.load(), 5u);
  EXPECT_EQ(shown().findings.load(), 1u);
}

TEST_F(StatusWriterTest, TheCorpusIsCountedNowAndThen) {
  create(sizeof(StatusPage));
  const std::string corpus = folder_ + "/corpus";
  std::filesystem::create_directory(corpus);
  std::ofstream(corpus + "/a").close();
  auto writer = StatusWriter::open(path_, corpus).value();
  const auto start = StatusWriter::Clock::now();
  writer.show({}, {}, start);
  EXPECT_EQ(shown().corpus_entries.load(), 1u);
  std::ofstream(corpus + "/b").close();
  writer.show({}, {}, start + kStatusInterval);
  EXPECT_EQ(shown().corpus_entries.load(), 1u);
  writer.show({}, {}, start + kCorpusCountInterval);
  EXPECT_EQ(shown().corpus_entries.load(), 2u);
}

TEST_F(StatusWriterTest, TheHeartbeatMovesAndACopyIsDueFiveTimesASecond) {
  create(sizeof(StatusPage));
  auto writer = StatusWriter::open(path_, "").value();
  const auto start = StatusWriter::Clock::now();
  EXPECT_TRUE(writer.due(start));
  writer.show({}, {}, start);
  const std::uint64_t before = shown().heartbeat.load();
  writer.beat();
  EXPECT_NE(shown().heartbeat.load(), before);
  EXPECT_FALSE(writer.due(start + kStatusInterval / 2));
  EXPECT_TRUE(writer.due(start + kStatusInterval));
}

}  // namespace
}  // namespace gridlock
