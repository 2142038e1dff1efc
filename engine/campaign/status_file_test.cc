#include "engine/campaign/status_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <string>

#include "engine/campaign/files.h"

namespace gridlock::campaign {
namespace {

using ::testing::Eq;

// A page as parent and child see it: the file, and the child's mapping of it.
class StatusFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = "/tmp/gridlock-status-XXXXXX";
    ASSERT_NE(::mkdtemp(folder_.data()), nullptr);
    auto made = StatusFile::create(path());
    ASSERT_TRUE(made) << made.error().message();
    file_.emplace(std::move(*made));
    descriptor_ = ::open(path().c_str(), O_RDWR);
    void* const memory = ::mmap(nullptr, sizeof(StatusPage), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor_, 0);
    ASSERT_NE(memory, MAP_FAILED);
    childs_ = static_cast<StatusPage*>(memory);
  }
  void TearDown() override {
    ::munmap(childs_, sizeof(StatusPage));
    ::close(descriptor_);
    remove_quietly(folder_);
  }
  [[nodiscard]] std::string path() const { return folder_ + "/page"; }

  std::string folder_;
  std::optional<StatusFile> file_;
  int descriptor_ = -1;
  StatusPage* childs_ = nullptr;
};

TEST_F(StatusFileTest, SaysNothingBeforeTheChildDoes) {
  childs_->runs = 7;
  EXPECT_THAT(file_->refresh(), Eq(PageState::kNotYet));
  EXPECT_THAT(file_->page().runs.load(), Eq(0U));
}

TEST_F(StatusFileTest, ShowsWhatTheChildWrites) {
  childs_->magic = kStatusPageMagic;
  childs_->runs = 7;
  childs_->corpus_entries = 12;
  EXPECT_THAT(file_->refresh(), Eq(PageState::kValid));
  EXPECT_THAT(file_->page().runs.load(), Eq(7U));
  childs_->runs = 9;
  childs_->corpus_entries = 3;  // a state, not a count: it may go down
  EXPECT_THAT(file_->refresh(), Eq(PageState::kValid));
  EXPECT_THAT(file_->page().runs.load(), Eq(9U));
  EXPECT_THAT(file_->page().corpus_entries.load(), Eq(3U));
}

TEST_F(StatusFileTest, ACountThatGoesBackIsGarbageAndIsNotTaken) {
  childs_->magic = kStatusPageMagic;
  childs_->runs = 7;
  childs_->run_points_buckets[15] = 3;
  ASSERT_THAT(file_->refresh(), Eq(PageState::kValid));
  childs_->runs = 6;
  EXPECT_THAT(file_->refresh(), Eq(PageState::kGarbage));
  childs_->runs = 8;
  childs_->run_points_buckets[15] = 2;
  EXPECT_THAT(file_->refresh(), Eq(PageState::kGarbage));
  EXPECT_THAT(file_->page().runs.load(), Eq(7U));
}

TEST_F(StatusFileTest, AnotherLayoutIsGarbage) {
  childs_->magic = kStatusPageMagic + 1;
  EXPECT_THAT(file_->refresh(), Eq(PageState::kGarbage));
}

TEST_F(StatusFileTest, AFileThatWasCutOffIsGarbageAndKillsNobody) {
  childs_->magic = kStatusPageMagic;
  ASSERT_THAT(file_->refresh(), Eq(PageState::kValid));
  ASSERT_THAT(::ftruncate(descriptor_, 0), Eq(0));
  EXPECT_THAT(file_->refresh(), Eq(PageState::kGarbage));
}

TEST_F(StatusFileTest, APageThatIsThereIsNotMadeAgain) {
  EXPECT_FALSE(StatusFile::create(path()).has_value());
}

}  // namespace
}  // namespace gridlock::campaign
