#include "engine/store/store.h"

#include <gmock/gmock.h>
#include <sqlite3.h>

#include <fstream>
#include <thread>

#include "engine/store/connection.h"
#include "engine/store/store_fixture.h"

namespace gridlock::store {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(StateNames, AreReadBack) {
  for (const auto state : {TriageState::kNew, TriageState::kConfirmed, TriageState::kFixed, TriageState::kWontFix,
                           TriageState::kDuplicate, TriageState::kFlaky}) {
    EXPECT_EQ(triage_state_from_name(triage_state_name(state)), state);
  }
  for (const auto state : {RegressionState::kUntested, RegressionState::kFails, RegressionState::kMaybeFixed,
                           RegressionState::kRegressed, RegressionState::kNotRepeatable}) {
    EXPECT_EQ(regression_state_from_name(regression_state_name(state)), state);
  }
  EXPECT_EQ(triage_state_name(TriageState::kWontFix), "wont-fix");
  EXPECT_EQ(regression_state_name(RegressionState::kMaybeFixed), "fixed?");
  EXPECT_FALSE(triage_state_from_name("New").has_value());
  EXPECT_FALSE(regression_state_from_name("").has_value());
}

TEST_F(StoreTest, ABuildIsMadeOnceAndTheNewestIsFirst) {
  const BuildId first = build("b1");
  const BuildId second = build("b2");
  EXPECT_EQ(build("b1"), first);
  // The clock went back; the order stays that of the builds.
  must(store().record_build("b3", "v3", kNow - 1'000'000));
  const auto builds = must(store().builds(2));
  ASSERT_EQ(builds.size(), 2U);
  EXPECT_EQ(builds[0].digest, "b3");
  EXPECT_EQ(builds[1].id, second);
}

TEST_F(StoreTest, TargetsAreReplaced) {
  const TargetVariant old{"lock", "broken", "a lock", "deadlock"};
  const TargetVariant fresh{"queue", "", "it's a \"queue\"; DROP TABLE finding", "ok"};
  must(store().record_targets({{old}}));
  must(store().record_targets({{fresh, old}}));
  reopen();
  EXPECT_THAT(must(store().targets()), ElementsAre(fresh, old));
}

TEST_F(StoreTest, OfTwoTargetsThatAreTheSameNeitherIsKept) {
  const TargetVariant twice{"lock", "broken", "a lock", "deadlock"};
  must(store().record_targets({{twice}}));
  EXPECT_FALSE(store().record_targets({{{"queue", "", "", ""}, twice, twice}}).has_value());
  EXPECT_THAT(must(store().targets()), ElementsAre(twice));
}

TEST_F(StoreTest, TheDatabaseIsOpenedAsItsPromisesNeed) {
  Connection writer(database(), Connection::Use::kWrite);
  EXPECT_EQ(writer.value<std::string>("PRAGMA journal_mode"), "wal");
  constexpr int kFull = 2;
  EXPECT_EQ(writer.value<int>("PRAGMA synchronous"), kFull);
  EXPECT_EQ(writer.value<int>("PRAGMA foreign_keys"), 1);
  Connection reader(database(), Connection::Use::kRead);
  EXPECT_THROW(reader.run("DELETE FROM build"), Failed);
}

TEST_F(StoreTest, EveryTableIsStrictAndHasRowNumbers) {
  Connection connection(database(), Connection::Use::kWrite);
  const auto loose = connection.rows([](Row& row) { return row.take<std::string>(); },
                                     "SELECT name FROM pragma_table_list WHERE type = 'table' AND schema = 'main'"
                                     " AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'finding_text%'"
                                     " AND (strict = 0 OR wr = 1)");
  EXPECT_THAT(loose, testing::IsEmpty());
}

TEST_F(StoreTest, ASecondOwnerIsRefusedByTheFirstOnesPid) {
  const auto second = Store::open(data());
  ASSERT_FALSE(second.has_value());
  EXPECT_THAT(second.error().message(), HasSubstr("process id " + std::to_string(::getpid())));
  close();
  EXPECT_TRUE(Store::open(data()).has_value());
}

TEST_F(StoreTest, ThreadsThatReadAndWriteDoNotDisturbEachOther) {
  constexpr int kEach = 50;
  const Store::Seen what = seen("lock", "a");
  std::vector<std::thread> threads;
  for (int writer = 0; writer < 2; ++writer) {
    threads.emplace_back([&] {
      for (int count = 0; count < kEach; ++count) must(store().record_sighting(what));
    });
  }
  // More readers than connections.
  for (int reader = 0; reader < 6; ++reader) {
    threads.emplace_back([&] {
      for (int count = 0; count < kEach; ++count) {
        const auto page = must(store().findings({}));
        // A page and its total are of one state.
        ASSERT_EQ(page.findings.size(), page.total);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(must(store().findings({})).findings.at(0).sightings, 2U * kEach);
}

TEST_F(StoreTest, ALineThatIsCutHasNoHalfCharacter) {
  Store::Seen what = seen("lock", "a");
  what.verdict.summary = std::string(kTitleBytesMax - 1, 'x') + "\u20ac";
  EXPECT_EQ(finding(record(what).id).title, std::string(kTitleBytesMax - 1, 'x'));
}

}  // namespace
}  // namespace gridlock::store
