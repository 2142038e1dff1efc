#include "dashboard/server/api.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <map>
#include <ranges>
#include <utility>
#include <variant>
#include <vector>

#include "dashboard/server/json_body.h"
#include "dashboard/server/regression_document.h"

namespace gridlock::dashboard {
namespace {

constexpr std::int64_t kFeatureHistoryMs = std::int64_t{24} * 3600 * 1000;
// Feature series get a sample a minute at most, and builds are few: ten seconds late is not seen.
constexpr Moment kSlowLifetime = std::chrono::seconds(10);

// Why an action cannot be carried out. Thrown and caught in this file alone: every action reads the store several
// times.
struct Refusal {
  ApiError error;
};

template <typename T>
T must(Result<T> result) {
  if (result) {
    if constexpr (std::is_void_v<T>) {
      return;
    } else {
      return *std::move(result);
    }
  }
  spdlog::error("the store failed: {}", result.error().message());
  throw Refusal{{503, "store", result.error().message(), {}}};
}

[[noreturn]] void refuse(int status, std::string code, std::string message) {
  throw Refusal{{status, std::move(code), std::move(message), {}}};
}

BuildsById builds_by_id(const store::Store& store) {
  BuildsById builds;
  for (store::Build& build : must(store.builds(kBuildsKnownMax))) {
    const store::BuildId id = build.id;
    builds.emplace(id, std::move(build));
  }
  return builds;
}

}  // namespace

Api::Api(Parts parts)
    : parts_(std::move(parts)),
      started_(parts_.clock.steady()),
      cache_({std::chrono::milliseconds(parts_.limits.cache_ms), parts_.limits.cache_entries_max,
              parts_.limits.cache_bytes_max},
             parts_.clock.steady),
      slow_cache_({kSlowLifetime, parts_.limits.cache_entries_max, parts_.limits.cache_bytes_max}, parts_.clock.steady),
      writes_(parts_.limits.writes_per_second, parts_.limits.writes_burst) {}

Answer Api::answer(const Action& action, const Request& request) {
  try {
    return std::visit([&](const auto& what) { return act(what, request); }, action);
  } catch (const Refusal& refusal) {
    return error_answer(refusal.error);
  }
}

// -- Files and texts

Answer Api::act(const ShowPage&, const Request& request) {
  return parts_.pages.answer("index.html", request.if_none_match);
}

Answer Api::act(const ShowStatic& file, const Request& request) {
  return parts_.pages.answer(file.path, request.if_none_match);
}

Answer Api::act(const ShowNoIcon&, const Request&) {
  return {.status = 204};
}

Answer Api::act(const ShowHealth&, const Request&) {
  return {.content_type = "text/plain; charset=utf-8", .body = "ok\n", .headers = {{"Cache-Control", "no-store"}}};
}

Answer Api::act(const ShowMetrics&, const Request&) {
  return cache_.get("metrics", [&] {
    return Answer{.content_type = "text/plain; version=0.0.4; charset=utf-8",
                  .body = parts_.metrics_text(),
                  .headers = {{"Cache-Control", "no-store"}}};
  });
}

Answer Api::act(const ShowOpenApi&, const Request&) {
  return json_answer(parts_.openapi);
}

Answer Api::act(const Listen&, const Request& request) {
  if (request.method == Method::kHead) return {.content_type = "text/event-stream"};
  if (!parts_.take_seat()) refuse(503, "listeners", "There are too many listeners; come back later.");
  return {.content_type = "text/event-stream", .headers = {{"Cache-Control", "no-store"}}, .listens = true};
}

// -- Lists

Answer Api::cached(const Request& request, const std::function<std::string()>& make) {
  return cache_.get(request.target, [&] { return json_answer(make()); });
}

Answer Api::act(const ShowOverview&, const Request& request) {
  return cached(request, [&] {
    Json document = stated_overview();
    document["now"] = parts_.clock.now();
    document["version"] = parts_.served_by.version;
    document["build"] = {{"digest", parts_.served_by.build_digest}, {"version", parts_.served_by.build_version}};
    document["uptime_seconds"] =
        std::chrono::duration_cast<std::chrono::seconds>(parts_.clock.steady() - started_).count();
    document["workers_max"] = parts_.live.workers_max();
    const store::FindingQuery recent = {.order = store::FindingQuery::Order::kFirstSeen, .limit = kRecentFindings};
    document["recent"] = finding_rows(must(parts_.store.findings(recent)).findings);
    return print_with(document, "features", feature_series());
  });
}

// What the overview and the status event have in common.
Json Api::stated_overview() const {
  return {{"workers", workers_document(parts_.live.workers())},
          {"canary", canary_document(parts_.live.canary(), parts_.clock.now())},
          {"open", open_document(must(parts_.store.finding_counts()))},
          {"targets", target_rows()}};
}

Json Api::target_rows() const {
  Json rows = Json::array();
  const auto targets =
      sum_targets(must(parts_.store.targets()), must(parts_.store.campaigns()), must(parts_.store.finding_counts()));
  for (const auto& [name, sums] : targets) {
    rows.push_back(target_row(name, sums, parts_.live.runs_per_second(name), parts_.live.summary(name)));
  }
  return rows;
}

std::string Api::feature_series() {
  const auto make = [&] {
    Json series = Json::array();
    const store::UnixMs since = parts_.clock.now() - kFeatureHistoryMs;
    const auto targets = sum_targets(must(parts_.store.targets()), must(parts_.store.campaigns()), {});
    for (const auto& name : targets | std::views::keys) {
      series.push_back({{"target", name}, {"samples", samples_document(must(parts_.store.features(name, since)))}});
    }
    return json_answer(print(series));
  };
  return slow_cache_.get("features", make).body;
}

// What there is to filter by is the same for all pages of all lists, and thousands of kinds are read for it.
std::string Api::facets() {
  return cache_.get("facets", [&] { return json_answer(print(facets_document(must(parts_.store.finding_counts())))); })
      .body;
}

Answer Api::act(const ShowFindings& findings, const Request& request) {
  return cached(request, [&] {
    const store::FindingPage page = must(parts_.store.findings(findings.query));
    const Json document = {{"total", page.total},
                           {"offset", findings.query.offset},
                           {"limit", findings.query.limit},
                           {"findings", finding_rows(page.findings)}};
    return print_with(document, "facets", facets());
  });
}

Answer Api::act(const ShowRegressions& regressions, const Request& request) {
  return cached(request, [&] {
    const auto builds = must(parts_.store.builds(kRegressionBuilds));
    const store::FindingPage page = must(parts_.store.findings({.limit = regressions.limit}));
    Json build_rows = Json::array();
    for (const store::Build& build : builds) build_rows.push_back(build_document(build));
    Json rows = Json::array();
    for (const store::Finding& finding : page.findings) {
      rows.push_back(regression_row({finding, must(parts_.store.tests(finding.id))}, builds));
    }
    return print({{"builds", std::move(build_rows)}, {"rows", std::move(rows)}, {"total", page.total}});
  });
}

Answer Api::act(const ShowTargets&, const Request& request) {
  return cached(request, [&] { return print({{"targets", target_rows()}}); });
}

Answer Api::act(const ShowTarget& target, const Request& request) {
  return cached(request, [&] { return print(target_page(target.name)); });
}

Json Api::target_page(const std::string& name) const {
  const auto campaigns = must(parts_.store.campaigns());
  const auto targets = sum_targets(must(parts_.store.targets()), campaigns, must(parts_.store.finding_counts()));
  const auto found = targets.find(name);
  if (found == targets.end()) refuse(404, "not-found", "There is no target of this name.");
  Json document = target_row(name, found->second, parts_.live.runs_per_second(name), parts_.live.summary(name));
  Json rows = Json::array();
  for (const store::Campaign& campaign : campaigns) {
    if (campaign.target != name) continue;
    rows.push_back(campaign_document(campaign, must(parts_.store.stints(campaign.id, kStintsShown))));
  }
  document["campaigns"] = std::move(rows);
  document["features"] = samples_document(must(parts_.store.features(name, parts_.clock.now() - kFeatureHistoryMs)));
  document["findings"] =
      finding_rows(must(parts_.store.findings({.target = name, .limit = kTargetFindingsMax})).findings);
  document["corpus"] = {{"entries", 0}, {"bytes", 0}, {"newest", nullptr}};
  for (const store::CorpusSummary& corpus : must(parts_.store.corpora())) {
    if (corpus.target == name) document["corpus"] = corpus_summary(corpus);
  }
  document["corpus"].erase("target");
  return document;
}

Answer Api::act(const ShowCorpora&, const Request& request) {
  return cached(request, [&] {
    Json rows = Json::array();
    for (const store::CorpusSummary& corpus : must(parts_.store.corpora())) rows.push_back(corpus_summary(corpus));
    return print({{"corpora", std::move(rows)}});
  });
}

Answer Api::act(const ShowCorpus& corpus, const Request& request) {
  return cached(request, [&] {
    Json rows = Json::array();
    for (const store::CorpusEntry& entry : must(parts_.store.corpus(corpus.target, corpus.limit))) {
      rows.push_back(corpus_entry(entry));
    }
    return print({{"target", corpus.target}, {"entries", std::move(rows)}});
  });
}

// -- One finding

store::Finding Api::finding_of(const std::string& key) const {
  auto finding = must(parts_.store.finding(key));
  if (!finding) refuse(404, "not-found", "There is no finding with this key.");
  return *std::move(finding);
}

Answer Api::act(const ShowFinding& shown, const Request& request) {
  return cached(request, [&] {
    FindingParts all = {.finding = finding_of(shown.key)};
    all.sightings = must(parts_.store.sighting_counts(all.finding.id));
    all.tests = must(parts_.store.tests(all.finding.id));
    all.notes = must(parts_.store.notes(all.finding.id));
    all.builds = builds_by_id(parts_.store);
    if (!all.finding.repro.empty()) {
      all.repro = must(parts_.store.blob(all.finding.repro));
      all.command = command(all.finding);
    }
    return print_with(finding_document(all), "explanation", explanation(all.finding));
  });
}

std::string Api::command(const store::Finding& finding) const {
  const std::string& name = finding.repro;
  const auto folder = parts_.store.folder() / "blobs" / name.substr(0, 2);
  return replay_command(parts_.served_by.program, folder / name.substr(std::min<std::size_t>(2, name.size())));
}

// The blob, or null if it is none that may stand inside of a document. A blob never changes, so that is checked once.
std::string Api::explanation(const store::Finding& finding) {
  if (finding.explanation.empty()) return "null";
  const auto make = [&] {
    std::string text = must(parts_.store.blob(finding.explanation));
    const bool fits =
        text.size() <= kExplanationBytesMax && is_shallow(text, kExplanationDepthMax) && Json::accept(text);
    return json_answer(fits ? std::move(text) : "null");
  };
  return slow_cache_.get("explanation " + finding.explanation, make).body;
}

Answer Api::act(const ShowDownload& download, const Request&) {
  const store::Finding finding = finding_of(download.key);
  const DownloadKind& kind = download_kind(download.what);
  const store::BlobName& blob = finding.*kind.blob;
  if (blob.empty()) refuse(404, "not-found", "The finding has no such document, or not yet.");
  Answer answer{.content_type = std::string(kind.content_type), .body = must(parts_.store.blob(blob))};
  answer.headers.emplace_back("Content-Disposition",
                              "attachment; filename=\"" + finding.key + std::string(kind.suffix) + "\"");
  answer.headers.emplace_back("Cache-Control", "no-cache");
  return answer;
}

// -- Writing

void Api::check_write() {
  if (!writes_.take(parts_.clock.steady())) refuse(429, "too-many-writes", "There are too many writes; wait a second.");
}

void Api::written(const store::Finding& finding) {
  cache_.forget();
  parts_.changed(finding.id);
}

Answer Api::act(const SetState& change, const Request&) {
  check_write();
  const store::Finding finding = finding_of(change.key);
  if (change.state == store::TriageState::kDuplicate) {
    const auto original = must(parts_.store.finding(change.duplicate_of));
    if (!original || original->target != finding.target || original->key == finding.key) {
      refuse(400, "bad-request", "A finding is a duplicate of another finding of its target.");
    }
  }
  must(parts_.store.set_state(change.key, change.state, change.duplicate_of, change.author, parts_.clock.now()));
  written(finding);
  return json_answer(print(finding_row(finding_of(change.key))));
}

Answer Api::act(const AddNote& note, const Request&) {
  check_write();
  const store::Finding finding = finding_of(note.key);
  const store::Note added = must(parts_.store.add_note(note.key, note.author, note.text, parts_.clock.now()));
  written(finding);
  return json_answer(print(note_document(added)));
}

Answer Api::act(const SetWeight& weight, const Request&) {
  check_write();
  const auto find = [&] {
    for (const store::Campaign& campaign : must(parts_.store.campaigns())) {
      if (campaign.id == weight.campaign) return campaign;
    }
    refuse(404, "not-found", "There is no campaign with this number.");
  };
  find();
  must(parts_.store.set_weight(weight.campaign, weight.weight));
  cache_.forget();
  return json_answer(print(campaign_document(find(), must(parts_.store.stints(weight.campaign, kStintsShown)))));
}

// -- Events

std::optional<std::string> Api::finding_text(store::FindingId id) {
  const auto finding = parts_.store.finding(id);
  if (!finding || !*finding) return std::nullopt;
  return "event: finding\ndata: " + print(finding_row(**finding)) + "\n\n";
}

std::optional<std::string> Api::status_text() {
  try {
    Json status = stated_overview();
    for (Json& target : status["targets"]) {
      for (const char* const member : {"summary", "variants", "last_run", "last_new_feature"}) target.erase(member);
    }
    return "event: status\ndata: " + print(status) + "\n\n";
  } catch (const Refusal&) {
    return std::nullopt;
  }
}

}  // namespace gridlock::dashboard
