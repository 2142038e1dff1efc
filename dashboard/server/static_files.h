// The files of the static folder, read once and kept in memory with their hashes: no address of a request ever reaches
// the file system, and a browser that has a file is told so by its ETag.
//
// May include: base.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "dashboard/server/answer.h"
#include "engine/base/error.h"

namespace gridlock::dashboard {

class StaticFiles {
 public:
  // ERRORS: the folder is not there or cannot be read, has no index.html, or has more or larger files than the bounds.
  [[nodiscard]] static Result<StaticFiles> read(const std::filesystem::path& folder);

  // The file of that path below the folder, or 404; 304 without a body if `if_none_match` names its ETag.
  [[nodiscard]] Answer answer(std::string_view path, const std::optional<std::string>& if_none_match) const;
  // The bytes of one; empty if it is not there.
  [[nodiscard]] std::string_view bytes(std::string_view path) const;

 private:
  struct File {
    std::string bytes;
    std::string content_type;
    std::string etag;
  };
  std::map<std::string, File, std::less<>> files_;
};

}  // namespace gridlock::dashboard
