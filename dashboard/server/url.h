// A request's target ("/findings/0a1b?sort=target") in its parts, decoded once and never again.
//
// A path is refused rather than put right: what decodes to a slash, a dot folder, a NUL, another control character or a
// further percent sign is nobody's honest address, so it is 404. A query that cannot be decoded is 400.
//
// Pure. May include: nothing of the engine.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dashboard/server/api_error.h"

namespace gridlock::dashboard {

struct Parameter {
  std::string name;
  std::string value;
  bool operator==(const Parameter&) const = default;
};

struct Url {
  std::vector<std::string> segments;  // of the path; none for "/"
  std::vector<Parameter> parameters;  // in their order, each name once
  bool operator==(const Url&) const = default;
};

// ERRORS: 404, 414 for the path; 400 for the query.
[[nodiscard]] Parsed<Url> parse_target(std::string_view target);

}  // namespace gridlock::dashboard
