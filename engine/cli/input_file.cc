#include "engine/cli/input_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <system_error>

#include "engine/decode/decode.h"
#include "engine/model/repro_text.h"

namespace gridlock {
namespace {

constexpr std::string_view kReproMark = "gridlock-repro";
// What is read of a file at all; the text form has the higher limit of the two.
constexpr std::size_t kFileBytesMax = kReproBytesMax;
// Read at once of a file.
constexpr std::size_t kReadBytesMin = 16 << 10;

Scenario decode_text(std::string_view bytes, const TargetSchema& schema) {
  return decode({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, schema);
}

Result<LoadedInput> load_raw(std::string_view bytes, const std::string& path, std::string_view target_name,
                             std::span<const Target> targets) {
  if (target_name.empty()) {
    return failure("read the input", path, "it is no repro; if it is a fuzzer's raw input, name its --target");
  }
  const auto target = find_target(targets, target_name);
  if (!target) return std::unexpected(target.error());
  LoadedInput input{*target, {}, false};
  input.repro.target = (*target)->schema.name;
  input.repro.scenario = decode_text(bytes, (*target)->schema);
  return input;
}

Result<LoadedInput> load_repro(std::string_view text, const std::string& path, std::string_view target_name,
                               std::span<const Target> targets) {
  const auto named = repro_target(text, path);
  if (!named) return std::unexpected(named.error());
  if (!target_name.empty() && *named != target_name) {
    return failure("read the repro", path, fmt::format("it is of target {}, not of {}", *named, target_name));
  }
  const auto target = find_target(targets, *named);
  if (!target) return std::unexpected(target.error());
  auto repro = parse_repro(text, (*target)->schema, path);
  if (!repro) return std::unexpected(repro.error());
  if (repro->program_arguments && !(*target)->is_program()) {
    return failure("read the repro", path,
                   fmt::format("its target is a program of the name {}: name its file with --program FILE", *named));
  }
  LoadedInput input{*target, std::move(*repro), true};
  if (input.repro.program_arguments) {
    auto own = std::make_shared<Target>(**target);
    own->arguments = *input.repro.program_arguments;
    input.target = own.get();
    input.own_target = std::move(own);
  }
  return input;
}

Result<std::vector<std::string>> regular_files(const std::string& directory) {
  std::error_code error;
  std::vector<std::string> paths;
  for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code ignored;
    const std::string name = entry->path().filename().string();
    // A file that somebody was writing when he was killed is no entry.
    const bool whole = !name.starts_with('.') && !name.ends_with(".tmp");
    if (whole && entry->is_regular_file(ignored)) paths.push_back(entry->path().string());
    if (paths.size() > kCorpusFilesMax) {
      return failure("read the corpus", directory, fmt::format("more than {} files", kCorpusFilesMax));
    }
  }
  if (error) return failure("read the corpus", directory, error.message());
  std::sort(paths.begin(), paths.end());
  return paths;
}

using Stream = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

// Null, with errno, if it cannot be opened.
Stream open_stream(const std::string& path) {
  return {std::fopen(path.c_str(), "rb"), std::fclose};
}

Result<std::string> read_stream(const Stream& file, const std::string& path, std::size_t bytes_max) {
  if (file == nullptr) return failure("read the file", path, std::strerror(errno));
  // Most files are small, and there are corpora of many thousands.
  std::string bytes;
  std::size_t size = 0;
  while (size == bytes.size() && size <= bytes_max) {
    bytes.resize(std::clamp(2 * size, kReadBytesMin, bytes_max + 1));
    size += std::fread(bytes.data() + size, 1, bytes.size() - size, file.get());
  }
  bytes.resize(size);
  if (std::ferror(file.get()) != 0) return failure("read the file", path, std::strerror(errno));
  if (bytes.size() > bytes_max) return failure("read the file", path, fmt::format("longer than {} bytes", bytes_max));
  return bytes;
}

}  // namespace

bool looks_like_repro(std::string_view bytes) {
  return bytes.starts_with(kReproMark);
}

Result<std::string> read_file(const std::string& path, std::size_t bytes_max) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return failure("read the file", path, "it is a folder");
  return read_stream(open_stream(path), path, bytes_max);
}

Result<LoadedInput> load_input(const std::string& path, std::string_view target_name, std::span<const Target> targets) {
  const auto bytes = read_file(path, kFileBytesMax);
  if (!bytes) return std::unexpected(bytes.error());
  return looks_like_repro(*bytes) ? load_repro(*bytes, path, target_name, targets)
                                  : load_raw(*bytes, path, target_name, targets);
}

Result<std::optional<Scenario>> scenario_of(std::string_view bytes, const std::string& path, const Target& target) {
  if (!looks_like_repro(bytes)) return decode_text(bytes, target.schema);
  const auto named = repro_target(bytes, path);
  if (!named) return std::unexpected(named.error());
  if (*named != target.schema.name) return std::nullopt;
  auto repro = parse_repro(bytes, target.schema, path);
  if (!repro) return std::unexpected(repro.error());
  return std::move(repro->scenario);
}

Result<void> walk_corpus(const std::string& directory, const Target& target,
                         const std::function<Result<void>(const CorpusFile&)>& visit) {
  std::error_code error;
  if (!std::filesystem::exists(directory, error)) return {};
  const auto paths = regular_files(directory);
  if (!paths) return std::unexpected(paths.error());
  for (const auto& path : *paths) {
    const Stream file = open_stream(path);
    if (file == nullptr && errno == ENOENT) continue;
    const auto bytes = read_stream(file, path, kFileBytesMax);
    if (!bytes) return std::unexpected(bytes.error());
    auto scenario = scenario_of(*bytes, path, target);
    if (!scenario) return std::unexpected(scenario.error());
    if (!*scenario) continue;
    if (auto visited = visit({std::move(**scenario), looks_like_repro(*bytes)}); !visited) return visited;
  }
  return {};
}

Result<std::vector<Scenario>> load_corpus(const std::string& directory, const Target& target) {
  std::vector<Scenario> scenarios;
  const auto walked = walk_corpus(directory, target, [&](const CorpusFile& file) -> Result<void> {
    scenarios.push_back(file.scenario);
    return {};
  });
  if (!walked) return std::unexpected(walked.error());
  return scenarios;
}

}  // namespace gridlock
