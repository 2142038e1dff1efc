#include "engine/cli/afl_queue.h"

#include <cstdint>
#include <span>
#include <string_view>
#include <system_error>

#include "engine/cli/fuzzer_folder.h"
#include "engine/cli/input_file.h"
#include "engine/decode/decode.h"

namespace gridlock {
namespace {

// By how AFL++ 4.04 names its files: `id:000300,src:000012,...` is a find, `id:000001,...,orig:000006` a seed,
// `id:000001,...,orig:id:000300,src:000012,...` what an instance found before it was ended and started again, and
// `id:000017,sync:main,src:000300` is somebody else's.
bool is_own_find(std::string_view name) {
  const bool is_seed = name.contains(",orig:") && !name.contains(",orig:id:");
  return name.starts_with("id:") && !is_seed && !name.contains("sync:");
}

}  // namespace

Result<void> add_afl_queue(const std::filesystem::path& queue, const TargetSchema& schema, CorpusFolder& corpus) {
  std::error_code error;
  for (std::filesystem::directory_iterator entry(queue, error), end; !error && entry != end; entry.increment(error)) {
    if (!is_own_find(entry->path().filename().string())) continue;
    const auto bytes = read_file(entry->path().string(), kFuzzerInputBytesMax);
    if (!bytes) continue;  // an instance that begins gives it another name: next time
    const std::span<const char> text(*bytes);
    if (auto added = corpus.add(decode({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, schema));
        !added) {
      return added;
    }
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    return failure("read what AFL++ has gathered", queue.string(), error.message());
  }
  return {};
}

}  // namespace gridlock
