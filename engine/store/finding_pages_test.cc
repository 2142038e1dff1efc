#include "engine/store/finding_pages.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <random>
#include <thread>

#include "engine/store/connection.h"
#include "engine/store/store_fixture.h"

namespace gridlock::store {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

using Order = FindingQuery::Order;
constexpr Order kOrders[] = {Order::kLastSeen, Order::kFirstSeen, Order::kSightings,
                             Order::kTarget,   Order::kVerdict,   Order::kDecisions};

// The slow oracle: a query over a list, a field at a time.
bool matches(const FindingQuery& query, const Finding& finding) {
  const auto is = [](const auto& wanted, const auto& value) { return !wanted || *wanted == value; };
  return is(query.verdict, finding.verdict) && (query.target.empty() || query.target == finding.target) &&
         (query.variant.empty() || query.variant == finding.variant) && is(query.state, finding.state) &&
         is(query.regression, finding.regression) && is(query.is_canary, finding.is_canary) &&
         (finding.title.contains(query.text) || finding.signature.contains(query.text));
}

bool before(Order order, const Finding& a, const Finding& b) {
  const auto by = [&](const auto& key) { return std::pair(key(a), a.id) < std::pair(key(b), b.id); };
  switch (order) {
    case Order::kLastSeen:
      return by([](const Finding& f) { return f.last_seen; });
    case Order::kFirstSeen:
      return by([](const Finding& f) { return f.first_seen; });
    case Order::kSightings:
      return by([](const Finding& f) { return f.sightings; });
    case Order::kTarget:
      return by([](const Finding& f) { return f.target; });
    case Order::kVerdict:
      return by([](const Finding& f) { return verdict_name(f.verdict); });
    case Order::kDecisions:
      return by([](const Finding& f) { return f.decisions; });
  }
  return false;
}

class FindingPagesTest : public StoreTest {
 protected:
  // A few hundred findings of every kind.
  void fill() {
    std::mt19937 random(1);
    const auto one_of = [&](std::uint32_t count) { return static_cast<std::uint32_t>(random() % count); };
    constexpr VerdictKind kVerdicts[] = {VerdictKind::kHang, VerdictKind::kDataRace, VerdictKind::kDeadlock};
    for (int count = 0; count < kFindings; ++count) {
      Store::Seen what = seen(fmt::format("target{}", one_of(4)), fmt::format("function{} + f{}", count, one_of(9)));
      what.variant = fmt::format("variant{}", one_of(2));
      what.verdict.kind = kVerdicts[one_of(3)];
      what.is_canary = one_of(10) == 0;
      what.sighting.time = kNow + one_of(50);
      const auto id = must(store().record_sightings(std::vector<Store::Seen>(1 + one_of(3), what))).at(0).id;
      must(store().record_triage(id, {.title = fmt::format("cpu{} waits", one_of(3)), .decisions = one_of(20)}));
      if (one_of(4) == 0) must(store().set_state(key_of(id), TriageState::kConfirmed, "", "", kNow));
      all_.push_back(finding(id));
    }
  }

  // What the store gives is what the oracle gives.
  void check(const FindingQuery& query) {
    std::vector<Finding> expected;
    std::ranges::copy_if(all_, std::back_inserter(expected), [&](const Finding& each) { return matches(query, each); });
    std::ranges::sort(expected, [&](const Finding& a, const Finding& b) {
      return query.descending ? before(query.order, b, a) : before(query.order, a, b);
    });
    const FindingPage page = must(store().findings(query));
    EXPECT_EQ(page.total, expected.size());
    std::vector<std::string> keys;
    std::vector<std::string> expected_keys;
    for (const Finding& each : page.findings) keys.push_back(each.key);
    for (std::size_t at = query.offset; at < expected.size() && at < query.offset + query.limit; ++at) {
      expected_keys.push_back(expected[at].key);
    }
    EXPECT_EQ(keys, expected_keys) << "order " << static_cast<int>(query.order);
  }

  static constexpr int kFindings = 300;
  std::vector<Finding> all_;
};

TEST_F(FindingPagesTest, EveryFilterOrderAndPageIsWhatASlowSearchGives) {
  fill();
  std::vector<FindingQuery> queries = {{},
                                       {.is_canary = std::nullopt},
                                       {.is_canary = true},
                                       {.target = "target1"},
                                       {.target = "target1", .variant = "variant0"},
                                       {.verdict = VerdictKind::kDataRace},
                                       {.verdict = VerdictKind::kHang, .target = "target2", .is_canary = true},
                                       {.state = TriageState::kConfirmed},
                                       {.state = TriageState::kFlaky},
                                       {.regression = RegressionState::kUntested},
                                       {.regression = RegressionState::kFails},
                                       {.target = "no such"},
                                       {.text = "function1"},
                                       {.text = "cpu2 w"},
                                       {.target = "target1", .text = "f3"},
                                       {.text = "3"},
                                       {.text = "nowhere"}};
  for (FindingQuery query : queries) {
    for (const Order order : kOrders) {
      for (const bool descending : {false, true}) {
        for (const std::uint32_t offset : {0U, 7U, 250U, 100'000U}) {
          query.order = order;
          query.descending = descending;
          query.offset = offset;
          query.limit = 20;
          check(query);
        }
      }
    }
  }
}

TEST_F(FindingPagesTest, AnyTextCanBeSearchedFor) {
  Store::Seen what = seen("lock", "operator\"\" x AND (NOT *) \u20acuro%_");
  what.verdict.summary = "WAITS";
  const FindingId id = record(what).id;
  for (const char* text :
       {"\"\"", "\" x", "AND (NOT", "*) ", "\u20acur", "%_", "o%_", "waits", "wAi", "\u20ac", "\""}) {
    const auto page = must(store().findings({.text = text}));
    ASSERT_EQ(page.total, 1U) << text;
    EXPECT_EQ(page.findings[0].id, id);
  }
  for (const char* text : {"\"x\"", "%", "__", "a*b", "NEAR(x)", "title:WAITS", "^WAI"}) {
    const bool is_part = std::string_view("operator\"\" x AND (NOT *) \u20acuro%_").contains(text);
    EXPECT_EQ(must(store().findings({.text = text})).total, is_part ? 1U : 0U) << text;
  }
  EXPECT_FALSE(store().findings({.text = std::string("a\0b", 3)}).has_value());
  EXPECT_FALSE(store().findings({.text = std::string(kFindingTextMax + 1, 'a')}).has_value());
  EXPECT_FALSE(store().findings({.limit = kFindingsPageMax + 1}).has_value());
}

TEST_F(FindingPagesTest, ASearchFollowsTheTitle) {
  const FindingId id = found("lock", "a");
  EXPECT_EQ(must(store().findings({.text = "is stuck"})).total, 1U);
  must(store().record_triage(id, {.title = "cpu0 waits"}));
  EXPECT_EQ(must(store().findings({.text = "is stuck"})).total, 0U);
  EXPECT_EQ(must(store().findings({.text = "cpu0 waits"})).total, 1U);
}

TEST_F(FindingPagesTest, KindsAreCountedAsTheyChange) {
  const FindingId id = found("lock", "a");
  found("lock", "b");
  Store::Seen canary = seen("demo", "c");
  canary.is_canary = true;
  record(canary);
  must(store().set_state(key_of(id), TriageState::kFixed, "", "", kNow));
  must(store().record_test(id, {.build = build(), .variant = "broken", .same = 20, .replays = 20}));
  const FindingCount kind{.target = "lock", .variant = "broken", .verdict = VerdictKind::kDeadlock, .count = 1};
  FindingCount fixed = kind;
  fixed.state = TriageState::kFixed;
  fixed.regression = RegressionState::kFails;
  FindingCount shown_apart = kind;
  shown_apart.target = "demo";
  shown_apart.is_canary = true;
  EXPECT_THAT(must(store().finding_counts()), ElementsAre(shown_apart, fixed, kind));
  const auto open = must(store().open_counts());
  EXPECT_EQ(open.size(), 6U);
  EXPECT_THAT(open, Contains(std::pair(TriageState::kNew, std::uint64_t{1})));
  EXPECT_THAT(open, Contains(std::pair(TriageState::kFixed, std::uint64_t{1})));
}

// Enough findings for walks that leave marks on their way.
class FarPagesTest : public StoreTest {
 protected:
  FarPagesTest() {
    std::vector<Store::Seen> all;
    const Store::Seen pattern = seen("target0", "");
    for (int count = 0; count < kFindings; ++count) {
      all.push_back(pattern);
      all.back().target = fmt::format("target{}", random_() % 3);
      all.back().verdict.signature = fmt::format("function{}", count);
      all.back().is_canary = random_() % 40 == 0;
      all.back().sighting.time = kNow + static_cast<UnixMs>(random_() % 4000);
    }
    must(store().record_sightings(all));
    seen_ = std::move(all);
  }

  // The same page as a plain statement gives, which skips from the beginning.
  void check(const FindingQuery& query) {
    Connection connection(database(), Connection::Use::kRead);
    const auto key = [](Row& row) { return row.take<std::string>(); };
    const std::string sql = fmt::format(
        "SELECT key FROM finding WHERE is_canary = 0 AND (?1 = '' OR target = ?1) ORDER BY {0} {1}, id {1}"
        " LIMIT ?2 OFFSET ?3",
        kColumns.at(static_cast<std::size_t>(query.order)), query.descending ? "DESC" : "ASC");
    const auto expected = connection.rows(key, sql.c_str(), query.target, query.limit, query.offset);
    std::vector<std::string> keys;
    for (const Finding& each : must(store().findings(query)).findings) keys.push_back(each.key);
    EXPECT_EQ(keys, expected) << "order " << static_cast<int>(query.order) << " from " << query.offset;
  }
  void check_some(int pages) {
    for (int page = 0; page < pages; ++page) {
      check({.target = random_() % 4 == 0 ? "target1" : "",
             .order = kOrders[random_() % 3],
             .descending = random_() % 4 != 0,
             .offset = static_cast<std::uint32_t>(random_() % kFindings),
             .limit = static_cast<std::uint32_t>(1 + random_() % 60)});
    }
  }
  // One of the findings is seen again, and moves up.
  void see_again() {
    Store::Seen again = seen_.at(random_() % seen_.size());
    again.sighting.time = kNow + static_cast<UnixMs>(random_() % 9000);
    record(again);
  }

  static constexpr int kFindings = 10'000;
  static constexpr std::array<std::string_view, 3> kColumns = {"last_seen", "first_seen", "sightings"};
  std::mt19937 random_{2};
  std::vector<Store::Seen> seen_;
};

TEST_F(FarPagesTest, APageIsTheSameFromWhateverMarkItIsReached) {
  check_some(150);
  for (std::uint32_t offset = 0; offset < kFindings; offset += 500) check({.offset = offset});
  for (const std::uint32_t offset : {9'700U, 9'750U, 9'999U, 10'000U}) check({.offset = offset});
}

TEST_F(FarPagesTest, WhatIsSeenAgainMovesTheOthersAtOnce) {
  for (int turn = 0; turn < 30; ++turn) {
    check_some(4);
    see_again();
  }
  // In one transaction with a write that fails: nothing has moved, and the marks are right.
  std::vector<Store::Seen> half = {seen_[0], seen_[1]};
  half[0].sighting.time = kNow + 10'000;
  half[1].sighting.campaign = CampaignId(9999);
  EXPECT_FALSE(store().record_sightings(half).has_value());
  check_some(20);
}

TEST_F(FarPagesTest, NothingOldIsKeptFromPagesThatAreReadDuringWrites) {
  std::atomic<bool> writes = true;
  std::vector<std::thread> readers;
  for (std::uint32_t reader = 0; reader < 2; ++reader) {
    readers.emplace_back([&, reader] {
      for (std::uint32_t turn = reader; writes; turn += 2) {
        (void)must(store().findings({.offset = turn * 1999 % kFindings}));
      }
    });
  }
  for (int turn = 0; turn < 100; ++turn) see_again();
  writes = false;
  for (std::thread& reader : readers) reader.join();
  for (std::uint32_t offset = 0; offset < kFindings; offset += 700) check({.offset = offset});
}

// What SQLite says it does for a statement.
std::vector<std::string> plan_of(Connection& connection, const std::string& sql) {
  const std::string explain = "EXPLAIN QUERY PLAN " + sql;
  std::vector<std::string> plan;
  sqlite3_stmt* statement = nullptr;
  EXPECT_EQ(sqlite3_prepare_v2(connection.handle(), explain.c_str(), -1, &statement, nullptr), SQLITE_OK);
  while (sqlite3_step(statement) == SQLITE_ROW) {
    constexpr int kDetail = 3;
    plan.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(statement, kDetail)));
  }
  sqlite3_finalize(statement);
  return plan;
}

TEST_F(FindingPagesTest, NoWayToAPageReadsTheRowsOfAllFindings) {
  Connection connection(database(), Connection::Use::kRead);
  for (const std::string& sql : page_texts().walk) {
    // In order, and by the index alone.
    EXPECT_THAT(plan_of(connection, sql), ElementsAre(HasSubstr("SCAN f USING COVERING INDEX finding_by_"))) << sql;
  }
  for (const std::string& sql : page_texts().walk_on) {
    // The mark is looked up, and what lies before it is not passed.
    EXPECT_THAT(plan_of(connection, sql), Contains(HasSubstr("SEARCH f USING COVERING INDEX finding_by_"))) << sql;
    EXPECT_THAT(plan_of(connection, sql), Contains("SEARCH mark USING INTEGER PRIMARY KEY (rowid=?)")) << sql;
    EXPECT_THAT(plan_of(connection, sql), Each(Not(HasSubstr("TEMP B-TREE")))) << sql;
  }
  for (const std::string& sql : page_texts().gather) {
    EXPECT_THAT(plan_of(connection, sql), Contains(MatchesRegex("SEARCH f USING (COVERING )?INDEX finding_by_kind .*")))
        << sql;
    EXPECT_THAT(plan_of(connection, sql), Each(Not(HasSubstr("SCAN f"))));
  }
  for (const std::string& sql : page_texts().search) {
    EXPECT_THAT(plan_of(connection, sql), Contains(HasSubstr("SEARCH f USING INTEGER PRIMARY KEY"))) << sql;
    EXPECT_THAT(plan_of(connection, sql), Each(Not(HasSubstr("SCAN f ")))) << sql;
  }
}

}  // namespace
}  // namespace gridlock::store
