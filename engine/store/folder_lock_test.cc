#include "engine/store/folder_lock.h"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <iterator>

#include "engine/store/store_fixture.h"

namespace gridlock::store {
namespace {

using testing::HasSubstr;

class FolderLockTest : public testing::Test {
 protected:
  [[nodiscard]] std::string content() const {
    std::ifstream file(folder_.path() / "lock");
    return {std::istreambuf_iterator<char>(file), {}};
  }
  TemporaryFolder folder_;
};

// A process that opens the store, says so, and lives until it is killed.
class Server {
 public:
  explicit Server(const std::filesystem::path& folder) {
    std::array<int, 2> ready{};
    if (::pipe(ready.data()) != 0) throw std::runtime_error("pipe");
    process_ = ::fork();
    if (process_ == 0) {
      const auto store = Store::open(folder);
      const char word = store ? 'y' : 'n';
      if (::write(ready[1], &word, 1) == 1) ::pause();
      ::_exit(0);
    }
    ::close(ready[1]);
    char word = 'n';
    if (::read(ready[0], &word, 1) != 1 || word != 'y') throw std::runtime_error("the other server does not start");
    ::close(ready[0]);
  }
  ~Server() { kill(); }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  void kill() {
    if (process_ == 0) return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    process_ = 0;
  }
  [[nodiscard]] pid_t process() const { return process_; }

 private:
  pid_t process_ = 0;
};

TEST_F(FolderLockTest, HoldsThePidAndIsEmptyAfterAnOrderlyEnd) {
  {
    FolderLock lock = must(FolderLock::take(folder_.path()));
    EXPECT_FALSE(lock.was_left_open());
    EXPECT_EQ(content(), std::to_string(::getpid()) + "\n");
    EXPECT_FALSE(FolderLock::take(folder_.path()).has_value());
    lock.closed_well();
  }
  EXPECT_EQ(content(), "");
  EXPECT_FALSE(must(FolderLock::take(folder_.path())).was_left_open());
  // That one did not close well.
  EXPECT_TRUE(must(FolderLock::take(folder_.path())).was_left_open());
}

TEST_F(FolderLockTest, AFolderThatIsNotThereIsAnError) {
  const auto lock = FolderLock::take(folder_.path() / "none");
  ASSERT_FALSE(lock.has_value());
  EXPECT_THAT(lock.error().message(), HasSubstr("No such file"));
}

TEST_F(FolderLockTest, ASecondServerIsRefusedUntilTheFirstIsDead) {
  Server first(folder_.path());
  const auto second = Store::open(folder_.path());
  ASSERT_FALSE(second.has_value());
  EXPECT_THAT(second.error().message(), HasSubstr("process id " + std::to_string(first.process())));
  first.kill();
  EXPECT_TRUE(Store::open(folder_.path()).has_value());
}

}  // namespace
}  // namespace gridlock::store
