// Store: campaigns, their stints, and features over time.
//
// May include: base, model.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/store/store_impl.h"

namespace gridlock::store {
namespace {

constexpr UnixMs kSampleMs = 60'000;
constexpr std::int64_t kMinutesOfAnHour = 60;
constexpr std::int64_t kMinutesKept = 24 * kMinutesOfAnHour;

#define GRIDLOCK_CAMPAIGN_COLUMNS                                                                   \
  "id, target, variant, engine, sanitizer, weight, runs, points, cpu_seconds, features, last_run, " \
  "last_new_feature, restarts"

// A sum that stops at the largest number; a page that a child has spoilt may hold any.
#define GRIDLOCK_SUM(column, more)                                                                                   \
  column " = CASE WHEN " column " > 9223372036854775807 - " more " THEN 9223372036854775807 ELSE " column " + " more \
         " END"

Campaign campaign_of(Row& row) {
  return {.id = row.take<CampaignId>(),
          .target = row.take<std::string>(),
          .variant = row.take<std::string>(),
          .engine = row.take<std::string>(),
          .sanitizer = row.take<std::string>(),
          .weight = row.take<double>(),
          .runs = row.take<std::uint64_t>(),
          .points = row.take<std::uint64_t>(),
          .cpu_seconds = row.take<double>(),
          .features = row.take<std::uint64_t>(),
          .last_run = row.take<UnixMs>(),
          .last_new_feature = row.take<UnixMs>(),
          .restarts = row.take<std::uint64_t>()};
}

Stint stint_of(Row& row) {
  return {.id = row.take<StintId>(),
          .campaign = row.take<CampaignId>(),
          .build = row.take<BuildId>(),
          .begin = row.take<UnixMs>(),
          .end = row.take<UnixMs>(),
          .runs = row.take<std::uint64_t>(),
          .points = row.take<std::uint64_t>(),
          .end_reason = row.take<std::string>()};
}

FeatureSample sample_of(Row& row) {
  return {.time = row.take<UnixMs>(), .features = row.take<std::uint64_t>(), .runs = row.take<std::uint64_t>()};
}

// What a campaign's sums lack of what its stint has now; nothing that went back.
struct Gain {
  CampaignId campaign;
  std::uint64_t runs = 0;
  std::uint64_t points = 0;
  double cpu_seconds = 0;
};

Gain gain_of(Connection& connection, const Progress& progress) {
  const auto more = [](auto now, auto before) { return now > before ? now - before : 0; };
  const auto gain = connection.row(
      [&](Row& row) {
        return Gain{.campaign = row.take<CampaignId>(),
                    .runs = more(progress.runs, row.take<std::uint64_t>()),
                    .points = more(progress.points, row.take<std::uint64_t>()),
                    .cpu_seconds = std::max(0.0, progress.cpu_seconds - row.take<double>())};
      },
      "SELECT campaign, runs, points, cpu_seconds FROM stint WHERE id = ?1", progress.stint);
  if (!gain) refuse(fmt::format("stint {}", progress.stint.value()), "there is no such stint");
  return *gain;
}

// Once an hour: of each hour that began more than a day before, the last sample stays. So months take as much room as
// weeks, and recent days are drawn as finely as before.
void thin_features_out(Connection& connection, std::string_view target, std::int64_t minute) {
  const std::int64_t hour = minute / kMinutesOfAnHour * kMinutesOfAnHour;
  const auto samples = connection.value<std::int64_t>(
      "SELECT count(*) FROM feature_sample WHERE target = ?1 AND minute >= ?2 AND minute <= ?3", target, hour, minute);
  if (samples != 1) return;  // this hour has had its turn
  connection.run(
      "DELETE FROM feature_sample WHERE target = ?1 AND minute < ?2 AND minute NOT IN"
      " (SELECT max(minute) FROM feature_sample WHERE target = ?1 AND minute < ?2 GROUP BY minute / ?3)",
      target, hour - kMinutesKept, kMinutesOfAnHour);
}

}  // namespace

Result<Campaign> Store::campaign(std::string_view target, std::string_view variant, std::string_view engine,
                                 std::string_view sanitizer) {
  return impl_->write("record the campaign", [&](Connection& connection) {
    for (const auto word : {target, variant, engine, sanitizer}) {
      check_length("a word of the campaign", word.size(), kNameBytesMax);
    }
    connection.run(
        "INSERT INTO campaign (target, variant, engine, sanitizer) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
        target, variant, engine, sanitizer);
    return *connection.row(campaign_of,
                           "SELECT " GRIDLOCK_CAMPAIGN_COLUMNS
                           " FROM campaign WHERE target = ?1 AND variant = ?2 AND engine = ?3 AND sanitizer = ?4",
                           target, variant, engine, sanitizer);
  });
}

Result<std::vector<Campaign>> Store::campaigns() const {
  return impl_->read("list the campaigns", [](Connection& connection) {
    return connection.rows(campaign_of, "SELECT " GRIDLOCK_CAMPAIGN_COLUMNS " FROM campaign ORDER BY id LIMIT ?1",
                           kRowsMax);
  });
}

Result<void> Store::set_weight(CampaignId campaign, double weight) {
  return impl_->write("set the weight", [&](Connection& connection) {
    if (!std::isfinite(weight) || weight < 0) refuse(fmt::format("{}", weight), "a weight is 0 or more");
    connection.run("UPDATE campaign SET weight = ?2 WHERE id = ?1", campaign, weight);
    if (connection.changed_rows() == 0) {
      refuse(fmt::format("campaign {}", campaign.value()), "there is no such campaign");
    }
  });
}

Result<StintId> Store::begin_stint(CampaignId campaign, BuildId build, UnixMs now) {
  return impl_->write("begin a stint", [&](Connection& connection) {
    connection.run("INSERT INTO stint (campaign, build, begin_ms) VALUES (?1, ?2, ?3)", campaign, build, now);
    return StintId(connection.new_row());
  });
}

Result<void> Store::record_progress(const Progress& progress) {
  return impl_->write("record progress", [&](Connection& connection) {
    const Gain gain = gain_of(connection, progress);
    connection.run("UPDATE stint SET " GRIDLOCK_SUM("runs", "?2") ", " GRIDLOCK_SUM(
                       "points", "?3") ", cpu_seconds = cpu_seconds + ?4 WHERE id = ?1",
                   progress.stint, gain.runs, gain.points, gain.cpu_seconds);
    connection.run(
        "UPDATE campaign SET " GRIDLOCK_SUM("runs", "?2") ", " GRIDLOCK_SUM("points", "?3")
        ", cpu_seconds = cpu_seconds + ?4,"
        " last_run = CASE WHEN ?2 > 0 THEN max(last_run, ?5) ELSE last_run END,"
        " last_new_feature = CASE WHEN ?6 > features THEN max(last_new_feature, ?5) ELSE last_new_feature END,"
        " features = max(features, ?6) WHERE id = ?1",
        gain.campaign, gain.runs, gain.points, gain.cpu_seconds, progress.time, progress.features);
  });
}

Result<void> Store::end_stint(StintId stint, std::string_view reason, UnixMs now) {
  return impl_->write("end a stint", [&](Connection& connection) {
    if (reason.empty()) refuse("the reason of a stint's end", "give a word");
    check_length("the reason of a stint's end", reason.size(), kNameBytesMax);
    // Before it began is no time to end, whatever the clock says.
    connection.run("UPDATE stint SET end_reason = ?2, end_ms = max(begin_ms, ?3) WHERE id = ?1 AND end_reason = ''",
                   stint, reason, now);
    if (connection.changed_rows() == 0) return;
    connection.run(
        "UPDATE campaign SET restarts = restarts + 1 WHERE id = (SELECT campaign FROM stint WHERE id = ?1)"
        " AND ?2 IN ('crash', 'hung', 'memory', 'garbage')",
        stint, reason);
  });
}

Result<void> Store::close_open_stints(UnixMs now) {
  return impl_->write("close the stints of a dead server", [&](Connection& connection) {
    connection.run("UPDATE stint SET end_reason = 'server-ended', end_ms = max(begin_ms, ?1) WHERE end_reason = ''",
                   now);
  });
}

Result<std::vector<Stint>> Store::stints(CampaignId campaign, std::uint32_t limit) const {
  return impl_->read("list the stints", [&](Connection& connection) {
    return connection.rows(stint_of,
                           "SELECT id, campaign, build, begin_ms, end_ms, runs, points, end_reason FROM stint"
                           " WHERE campaign = ?1 ORDER BY id DESC LIMIT ?2",
                           campaign, std::min(limit, kRowsMax));
  });
}

Result<void> Store::record_features(std::string_view target, const FeatureSample& sample) {
  return impl_->write("record features", [&](Connection& connection) {
    check_length("the name of a target", target.size(), kNameBytesMax);
    // A minute that a clock shows twice keeps the larger counts.
    connection.run(
        "INSERT INTO feature_sample (target, minute, time, features, runs) VALUES (?1, ?2, ?3, ?4, ?5)"
        " ON CONFLICT DO UPDATE SET time = max(time, excluded.time), features = max(features, excluded.features),"
        " runs = max(runs, excluded.runs)",
        target, sample.time / kSampleMs, sample.time, sample.features, sample.runs);
    thin_features_out(connection, target, sample.time / kSampleMs);
  });
}

Result<std::vector<FeatureSample>> Store::features(std::string_view target, UnixMs since) const {
  return impl_->read("read features", [&](Connection& connection) {
    auto samples = connection.rows(sample_of,
                                   "SELECT time, features, runs FROM feature_sample"
                                   " WHERE target = ?1 AND minute >= ?2 AND time >= ?3 ORDER BY minute DESC LIMIT ?4",
                                   target, since / kSampleMs, since, kFeatureSamplesMax);
    std::ranges::reverse(samples);
    return samples;
  });
}

}  // namespace gridlock::store
