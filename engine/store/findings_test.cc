#include <gmock/gmock.h>

#include "engine/store/connection.h"
#include "engine/store/store_fixture.h"

namespace gridlock::store {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;

using FindingsTest = StoreTest;

TEST_F(FindingsTest, ABugIsOneFindingHoweverOftenItIsSeen) {
  const auto first = record(seen("lock", "a + b"));
  const auto second = record(seen("lock", "a + b"));
  EXPECT_TRUE(first.is_new);
  EXPECT_FALSE(second.is_new);
  EXPECT_EQ(first.id, second.id);
  EXPECT_EQ(finding(first.id).sightings, 2U);
  EXPECT_TRUE(record(seen("queue", "a + b")).is_new);
  EXPECT_TRUE(record(seen("lock", "a")).is_new);
}

TEST_F(FindingsTest, AFindingIsNamedByItsTargetAndSignature) {
  const Finding made = finding(found("lock", "a + b"));
  // printf 'lock\na + b' | sha256sum | cut -c1-16
  EXPECT_EQ(made.key, "19c3ea0222efd92b");
  EXPECT_EQ(made.key, finding_key("lock", "a + b"));
  EXPECT_EQ(must(store().finding(made.key)).value().id, made.id);
  EXPECT_FALSE(must(store().finding("0000000000000000")).has_value());
  EXPECT_FALSE(must(store().finding(FindingId(99))).has_value());
}

TEST_F(FindingsTest, ANewFindingSaysWhatTheChildSaid) {
  Store::Seen what = seen("lock", "a");
  what.repro = must(store().put_blob("repro"));
  what.sighting.input = must(store().put_blob("input"));
  what.is_canary = true;
  const Finding made = finding(record(what).id);
  EXPECT_EQ(made.variant, "broken");
  EXPECT_EQ(made.verdict, VerdictKind::kDeadlock);
  EXPECT_EQ(made.title, "a is stuck");
  EXPECT_EQ(made.state, TriageState::kNew);
  EXPECT_EQ(made.regression, RegressionState::kUntested);
  EXPECT_TRUE(made.is_canary);
  EXPECT_FALSE(made.triaged);
  EXPECT_EQ(made.first_seen, kNow);
  EXPECT_EQ(made.first_build, build());
  EXPECT_EQ(must(store().blob(made.repro)), "repro");
  EXPECT_EQ(must(store().blob(made.input)), "input");
}

TEST_F(FindingsTest, TheSameOriginIsRecordedOnce) {
  Store::Seen what = seen("lock", "a");
  what.sighting.origin = "7/a.repro";
  const auto first = record(what);
  reopen();
  const auto again = record(what);
  EXPECT_FALSE(first.is_repeat);
  EXPECT_TRUE(again.is_repeat);
  EXPECT_FALSE(again.is_new);
  EXPECT_EQ(again.id, first.id);
  what.sighting.origin = "8/a.repro";
  EXPECT_FALSE(record(what).is_repeat);
  EXPECT_EQ(finding(first.id).sightings, 2U);
  EXPECT_EQ(must(store().sighting_counts(first.id)).at(0).count, 2U);
}

TEST_F(FindingsTest, ManySightingsAreAllRecordedOrNone) {
  const auto recorded = must(store().record_sightings({{seen("lock", "a"), seen("lock", "b"), seen("lock", "a")}}));
  EXPECT_THAT(recorded, ElementsAre(Field(&Store::Recorded::is_new, true), Field(&Store::Recorded::is_new, true),
                                    Field(&Store::Recorded::is_new, false)));
  Store::Seen wrong = seen("lock", "d");
  wrong.sighting.stint = StintId(99);
  EXPECT_FALSE(store().record_sightings({{seen("lock", "c"), wrong}}).has_value());
  EXPECT_EQ(must(store().findings({})).total, 2U);
}

TEST_F(FindingsTest, SightingsAreCountedByWhoSawThem) {
  const FindingId id = found("lock", "a");
  Store::Seen by_afl = seen("lock", "a", "b2");
  by_afl.sighting.campaign = campaign("lock", "afl", "thread");
  by_afl.variant = "other";
  by_afl.sighting.time = kNow + 10;
  record(by_afl);
  by_afl.sighting.time = kNow + 5;
  record(by_afl);
  const auto counts = must(store().sighting_counts(id));
  ASSERT_EQ(counts.size(), 2U);
  EXPECT_EQ(counts[0].engine, "builtin");
  EXPECT_EQ(counts[1].engine, "afl");
  EXPECT_EQ(counts[1].sanitizer, "thread");
  EXPECT_EQ(counts[1].variant, "other");
  EXPECT_EQ(counts[1].count, 2U);
  EXPECT_EQ(counts[1].first, kNow + 5);
  EXPECT_EQ(counts[1].last, kNow + 10);
}

TEST_F(FindingsTest, AClockThatGoesBackLeavesTimesInOrder) {
  Store::Seen what = seen("lock", "a");
  const FindingId id = record(what).id;
  what.sighting.time = kNow - 1000;
  record(what);
  EXPECT_EQ(finding(id).first_seen, kNow - 1000);
  EXPECT_EQ(finding(id).last_seen, kNow);
}

TEST_F(FindingsTest, TheInputIsKeptOfTheFirstSightingsOnly) {
  constexpr int kSightings = 15;
  Store::Seen what = seen("lock", "a");
  what.sighting.input = must(store().put_blob("input"));
  for (int count = 0; count < kSightings; ++count) record(what);
  Connection connection(database(), Connection::Use::kRead);
  EXPECT_EQ(connection.value<int>("SELECT count(*) FROM sighting"), kSightings);
  EXPECT_EQ(connection.value<int>("SELECT count(*) FROM sighting WHERE input IS NOT NULL"), 10);
}

TEST_F(FindingsTest, TriageFillsInTheRestAndMayComeAgain) {
  const FindingId id = found("lock", "a");
  found("lock", "b");
  ASSERT_EQ(must(store().untriaged(10)).size(), 2U);
  EXPECT_EQ(must(store().untriaged(1)).at(0).id, id);
  must(store().record_triage(id, {.title = "first", .cpus = 3, .decisions = 5, .reproduced = 99, .replays = 100}));
  must(store().record_triage(id, {.title = "cpu0 waits for ever",
                                  .cpus = 2,
                                  .preemptions = 4,
                                  .decisions = 5,
                                  .decisions_as_found = 61,
                                  .minimize_seconds = 0.5,
                                  .repro = "r",
                                  .test = "t"}));
  const Finding triaged = finding(id);
  EXPECT_TRUE(triaged.triaged);
  EXPECT_EQ(triaged.title, "cpu0 waits for ever");
  EXPECT_EQ(triaged.cpus, 2U);
  EXPECT_EQ(triaged.preemptions, 4U);
  EXPECT_EQ(triaged.decisions_as_found, 61U);
  EXPECT_EQ(triaged.minimize_seconds, 0.5);
  EXPECT_EQ(triaged.reproduced, 0U);
  EXPECT_EQ(triaged.repro, "r");
  EXPECT_EQ(triaged.test, "t");
  EXPECT_EQ(must(store().untriaged(10)).size(), 1U);
  EXPECT_FALSE(store().record_triage(FindingId(99), {}).has_value());
}

TEST_F(FindingsTest, AStateIsSetAndSaidInANote) {
  const std::string key = key_of(found("lock", "a"));
  must(store().set_state(key, TriageState::kConfirmed, "", "Ada", kNow + 1));
  must(store().set_state(key, TriageState::kConfirmed, "", "Ada", kNow + 2));  // changes nothing
  must(store().add_note(key, "Ada <script>", "it's \"real\"", kNow + 3));
  const Finding changed = must(store().finding(key)).value();
  EXPECT_EQ(changed.state, TriageState::kConfirmed);
  const auto notes = must(store().notes(changed.id));
  ASSERT_EQ(notes.size(), 2U);
  EXPECT_EQ(notes[0].text, "state: new -> confirmed");
  EXPECT_EQ(notes[0].author, "Ada");
  EXPECT_EQ(notes[1].text, "it's \"real\"");
  EXPECT_EQ(notes[1].author, "Ada <script>");
}

TEST_F(FindingsTest, ADuplicateHasAnOriginalOfItsTargetThatIsNone) {
  const std::string a = key_of(found("lock", "a"));
  const std::string b = key_of(found("lock", "b"));
  const std::string other = key_of(found("queue", "a"));
  const auto duplicate = [&](const std::string& key, const std::string& of) {
    return store().set_state(key, TriageState::kDuplicate, of, "", kNow);
  };
  EXPECT_FALSE(duplicate(a, a).has_value());
  EXPECT_FALSE(duplicate(a, "").has_value());
  EXPECT_FALSE(duplicate(a, other).has_value());
  EXPECT_FALSE(store().set_state(a, TriageState::kFixed, b, "", kNow).has_value());
  EXPECT_EQ(must(store().finding(a)).value().state, TriageState::kNew);
  must(duplicate(a, b));
  EXPECT_EQ(must(store().finding(a)).value().duplicate_of, b);
  const auto circle = duplicate(b, a);
  ASSERT_FALSE(circle.has_value());
  EXPECT_THAT(circle.error().message(), HasSubstr(b));
  must(store().set_state(a, TriageState::kNew, "", "", kNow));
  EXPECT_EQ(must(store().finding(a)).value().duplicate_of, "");
  EXPECT_EQ(must(store().notes(must(store().finding(a)).value().id)).back().text,
            "state: duplicate of " + b + " -> new");
}

TEST_F(FindingsTest, WhatPeopleSayIsBounded) {
  const std::string key = key_of(found("lock", "a"));
  EXPECT_TRUE(store().add_note(key, "", std::string(kNoteBytesMax, 'x'), kNow).has_value());
  EXPECT_FALSE(store().add_note(key, "", std::string(kNoteBytesMax + 1, 'x'), kNow).has_value());
  EXPECT_FALSE(store().add_note(key, std::string(kAuthorBytesMax + 1, 'x'), "x", kNow).has_value());
  EXPECT_FALSE(store().add_note(key, "", "", kNow).has_value());
  EXPECT_FALSE(store().add_note("0000000000000000", "", "x", kNow).has_value());
  EXPECT_FALSE(store().set_state("nothing", TriageState::kFixed, "", "", kNow).has_value());
  Store::Seen huge = seen("lock", std::string(kNameBytesMax + 1, 'x'));
  EXPECT_FALSE(store().record_sighting(huge).has_value());
}

TEST_F(FindingsTest, AnyBytesAreKeptAsTheyAre) {
  const std::string hostile("\0'; DROP TABLE finding; --\xff\xfe<script>", 38);
  const FindingId id = found("lock", hostile);
  reopen();
  EXPECT_EQ(finding(id).signature, hostile);
  EXPECT_FALSE(record(seen("lock", hostile)).is_new);
}

TEST_F(FindingsTest, NotesAndChangesStayInTheOrderInWhichTheyWereMade) {
  const FindingId id = found("lock", "a");
  must(store().add_note(key_of(id), "", "first", kNow));
  must(store().add_note(key_of(id), "", "second", kNow - 1000));
  EXPECT_THAT(must(store().notes(id)), ElementsAre(Field(&Note::text, "first"), Field(&Note::text, "second")));
}

}  // namespace
}  // namespace gridlock::store
