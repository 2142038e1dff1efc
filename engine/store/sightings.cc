// Store: sightings, and the findings that they make.
//
// May include: base, model.
#include <fmt/format.h>

#include <charconv>

#include "engine/store/store_impl.h"

namespace gridlock::store {
namespace {

// Of a finding, that keep their raw input: enough to look at what was found, in a row that is narrow for the rest.
constexpr std::uint64_t kInputsMax = 10;
constexpr std::size_t kKeyDigits = 16;

void check_lengths(const Store::Seen& seen) {
  for (const std::string_view word :
       {std::string_view(seen.target), std::string_view(seen.variant), std::string_view(seen.verdict.signature),
        std::string_view(seen.repro), std::string_view(seen.sighting.input), std::string_view(seen.sighting.origin)}) {
    check_length("a word of the sighting", word.size(), kNameBytesMax);
  }
}

// NULL for a sighting without a name.
std::optional<std::int64_t> number_of(std::string_view origin) {
  if (origin.empty()) return std::nullopt;
  std::uint64_t number = 0;
  const std::string digits = sha256_hex(origin).substr(0, kKeyDigits);
  std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
  return static_cast<std::int64_t>(number);
}

struct Known {
  FindingId id;
  bool is_new = false;
};

Known finding_that_was(Connection& connection, const Store::Seen& seen) {
  const std::string key = finding_key(seen.target, seen.verdict.signature);
  const auto known = connection.value<FindingId>("SELECT id FROM finding WHERE key = ?1", key);
  if (known) return {.id = *known};
  connection.run(
      "INSERT INTO finding (key, target, variant, signature, verdict, title, is_canary, first_build, first_seen,"
      " last_seen, repro, input) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9, ?10, ?11)",
      key, seen.target, seen.variant, seen.verdict.signature, seen.verdict.kind,
      cut(seen.verdict.summary, kTitleBytesMax), seen.is_canary, seen.sighting.build, seen.sighting.time, seen.repro,
      seen.sighting.input);
  return {.id = FindingId(connection.new_row()), .is_new = true};
}

// The engine and the sanitizer are the campaign's.
struct Fuzzer {
  std::string engine;
  std::string sanitizer;
};

Fuzzer fuzzer_of(Connection& connection, CampaignId campaign) {
  auto fuzzer = connection.row(
      [](Row& row) { return Fuzzer{.engine = row.take<std::string>(), .sanitizer = row.take<std::string>()}; },
      "SELECT engine, sanitizer FROM campaign WHERE id = ?1", campaign);
  if (!fuzzer) refuse(fmt::format("campaign {}", campaign.value()), "there is no such campaign");
  return *fuzzer;
}

// True if it is the first one of this kind in this build.
bool count(Connection& connection, FindingId finding, const Store::Seen& seen) {
  const Sighting& sighting = seen.sighting;
  const Fuzzer fuzzer = fuzzer_of(connection, sighting.campaign);
  // Clocks go back; the first time stays the earliest, and the last one the latest.
  connection.run(
      "UPDATE finding SET sightings = sightings + 1, first_seen = min(first_seen, ?2), last_seen = max(last_seen, ?2),"
      " repro = CASE WHEN repro = '' THEN ?3 ELSE repro END, input = CASE WHEN input = '' THEN ?4 ELSE input END"
      " WHERE id = ?1",
      finding, sighting.time, seen.repro, sighting.input);
  return *connection.value<std::uint64_t>(
             "INSERT INTO sighting_count (finding, build, variant, engine, sanitizer, count, first, last)"
             " VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6, ?6) ON CONFLICT DO UPDATE SET count = count + 1,"
             " first = min(first, excluded.first), last = max(last, excluded.last) RETURNING count",
             finding, sighting.build, seen.variant, fuzzer.engine, fuzzer.sanitizer, sighting.time) == 1;
}

void add_row(Connection& connection, FindingId finding, const Sighting& sighting, std::optional<std::int64_t> origin) {
  connection.run(
      "INSERT INTO sighting (finding, campaign, stint, build, time, runs_to_find, seconds_to_find, input, origin)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7,"
      " CASE WHEN (SELECT sightings FROM finding WHERE id = ?1) <= ?10 THEN nullif(?8, '') END, ?9)",
      finding, sighting.campaign, sighting.stint, sighting.build, sighting.time, sighting.runs_to_find,
      sighting.seconds_to_find, sighting.input, origin, kInputsMax);
}

Store::Recorded record(Connection& connection, const Store::Seen& seen) {
  check_lengths(seen);
  const auto origin = number_of(seen.sighting.origin);
  const auto before = connection.value<FindingId>("SELECT finding FROM sighting WHERE origin = ?1", origin);
  if (before) return {.id = *before, .is_repeat = true};
  const Known known = finding_that_was(connection, seen);
  const bool is_first_here = count(connection, known.id, seen);
  add_row(connection, known.id, seen.sighting, origin);
  if (is_first_here && !known.is_new) bring_regression_along(connection, known.id);
  return {.id = known.id, .is_new = known.is_new};
}

}  // namespace

std::string finding_key(std::string_view target, std::string_view signature) {
  return sha256_hex(fmt::format("{}\n{}", target, signature)).substr(0, kKeyDigits);
}

Result<Store::Recorded> Store::record_sighting(const Seen& seen) {
  return impl_->write("record a sighting", [&](Connection& connection) { return record(connection, seen); });
}

Result<std::vector<Store::Recorded>> Store::record_sightings(std::span<const Seen> seen) {
  return impl_->write("record sightings", [&](Connection& connection) {
    check_length("the list of sightings", seen.size(), kRowsMax);
    std::vector<Recorded> recorded;
    for (const Seen& each : seen) recorded.push_back(record(connection, each));
    return recorded;
  });
}

}  // namespace gridlock::store
