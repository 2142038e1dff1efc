#include "engine/campaign/programs.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <stop_token>
#include <system_error>

#include "engine/campaign/plan.h"
#include "engine/campaign/tool.h"

namespace gridlock::campaign {
namespace {

constexpr std::size_t kProgramsMax = 1000;

using Digest = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

Result<void> add_file(const Digest& digest, const std::filesystem::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return failure("read the program", path.string(), std::strerror(errno));
  // With its end, so that no name and bytes look like another name and other bytes.
  const std::string name = path.filename().string();
  EVP_DigestUpdate(digest.get(), name.c_str(), name.size() + 1);
  std::array<char, 256 << 10> buffer;
  ssize_t got = 0;
  std::uint64_t size = 0;
  while ((got = ::read(file, buffer.data(), buffer.size())) > 0) {
    EVP_DigestUpdate(digest.get(), buffer.data(), static_cast<std::size_t>(got));
    size += static_cast<std::uint64_t>(got);
  }
  const int error = errno;
  ::close(file);
  if (got < 0) return failure("read the program", path.string(), std::strerror(error));
  EVP_DigestUpdate(digest.get(), &size, sizeof(size));
  return {};
}

}  // namespace

Result<std::string> programs_digest(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> programs;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    const bool is_ours = name.starts_with("gridlock") || name.starts_with("libgridlock");
    if (is_ours && programs.size() < kProgramsMax && entry->is_regular_file(error)) programs.push_back(entry->path());
  }
  std::ranges::sort(programs);
  if (std::ranges::find(programs, folder / "gridlock") == programs.end()) {
    return failure("find the programs", folder.string(), "there is no `gridlock` in it");
  }
  const Digest digest(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  if (!digest || EVP_DigestInit_ex(digest.get(), EVP_sha256(), nullptr) != 1) {
    return failure("digest the programs", folder.string(), "OpenSSL gives no SHA-256");
  }
  for (const auto& path : programs) {
    if (auto added = add_file(digest, path); !added) return std::unexpected(added.error());
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned size = 0;
  EVP_DigestFinal_ex(digest.get(), bytes.data(), &size);
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    text += kDigits[bytes[i] >> 4];
    text += kDigits[bytes[i] & 15];
  }
  return text;
}

Result<std::vector<store::TargetVariant>> list_targets(const std::filesystem::path& folder, const Clock& clock) {
  const Tool tool(folder, clock, std::filesystem::temp_directory_path());
  const auto end = tool.run({"targets", "--json"}, std::stop_token());
  if (!end) return std::unexpected(end.error());
  if (end->end.exit_code() != 0) return failure("list the targets", folder.string(), end->end.describe());
  return parse_targets(end->last_line);
}

}  // namespace gridlock::campaign
