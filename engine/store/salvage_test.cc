#include "engine/store/salvage.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <random>

#include "engine/store/connection.h"
#include "engine/store/store_fixture.h"

namespace gridlock::store {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

std::string bytes_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class SalvageTest : public StoreTest {
 protected:
  static constexpr std::uint32_t kFindings = 400;

  // Findings with sightings, notes, tests and the rest.
  void fill() {
    std::vector<Store::Seen> all;
    for (std::uint32_t number = 0; number < kFindings; ++number) {
      all.push_back(seen("lock", fmt::format("function_{:04}", number)));
    }
    must(store().record_sightings(all));
    const FindingId id = must(store().record_sightings(all)).at(7).id;
    must(store().record_triage(id, {.title = "seven", .decisions = 7}));
    must(store().add_note(key_of(id), "Ada", "a note", kNow));
    must(store().record_test(id, {.build = build(), .variant = "broken", .same = 20, .replays = 20}));
    must(store().record_targets({{{"lock", "broken", "a lock", "deadlock"}}}));
    must(store().record_features("lock", {.time = kNow, .features = 3}));
    must(store().record_corpus("lock", {{{.name = "a", .bytes = 3}}}));
    must(store().save_totals({{{"runs_total", "", 5}}}));
    seventh_ = key_of(id);
  }

  // Overwrites every second page of a closed database that holds rows of a table.
  void spoil(const std::string& table, std::size_t pages) {
    const auto offsets = pages_of(table);
    ASSERT_GT(offsets.size(), 2 * pages);
    for (std::size_t page = 0; page < pages; ++page) spoil_at(offsets.at(1 + 2 * page));
  }

  // Everything of fill() but `lost` findings is there.
  void check_filled(std::uint64_t lost) {
    const auto page = must(store().findings({.order = FindingQuery::Order::kFirstSeen, .limit = kFindingsPageMax}));
    EXPECT_EQ(page.total, kFindings - lost);
    EXPECT_EQ(page.findings.size(), page.total);
    const Finding seventh = must(store().finding(seventh_)).value();
    EXPECT_EQ(seventh.title, "seven");
    EXPECT_EQ(seventh.sightings, 2U);
    EXPECT_EQ(seventh.regression, RegressionState::kFails);
    EXPECT_EQ(must(store().notes(seventh.id)).at(0).text, "a note");
    EXPECT_EQ(must(store().tests(seventh.id)).size(), 1U);
    EXPECT_EQ(must(store().sighting_counts(seventh.id)).at(0).count, 2U);
    EXPECT_EQ(must(store().findings({.text = "seven"})).total, 1U);
    EXPECT_EQ(must(store().targets()).size(), 1U);
    EXPECT_EQ(must(store().features("lock", 0)).size(), 1U);
    EXPECT_EQ(must(store().corpora()).size(), 1U);
    EXPECT_EQ(must(store().totals()).at(0).value, 5);
    Connection connection(database(), Connection::Use::kRead);
    EXPECT_EQ(connection.value<std::string>("PRAGMA integrity_check"), "ok");
    EXPECT_FALSE(connection.value<std::string>("PRAGMA foreign_key_check").has_value());
  }
  static const SalvagedTable& table_of(const SalvageReport& report, const std::string& name) {
    return *std::ranges::find(report.tables, name, &SalvagedTable::name);
  }

  std::string seventh_;
};

TEST_F(SalvageTest, AWholeDatabaseIsCopiedWhole) {
  fill();
  close();
  const auto before = bytes_of(database());
  const SalvageReport report = must(salvage(data()));
  EXPECT_EQ(bytes_of(report.broken), before);
  EXPECT_EQ(report.broken.filename(), "gridlock.db.broken-1");
  EXPECT_EQ(table_of(report, "sighting").rows, 2U * kFindings);
  for (const SalvagedTable& table : report.tables) {
    EXPECT_EQ(table.gaps, 0U) << table.name;
    EXPECT_EQ(table.refused, 0U) << table.name;
  }
  open();
  check_filled(0);
  // And it goes on.
  EXPECT_TRUE(record(seen("lock", "new")).is_new);
}

TEST_F(SalvageTest, WhatIsOnBrokenPagesIsLostAndNothingElse) {
  fill();
  close();
  constexpr std::size_t kPages = 3;
  spoil("finding", kPages);
  const SalvageReport report = must(salvage(data()));
  const SalvagedTable& findings = table_of(report, "finding");
  EXPECT_EQ(findings.gaps, kPages);
  ASSERT_LT(findings.rows, kFindings);
  EXPECT_GT(findings.rows, kFindings * 3 / 4);
  const std::uint64_t lost = kFindings - findings.rows;
  EXPECT_EQ(table_of(report, "sighting").refused, 2 * lost);
  open();
  check_filled(lost);
}

TEST_F(SalvageTest, WhatRefersToALostBuildKeepsItsPlace) {
  fill();
  {
    Connection connection(database(), Connection::Use::kWrite);
    connection.script("PRAGMA foreign_keys = OFF");
    connection.script("DELETE FROM build; DELETE FROM campaign; DELETE FROM stint");
  }
  close();
  must(salvage(data()));
  open();
  EXPECT_EQ(must(store().builds(10)).at(0).version, "lost");
  EXPECT_EQ(must(store().campaigns()).at(0).target, "lost");
  check_filled(0);
}

TEST_F(SalvageTest, WithoutAFirstPageNothingIsReadAndAllIsKeptAside) {
  fill();
  const BlobName blob = must(store().put_blob("repro"));
  close();
  spoil_at(0);
  const auto before = bytes_of(database());
  const auto refused = Store::open(data());
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().message(), HasSubstr("gridlock serve --salvage"));
  const SalvageReport report = must(salvage(data()));
  EXPECT_EQ(bytes_of(report.broken), before);
  EXPECT_EQ(table_of(report, "finding").rows, 0U);
  EXPECT_EQ(table_of(report, "finding").gaps, 1U);
  open();
  EXPECT_EQ(must(store().findings({})).total, 0U);
  EXPECT_EQ(must(store().blob(blob)), "repro");
}

TEST_F(SalvageTest, TheSecondBrokenFileHasANameOfItsOwn) {
  close();
  EXPECT_EQ(must(salvage(data())).broken.filename(), "gridlock.db.broken-1");
  EXPECT_EQ(must(salvage(data())).broken.filename(), "gridlock.db.broken-2");
}

TEST_F(SalvageTest, AFolderThatIsInUseOrHasNoDatabaseIsRefused) {
  const auto in_use = salvage(data());
  ASSERT_FALSE(in_use.has_value());
  EXPECT_THAT(in_use.error().message(), HasSubstr("process id"));
  const TemporaryFolder empty;
  EXPECT_FALSE(salvage(empty.path()).has_value());
  EXPECT_FALSE(salvage(empty.path() / "none").has_value());
}

// A salvage reads the log too: what was acknowledged last is nowhere else when a server is killed.
TEST_F(SalvageTest, KilledAtAnyMomentItCanBeDoneAgain) {
  fill();
  close();
  std::mt19937 random(1);
  constexpr int kKills = 25;
  constexpr int kMicrosecondsMax = 40'000;
  for (int kill = 0; kill < kKills; ++kill) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      while (salvage(data()).has_value()) {
      }
      ::_exit(1);
    }
    const timespec moment{.tv_nsec = 1000L * static_cast<long>(random() % kMicrosecondsMax)};
    ::nanosleep(&moment, nullptr);
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status)) << "the salvage failed by itself";
    open();
    check_filled(0);
    // No second name of the database is left.
    EXPECT_EQ(fs::hard_link_count(database()), 1U);
    close();
  }
}

}  // namespace
}  // namespace gridlock::store
