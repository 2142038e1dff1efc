#include "engine/store/migrations.h"

#include <gmock/gmock.h>

#include "engine/store/store_fixture.h"

namespace gridlock::store {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class MigrationsTest : public testing::Test {
 protected:
  std::vector<std::string> tables() {
    return connection_.rows([](Row& row) { return row.take<std::string>(); },
                            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
                            " ORDER BY name");
  }
  // The message of the failure.
  std::string failing(std::span<const Migration> steps) {
    try {
      migrate(connection_, steps);
    } catch (const Failed& failed) {
      return failed.error.message();
    }
    return "no failure";
  }

  TemporaryFolder folder_;
  Connection connection_{folder_.path() / "x.db", Connection::Use::kWrite};
};

constexpr Migration kOne{.version = 1, .sql = "CREATE TABLE a (x INTEGER) STRICT; INSERT INTO a VALUES (7);"};
constexpr Migration kTwo{.version = 2, .sql = "ALTER TABLE a RENAME TO c; CREATE TABLE b (y TEXT) STRICT;"};
constexpr Migration kBadTwo{.version = 2, .sql = "CREATE TABLE b (y TEXT) STRICT; SELECT * FROM nothing;"};

TEST_F(MigrationsTest, AnEmptyDatabaseGetsAllSteps) {
  migrate(connection_, {{kOne, kTwo}});
  EXPECT_EQ(version_of(connection_), 2);
  EXPECT_THAT(tables(), ElementsAre("b", "c"));
}

TEST_F(MigrationsTest, OnlyWhatIsMissingIsRunAndRowsStay) {
  migrate(connection_, {{kOne}});
  migrate(connection_, {{kOne}});
  migrate(connection_, {{kOne, kTwo}});
  EXPECT_EQ(connection_.value<int>("SELECT x FROM c"), 7);
}

TEST_F(MigrationsTest, AStepThatFailsLeavesNothingOfItself) {
  EXPECT_THAT(failing({{kOne, kBadTwo}}), HasSubstr("nothing"));
  EXPECT_EQ(version_of(connection_), 1);
  EXPECT_THAT(tables(), ElementsAre("a"));
  migrate(connection_, {{kOne, kTwo}});
  EXPECT_EQ(version_of(connection_), 2);
}

TEST_F(MigrationsTest, ADatabaseOfANewerVersionIsLeftAlone) {
  connection_.script("PRAGMA user_version = 3");
  EXPECT_THAT(failing({{kOne, kTwo}}), HasSubstr("newer Gridlock"));
  EXPECT_THAT(tables(), ElementsAre());
}

TEST_F(MigrationsTest, TheStepsOfThisVersionHaveNoGap) {
  std::int64_t next = 1;
  for (const Migration& step : migrations()) EXPECT_EQ(step.version, next++);
}

TEST(StoreMigrationTest, AnEmptyFileBecomesADatabaseAndAFutureOneIsRefused) {
  const TemporaryFolder folder;
  must(Store::open(folder.path()));
  {
    Connection connection(folder.path() / "gridlock.db", Connection::Use::kWrite);
    EXPECT_EQ(version_of(connection), migrations().back().version);
    connection.script("PRAGMA user_version = 1000");
  }
  const auto refused = Store::open(folder.path());
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().message(), HasSubstr("version 1000 of the tables"));
}

}  // namespace
}  // namespace gridlock::store
