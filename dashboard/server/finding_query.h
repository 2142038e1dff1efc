// The parameters of the list of findings: the same in the page's address and in the API's.
//
// Pure. May include: model, store.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "dashboard/server/api_error.h"
#include "dashboard/server/url.h"
#include "engine/store/records.h"

namespace gridlock::dashboard {

// ERRORS: 400 for a parameter that is not known, or a value that is none of its values; the message lists them.
[[nodiscard]] Parsed<store::FindingQuery> parse_finding_query(std::span<const Parameter> parameters);

// A number in decimal digits between 0 and `max`. ERRORS: 400.
[[nodiscard]] Parsed<std::uint32_t> parse_number(const Parameter& parameter, std::uint32_t max);

// True for what a finding's key can be: 16 hexadecimal digits in lower case.
[[nodiscard]] bool is_key(std::string_view text);

}  // namespace gridlock::dashboard
