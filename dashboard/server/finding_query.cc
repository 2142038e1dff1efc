#include "dashboard/server/finding_query.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "dashboard/server/limits.h"
#include "engine/model/verdict.h"

namespace gridlock::dashboard {
namespace {

using Order = store::FindingQuery::Order;
constexpr std::array<std::pair<std::string_view, Order>, 6> kOrders = {{{"last_seen", Order::kLastSeen},
                                                                        {"first_seen", Order::kFirstSeen},
                                                                        {"sightings", Order::kSightings},
                                                                        {"target", Order::kTarget},
                                                                        {"verdict", Order::kVerdict},
                                                                        {"decisions", Order::kDecisions}}};

Parsed<void> none_of(const Parameter& parameter) {
  return bad_request("The parameter '" + parameter.name + "' has a value that is not known.");
}

// Sets `field` from a name; an empty value asks for all, as a form's first choice does.
template <typename T, typename FromName>
Parsed<void> read_name(const Parameter& parameter, std::optional<T>& field, FromName from_name) {
  if (parameter.value.empty()) return {};
  field = from_name(parameter.value);
  if (!field) return none_of(parameter);
  return {};
}

Parsed<void> read_text(const Parameter& parameter, std::string& field, std::size_t bytes_max) {
  if (parameter.value.size() > bytes_max) return bad_request("The parameter '" + parameter.name + "' is too long.");
  field = parameter.value;
  return {};
}

Parsed<void> read_number(const Parameter& parameter, std::uint32_t& field, std::uint32_t max) {
  const auto number = parse_number(parameter, max);
  if (!number) return std::unexpected(number.error());
  field = *number;
  return {};
}

Parsed<void> read_canary(const Parameter& parameter, std::optional<bool>& field) {
  if (parameter.value != "0" && parameter.value != "1") return none_of(parameter);
  field = parameter.value == "1";
  return {};
}

Parsed<void> read_sort(const Parameter& parameter, Order& field) {
  const auto* const found = std::ranges::find(kOrders, parameter.value, &std::pair<std::string_view, Order>::first);
  if (found == kOrders.end()) return none_of(parameter);
  field = found->second;
  return {};
}

Parsed<void> read_direction(const Parameter& parameter, bool& descending) {
  if (parameter.value != "asc" && parameter.value != "desc") return none_of(parameter);
  descending = parameter.value == "desc";
  return {};
}

Parsed<void> read_parameter(const Parameter& parameter, store::FindingQuery& query) {
  const std::string_view name = parameter.name;
  if (name == "verdict") return read_name(parameter, query.verdict, verdict_from_name);
  if (name == "state") return read_name(parameter, query.state, store::triage_state_from_name);
  if (name == "regression") return read_name(parameter, query.regression, store::regression_state_from_name);
  if (name == "target") return read_text(parameter, query.target, kNameBytesMax);
  if (name == "variant") return read_text(parameter, query.variant, kNameBytesMax);
  if (name == "q") return read_text(parameter, query.text, kSearchBytesMax);
  if (name == "canary") return read_canary(parameter, query.is_canary);
  if (name == "sort") return read_sort(parameter, query.order);
  if (name == "order") return read_direction(parameter, query.descending);
  if (name == "offset") return read_number(parameter, query.offset, kOffsetMax);
  if (name == "limit") return read_number(parameter, query.limit, store::kFindingsPageMax);
  return bad_request("There is no parameter '" + parameter.name + "' here.");
}

}  // namespace

Parsed<store::FindingQuery> parse_finding_query(std::span<const Parameter> parameters) {
  store::FindingQuery query;
  for (const Parameter& parameter : parameters) {
    if (const auto read = read_parameter(parameter, query); !read) return std::unexpected(read.error());
  }
  return query;
}

Parsed<std::uint32_t> parse_number(const Parameter& parameter, std::uint32_t max) {
  std::uint32_t number = 0;
  const char* const end = parameter.value.data() + parameter.value.size();
  const auto [stopped, error] = std::from_chars(parameter.value.data(), end, number);
  if (error != std::errc{} || stopped != end || number > max) {
    return bad_request("The parameter '" + parameter.name + "' is no number from 0 to " + std::to_string(max) + ".");
  }
  return number;
}

bool is_key(std::string_view text) {
  return text.size() == 16 &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace gridlock::dashboard
