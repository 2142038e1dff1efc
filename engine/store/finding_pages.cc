// Store: pages of findings, and how many there are of each kind.
//
// A hundred thousand findings are listed in milliseconds, whatever is asked for, by one of three ways:
//
//   walk     along the order's own index, past what does not match, until the page is full. Its cost: the findings up
//            to the page's end, of which one in (all / matching) matches.
//   gather   all that match, by their kinds, and sort. Its cost: the findings that match, some times over.
//   search   by text: the newest kFindingTextMatchesMax that hold it, then as in gather.
//
// How many match is in finding_count, so the cheaper of the first two is known before, and the total costs nothing.
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
    texts.at(at) = fmt::format(fmt::runtime(pattern), fmt::arg("order", kOrderColumns.at(at / 2)),
                               fmt::arg("way", at % 2 == 0 ? "ASC" : "DESC"));
  }
  return texts;
}

std::size_t text_at(const FindingQuery& query) {
  return static_cast<std::size_t>(query.order) * 2 + (query.descending ? 1 : 0);
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

// How many findings there are, and how many match but for the text.
struct Sizes {
  std::uint64_t all = 0;
  std::uint64_t matching = 0;
};

Sizes sizes_of(Connection& connection, const FindingQuery& query) {
  return matching(
             connection,
             [](Row& row) { return Sizes{.all = row.take<std::uint64_t>(), .matching = row.take<std::uint64_t>()}; },
             "SELECT coalesce(sum(count), 0), coalesce(sum(count) FILTER (WHERE " GRIDLOCK_MATCHES(
                 "finding_count") "), 0) FROM finding_count",
             query)
      .front();
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

Selected selected_by_text(Connection& connection, const FindingQuery& query, const Sizes& sizes) {
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

Selected selected(Connection& connection, const FindingQuery& query) {
  const Sizes sizes = sizes_of(connection, query);
  if (!query.text.empty()) return selected_by_text(connection, query, sizes);
  if (query.offset >= sizes.matching) return {.total = sizes.matching};
  // Nothing is looked for behind the last match.
  const std::uint64_t wanted = std::min<std::uint64_t>(query.limit, sizes.matching - query.offset);
  const std::uint64_t walk_steps = (query.offset + wanted) * (sizes.all / sizes.matching);
  const bool walks = walk_steps <= sizes.matching * kGatherCost;
  const auto& texts = walks ? page_texts().walk : page_texts().gather;
  Ids ids = matching(connection, id_of, texts.at(text_at(query)).c_str(), query, wanted, query.offset);
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
  return impl_->read("list findings", [&](Connection& connection) {
    check_length("the text to search for", query.text.size(), kFindingTextMax);
    if (query.text.contains('\0')) refuse("the text to search for", "it has a character of the value 0");
    check_length("a page of findings", query.limit, kFindingsPageMax);
    const Selected page = selected(connection, query);
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
