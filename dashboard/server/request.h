// A request as the dashboard looks at it: what the HTTP library read, without the library.
//
// Values only. May include: nothing of the engine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace gridlock::dashboard {

enum class Method : std::uint8_t { kGet, kHead, kPost, kOther };

struct Request {
  Method method = Method::kGet;
  std::string target;  // path and query as they were sent, still encoded
  std::string body;
  // Headers; nothing if it was not sent.
  std::optional<std::string> host;
  std::optional<std::string> origin;
  std::optional<std::string> content_type;
  std::optional<std::string> authorization;
  std::optional<std::string> x_gridlock;
  std::optional<std::string> if_none_match;
  bool ambiguous = false;  // one of these was sent twice
};

}  // namespace gridlock::dashboard
