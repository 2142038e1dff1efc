#include "dashboard/server/documents.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "dashboard/server/limits.h"
#include "engine/model/verdict.h"

namespace gridlock::dashboard {
namespace {

using store::TriageState;

bool is_open(TriageState state) {
  switch (state) {
    case TriageState::kNew:
    case TriageState::kConfirmed:
    case TriageState::kFlaky:
      return true;
    case TriageState::kFixed:
    case TriageState::kWontFix:
    case TriageState::kDuplicate:
      return false;
  }
  return false;
}

bool counts_as_open(const store::FindingCount& count) {
  return !count.is_canary && is_open(count.state);
}

std::string_view worker_state(LiveWorker::State state) {
  switch (state) {
    case LiveWorker::State::kStarting:
      return "starting";
    case LiveWorker::State::kRunning:
      return "running";
    case LiveWorker::State::kBackingOff:
      return "backing-off";
  }
  return "running";
}

std::string canary_words(const LiveCanary& canary, store::UnixMs now) {
  const std::string limit = duration_words(canary.limit_seconds);
  if (!canary.last_found) return "not found yet; it has to be found every " + limit;
  const std::string age = duration_words((now - *canary.last_found) / 1000);
  return canary.ok ? "found " + age + " ago" : "not found for " + age + "; it has to be found every " + limit;
}

}  // namespace

std::string print(const Json& document) {
  return document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string print_with(const Json& object, std::string_view member, std::string_view json) {
  std::string text = print(object);
  text.pop_back();
  if (text.size() > 1) text += ',';
  return text.append(print(Json(member))).append(":").append(json).append("}");
}

Json time_or_null(store::UnixMs time) {
  return time == 0 ? Json(nullptr) : Json(time);
}

Json finding_row(const store::Finding& finding) {
  return {{"key", finding.key},
          {"target", finding.target},
          {"variant", finding.variant},
          {"signature", finding.signature},
          {"verdict", verdict_name(finding.verdict)},
          {"title", finding.title},
          {"state", store::triage_state_name(finding.state)},
          {"duplicate_of", finding.duplicate_of.empty() ? Json(nullptr) : Json(finding.duplicate_of)},
          {"regression", store::regression_state_name(finding.regression)},
          {"canary", finding.is_canary},
          {"first_seen", finding.first_seen},
          {"last_seen", finding.last_seen},
          {"sightings", finding.sightings},
          {"cpus", finding.cpus},
          {"preemptions", finding.preemptions},
          {"interrupts", finding.interrupts},
          {"migrations", finding.migrations},
          {"decisions", finding.decisions},
          {"decisions_as_found", finding.decisions_as_found},
          {"reproduced", finding.reproduced},
          {"replays", finding.replays},
          {"triaged", finding.triaged}};
}

Json finding_rows(std::span<const store::Finding> findings) {
  Json rows = Json::array();
  for (const store::Finding& finding : findings) rows.push_back(finding_row(finding));
  return rows;
}

Json build_document(const store::Build& build) {
  return {{"digest", build.digest}, {"version", build.version}, {"first_seen", build.first_seen}};
}

Json note_document(const store::Note& note) {
  return {{"id", note.id}, {"time", note.time}, {"author", note.author}, {"text", note.text}};
}

Json campaign_document(const store::Campaign& campaign, std::span<const store::Stint> stints) {
  Json shown = Json::array();
  for (const store::Stint& stint : stints) {
    shown.push_back({{"begin", stint.begin},
                     {"end", time_or_null(stint.end)},
                     {"runs", stint.runs},
                     {"points", stint.points},
                     {"end_reason", stint.end_reason}});
  }
  return {{"id", campaign.id.value()},
          {"target", campaign.target},
          {"variant", campaign.variant},
          {"engine", campaign.engine},
          {"sanitizer", campaign.sanitizer},
          {"weight", campaign.weight},
          {"runs", campaign.runs},
          {"points", campaign.points},
          {"cpu_seconds", campaign.cpu_seconds},
          {"features", campaign.features},
          {"last_run", time_or_null(campaign.last_run)},
          {"last_new_feature", time_or_null(campaign.last_new_feature)},
          {"restarts", campaign.restarts},
          {"stints", std::move(shown)}};
}

Json corpus_summary(const store::CorpusSummary& corpus) {
  return {{"target", corpus.target},
          {"entries", corpus.entries},
          {"bytes", corpus.bytes},
          {"newest", time_or_null(corpus.newest)}};
}

Json corpus_entry(const store::CorpusEntry& entry) {
  return {{"name", entry.name}, {"bytes", entry.bytes}, {"origin", entry.origin}, {"added", entry.added}};
}

Json workers_document(std::span<const LiveWorker> workers) {
  Json rows = Json::array();
  for (const LiveWorker& worker : workers) {
    rows.push_back({{"target", worker.target},
                    {"variant", worker.variant},
                    {"engine", worker.engine},
                    {"sanitizer", worker.sanitizer},
                    {"pid", worker.pid},
                    {"since", worker.since},
                    {"runs", worker.runs},
                    {"runs_per_second", worker.runs_per_second},
                    {"features", worker.features},
                    {"state", worker_state(worker.state)}});
  }
  return rows;
}

Json canary_document(const LiveCanary& canary, store::UnixMs now) {
  Json document = {{"ok", canary.ok},
                   {"last_found", nullptr},
                   {"age_seconds", nullptr},
                   {"limit_seconds", canary.limit_seconds},
                   {"text", canary_words(canary, now)}};
  if (canary.last_found) {
    document["last_found"] = *canary.last_found;
    document["age_seconds"] = (now - *canary.last_found) / 1000;
  }
  return document;
}

Json open_document(std::span<const store::FindingCount> counts) {
  Json open = {{"new", 0}, {"confirmed", 0}, {"flaky", 0}};
  std::map<TriageState, std::uint64_t> sums;
  for (const store::FindingCount& count : counts) {
    if (counts_as_open(count)) sums[count.state] += count.count;
  }
  for (const auto& [state, sum] : sums) open[std::string(store::triage_state_name(state))] = sum;
  return open;
}

Json facets_document(std::span<const store::FindingCount> counts) {
  std::set<std::string_view> verdicts;
  std::set<std::string_view> targets;
  std::set<std::string_view> states;
  for (const store::FindingCount& count : counts) {
    if (count.count == 0) continue;
    verdicts.insert(verdict_name(count.verdict));
    targets.insert(count.target);
    states.insert(store::triage_state_name(count.state));
  }
  return {{"verdicts", verdicts}, {"targets", targets}, {"states", states}};
}

Json samples_document(std::span<const store::FeatureSample> samples) {
  Json points = Json::array();
  const std::size_t step = samples.size() / kFeatureSamplesMax + 1;
  // Counted from the last one, which is always shown.
  for (std::size_t at = samples.empty() ? 0 : (samples.size() - 1) % step; at < samples.size(); at += step) {
    points.push_back({samples[at].time, samples[at].features, samples[at].runs});
  }
  return points;
}

std::map<std::string, TargetSums> sum_targets(std::span<const store::TargetVariant> variants,
                                              std::span<const store::Campaign> campaigns,
                                              std::span<const store::FindingCount> counts) {
  std::map<std::string, TargetSums> targets;
  for (const store::TargetVariant& variant : variants) targets[variant.target].variants.push_back(variant);
  for (const store::Campaign& campaign : campaigns) {
    TargetSums& sums = targets[campaign.target];
    sums.runs += campaign.runs;
    sums.features = std::max(sums.features, campaign.features);
    sums.last_run = std::max(sums.last_run, campaign.last_run);
    sums.last_new_feature = std::max(sums.last_new_feature, campaign.last_new_feature);
  }
  for (const store::FindingCount& count : counts) {
    const auto found = targets.find(count.target);
    if (found != targets.end() && counts_as_open(count)) found->second.open_findings += count.count;
  }
  return targets;
}

Json target_row(const std::string& name, const TargetSums& sums, double runs_per_second, std::string_view summary) {
  return {{"name", name},
          {"summary", summary},
          {"runs", sums.runs},
          {"runs_per_second", runs_per_second},
          {"features", sums.features},
          {"open_findings", sums.open_findings},
          {"last_run", time_or_null(sums.last_run)},
          {"last_new_feature", time_or_null(sums.last_new_feature)},
          {"variants", variants_document(sums.variants)}};
}

Json variants_document(std::span<const store::TargetVariant> variants) {
  Json rows = Json::array();
  for (const store::TargetVariant& variant : variants) {
    rows.push_back({{"name", variant.variant}, {"summary", variant.summary}, {"expect", variant.expect}});
  }
  return rows;
}

std::string duration_words(std::int64_t seconds) {
  // The calendar may have been set back.
  seconds = std::max<std::int64_t>(seconds, 0);
  if (seconds < 120) return fmt::format("{} s", seconds);
  if (seconds < 120 * 60) return fmt::format("{} min", seconds / 60);
  if (seconds < 48 * 3600) return fmt::format("{} h", seconds / 3600);
  return fmt::format("{} days", seconds / 86'400);
}

}  // namespace gridlock::dashboard
