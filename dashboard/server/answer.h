// What goes back to a client, before it is HTTP.
//
// Values only. May include: nothing of the engine.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "dashboard/server/api_error.h"

namespace gridlock::dashboard {

struct Answer {
  int status = 200;
  std::string content_type;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  bool listens = false;  // the connection stays open and is told of events; there is no body
};

[[nodiscard]] Answer json_answer(std::string body);
[[nodiscard]] Answer error_answer(const ApiError& error);

}  // namespace gridlock::dashboard
