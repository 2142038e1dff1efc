// Replays files in the programs that lie beside this one, one for each flavour, many at a time. What the siblings find
// comes back as the JSON of their `replay` command, so each runs exactly what a person would run by hand.
//
// May include: base, cli (replayer, program runs).
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <string_view>
#include <vector>

#include "engine/base/error.h"
#include "engine/cli/replayer.h"

namespace gridlock {

// What `explain --format json` says of failing rows, in the flavour that ran them, by row. Of at most kExplainedMax
// rows that show a bug; what cannot be explained is left out. ERRORS: no processes, descriptors or memory.
[[nodiscard]] Result<std::map<std::size_t, nlohmann::json>> explain_in_siblings(const std::filesystem::path& program,
                                                                                std::span<const ReplayRow> rows,
                                                                                std::uint32_t jobs);
inline constexpr std::size_t kExplainedMax = 50;

// A row for each file, case and flavour, in this order. `program` is the path of one of the siblings. ERRORS: a sibling
// is not there, does not start or refuses a file. A defect of one ends this process with the exit code of a defect.
[[nodiscard]] Result<std::vector<ReplayRow>> replay_in_siblings(const std::filesystem::path& program,
                                                                std::span<const ReplayFile> files,
                                                                std::span<const std::string_view> flavours,
                                                                std::uint32_t jobs);

}  // namespace gridlock
