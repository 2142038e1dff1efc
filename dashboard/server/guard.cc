#include "dashboard/server/guard.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace gridlock::dashboard {
namespace {

std::string lower(std::string_view text) {
  std::string lowered(text);
  std::ranges::transform(lowered, lowered.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lowered;
}

// "localhost" of "localhost:8080", "::1" of "[::1]:8080"; any port, since a forwarded one is another than ours.
std::string host_name(std::string_view host) {
  if (host.starts_with('[')) {
    const std::size_t end = host.find(']');
    return end == std::string_view::npos ? std::string{} : lower(host.substr(1, end - 1));
  }
  return lower(host.substr(0, host.find(':')));
}

bool is_address(const std::string& name) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  return inet_pton(AF_INET, name.c_str(), bytes.data()) == 1 || inet_pton(AF_INET6, name.c_str(), bytes.data()) == 1;
}

bool is_known_host(std::string_view host, const AccessRules& rules) {
  const std::string name = host_name(host);
  return name == "localhost" || is_address(name) || std::ranges::find(rules.host_names, name) != rules.host_names.end();
}

bool is_own_origin(const Request& request) {
  const std::string origin = lower(*request.origin);
  const std::string host = lower(*request.host);
  return origin == "http://" + host || origin == "https://" + host;
}

bool is_json(std::string_view content_type) {
  std::string_view type = content_type.substr(0, content_type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  return lower(type) == "application/json";
}

}  // namespace

bool is_loopback(std::string_view address) {
  const std::string name(address);
  in_addr four{};
  if (inet_pton(AF_INET, name.c_str(), &four) == 1) return (ntohl(four.s_addr) >> 24) == 127;
  in6_addr six{};
  if (inet_pton(AF_INET6, name.c_str(), &six) == 1) return IN6_IS_ADDR_LOOPBACK(&six);
  return name == "localhost";
}

bool same_secret(std::string_view a, std::string_view b) {
  unsigned difference = a.size() == b.size() ? 0 : 1;
  for (std::size_t at = 0; at < a.size() && at < b.size(); ++at) {
    difference |= static_cast<unsigned>(static_cast<unsigned char>(a[at]) ^ static_cast<unsigned char>(b[at]));
  }
  return difference == 0;
}

std::optional<ApiError> refuse_request(const Request& request, const AccessRules& rules) {
  if (request.ambiguous) return ApiError{400, "bad-request", "A header that is looked at is there twice.", {}};
  if (!request.host) return ApiError{400, "bad-request", "There is no Host header.", {}};
  if (!is_known_host(*request.host, rules)) {
    return ApiError{421,
                    "unknown-host",
                    "The server does not know itself by this name; `gridlock serve --host-name NAME` teaches it.",
                    {}};
  }
  return std::nullopt;
}

std::optional<ApiError> refuse_write(const Request& request, const AccessRules& rules) {
  if (request.origin && !is_own_origin(request)) {
    return ApiError{403, "cross-site", "A page of another site may not write.", {}};
  }
  if (request.x_gridlock != "1") {
    return ApiError{403, "cross-site", "Writing needs the header 'X-Gridlock: 1'.", {}};
  }
  if (!request.content_type || !is_json(*request.content_type)) {
    return ApiError{415, "not-json", "Writing needs 'Content-Type: application/json'.", {}};
  }
  if (rules.token.empty()) return std::nullopt;
  if (!request.authorization || !same_secret(*request.authorization, "Bearer " + rules.token)) {
    return ApiError{401, "token", "Writing needs 'Authorization: Bearer TOKEN' with the server's token.", {}};
  }
  return std::nullopt;
}

}  // namespace gridlock::dashboard
