#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <limits>
#include <tuple>

#include "engine/store/store_fixture.h"

namespace gridlock::store {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;

using testing::Pointwise;

MATCHER(SameEntry, "is the same entry") {
  const auto& [kept, given] = arg;
  return std::tie(kept.name, kept.bytes, kept.origin, kept.added) ==
         std::tie(given.name, given.bytes, given.origin, given.added);
}

using CorporaTest = StoreTest;

TEST_F(CorporaTest, AnIndexIsReplaced) {
  must(store().record_corpus("lock", {{{.name = "a", .bytes = 10, .origin = "afl", .added = kNow},
                                       {.name = "b", .bytes = 20, .origin = "builtin", .added = kNow + 1}}}));
  must(store().record_corpus("queue", {{{.name = "a", .bytes = 1, .origin = "afl", .added = kNow}}}));
  must(store().record_corpus("lock", {{{.name = "b", .bytes = 25, .origin = "builtin", .added = kNow + 1},
                                       {.name = "c", .bytes = 30, .origin = "libfuzzer", .added = kNow + 2}}}));
  reopen();
  EXPECT_THAT(must(store().corpus("lock", 10)),
              ElementsAre(Field(&CorpusEntry::name, "c"), Field(&CorpusEntry::bytes, 25U)));
  EXPECT_EQ(must(store().corpus("lock", 1)).size(), 1U);
  const auto sums = must(store().corpora());
  ASSERT_EQ(sums.size(), 2U);
  EXPECT_EQ(sums[0].target, "lock");
  EXPECT_EQ(sums[0].entries, 2U);
  EXPECT_EQ(sums[0].bytes, 55U);
  EXPECT_EQ(sums[0].newest, kNow + 2);
  EXPECT_EQ(sums[1].entries, 1U);
}

// More than are read at a time: those that go are the first, the last, and some of each stretch.
TEST_F(CorporaTest, OfALargeCorpusWhatWentGoesAndWhatChangedChanges) {
  constexpr int kEntries = 1'800;
  std::vector<CorpusEntry> entries;
  for (int number = 0; number < kEntries; ++number) {
    entries.push_back({.name = fmt::format("{:05}", number), .bytes = 1, .origin = "afl", .added = kNow + number});
  }
  must(store().record_corpus("lock", entries));
  must(store().record_corpus("queue", entries));
  std::erase_if(entries, [](const CorpusEntry& entry) { return entry.added % 3 == 0 || entry.name == "01799"; });
  for (CorpusEntry& entry : entries) entry.bytes += static_cast<std::uint64_t>(entry.added % 2);
  must(store().record_corpus("lock", entries));
  std::ranges::reverse(entries);  // the index is given newest first
  EXPECT_THAT(must(store().corpus("lock", kEntries)), Pointwise(SameEntry(), entries));
  EXPECT_EQ(must(store().corpora()).front().entries, entries.size());
  EXPECT_EQ(must(store().corpus("queue", kEntries)).size(), std::size_t{kEntries});
}

TEST_F(CorporaTest, AnEmptyCorpusIsNotListed) {
  must(store().record_corpus("lock", {{{.name = "a", .bytes = 10}}}));
  must(store().record_corpus("lock", std::vector<CorpusEntry>()));
  EXPECT_THAT(must(store().corpora()), IsEmpty());
  EXPECT_THAT(must(store().corpus("lock", 10)), IsEmpty());
}

TEST_F(CorporaTest, AListThatIsTooLongIsAnErrorAndChangesNothing) {
  must(store().record_corpus("lock", {{{.name = "a", .bytes = 10}}}));
  EXPECT_FALSE(store().record_corpus("lock", std::vector<CorpusEntry>(kRowsMax + 1, {.name = "b"})).has_value());
  EXPECT_THAT(must(store().corpus("lock", 10)), ElementsAre(Field(&CorpusEntry::name, "a")));
}

TEST_F(CorporaTest, TotalsSurviveAndOnlyThoseNamedChange) {
  const MetricTotal runs{"runs_total", "target=lock", 3};
  const MetricTotal points{"points_total", "target=lock", 1e18};
  must(store().save_totals({{runs, points}}));
  must(store().save_totals({{{"runs_total", "target=lock", 4.5}}}));
  reopen();
  EXPECT_THAT(must(store().totals()), ElementsAre(points, MetricTotal{"runs_total", "target=lock", 4.5}));
}

TEST_F(CorporaTest, ATotalThatIsNoNumberIsAnErrorAndNoneIsSaved) {
  EXPECT_FALSE(store().save_totals({{{"a", "", 1}, {"b", "", std::numeric_limits<double>::quiet_NaN()}}}).has_value());
  EXPECT_THAT(must(store().totals()), IsEmpty());
}

}  // namespace
}  // namespace gridlock::store
