#include "engine/campaign/fuzz_loop.h"

#include <fmt/format.h>
#include <poll.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "engine/base/prng.h"
#include "engine/campaign/files.h"

namespace gridlock::campaign {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kWait{200};
constexpr milliseconds kLookEvery{500};
constexpr milliseconds kRecordEvery{5000};
// So that a server which is killed again and again soon after its start does not begin with the same campaigns for
// ever.
constexpr milliseconds kRecordFirstAfter{1000};
constexpr milliseconds kKeepHouseEvery{30'000};
constexpr milliseconds kRateOver{3000};
constexpr milliseconds kNoteEvery{60'000};
constexpr milliseconds kStartAgainAfter{5000};
// Looks at one folder until nothing is left in it: 64 drops each.
constexpr int kLooksMax = 64;

std::size_t engine_index(std::string_view engine) {
  return static_cast<std::size_t>(std::ranges::find(kEngines, engine) - std::begin(kEngines));
}

}  // namespace

Result<std::unique_ptr<FuzzLoop>> FuzzLoop::create(store::Store& store, metrics::ServiceMetrics& metrics,
                                                   const Clock& clock, Intake& intake, DataFolder data,
                                                   std::vector<PlannedCampaign> plan, store::BuildId build,
                                                   const FuzzLoopOptions& options) {
  const auto known = store.campaigns();
  if (!known) return std::unexpected(known.error());
  std::map<CampaignKey, store::Campaign> by_key;
  for (const auto& row : *known) by_key[{row.target, row.variant, row.engine, row.sanitizer}] = row;
  std::vector<Campaign> campaigns;
  std::vector<ShareEntry> entries;
  for (auto& planned : plan) {
    ShareEntry entry{.weight = planned.weight, .rank = planned.rank, .known_broken = planned.known_broken};
    Campaign campaign{.plan = std::move(planned)};
    if (const auto row = by_key.find(campaign.plan.key); row != by_key.end()) {
      campaign.id = row->second.id;
      campaign.features = row->second.features;
      entry.weight *= row->second.weight;
      entry.ran_before = row->second.last_run > 0;
      entry.last_end = row->second.last_run;
    }
    entries.push_back(entry);
    campaigns.push_back(std::move(campaign));
  }
  const auto canaries = store.findings({.is_canary = true, .limit = 1});
  if (!canaries) return std::unexpected(canaries.error());
  std::optional<store::UnixMs> canary_found;
  if (!canaries->findings.empty()) canary_found = canaries->findings.front().last_seen;
  metrics.set_canary_limit(static_cast<double>(options.canary.age_limit.count()));
  metrics.set_workers_max(options.jobs);
  std::unique_ptr<FuzzLoop> loop(new FuzzLoop(store, metrics, clock, intake, std::move(data), std::move(campaigns),
                                              TimeShare(entries, options.seed, options.share),
                                              Canary(options.canary, canary_found), build, options));
  for (const auto& row : *known) {
    loop->runs_of_target_[row.target] += row.runs;
    loop->features_of_target_[row.target] = std::max(loop->features_of_target_[row.target], row.features);
  }
  return loop;
}

FuzzLoop::FuzzLoop(store::Store& store, metrics::ServiceMetrics& metrics, const Clock& clock, Intake& intake,
                   DataFolder data, std::vector<Campaign> campaigns, TimeShare share, Canary canary,
                   store::BuildId build, const FuzzLoopOptions& options)
    : store_(store),
      metrics_(metrics),
      clock_(clock),
      intake_(intake),
      data_(std::move(data)),
      campaigns_(std::move(campaigns)),
      share_(std::move(share)),
      canary_(std::move(canary)),
      build_(build),
      options_(options) {}

void FuzzLoop::note(const Error& error) {
  metrics_.count_store_write_failure();
  const auto now = clock_.steady();
  if (noted_at_ && now - *noted_at_ < kNoteEvery) return;
  noted_at_ = now;
  spdlog::error("{}", error.message());
}

void FuzzLoop::turn(int wake) {
  const auto now = clock_.steady();
  for (auto& running : running_) running->stint.drain();
  if (!looked_at_ || now - *looked_at_ >= kLookEvery) {
    looked_at_ = now;
    look_after_all(now);
  }
  bury_the_dead();
  if (!kept_house_at_ || now - *kept_house_at_ >= kKeepHouseEvery) {
    kept_house_at_ = now;
    take_in_leftovers();
    follow_weights();
  }
  start_what_is_due();
  wait(wake);
}

void FuzzLoop::wait(int wake) const {
  std::vector<pollfd> watched;
  if (wake >= 0) watched.push_back({wake, POLLIN, 0});
  for (const auto& running : running_) running->stint.add_to(watched);
  ::poll(watched.data(), watched.size(), static_cast<int>(kWait.count()));
}

void FuzzLoop::start_what_is_due() {
  while (running_.size() < options_.jobs && clock_.steady() >= start_again_at_) {
    Result<void> started;
    if (canary_.due(clock_.steady(), clock_.now())) {
      started = start_canary();
    } else {
      const auto turn = share_.next(clock_.now());
      if (!turn) return;
      started = start_campaign(*turn);
    }
    if (started) continue;
    note(started.error());
    start_again_at_ = clock_.steady() + kStartAgainAfter;
  }
}

Result<void> FuzzLoop::start_canary() {
  const CampaignKey key = canary_.begin();
  const StintOrder order{.seconds = canary_.limits().stint_seconds, .findings_max = 1};
  auto started = start(std::nullopt, key, canary_ids_[engine_index(key.engine)], order);
  if (!started) canary_.cancelled();
  return started;
}

Result<void> FuzzLoop::start_campaign(const Turn& turn) {
  Campaign& campaign = campaigns_[turn.campaign];
  const StintOrder order{.seconds = turn.seconds, .corpus = data_.corpus(campaign.plan.key.target)};
  auto started = start(turn.campaign, campaign.plan.key, campaign.id, order);
  if (!started) share_.ended(turn.campaign, {.unasked_end = true}, clock_.now());
  return started;
}

Result<void> FuzzLoop::start(std::optional<std::size_t> campaign, const CampaignKey& key,
                             std::optional<store::CampaignId>& id, StintOrder order) {
  if (!id) {
    const auto row = store_.campaign(key.target, key.variant, key.engine, key.sanitizer);
    if (!row) return std::unexpected(row.error());
    id = row->id;
  }
  const auto stint_id = store_.begin_stint(*id, build_, clock_.now());
  if (!stint_id) return std::unexpected(stint_id.error());
  const auto give_up = [&](const Error& error) -> Result<void> {
    static_cast<void>(store_.end_stint(*stint_id, stint_end_name(StintEnd::kCrash), clock_.now()));
    return std::unexpected(error);
  };
  auto spool = Spool::create(data_.spool(), {key, *id, *stint_id, build_, clock_.now()});
  if (!spool) return give_up(spool.error());
  order.programs = options_.programs;
  // libFuzzer takes 32 bits of a seed, and 0 as "draw one".
  order.seed = (Prng(options_.seed + static_cast<std::uint64_t>(stint_id->value())).next() >> 33) | 1;
  // The canary starts from nothing, each time: what it once found must not help it.
  if (order.corpus.empty()) order.corpus = spool->folder() / "corpus";
  const auto now = clock_.steady();
  auto stint = Stint::start(std::move(*spool), order, options_.stint, now);
  if (!stint) return give_up(stint.error());
  auto& metrics = metrics_.campaign({key.target, key.variant, key.engine, key.sanitizer});
  metrics.begin_stint();
  running_.push_back(std::make_unique<Running>(Running{.campaign = campaign,
                                                       .stint = std::move(*stint),
                                                       .metrics = metrics,
                                                       .begin = now,
                                                       .recorded = now - kRecordEvery + kRecordFirstAfter,
                                                       .rate_at = now}));
  spdlog::debug("stint {}: {} {} {} {}, {:.0f} s", stint_id->value(), key.target, key.variant, key.engine,
                key.sanitizer, order.seconds);
  return {};
}

void FuzzLoop::look_after_all(milliseconds now) {
  if (running_.empty()) return;
  const ProcessTable processes = ProcessTable::read();
  for (auto& running : running_) look_after(*running, processes, now);
  metrics_.saw_turn(static_cast<double>(clock_.now()) / 1000);
}

void FuzzLoop::look_after(Running& running, const ProcessTable& processes, milliseconds now) {
  running.stint.look(processes, now);
  take_in(running, now);
  const StatusCounts counts = running.stint.counts();
  const std::string& target = running.stint.spool().identity().key.target;
  if (running.metrics.advance(counts)) metrics_.saw_new_feature(target, static_cast<double>(clock_.now()) / 1000);
  if (now - running.rate_at >= kRateOver) {
    running.runs_per_second = static_cast<double>(counts.runs - running.rate_runs) /
                              std::chrono::duration<double>(now - running.rate_at).count();
    running.rate_at = now;
    running.rate_runs = counts.runs;
  }
  if (now - running.recorded >= kRecordEvery) record(running, now);
}

void FuzzLoop::take_in(Running& running, milliseconds now) {
  const auto taken =
      intake_.take(running.stint.spool(), {running.stint.counts().runs, running.stint.elapsed_seconds(now)});
  if (!taken) return note(taken.error());
  running.taken.new_findings += taken->new_findings;
  running.taken.known_findings += taken->known_findings;
  running.taken.rejected += taken->rejected;
}

void FuzzLoop::record(Running& running, milliseconds now) {
  running.recorded = now;
  const StatusCounts counts = running.stint.counts();
  const auto& identity = running.stint.spool().identity();
  const store::UnixMs time = clock_.now();
  const auto recorded = store_.record_progress({.stint = identity.stint,
                                                .time = time,
                                                .runs = counts.runs,
                                                .points = counts.points,
                                                .cpu_seconds = running.stint.cpu_seconds(),
                                                .features = counts.features,
                                                .corpus_entries = counts.corpus_entries});
  if (!recorded) return note(recorded.error());
  std::uint64_t& features = features_of_target_[identity.key.target];
  features = std::max(features, counts.features);
  const auto sampled = store_.record_features(
      identity.key.target,
      {.time = time, .features = features, .runs = runs_of_target_[identity.key.target] + counts.runs});
  if (!sampled) note(sampled.error());
}

void FuzzLoop::bury_the_dead() {
  for (auto& running : running_) {
    if (const auto end = running->stint.ended()) {
      bury(*running, *end);
      running.reset();
    }
  }
  std::erase(running_, nullptr);
}

void FuzzLoop::bury(Running& running, StintEnd end) {
  const auto now = clock_.steady();
  const Spool& spool = running.stint.spool();
  const auto& identity = spool.identity();
  for (int i = 0; i < kLooksMax && !spool.drops().empty(); ++i) take_in(running, now);
  record(running, now);
  const StatusCounts counts = running.stint.counts();
  running.metrics.advance(counts);
  running.metrics.end_stint();
  runs_of_target_[identity.key.target] += counts.runs;
  fuzzed_targets_.insert(identity.key.target);
  if (is_unasked(end)) {
    running.metrics.count_restart(stint_end_name(end));
    spdlog::warn("stint {} of {} {} {} {} ended: {}; {}", identity.stint.value(), identity.key.target,
                 identity.key.variant, identity.key.engine, identity.key.sanitizer, stint_end_name(end),
                 running.stint.last_words());
  }
  if (auto ended = store_.end_stint(identity.stint, stint_end_name(end), clock_.now()); !ended) note(ended.error());
  const bool found = running.taken.new_findings + running.taken.known_findings > 0;
  if (!running.campaign) {
    if (end == StintEnd::kKilled && !found) {
      canary_.cancelled();  // the service ends: nobody's fault
    } else {
      canary_.ended(found, now, clock_.now());
    }
    if (found) metrics_.saw_canary(static_cast<double>(clock_.now()) / 1000);
    if (!found && end != StintEnd::kKilled) spdlog::error("the canary was not found by {}", identity.key.engine);
  } else {
    Campaign& campaign = campaigns_[*running.campaign];
    const std::uint64_t fresh = counts.features > campaign.features ? counts.features - campaign.features : 0;
    campaign.features = std::max(campaign.features, counts.features);
    share_.ended(*running.campaign,
                 {.cpu_seconds = running.stint.cpu_seconds(),
                  .new_features = fresh,
                  .new_findings = running.taken.new_findings,
                  .known_findings = running.taken.known_findings,
                  .unasked_end = is_unasked(end)},
                 clock_.now());
  }
  // What could not be taken in waits for the next look at what was left behind.
  if (spool.drops().empty()) spool.remove();
}

void FuzzLoop::take_in_leftovers() {
  for (const auto& folder : spool_folders(data_.spool())) {
    if (std::ranges::any_of(running_, [&](const auto& running) { return running->stint.spool().folder() == folder; })) {
      continue;
    }
    const auto spool = Spool::open(folder);
    if (!spool) {
      // The server died before it had told whose it is, which is before a child could drop anything.
      remove_quietly(folder);
      continue;
    }
    for (int i = 0; i < kLooksMax && !spool->drops().empty(); ++i) {
      if (const auto taken = intake_.take(*spool, {}); !taken) return note(taken.error());
    }
    if (spool->drops().empty()) spool->remove();
  }
}

void FuzzLoop::follow_weights() {
  const auto rows = store_.campaigns();
  if (!rows) return note(rows.error());
  std::map<store::CampaignId, double> weights;
  for (const auto& row : *rows) weights[row.id] = row.weight;
  for (std::size_t i = 0; i < campaigns_.size(); ++i) {
    if (!campaigns_[i].id) continue;
    const auto weight = weights.find(*campaigns_[i].id);
    if (weight != weights.end()) share_.set_weight(i, campaigns_[i].plan.weight * weight->second);
  }
}

void FuzzLoop::finish() {
  for (auto& running : running_) running->stint.ask_to_end(clock_.steady());
  // Whoever does not end by itself is killed when its time of grace is over.
  const auto limit = clock_.steady() + options_.stint.stop_grace;
  while (!running_.empty() && clock_.steady() < limit) {
    wait(-1);
    for (auto& running : running_) running->stint.drain();
    bury_the_dead();
  }
  for (auto& running : running_) running->stint.kill();
  bury_the_dead();
}

FuzzLoopStatus FuzzLoop::status() const {
  FuzzLoopStatus status{.canary = canary_.status(clock_.now())};
  for (const auto& running : running_) {
    const auto& identity = running->stint.spool().identity();
    const StatusCounts counts = running->stint.counts();
    status.workers.push_back({.key = identity.key,
                              .pid = running->stint.pid(),
                              .since = identity.begin,
                              .runs = counts.runs,
                              .runs_per_second = running->runs_per_second,
                              .features = counts.features,
                              .state = running->stint.has_begun() ? WorkerState::kRunning : WorkerState::kStarting});
  }
  for (std::size_t i = 0; i < campaigns_.size(); ++i) {
    if (!share_.backs_off(i, clock_.now())) continue;
    status.workers.push_back({.key = campaigns_[i].plan.key, .state = WorkerState::kBackingOff});
  }
  return status;
}

}  // namespace gridlock::campaign
