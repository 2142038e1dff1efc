// Any bytes at all as a request: they end somewhere or are refused, and what they ask for is an action with all its
// values within their bounds, or an error that is good JSON. Built with -fsanitize=fuzzer,address; run by the test
// suite.
//
// May include: base, model, store.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <variant>

#include "dashboard/server/answer.h"
#include "dashboard/server/finding_query.h"
#include "dashboard/server/framing.h"
#include "dashboard/server/limits.h"
#include "dashboard/server/route.h"
#include "dashboard/server/url.h"
#include "dashboard/server/utf8.h"
#include "engine/base/check.h"

namespace gridlock::dashboard {
namespace {

const std::string kKey = "0123456789abcdef";

// Honest requests: nearly all errors of a parser are a few bytes away from one of these, and few are near random bytes.
struct Example {
  Method method;
  std::string target;
  std::string body;
};
const std::array<Example, 8> kExamples = {{
    {Method::kGet,
     "/api/v1/findings?verdict=hang&target=a%20b&state=new&sort=target&order=asc&offset=10&limit=20&q=%3C", ""},
    {Method::kGet, "/api/v1/findings/" + kKey + "/perfetto", ""},
    {Method::kGet, "/static/lanes/draw.js", ""},
    {Method::kGet, "/api/v1/corpus/ticket?limit=5", ""},
    {Method::kPost, "/api/v1/findings/" + kKey + "/state",
     R"({"state":"duplicate","duplicate_of":"fedcba9876543210","author":"\u00e9"})"},
    {Method::kPost, "/api/v1/findings/" + kKey + "/notes", R"({"text":"line\nline \ud83d\ude00","author":""})"},
    {Method::kPost, "/api/v1/campaigns/12/weight", R"({"weight":1.5e0})"},
    {Method::kGet, "/targets/ticket?tab=corpus", ""},
}};

struct CheckAction {
  void operator()(const ShowStatic& file) const {
    GRIDLOCK_CHECK(!file.path.empty() && !file.path.starts_with('/') && !file.path.contains('\0'));
    GRIDLOCK_CHECK(!("/" + file.path + "/").contains("/../"));
  }
  void operator()(const ShowFindings& shown) const {
    GRIDLOCK_CHECK(shown.query.limit <= store::kFindingsPageMax && shown.query.offset <= kOffsetMax);
    GRIDLOCK_CHECK(shown.query.text.size() <= kSearchBytesMax && is_utf8(shown.query.text));
  }
  void operator()(const ShowCorpus& corpus) const { GRIDLOCK_CHECK(corpus.limit <= kCorpusEntriesMax); }
  void operator()(const ShowRegressions& shown) const { GRIDLOCK_CHECK(shown.limit <= kRegressionRowsMax); }
  void operator()(const ShowFinding& finding) const { GRIDLOCK_CHECK(is_key(finding.key)); }
  void operator()(const ShowDownload& download) const { GRIDLOCK_CHECK(is_key(download.key)); }
  void operator()(const SetState& change) const {
    GRIDLOCK_CHECK(is_key(change.key) && change.author.size() <= kNameBytesMax && is_utf8(change.author));
    GRIDLOCK_CHECK(is_key(change.duplicate_of) == (change.state == store::TriageState::kDuplicate));
  }
  void operator()(const AddNote& note) const {
    GRIDLOCK_CHECK(is_key(note.key) && !note.text.empty() && note.text.size() <= kNoteBytesMax);
    GRIDLOCK_CHECK(is_utf8(note.text) && !note.text.contains('\0'));
  }
  void operator()(const SetWeight& weight) const {
    GRIDLOCK_CHECK(weight.weight >= 0 && weight.weight <= kWeightMax && weight.campaign.value() >= 0);
  }
  template <typename Other>
  void operator()(const Other&) const {}
};

void check_request(const Request& request, const AccessRules& rules) {
  const auto action = parse_request(request, rules);
  if (action) {
    std::visit(CheckAction{}, *action);
    GRIDLOCK_CHECK(rules.token.empty() || route_class(*action) != RouteClass::kWrite);
    return;
  }
  const Answer answer = error_answer(action.error());
  GRIDLOCK_CHECK(answer.status >= 400 && answer.status < 500);
  GRIDLOCK_CHECK(nlohmann::json::accept(answer.body) && is_utf8(answer.body));
}

Request honest(Method method, std::string target, std::string body) {
  return {.method = method,
          .target = std::move(target),
          .body = std::move(body),
          .host = "localhost",
          .content_type = "application/json",
          .x_gridlock = "1"};
}

// "target\nbody", both as any method, and with the bytes as headers.
void check_parts(std::string_view bytes) {
  const std::size_t end = bytes.find('\n');
  const std::string target(bytes.substr(0, end));
  const std::string body(end == std::string_view::npos ? std::string_view{} : bytes.substr(end + 1));
  for (const Method method : {Method::kGet, Method::kPost, Method::kOther}) {
    check_request(honest(method, target, body), {});
  }
  Request headers = honest(Method::kPost, "/api/v1/campaigns/1/weight", R"({"weight":1})");
  headers.host = target;
  headers.origin = body;
  check_request(headers, {});
  headers = honest(Method::kPost, "/api/v1/campaigns/1/weight", R"({"weight":1})");
  headers.authorization = body;
  check_request(headers, {.token = "a secret that no input has: 0f6c1e", .host_names = {target}});
}

void check_damaged(std::string_view bytes) {
  if (bytes.size() < 4) return;
  const auto number = [&](std::size_t at) { return static_cast<std::size_t>(static_cast<unsigned char>(bytes[at])); };
  const Example& example = kExamples.at(number(0) % kExamples.size());
  std::string target = example.target;
  std::string body = example.body;
  std::string& damaged = body.empty() || number(1) % 4 == 0 ? target : body;
  damaged.replace(number(2) % damaged.size(), number(1) % 3, bytes.substr(3));
  check_request(honest(example.method, target, body), {});
}

void check_framing(std::string_view bytes) {
  const Framing framing = frame_request(bytes);
  switch (framing.state) {
    case Framing::State::kMore:
      GRIDLOCK_CHECK(bytes.size() < kHeadBytesMax + kBodyBytesMax);
      break;
    case Framing::State::kComplete:
      GRIDLOCK_CHECK(framing.head_bytes + framing.body_bytes <= bytes.size());
      GRIDLOCK_CHECK(framing.head_bytes <= kHeadBytesMax && framing.body_bytes <= kBodyBytesMax);
      // What comes behind a request changes nothing about it.
      GRIDLOCK_CHECK(frame_request(bytes.substr(0, framing.head_bytes + framing.body_bytes)) == framing);
      break;
    case Framing::State::kRefused:
      GRIDLOCK_CHECK(framing.status >= 400 && framing.status < 600 && !framing.why.empty());
      break;
  }
}

void check_framed(std::string_view bytes) {
  check_framing(bytes);
  const std::string_view first = bytes.substr(0, bytes.size() / 2);
  const std::string_view rest = bytes.substr(first.size());
  check_framing("POST /api/v1/overview HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n" + std::string(first) + "\r\n\r\n" +
                std::string(rest));
}

}  // namespace
}  // namespace gridlock::dashboard

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  gridlock::dashboard::check_framed(bytes);
  gridlock::dashboard::check_parts(bytes);
  gridlock::dashboard::check_damaged(bytes);
  return 0;
}
