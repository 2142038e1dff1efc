#include "engine/campaign/corpus_care.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <system_error>
#include <unordered_set>

#include "engine/campaign/files.h"

namespace gridlock::campaign {
namespace {

constexpr std::size_t kEntryBytesMax = 1 << 20;
constexpr std::size_t kOwnNameLength = 32;        // of what gridlock adds: a hash and ".input"
constexpr std::size_t kLibfuzzerNameLength = 40;  // SHA-1
constexpr std::chrono::seconds kMergeWall{300};
constexpr std::chrono::seconds kRunWall{5};  // of one entry, which is then left out

bool is_hexadecimal(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// Who found it worth keeping, as its name tells.
std::string_view origin_of(std::string_view name) {
  if (name.size() == kLibfuzzerNameLength && is_hexadecimal(name)) return "libfuzzer";
  if (name.ends_with(".input") && name.size() == kOwnNameLength + 6 && is_hexadecimal(name.substr(0, kOwnNameLength))) {
    return "builtin, afl";
  }
  return "finding";
}

// What an entry is known by: two that share it are both kept, at worst.
std::size_t digest_of(const std::string& bytes) {
  return std::hash<std::string>{}(bytes);
}

std::unordered_set<std::size_t> digests_in(const std::filesystem::path& folder) {
  std::unordered_set<std::size_t> digests;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    if (digests.size() >= kCorpusEntriesMax) break;
    if (const auto bytes = read_bounded(entry->path(), kEntryBytesMax)) digests.insert(digest_of(*bytes));
  }
  return digests;
}

// The entries of a corpus folder, one after the other and in no order: a list of them all would be the largest thing
// that a service holds.
class CorpusWalk {
 public:
  CorpusWalk(std::filesystem::path folder, std::string target) : target_(std::move(target)), at_(folder, error_) {}

  std::optional<store::CorpusEntry> next() {
    for (; !error_ && at_ != std::filesystem::directory_iterator(); at_.increment(error_)) {
      const std::string name = at_->path().filename().string();
      struct stat status{};
      if (name.starts_with('.') || name.ends_with(".tmp")) continue;
      if (::lstat(at_->path().c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
      if (++given_ > kCorpusEntriesMax) {
        spdlog::warn("corpus of {}: more than {} entries, the others are left out", target_, kCorpusEntriesMax);
        return std::nullopt;
      }
      at_.increment(error_);
      return store::CorpusEntry{
          target_, name, static_cast<std::uint64_t>(status.st_size), std::string(origin_of(name)),
          static_cast<store::UnixMs>(status.st_mtim.tv_sec) * 1000 + status.st_mtim.tv_nsec / 1'000'000};
    }
    return std::nullopt;
  }

 private:
  std::string target_;
  std::size_t given_ = 0;
  std::error_code error_;
  std::filesystem::directory_iterator at_;
};

// Puts the entries of a corpus into the folder `to` as well and gives how many they are. A merge fails if an entry goes
// while it runs, and fuzzers that go on take away what a smaller one makes superfluous.
std::size_t set_aside(CorpusWalk corpus, const std::filesystem::path& from, const std::filesystem::path& to) {
  std::size_t entries = 0;
  while (const auto entry = corpus.next()) {
    std::error_code error;
    std::filesystem::create_hard_link(from / entry->name, to / entry->name, error);
    // Not every file system has links.
    if (error) std::filesystem::copy_file(from / entry->name, to / entry->name, error);
    if (!error) ++entries;
  }
  return entries;
}

// Takes the entries of `looked_at` away from the corpus whose bytes are not among `kept`. What findings left stays.
void remove_others(CorpusWalk looked_at, const std::unordered_set<std::size_t>& kept,
                   const std::filesystem::path& corpus) {
  while (const auto entry = looked_at.next()) {
    if (entry->origin == "finding") continue;
    const auto path = corpus / entry->name;
    const auto bytes = read_bounded(path, kEntryBytesMax);
    if (!bytes || kept.contains(digest_of(*bytes))) continue;
    remove_quietly(path);
  }
}

}  // namespace

Result<std::size_t> CorpusCare::index(const std::string& target) {
  std::size_t entries = 0;
  std::uint64_t bytes = 0;
  CorpusWalk corpus(data_.corpus(target), target);
  const auto recorded = store_.record_corpus(target, [&] {
    auto entry = corpus.next();
    if (entry) {
      ++entries;
      bytes += entry->bytes;
    }
    return entry;
  });
  if (!recorded) return std::unexpected(recorded.error());
  metrics_.set_corpus(target, entries, bytes);
  return entries;
}

bool CorpusCare::should_prune(const std::string& target, std::size_t entries) const {
  const auto left = entries_left_.find(target);
  return entries >= std::max(kPruneFrom, left == entries_left_.end() ? 0 : 2 * left->second);
}

Result<PruneReport> CorpusCare::prune(const std::string& target, const std::vector<std::string>& variants,
                                      const std::stop_token& stop) {
  const auto work = data_.work() / "merge";
  const auto all = data_.work() / "corpus";
  remove_quietly(all);
  if (auto made = make_folder(all); !made) return std::unexpected(made.error());
  PruneReport report;
  report.before = set_aside(CorpusWalk(data_.corpus(target), target), data_.corpus(target), all);
  // Where it fails it is not tried again at once.
  entries_left_[target] = report.before;
  std::unordered_set<std::size_t> kept;
  for (const std::string& variant : variants) {
    remove_quietly(work);
    if (auto made = make_folder(work / "kept"); !made) return std::unexpected(made.error());
    const auto end = tool_.run_program(
        "gridlock-libfuzzer",
        {"-merge=1", "-max_len=4096", "-rss_limit_mb=0", fmt::format("-timeout={}", kRunWall.count()), "-verbosity=0",
         fmt::format("-merge_control_file={}", (work / "control").string()),
         fmt::format("-artifact_prefix={}/", work.string()), (work / "kept").string(), all.string()},
        // A corpus is full of inputs that show the bugs of broken variants. To stop at each costs a second.
        {"GRIDLOCK_TARGET=" + target, "GRIDLOCK_VARIANT=" + variant, "GRIDLOCK_MERGE=1"}, stop, {.wall = kMergeWall});
    if (!end) return std::unexpected(end.error());
    if (end->end.exit_code() != 0)
      return failure("prune the corpus", target, "the merge ended with " + end->end.describe());
    kept.merge(digests_in(work / "kept"));
  }
  remove_others(CorpusWalk(all, target), kept, data_.corpus(target));
  remove_quietly(work);
  remove_quietly(all);
  const auto left = index(target);
  if (!left) return std::unexpected(left.error());
  entries_left_[target] = report.after = *left;
  spdlog::info("corpus of {}: {} entries, {} after pruning", target, report.before, report.after);
  return report;
}

}  // namespace gridlock::campaign
