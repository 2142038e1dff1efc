#include "engine/cli/finding_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <system_error>

#include "engine/base/hash.h"
#include "engine/files/write_all.h"

namespace gridlock {
namespace {

bool is_kept(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

std::uint32_t short_hash(std::string_view text) {
  Hasher hasher;
  for (const char c : text) hasher.add(static_cast<std::uint8_t>(c));
  return static_cast<std::uint32_t>(hasher.finish().low >> 32);
}

std::unexpected<Error> write_failure(const std::filesystem::path& path, int error) {
  return failure("write the file", path.string(), std::strerror(error));
}

Result<void> write_in_place(const std::filesystem::path& path, std::string_view bytes) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (descriptor < 0) return write_failure(path, errno);
  const bool complete = write_all(descriptor, bytes);
  const int error = errno;
  ::close(descriptor);
  if (!complete) return write_failure(path, error);
  return {};
}

}  // namespace

std::string finding_file_stem(std::string_view signature) {
  std::string stem;
  for (const char c : signature) {
    if (stem.size() >= kStemCharactersMax) break;
    if (is_kept(c)) {
      stem += c;
    } else if (!stem.empty() && stem.back() != '-') {
      stem += '-';
    }
  }
  while (!stem.empty() && stem.back() == '-') stem.pop_back();
  if (stem.empty() || stem.front() == '_') stem.insert(0, "finding");
  return fmt::format("{}-{:08x}", stem, short_hash(signature));
}

Result<void> prepare_directory(const std::filesystem::path& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return failure("create the folder", directory.string(), error.message());
  const auto probe = directory / fmt::format(".gridlock-probe-{}", ::getpid());
  if (const auto written = write_file(probe, "probe\n"); !written) {
    return failure("write to the folder", directory.string(), written.error().advice);
  }
  std::filesystem::remove(probe, error);
  return {};
}

Result<void> write_file(const std::filesystem::path& path, std::string_view bytes) {
  std::error_code ignored;
  const auto status = std::filesystem::status(path, ignored);
  // A device or pipe is written to: renaming over it would take it away from everybody.
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) return write_in_place(path, bytes);
  auto temporary = path;
  temporary += fmt::format(".{}.tmp", ::getpid());
  const int descriptor = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor < 0) return write_failure(path, errno);
  const bool complete = write_all(descriptor, bytes);
  const int write_error = errno;
  const bool closed = ::close(descriptor) == 0;
  if (complete && closed && ::rename(temporary.c_str(), path.c_str()) == 0) return {};
  const int error = complete ? errno : write_error;
  ::unlink(temporary.c_str());
  return write_failure(path, error);
}

Result<void> write_output(const std::string& path, std::string_view bytes) {
  if (!path.empty()) return write_file(path, bytes);
  if (std::fwrite(bytes.data(), 1, bytes.size(), stdout) != bytes.size() || std::fflush(stdout) != 0) {
    return write_failure("stdout", errno);
  }
  return {};
}

}  // namespace gridlock
