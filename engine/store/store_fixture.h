// A store in a folder of its own, and short words for what the tests put into it.
//
// May include: base, model.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "engine/store/connection.h"
#include "engine/store/store.h"

namespace gridlock::store {

// The value, or the end of the test with the error's message.
template <typename T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "gridlock-store-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path_ = name;
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

class StoreTest : public testing::Test {
 protected:
  static constexpr UnixMs kNow = 1'700'000'000'000;

  StoreTest() { open(); }

  void open() { store_ = must(Store::open(folder_.path())); }
  void close() { store_.reset(); }
  void reopen() {
    close();
    open();
  }
  Store& store() { return *store_; }
  [[nodiscard]] std::filesystem::path data() const { return folder_.path(); }
  [[nodiscard]] std::filesystem::path database() const { return folder_.path() / "gridlock.db"; }

  BuildId build(const std::string& digest = "b1") { return must(store().record_build(digest, "v-" + digest, kNow)).id; }
  CampaignId campaign(const std::string& target = "lock", const std::string& engine = "builtin",
                      const std::string& sanitizer = "none") {
    return must(store().campaign(target, "broken", engine, sanitizer)).id;
  }
  // A sighting in a stint of its campaign.
  Store::Seen seen(const std::string& target, const std::string& signature, const std::string& digest = "b1") {
    const BuildId of = build(digest);
    const CampaignId by = campaign(target);
    const auto stints = must(store().stints(by, 1));
    const StintId in = stints.empty() || stints[0].build != of ? must(store().begin_stint(by, of, kNow)) : stints[0].id;
    return {.target = target,
            .variant = "broken",
            .verdict = {.kind = VerdictKind::kDeadlock, .signature = signature, .summary = signature + " is stuck"},
            .sighting = {.campaign = by, .stint = in, .build = of, .time = kNow}};
  }
  Store::Recorded record(const Store::Seen& what) { return must(store().record_sighting(what)); }
  FindingId found(const std::string& target, const std::string& signature) {
    return record(seen(target, signature)).id;
  }
  Finding finding(FindingId id) { return must(store().finding(id)).value(); }
  std::string key_of(FindingId id) { return finding(id).key; }

  // Where the pages lie that hold a table's rows.
  [[nodiscard]] std::vector<std::int64_t> pages_of(const std::string& table) const {
    Connection connection(database(), Connection::Use::kRead);
    return connection.rows([](Row& row) { return row.take<std::int64_t>(); },
                           "SELECT pgoffset FROM dbstat WHERE name = ?1 AND pagetype = 'leaf' ORDER BY path", table);
  }
  // REQUIRES: the store is closed.
  void spoil_at(std::int64_t offset) const {
    constexpr std::size_t kPageBytes = 4096;
    std::fstream file(database(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(offset);
    file << std::string(kPageBytes, '\xee');
  }

 private:
  TemporaryFolder folder_;
  std::unique_ptr<Store> store_;
};

}  // namespace gridlock::store
