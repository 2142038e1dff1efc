// What a request asks for: an address, a method and a body become one of the actions below, or the reason why not.
//
// Pure, total over all bytes, and fuzzed (api_fuzzer.cc). May include: model, store.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "dashboard/server/api_error.h"
#include "dashboard/server/guard.h"
#include "dashboard/server/request.h"
#include "dashboard/server/request_observer.h"
#include "engine/store/records.h"

namespace gridlock::dashboard {

// The documents of a finding that are kept as blobs.
enum class Download : std::uint8_t { kRepro, kInput, kPerfetto, kTest, kText, kExplanation };

struct ShowPage {};  // the shell of every page; its modules read the address
struct ShowStatic {
  std::string path;  // below the static folder, "lanes/draw.js"
};
struct ShowNoIcon {};
struct ShowHealth {};
struct ShowMetrics {};
struct ShowOpenApi {};
struct Listen {};
struct ShowOverview {};
struct ShowFindings {
  store::FindingQuery query;
};
struct ShowFinding {
  std::string key;
};
struct ShowDownload {
  std::string key;
  Download what = Download::kRepro;
};
struct ShowRegressions {
  std::uint32_t limit = 50;
};
struct ShowTargets {};
struct ShowTarget {
  std::string name;
};
struct ShowCorpora {};
struct ShowCorpus {
  std::string target;
  std::uint32_t limit = 100;
};
struct SetState {
  std::string key;
  store::TriageState state = store::TriageState::kNew;
  std::string duplicate_of;
  std::string author;
};
struct AddNote {
  std::string key;
  std::string text;
  std::string author;
};
struct SetWeight {
  store::CampaignId campaign;
  double weight = 1;
};

using Action = std::variant<ShowPage, ShowStatic, ShowNoIcon, ShowHealth, ShowMetrics, ShowOpenApi, Listen,
                            ShowOverview, ShowFindings, ShowFinding, ShowDownload, ShowRegressions, ShowTargets,
                            ShowTarget, ShowCorpora, ShowCorpus, SetState, AddNote, SetWeight>;

// The rules of `guard.h` are applied on the way: a request that may not be answered is never parsed further.
[[nodiscard]] Parsed<Action> parse_request(const Request& request, const AccessRules& rules);

[[nodiscard]] RouteClass route_class(const Action& action);

// One address of the table of routes, as openapi.json writes it: "/api/v1/findings/{key}/state", "post".
struct RouteName {
  std::string_view method;
  std::string_view path;
};
// Those below /api/v1.
[[nodiscard]] std::span<const RouteName> api_routes();

}  // namespace gridlock::dashboard
