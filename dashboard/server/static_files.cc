#include "dashboard/server/static_files.h"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <cstring>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include "dashboard/server/limits.h"
#include "engine/base/hash.h"

namespace gridlock::dashboard {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kContentTypes = {{
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".svg", "image/svg+xml"},
    {".json", "application/json; charset=utf-8"},
    {".png", "image/png"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".txt", "text/plain; charset=utf-8"},
}};

std::string content_type(const fs::path& path) {
  for (const auto& [suffix, type] : kContentTypes) {
    if (path.extension() == suffix) return std::string(type);
  }
  return "application/octet-stream";
}

std::string etag(std::string_view bytes) {
  Hasher hasher;
  hasher.add(bytes.size());
  for (std::size_t at = 0; at < bytes.size(); at += sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, std::min(sizeof word, bytes.size() - at));
    hasher.add(word);
  }
  const Hash128 hash = hasher.finish();
  return fmt::format("\"{:016x}{:016x}\"", hash.high, hash.low);
}

Result<std::string> read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file.is_open() || file.bad()) return failure("read a page's file", path.string(), "check its permissions");
  return bytes;
}

}  // namespace

Result<StaticFiles> StaticFiles::read(const fs::path& folder) {
  StaticFiles files;
  std::size_t bytes_total = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    if (!entry->is_regular_file(error)) continue;
    if (files.files_.size() == kStaticFilesMax || entry->file_size(error) > kStaticBytesMax - bytes_total) {
      return failure("keep the pages' files in memory", folder.string(),
                     fmt::format("there are more than {} files or {} bytes; is it the right folder?", kStaticFilesMax,
                                 kStaticBytesMax));
    }
    auto bytes = read_file(entry->path());
    if (!bytes) return std::unexpected(bytes.error());
    bytes_total += bytes->size();
    const std::string name = entry->path().lexically_relative(folder).generic_string();
    std::string tag = etag(*bytes);
    files.files_.emplace(name, File{*std::move(bytes), content_type(entry->path()), std::move(tag)});
  }
  if (error) return failure("read the pages' folder", folder.string(), error.message());
  if (!files.files_.contains("index.html")) {
    return failure("read the pages' folder", folder.string(), "it has no index.html; give the right one");
  }
  return files;
}

Answer StaticFiles::answer(std::string_view path, const std::optional<std::string>& if_none_match) const {
  const auto found = files_.find(path);
  if (found == files_.end()) return error_answer(not_found().error());
  const File& file = found->second;
  Answer answer{.content_type = file.content_type};
  answer.headers.emplace_back("ETag", file.etag);
  answer.headers.emplace_back("Cache-Control", "no-cache");  // to be kept, and asked about each time
  if (if_none_match && (*if_none_match == "*" || if_none_match->contains(file.etag))) {
    answer.status = 304;
  } else {
    answer.body = file.bytes;
  }
  return answer;
}

std::string_view StaticFiles::bytes(std::string_view path) const {
  const auto found = files_.find(path);
  return found == files_.end() ? std::string_view{} : std::string_view(found->second.bytes);
}

}  // namespace gridlock::dashboard
