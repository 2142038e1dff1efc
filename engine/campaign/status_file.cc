#include "engine/campaign/status_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "engine/model/status_counts.h"

namespace gridlock::campaign {
namespace {

// The page is made of 64-bit words alone, which is what makes it the same for both programs.
constexpr std::size_t kWords = sizeof(StatusPage) / sizeof(std::atomic<std::uint64_t>);
static_assert(sizeof(StatusPage) == kWords * sizeof(std::atomic<std::uint64_t>));

std::atomic<std::uint64_t>* words_of(StatusPage& page) {
  return reinterpret_cast<std::atomic<std::uint64_t>*>(&page);
}
const std::atomic<std::uint64_t>* words_of(const StatusPage& page) {
  return reinterpret_cast<const std::atomic<std::uint64_t>*>(&page);
}

void copy(const StatusPage& from, StatusPage& to) {
  for (std::size_t i = 0; i < kWords; ++i) words_of(to)[i] = words_of(from)[i].load(std::memory_order_relaxed);
}

// True if nothing that is counted since the child began went back.
bool follows(const StatusPage& now, const StatusPage& then) {
  const std::size_t first = static_cast<std::size_t>(&then.worker_restarts - words_of(then));
  const std::size_t end = static_cast<std::size_t>(&then.features - words_of(then));
  for (std::size_t i = first; i < end; ++i) {
    if (words_of(now)[i].load(std::memory_order_relaxed) < words_of(then)[i].load(std::memory_order_relaxed)) {
      return false;
    }
  }
  return true;
}

}  // namespace

Result<StatusFile> StatusFile::create(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0) return failure("make the status page", path.string(), std::strerror(errno));
  StatusFile file(descriptor);
  // Allocated, not only sized: a full disk is told here and does not kill the child that writes to its mapping.
  if (const int error = ::posix_fallocate(descriptor, 0, sizeof(StatusPage)); error != 0) {
    return failure("make the status page", path.string(), std::strerror(error));
  }
  return file;
}

StatusFile::StatusFile(StatusFile&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {
  copy(other.page_, page_);
}

StatusFile& StatusFile::operator=(StatusFile&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  copy(other.page_, page_);
  return *this;
}

StatusFile::~StatusFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

PageState StatusFile::refresh() {
  StatusPage now;
  if (::pread(descriptor_, static_cast<void*>(words_of(now)), sizeof(now), 0) != sizeof(now)) {
    return PageState::kGarbage;
  }
  if (now.magic.load(std::memory_order_relaxed) == 0) return PageState::kNotYet;
  if (!is_valid(now) || !follows(now, page_)) return PageState::kGarbage;
  copy(now, page_);
  return PageState::kValid;
}

}  // namespace gridlock::campaign
