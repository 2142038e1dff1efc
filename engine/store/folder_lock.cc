#include "engine/store/folder_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

namespace gridlock::store {
namespace {

constexpr std::size_t kPidBytesMax = 32;

std::string content_of(int file) {
  std::array<char, kPidBytesMax> bytes{};
  const ssize_t count = ::pread(file, bytes.data(), bytes.size(), 0);
  std::string text(bytes.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

}  // namespace

Result<FolderLock> FolderLock::take(const std::filesystem::path& folder) {
  const std::string path = folder / "lock";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (file < 0) return failure("lock the data folder", path, std::strerror(errno));
  FolderLock lock(file, false);
  if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return failure("lock the data folder", path, std::strerror(errno));
    return failure("lock the data folder", path,
                   fmt::format("the server with process id {} has it; stop that one, or give another data folder",
                               content_of(file)));
  }
  lock.was_left_open_ = !content_of(file).empty();
  const std::string pid = fmt::format("{}\n", ::getpid());
  // On disk before the first write to the database: after a power cut it says that the folder was open.
  // Never empty in between: on a full disk it would stay so, and say that all was closed well.
  if (::pwrite(file, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size()) ||
      ::ftruncate(file, static_cast<off_t>(pid.size())) != 0 || ::fsync(file) != 0) {
    return failure("lock the data folder", path, std::strerror(errno));
  }
  return lock;
}

FolderLock::FolderLock(FolderLock&& other) noexcept
    : file_(std::exchange(other.file_, -1)), was_left_open_(other.was_left_open_) {}

FolderLock::~FolderLock() {
  if (file_ >= 0) ::close(file_);
}

void FolderLock::closed_well() {
  // Without it the next owner checks for nothing, which costs time only.
  if (::ftruncate(file_, 0) == 0) ::fsync(file_);
}

}  // namespace gridlock::store
