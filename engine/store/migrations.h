// How a database gets the tables that this version wants: numbered steps of SQL, each of which runs once, in one
// transaction with the number of the step. `PRAGMA user_version` holds the number of the last one.
//
// A step that was ever released is never changed; what the tables shall be instead is a new step.
//
// May include: base, model.
#pragma once

#include <cstdint>
#include <span>

#include "engine/store/connection.h"

namespace gridlock::store {

struct Migration {
  std::int64_t version;  // 1, 2, 3, ... without gaps
  const char* sql;
};

// The steps of this version, in their order.
[[nodiscard]] std::span<const Migration> migrations();

// Brings the database from the version that it has to that of the last step. FAILS, with the database as it was after
// the last step that went through, if a step does; before any if the database is newer than the last step.
void migrate(Connection& connection, std::span<const Migration> steps);

// The number of the last step that the database has seen; 0: it is empty.
[[nodiscard]] std::int64_t version_of(Connection& connection);

extern const char* const kMigration1;

}  // namespace gridlock::store
