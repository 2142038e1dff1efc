// Carries out actions: reads and writes the store, asks for the state of the moment, and makes the answers. What many
// ask for is kept for half a second (answer_cache.h), and what cannot have changed, longer.
//
// Thread safe. May include: base, model, store.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "dashboard/server/answer.h"
#include "dashboard/server/answer_cache.h"
#include "dashboard/server/documents.h"
#include "dashboard/server/finding_document.h"
#include "dashboard/server/limits.h"
#include "dashboard/server/live_status.h"
#include "dashboard/server/rate_limit.h"
#include "dashboard/server/request.h"
#include "dashboard/server/route.h"
#include "dashboard/server/server_clock.h"
#include "dashboard/server/static_files.h"
#include "engine/store/store.h"

namespace gridlock::dashboard {

// What the server runs as.
struct ServedBy {
  std::string version;
  std::string build_digest;
  std::string build_version;
  std::filesystem::path program = "gridlock";  // that replays a repro, as people call it
};

class Api {
 public:
  struct Parts {
    store::Store& store;
    const LiveStatus& live;
    std::function<std::string()> metrics_text;  // Prometheus' text format
    ServerClock clock;
    ServedBy served_by;
    StaticFiles pages;
    std::string openapi;  // JSON text
    Limits limits;
    std::function<bool()> take_seat;                // for one more listener to events
    std::function<void(store::FindingId)> changed;  // a person has changed a finding
  };
  explicit Api(Parts parts);

  // The answer to a request that has passed all checks of its form. A store that fails is an answer with 503.
  [[nodiscard]] Answer answer(const Action& action, const Request& request);

  // The texts of events, for those who listen. Nothing if the finding is not there or the store fails.
  [[nodiscard]] std::optional<std::string> finding_text(store::FindingId finding);
  [[nodiscard]] std::optional<std::string> status_text();
  // Something that answers say has changed.
  void forget_answers() { cache_.forget(); }

 private:
  Answer act(const ShowPage& page, const Request& request);
  Answer act(const ShowStatic& file, const Request& request);
  Answer act(const ShowNoIcon& icon, const Request& request);
  Answer act(const ShowHealth& health, const Request& request);
  Answer act(const ShowMetrics& metrics, const Request& request);
  Answer act(const ShowOpenApi& openapi, const Request& request);
  Answer act(const Listen& listen, const Request& request);
  Answer act(const ShowOverview& overview, const Request& request);
  Answer act(const ShowFindings& findings, const Request& request);
  Answer act(const ShowFinding& finding, const Request& request);
  Answer act(const ShowDownload& download, const Request& request);
  Answer act(const ShowRegressions& regressions, const Request& request);
  Answer act(const ShowTargets& targets, const Request& request);
  Answer act(const ShowTarget& target, const Request& request);
  Answer act(const ShowCorpora& corpora, const Request& request);
  Answer act(const ShowCorpus& corpus, const Request& request);
  Answer act(const SetState& change, const Request& request);
  Answer act(const AddNote& note, const Request& request);
  Answer act(const SetWeight& weight, const Request& request);

  Answer cached(const Request& request, const std::function<std::string()>& make);
  store::Finding finding_of(const std::string& key) const;
  Json target_rows() const;
  std::string feature_series();
  std::string facets();
  Json stated_overview() const;
  std::string explanation(const store::Finding& finding);
  std::string command(const store::Finding& finding) const;
  Json target_page(const std::string& name) const;
  void check_write();
  void written(const store::Finding& finding);

  Parts parts_;
  const Moment started_;
  AnswerCache cache_;
  AnswerCache slow_cache_;  // of what changes once a minute or never
  RateLimit writes_;
};

}  // namespace gridlock::dashboard
