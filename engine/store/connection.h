// One connection to the database: prepared statements kept for the next time, values in and out by type.
//
// What SQLite refuses is thrown as Failed, inside this module only: a write is ten statements, each of which may fail
// for the same few reasons, and Store's calls turn it into an Error in one place (store_impl.h).
//
// Thread safety: one thread at a time.
//
// May include: base, model.
#pragma once

#include <sqlite3.h>

#include <concepts>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/base/check.h"
#include "engine/base/error.h"
#include "engine/base/strong_id.h"
#include "engine/store/records.h"

namespace gridlock::store {

struct Failed {
  Error error;
  bool broken = false;  // the database is not what SQLite wrote
};

// A value as SQLite keeps it. Counts above 2^63 - 1 are kept as that.
std::int64_t kept(std::uint64_t count);

// What a row holds, from left to right.
class Row {
 public:
  explicit Row(sqlite3_stmt* statement) : statement_(statement) {}
  // The next column. T: an integer, double, bool, std::string, a StrongId, or one of the enumerations that are kept by
  // name (FAILS for a name that this version does not know).
  template <typename T>
  [[nodiscard]] T take();

 private:
  std::int64_t integer() { return sqlite3_column_int64(statement_, column_++); }
  std::string text();
  sqlite3_stmt* statement_;
  int column_ = 0;
};

class Connection {
 public:
  enum class Use : std::uint8_t { kRead, kWrite };  // kWrite makes the file if it is not there
  Connection(const std::filesystem::path& database, Use use);

  // Several statements without values, each to its end.
  void script(const char* sql);

  // Runs one statement to its end. Here and below: `sql` is text that lives for ever, as statements are kept by it;
  // `values` are integers, doubles, strings, StrongIds, enumerations that are kept by name, for ?1, ?2, ...
  template <typename... Values>
  void run(const char* sql, const Values&... values) {
    Running running(*this, sql, values...);
    while (running.step()) {
    }
  }
  // make(row) of every row that comes; how many may come is said in the SQL.
  template <typename Make, typename... Values>
  auto rows(Make make, const char* sql, const Values&... values) {
    std::vector<std::invoke_result_t<Make, Row&>> made;
    Running running(*this, sql, values...);
    while (running.step()) {
      Row row(running.statement());
      made.push_back(make(row));
    }
    return made;
  }
  // make(row) of the first row, if there is one.
  template <typename Make, typename... Values>
  auto row(Make make, const char* sql, const Values&... values) {
    std::optional<std::invoke_result_t<Make, Row&>> made;
    Running running(*this, sql, values...);
    if (running.step()) {
      Row row(running.statement());
      made.emplace(make(row));
    }
    return made;
  }
  // The first column of the first row, if there is one.
  template <typename T, typename... Values>
  std::optional<T> value(const char* sql, const Values&... values) {
    return row([](Row& first) { return first.take<T>(); }, sql, values...);
  }

  // Of the last statement that wrote.
  [[nodiscard]] std::int64_t changed_rows() const { return sqlite3_changes64(handle_.get()); }
  [[nodiscard]] std::int64_t new_row() const { return sqlite3_last_insert_rowid(handle_.get()); }
  [[nodiscard]] bool in_transaction() const { return sqlite3_get_autocommit(handle_.get()) == 0; }

  sqlite3* handle() { return handle_.get(); }
  [[noreturn]] void fail();  // throws what SQLite says of its last call

 private:
  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  // One use of a statement, which is ready for the next one at the end.
  class Running {
   public:
    template <typename... Values>
    Running(Connection& connection, const char* sql, const Values&... values)
        : connection_(connection), statement_(connection.prepared(sql)) {
      GRIDLOCK_CHECK(sqlite3_bind_parameter_count(statement_) == static_cast<int>(sizeof...(values)));
      int at = 0;
      (connection.bind(statement_, ++at, values), ...);
    }
    ~Running() {
      sqlite3_reset(statement_);
      sqlite3_clear_bindings(statement_);
    }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
    [[nodiscard]] bool step();
    [[nodiscard]] sqlite3_stmt* statement() const { return statement_; }

   private:
    Connection& connection_;
    sqlite3_stmt* statement_;
  };

  sqlite3_stmt* prepared(const char* sql);
  void checked(int code) {
    if (code != SQLITE_OK) fail();
  }
  void bind(sqlite3_stmt* statement, int at, std::string_view text);
  void bind(sqlite3_stmt* statement, int at, std::nullptr_t) { checked(sqlite3_bind_null(statement, at)); }
  void bind(sqlite3_stmt* statement, int at, double number) { checked(sqlite3_bind_double(statement, at, number)); }
  void bind(sqlite3_stmt* statement, int at, std::integral auto number) {
    if constexpr (std::same_as<decltype(number), std::uint64_t>) {
      checked(sqlite3_bind_int64(statement, at, kept(number)));
    } else {
      checked(sqlite3_bind_int64(statement, at, static_cast<std::int64_t>(number)));
    }
  }
  template <typename Tag>
  void bind(sqlite3_stmt* statement, int at, StrongId<Tag, std::int64_t> id) {
    checked(sqlite3_bind_int64(statement, at, id.value()));
  }
  void bind(sqlite3_stmt* statement, int at, VerdictKind kind) { bind(statement, at, verdict_name(kind)); }
  void bind(sqlite3_stmt* statement, int at, TriageState state) { bind(statement, at, triage_state_name(state)); }
  void bind(sqlite3_stmt* statement, int at, RegressionState state) {
    bind(statement, at, regression_state_name(state));
  }
  // Nothing is NULL, which the queries read as "all".
  template <typename T>
  void bind(sqlite3_stmt* statement, int at, const std::optional<T>& value) {
    value ? bind(statement, at, *value) : bind(statement, at, nullptr);
  }

  std::string path_;
  std::unique_ptr<sqlite3, Close> handle_;
  std::unordered_map<const char*, std::unique_ptr<sqlite3_stmt, Finalize>> statements_;  // by where the text lies
};

// All or nothing: what was run since is undone unless commit() has returned.
class Transaction {
 public:
  enum class Kind : std::uint8_t { kRead, kWrite };  // kRead: every statement sees the same state
  Transaction(Connection& connection, Kind kind);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Connection& connection_;
};

namespace internal {
template <typename T>
struct IsStrongId : std::false_type {};
template <typename Tag>
struct IsStrongId<StrongId<Tag, std::int64_t>> : std::true_type {};
[[noreturn]] void fail_unknown_name(const std::string& name);
}  // namespace internal

template <typename T>
T Row::take() {
  const auto by_name = [this](auto from_name) {
    const std::string name = text();
    const auto value = from_name(name);
    if (!value) internal::fail_unknown_name(name);
    return *value;
  };
  if constexpr (std::same_as<T, std::string>) {
    return text();
  } else if constexpr (std::same_as<T, double>) {
    return sqlite3_column_double(statement_, column_++);
  } else if constexpr (std::same_as<T, bool>) {
    return integer() != 0;
  } else if constexpr (std::same_as<T, VerdictKind>) {
    return by_name(verdict_from_name);
  } else if constexpr (std::same_as<T, TriageState>) {
    return by_name(triage_state_from_name);
  } else if constexpr (std::same_as<T, RegressionState>) {
    return by_name(regression_state_from_name);
  } else if constexpr (internal::IsStrongId<T>::value) {
    return T(integer());
  } else {
    static_assert(std::integral<T>);
    return static_cast<T>(integer());
  }
}

}  // namespace gridlock::store
