#include "engine/store/migrations.h"

#include <fmt/format.h>

#include <array>

namespace gridlock::store {

std::span<const Migration> migrations() {
  static const std::array<Migration, 1> kSteps = {{{.version = 1, .sql = kMigration1}}};
  return kSteps;
}

std::int64_t version_of(Connection& connection) {
  return connection.value<std::int64_t>("PRAGMA user_version").value_or(0);
}

void migrate(Connection& connection, std::span<const Migration> steps) {
  const std::int64_t found = version_of(connection);
  if (found > steps.back().version) {
    throw Failed{{.tried = "",
                  .on = fmt::format("version {} of the tables", found),
                  .advice = fmt::format("this Gridlock knows versions up to {}; start the newer Gridlock that wrote "
                                        "the database, or give another data folder",
                                        steps.back().version)}};
  }
  for (const Migration& step : steps) {
    if (step.version <= found) continue;
    Transaction transaction(connection, Transaction::Kind::kWrite);
    connection.script(step.sql);
    // A pragma takes no values.
    connection.script(fmt::format("PRAGMA user_version = {}", step.version).c_str());
    transaction.commit();
  }
}

}  // namespace gridlock::store
