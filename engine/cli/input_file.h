// A file that a command was given: a repro in its text form, or a fuzzer's raw input. Told apart by the first line.
//
// May include: base, model, decode.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/error.h"
#include "engine/cli/target_list.h"
#include "engine/model/finding.h"

namespace gridlock {

struct LoadedInput {
  const Target* target = nullptr;
  Repro repro;  // of a raw input: the scenario alone, without expectations or signature
  bool is_repro = false;
  std::shared_ptr<const Target> own_target = {};  // of a program, with this repro's arguments: what `target` is then
};

// True if the text is meant as a repro.
[[nodiscard]] bool looks_like_repro(std::string_view bytes);

// Reads at most `bytes_max`. ERRORS: unreadable, not a regular file, longer.
[[nodiscard]] Result<std::string> read_file(const std::string& path, std::size_t bytes_max);

// `target_name`: of a raw input; a repro names its own, and a different one is refused. ERRORS: the file, the target's
// name, the text (with line and column).
[[nodiscard]] Result<LoadedInput> load_input(const std::string& path, std::string_view target_name,
                                             std::span<const Target> targets);

// The scenario of a corpus file's content: a raw input or a repro of `target`; nothing for a repro of another. ERRORS:
// a malformed repro.
[[nodiscard]] Result<std::optional<Scenario>> scenario_of(std::string_view bytes, const std::string& path,
                                                          const Target& target);

struct CorpusFile {
  Scenario scenario;
  bool is_repro = false;  // text, which only Gridlock reads
};

// Calls visit(file) for each file of a corpus folder, in the order of their names; a missing folder is empty. Repros of
// other targets are left out, and so are files that go while it reads: fuzzers and a service tidy up. ERRORS: an
// unreadable folder or file, a malformed repro, more than kCorpusFilesMax, what `visit` returns.
[[nodiscard]] Result<void> walk_corpus(const std::string& directory, const Target& target,
                                       const std::function<Result<void>(const CorpusFile&)>& visit);
// All scenarios that walk_corpus visits: some kilobytes each.
[[nodiscard]] Result<std::vector<Scenario>> load_corpus(const std::string& directory, const Target& target);

inline constexpr std::size_t kCorpusFilesMax = 100'000;

}  // namespace gridlock
