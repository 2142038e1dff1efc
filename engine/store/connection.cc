#include "engine/store/connection.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <limits>

namespace gridlock::store {
namespace {

constexpr std::size_t kStatementsMax = 512;
constexpr int kBusyMs = 5'000;
// Pages that a connection keeps for itself, in KiB. There is one that writes and several that read; what does not fit
// is in the system's cache anyway, and a service that runs for months stays as small as it began.
constexpr const char* kCacheOfWriter = "PRAGMA cache_size = -1024";
constexpr const char* kCacheOfReader = "PRAGMA cache_size = -512";
// The log goes back to this size once it is all in the database.
constexpr const char* kLogBytes = "PRAGMA journal_size_limit = 67108864";

bool is_full(int code, int system_error) {
  return (code & 0xff) == SQLITE_FULL || system_error == ENOSPC || system_error == EDQUOT || system_error == EFBIG;
}

// What to do about it, by SQLite's extended result code and the errno of the call that failed.
std::string advice_for(int code, int system_error, const std::string& said) {
  if (is_full(code, system_error)) {
    return "the disk is full: free some space; all that was announced is kept, and writing goes on when there is room";
  }
  switch (code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return said +
             ": the database is broken; stop the server, and run \"gridlock serve --salvage\" with the same data "
             "folder: it reads what is left into a new database and keeps the broken file";
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      return said + ": the data folder must be on a disk that can be written to, and belong to this user";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return said + ": another program has the database open for writing; close it";
    case SQLITE_IOERR:
      if (system_error == EROFS) {
        return "the disk cannot be written to any more; look into the system's log for why, repair it, and start the "
               "server again; all that was announced is kept";
      }
      return fmt::format("{} (code {}{}): look whether the disk is full or broken; all that was announced is kept",
                         said, code, system_error == 0 ? "" : fmt::format(", {}", std::strerror(system_error)));
    default:
      return said;
  }
}

Failed failed_with(int code, int system_error, const std::string& path, const std::string& said) {
  const int primary = code & 0xff;
  return {.error = {.tried = "", .on = path, .advice = advice_for(code, system_error, said)},
          .broken = primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB};
}

// The errno of the last call that failed. Of a write to the log SQLite tells none, but the log's file remembers it.
int system_error_of(sqlite3* handle) {
  if (const int error = sqlite3_system_errno(handle); error != 0) return error;
  sqlite3_file* log = nullptr;
  int error = 0;
  if (sqlite3_file_control(handle, nullptr, SQLITE_FCNTL_JOURNAL_POINTER, &log) != SQLITE_OK) return 0;
  if (log == nullptr || log->pMethods == nullptr) return 0;
  return log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &error) == SQLITE_OK ? error : 0;
}

}  // namespace

std::int64_t kept(std::uint64_t count) {
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  return count > static_cast<std::uint64_t>(kMost) ? kMost : static_cast<std::int64_t>(count);
}

std::string Row::text() {
  const int at = column_++;
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, at));
  return bytes == nullptr ? std::string()
                          : std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, at)));
}

Connection::Connection(const std::filesystem::path& database, Use use) : path_(database.string()) {
  const int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                    (use == Use::kWrite ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY);
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path_.c_str(), &handle, flags, nullptr);
  handle_.reset(handle);
  if (code != SQLITE_OK) throw failed_with(code, errno, path_, sqlite3_errstr(code));
  sqlite3_busy_timeout(handle, kBusyMs);
  script(use == Use::kWrite ? kCacheOfWriter : kCacheOfReader);
  if (use == Use::kRead) return;
  script("PRAGMA journal_mode = WAL");
  script("PRAGMA synchronous = FULL");
  script("PRAGMA foreign_keys = ON");
  script(kLogBytes);
}

void Connection::script(const char* sql) {
  checked(sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr));
}

void Connection::fail() {
  const int code = sqlite3_extended_errcode(handle_.get());
  const std::string said = sqlite3_errmsg(handle_.get());
  const int error = system_error_of(handle_.get());
  throw failed_with(code, error, path_, said);
}

sqlite3_stmt* Connection::prepared(const char* sql) {
  auto& entry = statements_[sql];
  if (!entry) {
    GRIDLOCK_CHECK(statements_.size() <= kStatementsMax);
    sqlite3_stmt* statement = nullptr;
    checked(sqlite3_prepare_v3(handle_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr));
    entry.reset(statement);
  }
  return entry.get();
}

void Connection::bind(sqlite3_stmt* statement, int at, std::string_view text) {
  // An empty view may have no address, which SQLite would take for NULL. Values outlive the statement's use.
  const char* bytes = text.empty() ? "" : text.data();
  checked(sqlite3_bind_text64(statement, at, bytes, text.size(), SQLITE_STATIC, SQLITE_UTF8));
}

bool Connection::Running::step() {
  const int code = sqlite3_step(statement_);
  if (code != SQLITE_ROW && code != SQLITE_DONE) connection_.fail();
  return code == SQLITE_ROW;
}

Transaction::Transaction(Connection& connection, Kind kind) : connection_(connection) {
  connection_.run(kind == Kind::kWrite ? "BEGIN IMMEDIATE" : "BEGIN");
}

Transaction::~Transaction() {
  // SQLite may have rolled back by itself, with a full disk for example. A rollback writes nothing in WAL mode.
  if (connection_.in_transaction()) sqlite3_exec(connection_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void Transaction::commit() {
  connection_.run("COMMIT");
}

void internal::fail_unknown_name(const std::string& name) {
  throw Failed{
      {.tried = "",
       .on = name,
       .advice = "the database holds a name that this version does not know; start the version that wrote it"}};
}

}  // namespace gridlock::store
