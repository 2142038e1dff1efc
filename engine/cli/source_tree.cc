// See source_tree.h. May include: base.
#include "engine/cli/source_tree.h"

#include <algorithm>
#include <array>
#include <system_error>
#include <utility>

namespace gridlock {
namespace {

namespace fs = std::filesystem;

bool is_source(const fs::path& path) {
  static constexpr std::array<std::string_view, 8> kExtensions = {".c", ".cc", ".cpp", ".cxx",
                                                                  ".h", ".hh", ".hpp", ".inc"};
  return std::ranges::find(kExtensions, path.extension().string()) != kExtensions.end();
}

bool is_passed_over(const fs::directory_entry& folder) {
  std::error_code ignored;
  return folder.path().filename().string().starts_with(".") || fs::exists(folder.path() / "CMakeCache.txt", ignored);
}

// True if a folder on the way to the file is named as the target is.
bool lies_in(const std::string& path, std::string_view target) {
  const auto same = [&](const fs::path& folder) {
    return std::ranges::equal(folder.string(), target, [](char a, char b) {
      return a == b || (a == '_' && b == '-') || (a == '-' && b == '_');
    });
  };
  const fs::path folders = fs::path(path).parent_path();
  return std::any_of(folders.begin(), folders.end(), same);
}

}  // namespace

SourceTree::SourceTree(const std::vector<std::string>& paths) {
  for (const std::string& path : paths) by_name_.emplace(fs::path(path).filename().string(), path);
}

SourceTree SourceTree::below(const fs::path& root) {
  std::vector<std::string> paths;
  std::error_code error;
  std::size_t entries = 0;
  fs::recursive_directory_iterator entry(root, fs::directory_options::skip_permission_denied, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    if (++entries > kSourceEntriesMax) break;
    std::error_code ignored;
    if (entry->is_directory(ignored)) {
      if (is_passed_over(*entry) || entry.depth() >= kSourceDepthMax) entry.disable_recursion_pending();
    } else if (is_source(entry->path())) {
      paths.push_back(path_from(root, entry->path().string()));
    }
  }
  return SourceTree(paths);
}

std::optional<std::string> SourceTree::path_of(std::string_view name, std::string_view target) const {
  const auto [first, last] = by_name_.equal_range(name);
  if (first == last) return std::nullopt;
  if (std::next(first) == last) return first->second;
  std::optional<std::string> found;
  for (auto it = first; it != last; ++it) {
    if (!lies_in(it->second, target)) continue;
    if (found) return std::nullopt;
    found = it->second;
  }
  return found;
}

std::string path_from(const fs::path& root, const std::string& path) {
  std::error_code error;
  const fs::path whole = fs::absolute(path, error).lexically_normal();
  const fs::path from = fs::absolute(root, error).lexically_normal();
  if (error) return path;
  const fs::path relative = whole.lexically_relative(from);
  const bool is_below = !relative.empty() && *relative.begin() != "..";
  return is_below ? relative.generic_string() : path;
}

}  // namespace gridlock
