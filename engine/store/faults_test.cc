// What the disk can do to the store: it is full, it cannot be written to, it changes what was written. Whenever the
// process is root, on a small disk of its own.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>

#include "engine/store/connection.h"
#include "engine/store/folder_lock.h"
#include "engine/store/store_fixture.h"

namespace gridlock::store {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

constexpr UnixMs kNow = 1'700'000'000'000;

// What somebody who was told remembers.
struct Announced {
  std::uint64_t sightings = 0;
  std::vector<std::string> keys;
  std::vector<BlobName> blobs;
};

// Finds one bug after another, twice each, until the store refuses; gives the refusal's message.
std::string fill_until_refused(Store& store, const std::string& prefix, Announced& announced) {
  constexpr int kMost = 100'000;
  for (int number = 0; number < kMost; ++number) {
    const auto bytes = fmt::format("{} {} {}", prefix, number, std::string(1000, 'x'));
    const auto blob = store.put_blob(bytes);
    if (!blob) return blob.error().message();
    announced.blobs.push_back(*blob);
    const auto campaign = store.campaign("lock", "broken", "builtin", "none");
    if (!campaign) return campaign.error().message();
    const auto build = store.record_build("b1", "v1", kNow);
    if (!build) return build.error().message();
    const auto stint = store.begin_stint(campaign->id, build->id, kNow);
    if (!stint) return stint.error().message();
    const Store::Seen seen{
        .target = "lock",
        .variant = "broken",
        .verdict = {.kind = VerdictKind::kHang, .signature = fmt::format("{}{}", prefix, number), .summary = "waits"},
        .sighting = {.campaign = campaign->id, .stint = *stint, .build = build->id, .time = kNow}};
    for (int time = 0; time < 2; ++time) {
      if (const auto recorded = store.record_sighting(seen); !recorded) return recorded.error().message();
      ++announced.sightings;
    }
    announced.keys.push_back(finding_key("lock", seen.verdict.signature));
  }
  return "never refused";
}

void check_kept(Store& store, const Announced& announced) {
  for (const std::string& key : announced.keys) {
    ASSERT_TRUE(must(store.finding(key)).has_value()) << key;
    EXPECT_EQ(must(store.finding(key))->sightings, 2U);
  }
  for (const BlobName& blob : announced.blobs) EXPECT_TRUE(store.blob(blob).has_value());
  Connection connection(store.folder() / "gridlock.db", Connection::Use::kRead);
  EXPECT_EQ(connection.value<std::string>("PRAGMA integrity_check"), "ok");
  EXPECT_EQ(connection.value<std::uint64_t>("SELECT count(*) FROM sighting"), announced.sightings);
}

// A disk in memory.
class SmallDisk {
 public:
  explicit SmallDisk(const char* size) {
    is_mounted_ = ::mount("gridlock", folder_.path().c_str(), "tmpfs", 0, fmt::format("size={}", size).c_str()) == 0;
  }
  ~SmallDisk() {
    if (is_mounted_) ::umount2(folder_.path().c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  [[nodiscard]] bool is_mounted() const { return is_mounted_; }
  [[nodiscard]] bool make_read_only() const {
    return ::mount("gridlock", folder_.path().c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, nullptr) == 0;
  }
  [[nodiscard]] fs::path path() const { return folder_.path(); }

 private:
  TemporaryFolder folder_;
  bool is_mounted_ = false;
};

TEST(DiskFaultsTest, AFullDiskLosesNothingAndIsWrittenToAgainWhenThereIsRoom) {
  const SmallDisk disk("16m");
  if (!disk.is_mounted()) GTEST_SKIP() << "only root mounts a disk; the next test does without";
  std::ofstream(disk.path() / "ballast") << std::string(6 << 20, 'x');
  const fs::path data = disk.path() / "data";
  Announced announced;
  {
    const auto store = must(Store::open(data));
    EXPECT_THAT(fill_until_refused(*store, "first", announced), HasSubstr("the disk is full"));
    ASSERT_GT(announced.keys.size(), 10U);
    check_kept(*store, announced);
    // Refused again, and again nothing is lost.
    EXPECT_THAT(fill_until_refused(*store, "second", announced), HasSubstr("the disk is full"));
    check_kept(*store, announced);
    fs::remove(disk.path() / "ballast");
    const std::size_t before = announced.keys.size();
    EXPECT_THAT(fill_until_refused(*store, "third", announced), HasSubstr("the disk is full"));
    EXPECT_GT(announced.keys.size(), before + 10);
  }
  // Nor does it need room to open.
  check_kept(*must(Store::open(data)), announced);
}

// A limit on the size of files, which the writes of a process meet like the end of a disk.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    handler_ = ::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  sighandler_t handler_ = nullptr;
  rlimit before_{};
};

TEST(DiskFaultsTest, AFileThatCannotGrowLosesNothingAndGrowsAgain) {
  const TemporaryFolder folder;
  const auto store = must(Store::open(folder.path()));
  Announced announced;
  {
    const FileSizeLimit limit(400 << 10);
    EXPECT_THAT(fill_until_refused(*store, "first", announced), HasSubstr("all that was announced is kept"));
    check_kept(*store, announced);
  }
  const FileSizeLimit larger(600 << 10);
  const std::size_t before = announced.keys.size();
  EXPECT_THAT(fill_until_refused(*store, "second", announced), HasSubstr("all that was announced is kept"));
  EXPECT_GT(announced.keys.size(), before);
  check_kept(*store, announced);
}

TEST(DiskFaultsTest, OnAFullDiskItIsStillKnownThatTheLastOwnerWasKilled) {
  const SmallDisk disk("1m");
  if (!disk.is_mounted()) GTEST_SKIP() << "only root mounts a disk";
  must(FolderLock::take(disk.path()));
  std::ofstream(disk.path() / "ballast") << std::string(2 << 20, 'x');
  ASSERT_EQ(fs::space(disk.path()).available, 0U);
  EXPECT_TRUE(must(FolderLock::take(disk.path())).was_left_open());
}

TEST(DiskFaultsTest, AReadOnlyDiskIsSaidSo) {
  const SmallDisk disk("8m");
  if (!disk.is_mounted()) GTEST_SKIP() << "only root mounts a disk";
  const fs::path data = disk.path() / "data";
  must(Store::open(data));
  ASSERT_TRUE(disk.make_read_only());
  const auto refused = Store::open(data);
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().message(), HasSubstr("Read-only file system"));
  EXPECT_THAT(refused.error().message(), HasSubstr(data.string()));
}

class BrokenDatabaseTest : public StoreTest {
 protected:
  BrokenDatabaseTest() {
    std::vector<Store::Seen> all;
    for (int number = 0; number < 500; ++number) all.push_back(seen("lock", fmt::format("function_{}", number)));
    must(store().record_sightings(all));
    close();
  }
  void spoil() const {
    for (const std::int64_t offset : pages_of("finding")) spoil_at(offset);
  }
  void leave_open() const { std::ofstream(data() / "lock") << "1\n"; }
};

TEST_F(BrokenDatabaseTest, IsFoundWhenTheLastOwnerDidNotClose) {
  spoil();
  leave_open();
  for (int time = 0; time < 2; ++time) {
    const auto refused = Store::open(data());
    ASSERT_FALSE(refused.has_value());
    EXPECT_THAT(refused.error().message(), AllOf(HasSubstr("broken"), HasSubstr("gridlock serve --salvage")));
  }
}

TEST_F(BrokenDatabaseTest, IsFoundWhenTheLastOwnerClosedWell) {
  spoil();
  const auto refused = Store::open(data());
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().message(), AllOf(HasSubstr("broken"), HasSubstr("gridlock serve --salvage")));
}

TEST_F(BrokenDatabaseTest, IsFoundByWhoeverReadsItAndThenByTheNextOwner) {
  open();
  spoil();
  const auto refused = store().findings({});
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().message(), AllOf(HasSubstr("broken"), HasSubstr("gridlock serve --salvage")));
  close();
  EXPECT_FALSE(Store::open(data()).has_value());
}

TEST_F(BrokenDatabaseTest, AFileThatIsNoneIsRefused) {
  std::ofstream(database()) << std::string(100'000, 'x');
  const auto refused = Store::open(data());
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().message(), HasSubstr("gridlock serve --salvage"));
}

TEST_F(BrokenDatabaseTest, AWholeOneIsCheckedAndOpened) {
  leave_open();
  open();
  EXPECT_EQ(must(store().findings({})).total, 500U);
}

}  // namespace
}  // namespace gridlock::store
