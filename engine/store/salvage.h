// The way out of a broken database: what can still be read of it becomes a new one, row by row, and the broken file is
// kept beside it as gridlock.db.broken-N.
//
// Killed at any moment, either nothing has happened or the next Store::open, or the next salvage, ends it.
//
// May include: base, model.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/base/error.h"

namespace gridlock::store {

struct SalvagedTable {
  std::string name;
  std::uint64_t rows = 0;     // that are in the new database
  std::uint64_t refused = 0;  // that were read, and are none: half overwritten, or of a finding that is lost
  std::uint64_t gaps = 0;     // places where rows could not be read
};

struct SalvageReport {
  std::filesystem::path broken;  // where the old file is now
  std::vector<SalvagedTable> tables;
};

// REQUIRES: no server has the folder; it is locked meanwhile. ERRORS: another process has it; there is no database;
// no room for the new one.
[[nodiscard]] Result<SalvageReport> salvage(const std::filesystem::path& data_folder);

// Ends a salvage that was killed: puts the new database in its place if it was whole, and forgets about it otherwise.
// REQUIRES: the caller has the folder.
[[nodiscard]] Result<void> finish_salvage(const std::filesystem::path& data_folder);

}  // namespace gridlock::store
