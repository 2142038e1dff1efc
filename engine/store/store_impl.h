// What all of Store's calls share: the folder, one connection that writes, a few that read, and the two ways through
// which every call goes and at which the module's own exception ends.
//
// May include: base, model.
#pragma once

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "engine/store/blobs.h"
#include "engine/store/connection.h"
#include "engine/store/finding_marks.h"
#include "engine/store/folder_lock.h"
#include "engine/store/seam.h"
#include "engine/store/store.h"

namespace gridlock::store {

// Readers beyond these wait; reads take milliseconds at most.
inline constexpr std::size_t kReaders = 4;

[[nodiscard]] inline std::filesystem::path database_of(const std::filesystem::path& data_folder) {
  return data_folder / "gridlock.db";
}

struct Store::Impl {
  Impl(std::filesystem::path data_folder, FolderLock taken)
      : folder(std::move(data_folder)), lock(std::move(taken)), blobs(folder / "blobs") {}

  std::filesystem::path folder;
  FolderLock lock;
  Blobs blobs;

  // The connections; checks the database if the last owner left it open, and brings it along.
  [[nodiscard]] Result<void> open_database();

  // do_it(connection) inside one transaction, which is durable when this returns a value. `tried` begins the error.
  template <typename Do>
  auto write(std::string_view tried, Do do_it) -> Result<std::invoke_result_t<Do, Connection&>> {
    return without_exceptions(tried, folder, is_broken, [&] {
      const std::scoped_lock alone(writing);
      const EndOfChange end(findings_version);
      Transaction transaction(*writer, Transaction::Kind::kWrite);
      return end_of(transaction, *writer, do_it);
    });
  }
  // do_it(connection) on one state of the database.
  template <typename Do>
  auto read(std::string_view tried, Do do_it) -> Result<std::invoke_result_t<Do, Connection&>> {
    return without_exceptions(tried, folder, is_broken, [&] {
      const Reader reader(*this);
      Transaction transaction(reader.connection(), Transaction::Kind::kRead);
      return end_of(transaction, reader.connection(), do_it);
    });
  }

  std::mutex writing;
  std::unique_ptr<Connection> writer;  // under `writing`
  std::mutex choosing;
  std::condition_variable reader_is_back;
  std::vector<std::unique_ptr<Connection>> readers;  // that nobody uses; under `choosing`
  std::atomic<bool> is_broken = false;               // seen so; the next opening shall check
  FindingsVersion findings_version;                  // the writer's connection tells it of each change
  FindingMarks finding_marks;

 private:
  // Whatever way a transaction ends, the findings are at rest again.
  class EndOfChange {
   public:
    explicit EndOfChange(FindingsVersion& version) : version_(version) {}
    ~EndOfChange() { version_.change_ends(); }
    EndOfChange(const EndOfChange&) = delete;
    EndOfChange& operator=(const EndOfChange&) = delete;

   private:
    FindingsVersion& version_;
  };
  // One of the readers, for as long as this lives.
  class Reader {
   public:
    explicit Reader(Impl& impl) : impl_(impl) {
      std::unique_lock choosing(impl.choosing);
      impl.reader_is_back.wait(choosing, [&] { return !impl.readers.empty(); });
      connection_ = std::move(impl.readers.back());
      impl.readers.pop_back();
    }
    ~Reader() {
      {
        const std::scoped_lock choosing(impl_.choosing);
        impl_.readers.push_back(std::move(connection_));
      }
      impl_.reader_is_back.notify_one();
    }
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    [[nodiscard]] Connection& connection() const { return *connection_; }

   private:
    Impl& impl_;
    std::unique_ptr<Connection> connection_;
  };

  template <typename Do>
  static auto end_of(Transaction& transaction, Connection& connection, Do& do_it) {
    if constexpr (std::is_void_v<std::invoke_result_t<Do, Connection&>>) {
      do_it(connection);
      transaction.commit();
    } else {
      auto value = do_it(connection);
      transaction.commit();
      return value;
    }
  }
};

// What is wrong with a value that was given.
[[noreturn]] inline void refuse(std::string on, std::string advice) {
  throw Failed{.error = {.tried = "", .on = std::move(on), .advice = std::move(advice)}};
}

// FAILS for a list or a text that is longer than a named limit.
void check_length(std::string_view what, std::size_t length, std::size_t length_max);

// The first bytes of a text, never half a character.
[[nodiscard]] std::string_view cut(std::string_view text, std::size_t bytes_max);

// The columns of a Finding, in the order in which finding_of takes them.
#define GRIDLOCK_FINDING_COLUMNS                                                                               \
  "f.id, f.key, f.target, f.variant, f.signature, f.verdict, f.title, f.state, f.duplicate_of, f.regression, " \
  "f.is_canary, f.first_build, f.first_seen, f.last_seen, f.sightings, f.triaged, f.cpus, f.preemptions, "     \
  "f.interrupts, f.migrations, f.decisions, f.decisions_as_found, f.minimize_seconds, f.minimize_runs, "       \
  "f.reproduced, f.replays, f.repro, f.input, f.explanation, f.text, f.perfetto, f.test"
[[nodiscard]] Finding finding_of(Row& row);

// The finding's RegressionState by what is known of it now; see regression_state.h.
RegressionState bring_regression_along(Connection& connection, FindingId finding);

}  // namespace gridlock::store
