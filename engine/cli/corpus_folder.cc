#include "engine/cli/corpus_folder.h"

#include <fmt/format.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "engine/base/hash.h"
#include "engine/cli/finding_files.h"
#include "engine/cli/input_file.h"
#include "engine/decode/decode.h"

namespace gridlock {
namespace {

constexpr std::size_t kEntryBytesMax = 1 << 20;

Hash128 hash_of(std::string_view bytes) {
  Hasher hasher;
  hasher.add(bytes.size());
  for (std::size_t at = 0; at < bytes.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, std::min<std::size_t>(8, bytes.size() - at));
    hasher.add(word);
  }
  return hasher.finish();
}

std::uint64_t id_of(std::string_view name) {
  return hash_of(name).low | 1;
}

// A name that add() gives.
bool is_kept_run(std::string_view name) {
  constexpr std::size_t kHashCharacters = 32;
  return name.ends_with(".input") && name.find_first_not_of("0123456789abcdef") == kHashCharacters;
}

// What a search keeps is some thousand small files, and so is what AFL++ does: far less.
constexpr std::uintmax_t kMemoryFolderBytesMin = std::uintmax_t{1} << 30;

// Memory first: ext4 looks at every inode that was freed in the last five seconds before it makes a file, and searches
// that follow each other spent a quarter of their time there.
Result<std::filesystem::path> folder_for_work() {
  const std::filesystem::path memory = "/dev/shm";
  std::error_code error;
  const bool has_room = std::filesystem::space(memory, error).available >= kMemoryFolderBytesMin && !error;
  if (::getenv("TMPDIR") == nullptr && has_room && ::access(memory.c_str(), W_OK) == 0) return memory;
  const auto temporary = std::filesystem::temp_directory_path(error);
  if (error) return failure("find a folder for temporary files", "TMPDIR", error.message());
  return temporary;
}

}  // namespace

Result<void> CorpusFolder::add(const Scenario& scenario) {
  const auto bytes = encode(scenario, target_.schema);
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const Hash128 hash = hash_of(text);
  const std::string name = fmt::format("{:016x}{:016x}.input", hash.high, hash.low);
  if (!known_.insert(name).second) return {};
  return write_file(std::filesystem::path(path_) / name, text);
}

std::vector<SharedEntry> CorpusFolder::take_in(std::size_t entries_max) {
  std::vector<std::string> fresh;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(path_, error), end; !error && entry != end; entry.increment(error)) {
    std::string name = entry->path().filename().string();
    const bool complete = !name.starts_with('.') && !name.ends_with(".tmp");
    if (complete && !known_.contains(name)) fresh.push_back(std::move(name));
  }
  // What has a name of its own, a finding's input above all, says more than what was kept by the way.
  std::ranges::sort(fresh, {}, [](const std::string& name) { return std::pair(is_kept_run(name), name); });
  if (fresh.size() > entries_max) fresh.resize(entries_max);
  std::vector<SharedEntry> entries;
  for (const std::string& name : fresh) {
    known_.insert(name);
    const std::string path = (std::filesystem::path(path_) / name).string();
    const auto bytes = read_file(path, kEntryBytesMax);
    if (!bytes) continue;
    auto scenario = scenario_of(*bytes, path, target_);
    if (scenario && *scenario) entries.push_back({id_of(name), std::move(**scenario)});
  }
  return entries;
}

Result<std::string> make_work_folder(const std::string& purpose) {
  const auto temporary = folder_for_work();
  if (!temporary) return std::unexpected(temporary.error());
  std::string path = (*temporary / ("gridlock-" + purpose + "-XXXXXX")).string();
  if (::mkdtemp(path.data()) == nullptr) return failure("create a work folder", path, std::strerror(errno));
  return path;
}

}  // namespace gridlock
