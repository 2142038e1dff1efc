#include <gmock/gmock.h>

#include <limits>

#include "engine/store/store_fixture.h"

namespace gridlock::store {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;

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

TEST_F(CorporaTest, AnEmptyCorpusIsNotListed) {
  must(store().record_corpus("lock", {{{.name = "a", .bytes = 10}}}));
  must(store().record_corpus("lock", {}));
  EXPECT_THAT(must(store().corpora()), IsEmpty());
  EXPECT_THAT(must(store().corpus("lock", 10)), IsEmpty());
}

TEST_F(CorporaTest, AListThatIsTooLongIsAnErrorAndChangesNothing) {
  must(store().record_corpus("lock", {{{.name = "a", .bytes = 10}}}));
  EXPECT_FALSE(store().record_corpus("lock", std::vector<CorpusEntry>(kRowsMax + 1)).has_value());
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
