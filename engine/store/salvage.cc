#include "engine/store/salvage.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>
#include <memory>
#include <optional>
#include <system_error>

#include "engine/store/folder_lock.h"
#include "engine/store/migrations.h"
#include "engine/store/store_impl.h"

namespace gridlock::store {
namespace {

namespace fs = std::filesystem;

constexpr int kBrokenFilesMax = 1'000;
constexpr std::uint64_t kGapsMax = 1'000'000;  // of one table
constexpr std::uint64_t kRowsATransaction = 10'000;

// Those whose rows are kept, each behind those that it refers to. What is counted or indexed is made anew by triggers.
constexpr std::array<const char*, 13> kTables = {
    "build",          "target_variant", "campaign",   "stint",        "feature_sample", "finding",     "sighting",
    "sighting_count", "note",           "repro_test", "corpus_entry", "corpus_summary", "metric_total"};

struct CloseHandle {
  void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
};
using Handle = std::unique_ptr<sqlite3, CloseHandle>;
struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

// Nothing if SQLite cannot read what it needs for it.
Statement prepared(sqlite3* handle, const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  sqlite3_prepare_v2(handle, sql.c_str(), -1, &statement, nullptr);
  return Statement(statement);
}

// The broken file, read only; a fault in one table's description does not hide the others.
Handle opened_broken(const fs::path& path) {
  sqlite3* handle = nullptr;
  sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nullptr);
  Handle broken(handle);
  sqlite3_exec(handle, "PRAGMA writable_schema = ON", nullptr, nullptr, nullptr);
  sqlite3_exec(handle, "PRAGMA cell_size_check = ON", nullptr, nullptr, nullptr);
  return broken;
}

// The columns that both have, so that a database of an earlier version can be salvaged.
std::vector<std::string> columns_of(sqlite3* handle, const std::string& table) {
  std::vector<std::string> columns;
  const Statement statement = prepared(handle, "SELECT name FROM pragma_table_info('" + table + "')");
  while (statement && sqlite3_step(statement.get()) == SQLITE_ROW) {
    columns.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(statement.get(), 0)));
  }
  return columns;
}

// Copies one table. Rows are read upwards by their number; behind a page that cannot be read, the next number that can
// be is looked for in steps that double, and then halve.
class TableCopy {
 public:
  TableCopy(sqlite3* broken, Connection& fresh, const std::string& table) : fresh_(fresh) {
    salvaged_.name = table;
    std::string names;
    std::string values;
    const auto old_columns = columns_of(broken, table);
    for (const std::string& column : columns_of(fresh.handle(), table)) {
      if (std::ranges::find(old_columns, column) == old_columns.end()) continue;
      names += (names.empty() ? "" : ", ") + column;
      values += fmt::format("{}?{}", values.empty() ? "" : ", ", ++columns_);
    }
    if (columns_ == 0) {
      salvaged_.gaps = 1;
      return;
    }
    read_ = prepared(
        broken, fmt::format("SELECT rowid, {} FROM {} NOT INDEXED WHERE rowid >= ?1 ORDER BY rowid", names, table));
    insert_ = prepared(fresh.handle(), fmt::format("INSERT INTO {} ({}) VALUES ({})", table, names, values));
    if (!read_ || !insert_) salvaged_.gaps = 1;
  }

  SalvagedTable run() {
    if (!read_ || !insert_) return salvaged_;
    auto transaction = std::make_optional<Transaction>(fresh_, Transaction::Kind::kWrite);
    std::optional<std::int64_t> from = std::numeric_limits<std::int64_t>::min();
    while (from) {
      const bool reached_the_end = read_on(*from, transaction);
      if (reached_the_end) break;
      if (++salvaged_.gaps >= kGapsMax) break;
      from = behind_the_gap();
    }
    transaction->commit();
    return salvaged_;
  }

 private:
  // False where a row cannot be read.
  bool read_on(std::int64_t from, std::optional<Transaction>& transaction) {
    sqlite3_reset(read_.get());
    sqlite3_bind_int64(read_.get(), 1, from);
    while (true) {
      const int code = sqlite3_step(read_.get());
      if (code == SQLITE_DONE) return true;
      if (code != SQLITE_ROW) return false;
      const std::int64_t number = sqlite3_column_int64(read_.get(), 0);
      // A broken page may lead back to where one was already.
      if (number < next_) return false;
      if (number == std::numeric_limits<std::int64_t>::max()) return true;
      next_ = number + 1;
      insert();
      if (salvaged_.rows % kRowsATransaction == 0) {
        transaction->commit();
        transaction.emplace(fresh_, Transaction::Kind::kWrite);
      }
    }
  }

  void insert() {
    for (int at = 1; at <= columns_; ++at) {
      sqlite3_bind_value(insert_.get(), at, sqlite3_column_value(read_.get(), at));
    }
    const int code = sqlite3_step(insert_.get());
    sqlite3_reset(insert_.get());
    const bool is_refused = (code & 0xff) == SQLITE_CONSTRAINT || (code & 0xff) == SQLITE_MISMATCH;
    if (code != SQLITE_DONE && !is_refused) fresh_.fail();
    ++(is_refused ? salvaged_.refused : salvaged_.rows);
  }

  [[nodiscard]] bool is_readable_from(std::int64_t number) {
    sqlite3_reset(read_.get());
    sqlite3_bind_int64(read_.get(), 1, number);
    const int code = sqlite3_step(read_.get());
    return code == SQLITE_DONE || (code == SQLITE_ROW && sqlite3_column_int64(read_.get(), 0) >= number);
  }

  // The first number behind next_ from which rows can be read; nothing if there is none.
  std::optional<std::int64_t> behind_the_gap() {
    constexpr std::int64_t kFarthest = std::int64_t{1} << 40;
    // Row numbers begin at 1.
    const std::int64_t last = std::max<std::int64_t>(next_, 1) - 1;
    std::int64_t step = 1;
    while (step < kFarthest && !is_readable_from(last + step)) step *= 2;
    if (step >= kFarthest) return std::nullopt;
    std::int64_t unreadable = step / 2;
    while (step - unreadable > 1) {
      const std::int64_t middle = unreadable + (step - unreadable) / 2;
      (is_readable_from(last + middle) ? step : unreadable) = middle;
    }
    next_ = std::max(next_, last + step);
    return last + step;
  }

  Connection& fresh_;
  Statement read_;
  Statement insert_;
  int columns_ = 0;
  std::int64_t next_ = std::numeric_limits<std::int64_t>::min();
  SalvagedTable salvaged_;
};

// Rows that refer to a build, a campaign or a stint that is lost get one that says so; rows of a lost finding go.
void mend(Connection& fresh, std::vector<SalvagedTable>& tables) {
  Transaction transaction(fresh, Transaction::Kind::kWrite);
  fresh.script(
      "INSERT INTO build (id, digest, version, first_seen) SELECT id, 'lost-' || id, 'lost', 0 FROM"
      " (SELECT build AS id FROM stint UNION SELECT first_build FROM finding UNION SELECT build FROM sighting"
      "  UNION SELECT build FROM sighting_count UNION SELECT build FROM repro_test)"
      " WHERE id NOT IN (SELECT id FROM build);"
      "INSERT INTO campaign (id, target, variant, engine, sanitizer, weight) SELECT id, 'lost', '', id, '', 0 FROM"
      " (SELECT campaign AS id FROM stint UNION SELECT campaign FROM sighting)"
      " WHERE id NOT IN (SELECT id FROM campaign);"
      "INSERT INTO stint (id, campaign, build, begin_ms, end_ms, end_reason)"
      " SELECT stint, min(campaign), min(build), min(time), max(time), 'lost' FROM sighting"
      " WHERE stint NOT IN (SELECT id FROM stint) GROUP BY stint;");
  for (SalvagedTable& table : tables) {
    if (table.name != "sighting" && table.name != "sighting_count" && table.name != "note" &&
        table.name != "repro_test") {
      continue;
    }
    fresh.script(fmt::format("DELETE FROM {} WHERE finding NOT IN (SELECT id FROM finding)", table.name).c_str());
    const auto lost = static_cast<std::uint64_t>(fresh.changed_rows());
    table.rows -= lost;
    table.refused += lost;
  }
  transaction.commit();
}

std::vector<SalvagedTable> copied(const fs::path& from, const fs::path& to) {
  const Handle broken = opened_broken(from);
  Connection fresh(to, Connection::Use::kWrite);
  migrate(fresh, migrations());
  // What a row refers to may be lost; mend() comes last.
  fresh.script("PRAGMA foreign_keys = OFF");
  std::vector<SalvagedTable> tables;
  for (const char* table : kTables) tables.push_back(TableCopy(broken.get(), fresh, table).run());
  mend(fresh, tables);
  // One file, without a log beside it, can be moved.
  fresh.script("PRAGMA journal_mode = DELETE");
  return tables;
}

fs::path with_suffix(const fs::path& database, std::string_view suffix) {
  return database.string() + std::string(suffix);
}

// Done means on disk, in this order.
void sync(const fs::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) throw fs::filesystem_error("open", path, std::error_code(errno, std::generic_category()));
  const bool is_done = ::fsync(file) == 0;
  const int reason = errno;
  ::close(file);
  if (!is_done) throw fs::filesystem_error("fsync", path, std::error_code(reason, std::generic_category()));
}

fs::path broken_name(const fs::path& database, int number) {
  return with_suffix(database, fmt::format(".broken-{}", number));
}

// Of a salvage that was killed before its end: the second name of a file that is still the database. SQLite must not
// meet it under two names.
void forget_unfinished(const fs::path& database) {
  for (int number = 1; number <= kBrokenFilesMax && fs::exists(broken_name(database, number)); ++number) {
    const fs::path broken = broken_name(database, number);
    if (!fs::exists(database) || !fs::equivalent(broken, database)) continue;
    for (const char* suffix : {"-wal", "-shm", ""}) fs::remove(with_suffix(broken, suffix));
  }
}

// A second name for the broken file and its log, under which it is read and stays.
fs::path kept_aside(const fs::path& database) {
  for (int number = 1; number <= kBrokenFilesMax; ++number) {
    const fs::path broken = broken_name(database, number);
    if (fs::exists(broken)) continue;
    if (const fs::path log = with_suffix(database, "-wal"); fs::exists(log)) {
      fs::remove(with_suffix(broken, "-wal"));
      fs::create_hard_link(log, with_suffix(broken, "-wal"));
    }
    fs::create_hard_link(database, broken);
    return broken;
  }
  refuse(database.string(), fmt::format("{} broken files are beside it already; remove some", kBrokenFilesMax));
}

// `.salvaged` is whole; until it is, it has another name.
void put_in_place(const fs::path& database) {
  const fs::path whole = with_suffix(database, ".salvaged");
  if (!fs::exists(whole)) return;
  // The old log would be applied to the new file.
  fs::remove(with_suffix(database, "-wal"));
  fs::remove(with_suffix(database, "-shm"));
  sync(database.parent_path());
  fs::rename(whole, database);
  sync(database.parent_path());
}

SalvageReport salvaged(const fs::path& database) {
  put_in_place(database);
  forget_unfinished(database);
  if (!fs::exists(database)) refuse(database.string(), "there is no database in that folder");
  const fs::path unfinished = with_suffix(database, ".salvaging");
  for (const char* suffix : {"", "-wal", "-shm", "-journal"}) fs::remove(with_suffix(unfinished, suffix));
  SalvageReport report{.broken = kept_aside(database)};
  report.tables = copied(report.broken, unfinished);
  fs::remove(with_suffix(report.broken, "-shm"));
  sync(unfinished);
  fs::rename(unfinished, with_suffix(database, ".salvaged"));
  sync(database.parent_path());
  put_in_place(database);
  return report;
}

constexpr const char* kTried = "salvage the database";

}  // namespace

Result<SalvageReport> salvage(const fs::path& data_folder) {
  if (!fs::is_directory(data_folder)) {
    return failure(kTried, data_folder.string(), "there is no such folder");
  }
  auto lock = FolderLock::take(data_folder);
  if (!lock) return std::unexpected(lock.error());
  std::atomic<bool> is_broken = false;
  auto report = without_exceptions(kTried, data_folder, is_broken, [&] { return salvaged(database_of(data_folder)); });
  if (report) lock->closed_well();
  return report;
}

Result<void> finish_salvage(const fs::path& data_folder) {
  std::atomic<bool> is_broken = false;
  return without_exceptions(kTried, data_folder, is_broken, [&] {
    put_in_place(database_of(data_folder));
    forget_unfinished(database_of(data_folder));
  });
}

}  // namespace gridlock::store
