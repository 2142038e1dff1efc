#include "engine/campaign/share.h"

#include <algorithm>
#include <cmath>

#include "engine/base/check.h"
#include "engine/base/prng.h"

namespace gridlock::campaign {
namespace {

constexpr double kMsPerSecond = 1000;
constexpr double kSecondsPerHour = 3600;
// A stint that brought nothing in this much processor time says little yet.
constexpr double kPriorCpuHours = 0.02;
// What a new finding weighs, in features an hour.
constexpr double kFeaturesPerFinding = 50;
// Of a campaign that has ended just now: else its worth would not count at all.
constexpr double kWaitedSecondsMin = 1;

// 0 for times in the future, which a clock that jumped back leaves behind.
double seconds_between(store::UnixMs then, store::UnixMs now) {
  return std::max(0.0, static_cast<double>(now - then) / kMsPerSecond);
}

}  // namespace

TimeShare::TimeShare(const std::vector<ShareEntry>& entries, std::uint64_t seed, ShareLimits limits) : limits_(limits) {
  Prng prng(seed);
  for (const ShareEntry& given : entries) {
    Entry entry;
    entry.weight = given.weight;
    entry.rank = given.rank;
    entry.known_broken = given.known_broken;
    entry.stints = given.ran_before ? 1 : 0;
    entry.last_end = given.last_end;
    entry.lot = prng.next();
    entries_.push_back(entry);
  }
}

bool TimeShare::backs_off(std::size_t campaign, store::UnixMs now) const {
  const Entry& entry = entries_[campaign];
  // A clock that jumped back does not make anybody wait longer than the longest back-off.
  const auto longest = static_cast<store::UnixMs>(limits_.backoff_seconds_max * kMsPerSecond);
  return now < entry.not_before && entry.not_before - now <= longest;
}

bool TimeShare::may_run(const Entry& entry, store::UnixMs now) const {
  return !entry.running && entry.weight > 0 && !backs_off(static_cast<std::size_t>(&entry - entries_.data()), now);
}

double TimeShare::remembered(const Entry& entry, store::UnixMs now) const {
  return std::exp2(-seconds_between(entry.counted_at, now) / limits_.half_life_seconds);
}

double TimeShare::features_an_hour(std::size_t campaign, store::UnixMs now) const {
  const Entry& entry = entries_[campaign];
  const double part = remembered(entry, now);
  return entry.features * part / (entry.cpu_hours * part + kPriorCpuHours);
}

double TimeShare::worth(const Entry& entry, store::UnixMs now) const {
  const double found = entry.findings * remembered(entry, now) * kFeaturesPerFinding;
  const double rate = features_an_hour(static_cast<std::size_t>(&entry - entries_.data()), now);
  const double share = entry.known_broken && entry.findings_known ? limits_.known_broken_share : 1;
  return entry.weight * share * std::log2(2 + rate + found);
}

double TimeShare::stint_seconds(const Entry& entry) const {
  if (entry.stints == 0 && entry.rank < limits_.first_ranks) return limits_.first_rank_stint_seconds;
  const double doubled = limits_.first_stint_seconds * std::exp2(std::min<std::uint32_t>(entry.stints, 16));
  return std::min(doubled, limits_.stint_seconds_max);
}

template <typename Better>
std::optional<std::size_t> TimeShare::best(store::UnixMs now, const Better& better) const {
  std::optional<std::size_t> chosen;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (!may_run(entries_[i], now)) continue;
    if (!chosen || better(entries_[i], entries_[*chosen])) chosen = i;
  }
  return chosen;
}

std::optional<std::size_t> TimeShare::choose(store::UnixMs now) {
  const auto fresh_first = best(now, [](const Entry& a, const Entry& b) {
    if ((a.stints == 0) != (b.stints == 0)) return a.stints == 0;
    return a.stints == 0 && (a.rank != b.rank ? a.rank < b.rank : a.lot < b.lot);
  });
  if (!fresh_first || is_urgent(entries_[*fresh_first])) return fresh_first;
  if (entries_[*fresh_first].stints == 0 && seconds_to_fresh_ <= seconds_to_others_) return fresh_first;
  if (turns_ % kExploreEvery == 0) {
    return best(now, [](const Entry& a, const Entry& b) {
      return a.last_turn != b.last_turn ? a.last_turn < b.last_turn : a.lot < b.lot;
    });
  }
  const auto urgency = [&](const Entry& entry) {
    return worth(entry, now) * std::max(kWaitedSecondsMin, seconds_between(entry.last_end, now));
  };
  return best(now, [&](const Entry& a, const Entry& b) {
    if ((a.stints == 0) != (b.stints == 0)) return b.stints == 0;
    const double left = urgency(a);
    const double right = urgency(b);
    return left != right ? left > right : a.lot < b.lot;
  });
}

std::optional<Turn> TimeShare::next(store::UnixMs now) {
  const auto chosen = choose(now);
  if (!chosen) return std::nullopt;
  Entry& entry = entries_[*chosen];
  const double seconds = stint_seconds(entry);
  if (!is_urgent(entry)) (entry.stints == 0 ? seconds_to_fresh_ : seconds_to_others_) += seconds;
  entry.running = true;
  entry.last_turn = ++turns_;
  return Turn{*chosen, seconds};
}

void TimeShare::ended(std::size_t campaign, const StintYield& yield, store::UnixMs now) {
  Entry& entry = entries_[campaign];
  GRIDLOCK_CHECK(entry.running);
  const double part = remembered(entry, now);
  entry.features = entry.features * part + static_cast<double>(yield.new_features);
  entry.cpu_hours = entry.cpu_hours * part + yield.cpu_seconds / kSecondsPerHour;
  entry.findings = entry.findings * part + yield.new_findings;
  entry.counted_at = now;
  entry.findings_known = entry.findings_known || yield.new_findings + yield.known_findings > 0;
  entry.running = false;
  entry.last_end = now;
  ++entry.stints;
  entry.unasked_ends = yield.unasked_end ? entry.unasked_ends + 1 : 0;
  entry.not_before = 0;
  if (entry.unasked_ends > 0) {
    const double doubled = limits_.backoff_seconds * std::exp2(std::min<std::uint32_t>(entry.unasked_ends - 1, 16));
    entry.not_before = now + static_cast<store::UnixMs>(std::min(doubled, limits_.backoff_seconds_max) * kMsPerSecond);
  }
}

}  // namespace gridlock::campaign
