// Who may ask: decided from headers alone, before anything else of a request is looked at.
//
// - DNS rebinding: a page of another site can make its own name point to this machine. Its requests carry that name as
//   Host, so only names that the server knows, "localhost" and plain IP addresses are answered.
// - Cross-site writing: a form of another site cannot send `X-Gridlock` or `application/json` without being asked first
//   by the browser, which no answer here permits. `Origin`, if it is there, must be the server's own.
// - Beyond loopback every write needs `Authorization: Bearer TOKEN`.
//
// Pure. May include: nothing of the engine.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dashboard/server/api_error.h"
#include "dashboard/server/request.h"

namespace gridlock::dashboard {

struct AccessRules {
  std::string token;                    // empty: none is asked for
  std::vector<std::string> host_names;  // in lower case, besides "localhost" and IP addresses
};

// True for 127.0.0.0/8, ::1 and "localhost".
[[nodiscard]] bool is_loopback(std::string_view address);

// In a time that depends on the lengths alone.
[[nodiscard]] bool same_secret(std::string_view a, std::string_view b);

// Why the request is not answered, whatever it asks for; nothing if it may be.
[[nodiscard]] std::optional<ApiError> refuse_request(const Request& request, const AccessRules& rules);
// Why it may change nothing; nothing if it may. REQUIRES: refuse_request has let it pass.
[[nodiscard]] std::optional<ApiError> refuse_write(const Request& request, const AccessRules& rules);

}  // namespace gridlock::dashboard
