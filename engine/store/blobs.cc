#include "engine/store/blobs.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <system_error>

#include "engine/base/check.h"
#include "engine/store/store.h"

namespace gridlock::store {
namespace {

constexpr std::size_t kNameCharacters = 64;
constexpr std::string_view kTemporary = "new-";

class File {
 public:
  File(const std::filesystem::path& path, int flags) : file_(::open(path.c_str(), flags | O_CLOEXEC, 0644)) {}
  ~File() {
    if (file_ >= 0) ::close(file_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  [[nodiscard]] bool is_open() const { return file_ >= 0; }
  [[nodiscard]] bool sync() const { return ::fsync(file_) == 0; }
  [[nodiscard]] bool write(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t count = ::write(file_, bytes.data(), bytes.size());
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }
  // Nothing if it cannot be read, or is larger than a blob may be.
  [[nodiscard]] std::optional<std::string> read() const {
    struct stat status{};
    if (::fstat(file_, &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
    if (static_cast<std::size_t>(status.st_size) > kBlobBytesMax) return std::nullopt;
    std::string bytes(static_cast<std::size_t>(status.st_size), '\0');
    std::size_t done = 0;
    while (done < bytes.size()) {
      const ssize_t count = ::pread(file_, bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return std::nullopt;
      done += static_cast<std::size_t>(count);
    }
    return bytes;
  }

 private:
  int file_;
};

// Names come from URLs too, so nothing but a hash reaches the file system.
bool is_name(std::string_view name) {
  return name.size() == kNameCharacters && name.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::filesystem::path below(const std::filesystem::path& folder, std::string_view name) {
  return folder / name.substr(0, 2) / name.substr(2);
}

bool sync_folder(const std::filesystem::path& folder) {
  const File file(folder, O_RDONLY | O_DIRECTORY);
  return file.is_open() && file.sync();
}

Error could_not_write(const std::filesystem::path& path, int reason) {
  const bool is_full = reason == ENOSPC || reason == EDQUOT || reason == EFBIG;
  return {.tried = "keep a blob",
          .on = path.string(),
          .advice = is_full ? "the disk is full: free some space; all that was announced is kept, and writing goes on "
                              "when there is room"
                            : std::string(std::strerror(reason))};
}

}  // namespace

std::string sha256_hex(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  GRIDLOCK_CHECK(EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha256(), nullptr) == 1);
  std::string hex;
  for (unsigned at = 0; at < length; ++at) hex += fmt::format("{:02x}", digest.at(at));
  return hex;
}

Result<void> Blobs::prepare() {
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  if (error) return failure("make the folder of the blobs", folder_.string(), error.message());
  for (std::filesystem::directory_iterator entry(folder_, error), end; !error && entry != end; entry.increment(error)) {
    std::error_code ignored;
    if (entry->path().filename().string().starts_with(kTemporary)) std::filesystem::remove(entry->path(), ignored);
  }
  if (error) return failure("read the folder of the blobs", folder_.string(), error.message());
  return {};
}

Result<BlobName> Blobs::put(std::string_view bytes) {
  if (bytes.size() > kBlobBytesMax) {
    return failure("keep a blob", fmt::format("{} bytes", bytes.size()),
                   fmt::format("a blob has at most {} bytes", kBlobBytesMax));
  }
  BlobName name = sha256_hex(bytes);
  const auto path = below(folder_, name);
  // Whoever wrote it may have been killed before the folder was on disk, so that is done again. A file that the disk
  // has spoilt is replaced.
  if (const File there(path, O_RDONLY); there.is_open() && there.read() == bytes && sync_folder(path.parent_path())) {
    return name;
  }
  std::error_code error;
  std::filesystem::create_directory(path.parent_path(), error);
  if (error) return std::unexpected(could_not_write(path, error.value()));
  const auto temporary = folder_ / fmt::format("{}{}", kTemporary, next_temporary_.fetch_add(1));
  const File file(temporary, O_WRONLY | O_CREAT | O_TRUNC);
  if (!file.is_open() || !file.write(bytes) || !file.sync() || ::rename(temporary.c_str(), path.c_str()) != 0 ||
      !sync_folder(path.parent_path()) || !sync_folder(folder_)) {
    const int reason = errno;
    std::filesystem::remove(temporary, error);
    return std::unexpected(could_not_write(path, reason));
  }
  return name;
}

Result<std::string> Blobs::get(const BlobName& name) const {
  if (!is_name(name)) return failure("read a blob", name, "a blob's name is 64 hexadecimal digits");
  const auto path = below(folder_, name);
  const File file(path, O_RDONLY);
  if (!file.is_open()) return failure("read a blob", path.string(), std::strerror(errno));
  auto bytes = file.read();
  if (!bytes) return failure("read a blob", path.string(), "it cannot be read to its end; check the disk");
  if (sha256_hex(*bytes) != name) {
    return failure("read a blob", path.string(), "its bytes are not those that were written; check the disk");
  }
  return std::move(*bytes);
}

}  // namespace gridlock::store
