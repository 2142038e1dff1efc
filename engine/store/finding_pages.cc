// Store: pages of findings, and how many there are of each kind.
//
// A hundred thousand findings are listed in milliseconds, whatever is asked for, by one of three ways:
//
//   walk     along the order's own index, past what does not match, until the page is full: from the list's nearer
//            end, or from a mark that an earlier walk has left (finding_marks.h). Its cost: the findings from there to
//            the page's end, of which one in (all / matching) matches.
//   gather   all that match, by their kinds, and sort. Its cost: the findings that match, some times over.
//   search   by text: the newest kFindingTextMatchesMax that hold it, then as in gather.
//
// How many match is in finding_count, so the cheaper of the first two is known before, and the total is a sum over
// kinds, made once for each version of the findings.
//
// May include: base, model.
#include "engine/store/finding_pages.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/store/store_impl.h"

namespace gridlock::store {
namespace {

// What gathering a finding costs, in steps of a walk: another index, its row, and sorting. Measured with 100,000
// findings: 3.8 and 0.12 microseconds.
constexpr std::uint64_t kGatherCost = 32;
// A walk leaves a mark each time that it has passed so many findings, matching or not: half a millisecond.
constexpr std::uint64_t kMarkSteps = 4096;
// Below this a text has no three characters to look up, and the newest findings are read one by one.
constexpr std::size_t kSearchCharactersMin = 3;

// ?1 to ?6; NULL: all.
#define GRIDLOCK_MATCHES(table)                                           \
  "(?1 IS NULL OR " table ".verdict = ?1) AND (?2 IS NULL OR " table      \
  ".target = ?2)"                                                         \
  " AND (?3 IS NULL OR " table ".variant = ?3) AND (?4 IS NULL OR " table \
  ".state = ?4)"                                                          \
  " AND (?5 IS NULL OR " table ".regression = ?5) AND (?6 IS NULL OR " table ".is_canary = ?6)"

constexpr std::array<std::string_view, 6> kOrderColumns = {"last_seen", "first_seen", "sightings",
                                                           "target",    "verdict",    "decisions"};
constexpr std::size_t kTexts = kOrderColumns.size() * 2;

// One text for each order and direction, made once: statements are kept by where their text lies.
std::array<std::string, kTexts> texts_of(std::string_view pattern) {
  std::array<std::string, kTexts> texts;
  for (std::size_t at = 0; at < kTexts; ++at) {
    texts.at(at) =
        fmt::format(fmt::runtime(pattern), fmt::arg("order", kOrderColumns.at(at / 2)),
                    fmt::arg("way", at % 2 == 0 ? "ASC" : "DESC"), fmt::arg("from", at % 2 == 0 ? ">=" : "<="));
  }
  return texts;
}

std::size_t text_at(FindingQuery::Order order, bool descending) {
  return static_cast<std::size_t>(order) * 2 + (descending ? 1 : 0);
}
std::size_t text_at(const FindingQuery& query) {
  return text_at(query.order, query.descending);
}

std::optional<std::string_view> unless_empty(std::string_view text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

using Ids = std::vector<FindingId>;

// Runs a statement whose first six values are the query's filters.
template <typename Make, typename... Values>
auto matching(Connection& connection, Make make, const char* sql, const FindingQuery& query, const Values&... values) {
  return connection.rows(make, sql, query.verdict, unless_empty(query.target), unless_empty(query.variant), query.state,
                         query.regression, query.is_canary, values...);
}

FindingId id_of(Row& row) {
  return row.take<FindingId>();
}

ListSizes counted(Connection& connection, const FindingQuery& query) {
  return matching(
             connection,
             [](Row& row) {
               return ListSizes{.all = row.take<std::uint64_t>(), .matching = row.take<std::uint64_t>()};
             },
             "SELECT coalesce(sum(count), 0), coalesce(sum(count) FILTER (WHERE " GRIDLOCK_MATCHES(
                 "finding_count") "), 0) FROM finding_count",
             query)
      .front();
}

// One state of the findings, and what is known of its lists.
struct Snapshot {
  Connection& connection;
  FindingMarks& marks;
  FindingMarks::Version version;
};

ListSizes sizes_of(const Snapshot& snapshot, const FindingQuery& query) {
  if (const auto known = snapshot.marks.sizes(query, snapshot.version)) return *known;
  const ListSizes sizes = counted(snapshot.connection, query);
  snapshot.marks.keep_sizes(query, snapshot.version, sizes);
  return sizes;
}

// The newest findings that hold the text, by three characters at a time.
Ids search(Connection& connection, const std::string& text) {
  std::string phrase = "\"";
  for (const char character : text) phrase.append(character == '"' ? 2 : 1, character);
  phrase += '"';
  return connection.rows(id_of,
                         "SELECT rowid FROM finding_text WHERE finding_text MATCH ?1 ORDER BY rowid DESC LIMIT ?2",
                         phrase, kFindingTextMatchesMax + 1);
}

// Those among the newest findings that hold the text.
Ids look_through(Connection& connection, const std::string& text) {
  return connection.rows(id_of,
                         "SELECT id FROM (SELECT id, title, signature FROM finding ORDER BY id DESC LIMIT ?2)"
                         " WHERE instr(lower(title), lower(?1)) OR instr(lower(signature), lower(?1))",
                         text, kFindingTextMatchesMax);
}

std::size_t characters_in(std::string_view text) {
  constexpr unsigned kTopBits = 0xc0;
  constexpr unsigned kContinues = 0x80;
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char byte) { return (static_cast<unsigned char>(byte) & kTopBits) != kContinues; }));
}

struct Selected {
  Ids ids;  // of the page
  std::uint64_t total = 0;
  bool text_cut = false;
};

Selected selected_by_text(Connection& connection, const FindingQuery& query, const ListSizes& sizes) {
  const bool is_short = characters_in(query.text) < kSearchCharactersMin;
  Ids found = is_short ? look_through(connection, query.text) : search(connection, query.text);
  const bool is_cut = is_short ? sizes.all > kFindingTextMatchesMax : found.size() > kFindingTextMatchesMax;
  found.resize(std::min<std::size_t>(found.size(), kFindingTextMatchesMax));
  // SQLite takes a list as one value.
  std::string list = "[";
  for (const FindingId id : found)
    fmt::format_to(std::back_inserter(list), "{}{}", list.size() > 1 ? "," : "", id.value());
  list += "]";
  Ids ids = matching(connection, id_of, page_texts().search.at(text_at(query)).c_str(), query, list);
  const std::uint64_t total = ids.size();
  ids.erase(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(query.offset, ids.size())));
  ids.resize(std::min<std::size_t>(ids.size(), query.limit));
  return {.ids = std::move(ids), .total = total, .text_cut = is_cut};
}

// Ranks of a list in ascending order, and how a walk reaches them.
struct Way {
  FindingMark from;
  bool upward = true;          // to higher ranks
  std::uint64_t distance = 0;  // from the mark to the first rank that is wanted
};

Way way_to(const FindingMarks::Around& around, std::uint64_t first, std::uint64_t last) {
  const std::uint64_t up = first - around.below.rank;
  const std::uint64_t down = around.above.rank - last;
  if (up <= down) return {.from = around.below, .upward = true, .distance = up};
  return {.from = around.above, .upward = false, .distance = down};
}

// `count` findings behind the first `passed` of those at and beyond the mark, in the walk's direction.
Ids walk(Connection& connection, const FindingQuery& query, const Way& way, std::uint64_t count, std::uint64_t passed) {
  const std::size_t text = text_at(query.order, !way.upward);
  if (!way.from.finding) return matching(connection, id_of, page_texts().walk.at(text).c_str(), query, count, passed);
  return matching(connection, id_of, page_texts().walk_on.at(text).c_str(), query, count, passed, *way.from.finding);
}

// The page from rank `first` on, `count` long, in ascending order; leaves marks for the next one.
Ids walked(const Snapshot& snapshot, const FindingQuery& query, const ListSizes& sizes, Way way, std::uint64_t first,
           std::uint64_t count) {
  const std::uint64_t stride = std::max<std::uint64_t>(1, kMarkSteps * sizes.matching / sizes.all);
  std::vector<FindingMark> passed;
  for (; way.distance > stride; way.distance -= stride) {
    const Ids there = walk(snapshot.connection, query, way, 1, stride);
    if (there.empty()) break;  // the counts of a broken database; the page is empty
    way.from = {.rank = way.upward ? way.from.rank + stride : way.from.rank - stride, .finding = there.front()};
    passed.push_back(way.from);
  }
  Ids ids = walk(snapshot.connection, query, way, count, way.distance);
  if (!way.upward) std::ranges::reverse(ids);
  if (!ids.empty()) passed.push_back({.rank = first, .finding = ids.front()});
  snapshot.marks.keep(query, snapshot.version, passed);
  return ids;
}

Selected selected(const Snapshot& snapshot, const FindingQuery& query) {
  const ListSizes sizes = sizes_of(snapshot, query);
  if (!query.text.empty()) return selected_by_text(snapshot.connection, query, sizes);
  if (query.offset >= sizes.matching || query.limit == 0) return {.total = sizes.matching};
  // Nothing is looked for behind the last match.
  const std::uint64_t wanted = std::min<std::uint64_t>(query.limit, sizes.matching - query.offset);
  const std::uint64_t first = query.descending ? sizes.matching - query.offset - wanted : query.offset;
  const std::uint64_t last = first + wanted - 1;
  const Way way = way_to(snapshot.marks.around(query, snapshot.version, first, last, sizes.matching), first, last);
  const std::uint64_t walk_steps = (way.distance + wanted) * (sizes.all / sizes.matching);
  if (walk_steps > sizes.matching * kGatherCost) {
    return {.ids = matching(snapshot.connection, id_of, page_texts().gather.at(text_at(query)).c_str(), query, wanted,
                            query.offset),
            .total = sizes.matching};
  }
  Ids ids = walked(snapshot, query, sizes, way, first, wanted);
  if (query.descending) std::ranges::reverse(ids);
  return {.ids = std::move(ids), .total = sizes.matching};
}

FindingCount kind_of(Row& row) {
  return {.target = row.take<std::string>(),
          .variant = row.take<std::string>(),
          .verdict = row.take<VerdictKind>(),
          .state = row.take<TriageState>(),
          .regression = row.take<RegressionState>(),
          .is_canary = row.take<bool>(),
          .count = row.take<std::uint64_t>()};
}

}  // namespace

const PageTexts& page_texts() {
  static const PageTexts kPageTexts = {
      .walk = texts_of("SELECT f.id FROM finding f INDEXED BY finding_by_{order} WHERE " GRIDLOCK_MATCHES(
          "f") " ORDER BY f.{order} {way}, f.id {way} LIMIT ?7 OFFSET ?8"),
      .walk_on = texts_of("SELECT f.id FROM finding f INDEXED BY finding_by_{order} WHERE " GRIDLOCK_MATCHES(
          "f") " AND (f.{order}, f.id) {from} (SELECT mark.{order}, mark.id FROM finding mark WHERE mark.id = ?9)"
               " ORDER BY f.{order} {way}, f.id {way} LIMIT ?7 OFFSET ?8"),
      .gather = texts_of(
          "SELECT f.id FROM finding_count c CROSS JOIN finding f INDEXED BY finding_by_kind"
          " ON f.target = c.target AND f.variant = c.variant AND f.verdict = c.verdict"
          " AND f.state = c.state AND f.regression = c.regression AND f.is_canary = c.is_canary"
          " WHERE c.count > 0 AND " GRIDLOCK_MATCHES("c") " ORDER BY f.{order} {way}, f.id {way} LIMIT ?7 OFFSET ?8"),
      .search = texts_of("SELECT f.id FROM json_each(?7) found CROSS JOIN finding f ON f.id = found.value"
                         " WHERE " GRIDLOCK_MATCHES("f") " ORDER BY f.{order} {way}, f.id {way}")};
  return kPageTexts;
}

Result<FindingPage> Store::findings(const FindingQuery& query) const {
  const FindingMarks::Version before = impl_->findings_version.at_rest();
  return impl_->read("list findings", [&](Connection& connection) {
    check_length("the text to search for", query.text.size(), kFindingTextMax);
    if (query.text.contains('\0')) refuse("the text to search for", "it has a character of the value 0");
    check_length("a page of findings", query.limit, kFindingsPageMax);
    // SQLite takes the snapshot with the first row that is read.
    (void)connection.value<FindingId>("SELECT id FROM finding LIMIT 1");
    const bool holds = before == impl_->findings_version.at_rest();
    const Selected page = selected({connection, impl_->finding_marks, holds ? before : std::nullopt}, query);
    FindingPage result{.total = page.total, .text_cut = page.text_cut};
    for (const FindingId id : page.ids) {
      result.findings.push_back(
          *connection.row(finding_of, "SELECT " GRIDLOCK_FINDING_COLUMNS " FROM finding f WHERE f.id = ?1", id));
    }
    return result;
  });
}

Result<std::vector<FindingCount>> Store::finding_counts() const {
  return impl_->read("count the findings", [](Connection& connection) {
    return connection.rows(kind_of,
                           "SELECT target, variant, verdict, state, regression, is_canary, count FROM finding_count"
                           " WHERE count > 0 ORDER BY target, variant, verdict, state, regression, is_canary LIMIT ?1",
                           kRowsMax);
  });
}

Result<std::vector<std::pair<TriageState, std::uint64_t>>> Store::open_counts() const {
  using Count = std::pair<TriageState, std::uint64_t>;
  return impl_->read("count the findings", [](Connection& connection) {
    const auto some = connection.rows(
        [](Row& row) {
          const auto state = row.take<TriageState>();
          return Count(state, row.take<std::uint64_t>());
        },
        "SELECT state, sum(count) FROM finding_count WHERE is_canary = 0 GROUP BY state");
    std::vector<Count> all;
    for (int number = 0; number <= std::to_underlying(TriageState::kFlaky); ++number) {
      const auto state = static_cast<TriageState>(number);
      const auto found = std::ranges::find(some, state, &Count::first);
      all.emplace_back(state, found == some.end() ? 0 : found->second);
    }
    return all;
  });
}

}  // namespace gridlock::store
