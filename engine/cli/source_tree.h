// Where the source files of a repository lie: debug information is asked for no more than a file's name, and whoever
// shows a result beside the code wants its path from the root.
//
// May include: base.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gridlock {

// Entries of the tree beyond this are not looked at, and what lies deeper is not found.
inline constexpr std::size_t kSourceEntriesMax = 200'000;
inline constexpr int kSourceDepthMax = 12;

class SourceTree {
 public:
  // Of files given by their paths from the root.
  explicit SourceTree(const std::vector<std::string>& paths);
  // Of the C and C++ files below `root`, without hidden folders and those that are built in (a CMakeCache.txt lies
  // there). What cannot be read is left out.
  [[nodiscard]] static SourceTree below(const std::filesystem::path& root);

  // The path of the file of that name. Of several the one in a folder named as the target is, '-' or '_'; nothing if
  // that does not decide, or there is none.
  [[nodiscard]] std::optional<std::string> path_of(std::string_view name, std::string_view target) const;

 private:
  std::multimap<std::string, std::string, std::less<>> by_name_;
};

// `path` from `root`, with '/', if it lies below it; else as it is.
[[nodiscard]] std::string path_from(const std::filesystem::path& root, const std::string& path);

}  // namespace gridlock
