#include "engine/campaign/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "engine/files/write_all.h"

namespace gridlock::campaign {
namespace {

// Closes its descriptor at the end of a scope.
class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  [[nodiscard]] int value() const { return value_; }

 private:
  int value_;
};

void sync_folder(const std::filesystem::path& folder) {
  const Descriptor descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (descriptor.value() >= 0) ::fsync(descriptor.value());
}

}  // namespace

Result<std::string> read_bounded(const std::filesystem::path& path, std::size_t bytes_max) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (file.value() < 0) return failure("read the file", path.string(), std::strerror(errno));
  struct stat status{};
  if (::fstat(file.value(), &status) != 0) return failure("read the file", path.string(), std::strerror(errno));
  if (!S_ISREG(status.st_mode)) return failure("read the file", path.string(), "it is no regular file");
  // One byte more than there is, so that a file which grows meanwhile is noticed. No more: thousands of entries of a
  // corpus are kept at once, and each would keep room for the largest.
  const auto expected = std::min(static_cast<std::size_t>(status.st_size), bytes_max);
  std::string bytes(expected + 1, '\0');
  std::size_t size = 0;
  while (size < bytes.size()) {
    const auto got = ::read(file.value(), bytes.data() + size, bytes.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failure("read the file", path.string(), std::strerror(errno));
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > bytes_max) {
    return failure("read the file", path.string(), "it has more than " + std::to_string(bytes_max) + " bytes");
  }
  if (size > expected) return failure("read the file", path.string(), "it grows while it is read");
  bytes.resize(size);
  return bytes;
}

Result<void> write_whole(const std::filesystem::path& path, std::string_view bytes) {
  std::filesystem::path temporary = path;
  temporary += ".tmp";
  {
    const Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
    if (file.value() < 0) return failure("write the file", path.string(), std::strerror(errno));
    if (!write_all(file.value(), bytes) || ::fsync(file.value()) != 0) {
      const int error = errno;
      ::unlink(temporary.c_str());
      return failure("write the file", path.string(), std::strerror(error));
    }
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    const int error = errno;
    ::unlink(temporary.c_str());
    return failure("write the file", path.string(), std::strerror(error));
  }
  sync_folder(path.parent_path());
  return {};
}

Result<void> make_folder(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return failure("make the folder", path.string(), error.message());
  return {};
}

void remove_quietly(const std::filesystem::path& path) {
  std::error_code ignored;
  std::filesystem::remove_all(path, ignored);
}

}  // namespace gridlock::campaign
