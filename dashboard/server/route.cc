// The table of routes, and a parser for what each of them takes. One row is one address; openapi.json lists those below
// /api/v1, and a test holds the two together.
//
// May include: model, store.
#include "dashboard/server/route.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <vector>

#include "dashboard/server/finding_query.h"
#include "dashboard/server/json_body.h"
#include "dashboard/server/limits.h"
#include "dashboard/server/url.h"

namespace gridlock::dashboard {
namespace {

struct Call {
  std::vector<std::string> captured;  // what stands for {key}, {name}, ...
  std::span<const Parameter> parameters;
  std::string_view body;
};

using Parse = Parsed<Action> (*)(const Call&);

struct Route {
  RouteName name;
  Parse parse;
};

Parsed<void> no_parameters(const Call& call) {
  if (call.parameters.empty()) return {};
  return bad_request("There is no parameter '" + call.parameters.front().name + "' here.");
}

// For addresses that have no parameters and nothing captured.
template <typename Shown>
Parsed<Action> plain(const Call& call) {
  if (const auto none = no_parameters(call); !none) return std::unexpected(none.error());
  return Shown{};
}

// The query of a page is the state of its view, which its modules read.
Parsed<Action> page(const Call&) {
  return ShowPage{};
}

Parsed<Action> findings(const Call& call) {
  const auto query = parse_finding_query(call.parameters);
  if (!query) return std::unexpected(query.error());
  return ShowFindings{*query};
}

Parsed<std::string> captured_key(const Call& call) {
  if (!is_key(call.captured.front())) return refused(404, "not-found", "This is no key of a finding.");
  return call.captured.front();
}

Parsed<Action> finding(const Call& call) {
  const auto key = captured_key(call);
  if (!key) return std::unexpected(key.error());
  if (const auto none = no_parameters(call); !none) return std::unexpected(none.error());
  return ShowFinding{*key};
}

template <Download what>
Parsed<Action> download(const Call& call) {
  const auto key = captured_key(call);
  if (!key) return std::unexpected(key.error());
  if (const auto none = no_parameters(call); !none) return std::unexpected(none.error());
  return ShowDownload{*key, what};
}

Parsed<std::uint32_t> only_limit(const Call& call, std::uint32_t otherwise, std::uint32_t max) {
  for (const Parameter& parameter : call.parameters) {
    if (parameter.name != "limit") return bad_request("There is no parameter '" + parameter.name + "' here.");
    return parse_number(parameter, max);
  }
  return otherwise;
}

Parsed<Action> regressions(const Call& call) {
  const auto limit = only_limit(call, ShowRegressions{}.limit, kRegressionRowsMax);
  if (!limit) return std::unexpected(limit.error());
  return ShowRegressions{*limit};
}

Parsed<Action> target(const Call& call) {
  if (const auto none = no_parameters(call); !none) return std::unexpected(none.error());
  return ShowTarget{call.captured.front()};
}

Parsed<Action> corpus(const Call& call) {
  const auto limit = only_limit(call, ShowCorpus{}.limit, kCorpusEntriesMax);
  if (!limit) return std::unexpected(limit.error());
  return ShowCorpus{call.captured.front(), *limit};
}

Parsed<std::string> duplicate_of(const nlohmann::json& body, store::TriageState state) {
  auto key = text_member(body, "duplicate_of", {.bytes_max = kNameBytesMax});
  if (!key) return key;
  const bool is_duplicate = state == store::TriageState::kDuplicate;
  if (is_duplicate && !is_key(*key)) return bad_request("A duplicate needs 'duplicate_of', the key of a finding.");
  if (!is_duplicate && !key->empty()) return bad_request("Only a duplicate has 'duplicate_of'.");
  return key;
}

Parsed<Action> set_state(const Call& call) {
  const auto key = captured_key(call);
  if (!key) return std::unexpected(key.error());
  const auto body = parse_object(call.body, {"state", "duplicate_of", "author"});
  if (!body) return std::unexpected(body.error());
  const auto name = text_member(*body, "state", {.bytes_max = kNameBytesMax, .required = true});
  if (!name) return std::unexpected(name.error());
  const auto state = store::triage_state_from_name(*name);
  if (!state) return bad_request("The state is none of new, confirmed, fixed, wont-fix, duplicate, flaky.");
  const auto original = duplicate_of(*body, *state);
  if (!original) return std::unexpected(original.error());
  const auto author = text_member(*body, "author", {.bytes_max = kNameBytesMax});
  if (!author) return std::unexpected(author.error());
  return SetState{*key, *state, *original, *author};
}

Parsed<Action> add_note(const Call& call) {
  const auto key = captured_key(call);
  if (!key) return std::unexpected(key.error());
  const auto body = parse_object(call.body, {"text", "author"});
  if (!body) return std::unexpected(body.error());
  const auto text = text_member(*body, "text", {.bytes_max = kNoteBytesMax, .required = true});
  if (!text) return std::unexpected(text.error());
  const auto author = text_member(*body, "author", {.bytes_max = kNameBytesMax});
  if (!author) return std::unexpected(author.error());
  return AddNote{*key, *text, *author};
}

Parsed<Action> set_weight(const Call& call) {
  const std::string& digits = call.captured.front();
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), id);
  if (error != std::errc{} || end != digits.data() + digits.size() || id < 0) return not_found();
  const auto body = parse_object(call.body, {"weight"});
  if (!body) return std::unexpected(body.error());
  const auto weight = body->find("weight");
  if (weight == body->end() || !weight->is_number()) return bad_request("The member 'weight' is no number.");
  const double value = weight->get<double>();
  if (!std::isfinite(value) || value < 0 || value > kWeightMax) {
    return bad_request("The weight is not between 0 and 100.");
  }
  return SetWeight{store::CampaignId(id), value};
}

constexpr std::array kPages = {
    Route{{"get", "/"}, page},
    Route{{"get", "/findings"}, page},
    Route{{"get", "/findings/{key}"}, page},
    Route{{"get", "/regressions"}, page},
    Route{{"get", "/corpus"}, page},
    Route{{"get", "/targets/{name}"}, page},
    Route{{"get", "/api"}, page},
    Route{{"get", "/favicon.ico"}, plain<ShowNoIcon>},
    Route{{"get", "/healthz"}, plain<ShowHealth>},
    Route{{"get", "/metrics"}, plain<ShowMetrics>},
};

constexpr std::array kApi = {
    Route{{"get", "/api/v1/openapi.json"}, plain<ShowOpenApi>},
    Route{{"get", "/api/v1/events"}, plain<Listen>},
    Route{{"get", "/api/v1/overview"}, plain<ShowOverview>},
    Route{{"get", "/api/v1/findings"}, findings},
    Route{{"get", "/api/v1/findings/{key}"}, finding},
    Route{{"get", "/api/v1/findings/{key}/repro"}, download<Download::kRepro>},
    Route{{"get", "/api/v1/findings/{key}/input"}, download<Download::kInput>},
    Route{{"get", "/api/v1/findings/{key}/perfetto"}, download<Download::kPerfetto>},
    Route{{"get", "/api/v1/findings/{key}/test"}, download<Download::kTest>},
    Route{{"get", "/api/v1/findings/{key}/text"}, download<Download::kText>},
    Route{{"get", "/api/v1/findings/{key}/explanation"}, download<Download::kExplanation>},
    Route{{"post", "/api/v1/findings/{key}/state"}, set_state},
    Route{{"post", "/api/v1/findings/{key}/notes"}, add_note},
    Route{{"post", "/api/v1/campaigns/{id}/weight"}, set_weight},
    Route{{"get", "/api/v1/regressions"}, regressions},
    Route{{"get", "/api/v1/targets"}, plain<ShowTargets>},
    Route{{"get", "/api/v1/targets/{name}"}, target},
    Route{{"get", "/api/v1/corpus"}, plain<ShowCorpora>},
    Route{{"get", "/api/v1/corpus/{target}"}, corpus},
};

// What stands for the parts in braces; nothing if the path is another one.
std::optional<std::vector<std::string>> match(std::string_view pattern, std::span<const std::string> segments) {
  std::vector<std::string> captured;
  pattern.remove_prefix(1);
  for (const std::string& segment : segments) {
    if (pattern.empty()) return std::nullopt;
    const std::string_view part = pattern.substr(0, pattern.find('/'));
    pattern.remove_prefix(std::min(pattern.size(), part.size() + 1));
    if (part.starts_with('{')) {
      captured.push_back(segment);
    } else if (part != segment) {
      return std::nullopt;
    }
  }
  if (!pattern.empty()) return std::nullopt;
  return captured;
}

std::optional<Action> static_file(std::span<const std::string> segments) {
  if (segments.size() < 2 || segments.front() != "static") return std::nullopt;
  std::string path;
  for (const std::string& segment : segments.subspan(1)) path += (path.empty() ? "" : "/") + segment;
  return ShowStatic{path};
}

std::string_view method_name(Method method) {
  switch (method) {
    case Method::kGet:
    case Method::kHead:
      return "get";
    case Method::kPost:
      return "post";
    case Method::kOther:
      return "";
  }
  return "";
}

std::unexpected<ApiError> wrong_method(std::string_view allowed) {
  return std::unexpected(ApiError{405, "method", "The address has no such method.",
                                  allowed == "get" ? std::string("GET, HEAD") : std::string("POST")});
}

Parsed<Action> parse_with(const Route& route, const Call& call, const Request& request, const AccessRules& rules) {
  if (method_name(request.method) != route.name.method) return wrong_method(route.name.method);
  if (request.method == Method::kPost) {
    if (auto error = refuse_write(request, rules)) return std::unexpected(*std::move(error));
    if (const auto none = no_parameters(call); !none) return std::unexpected(none.error());
  }
  return route.parse(call);
}

}  // namespace

Parsed<Action> parse_request(const Request& request, const AccessRules& rules) {
  if (auto error = refuse_request(request, rules)) return std::unexpected(*std::move(error));
  const auto url = parse_target(request.target);
  if (!url) return std::unexpected(url.error());
  if (auto file = static_file(url->segments)) {
    if (method_name(request.method) != "get") return wrong_method("get");
    return *std::move(file);
  }
  for (const std::span<const Route> table : {std::span<const Route>(kPages), std::span<const Route>(kApi)}) {
    for (const Route& route : table) {
      auto captured = match(route.name.path, url->segments);
      if (captured) return parse_with(route, {*std::move(captured), url->parameters, request.body}, request, rules);
    }
  }
  return not_found();
}

namespace {

struct ClassOf {
  RouteClass operator()(const ShowPage&) const { return RouteClass::kPage; }
  RouteClass operator()(const ShowStatic&) const { return RouteClass::kStatic; }
  RouteClass operator()(const ShowNoIcon&) const { return RouteClass::kStatic; }
  RouteClass operator()(const ShowHealth&) const { return RouteClass::kHealth; }
  RouteClass operator()(const ShowMetrics&) const { return RouteClass::kMetrics; }
  RouteClass operator()(const Listen&) const { return RouteClass::kEvents; }
  RouteClass operator()(const ShowDownload&) const { return RouteClass::kDownload; }
  RouteClass operator()(const SetState&) const { return RouteClass::kWrite; }
  RouteClass operator()(const AddNote&) const { return RouteClass::kWrite; }
  RouteClass operator()(const SetWeight&) const { return RouteClass::kWrite; }
  template <typename Shown>
  RouteClass operator()(const Shown&) const {
    return RouteClass::kRead;
  }
};

}  // namespace

RouteClass route_class(const Action& action) {
  return std::visit(ClassOf{}, action);
}

std::span<const RouteName> api_routes() {
  static constexpr auto kNames = [] {
    std::array<RouteName, kApi.size()> names{};
    std::ranges::transform(kApi, names.begin(), &Route::name);
    return names;
  }();
  return kNames;
}

std::string_view route_class_name(RouteClass route) {
  switch (route) {
    case RouteClass::kPage:
      return "page";
    case RouteClass::kStatic:
      return "static";
    case RouteClass::kRead:
      return "read";
    case RouteClass::kDownload:
      return "download";
    case RouteClass::kWrite:
      return "write";
    case RouteClass::kEvents:
      return "events";
    case RouteClass::kMetrics:
      return "metrics";
    case RouteClass::kHealth:
      return "health";
    case RouteClass::kRefused:
      return "refused";
  }
  return "refused";
}

}  // namespace gridlock::dashboard
