#include "dashboard/server/answer.h"

#include <nlohmann/json.hpp>

namespace gridlock::dashboard {

Answer json_answer(std::string body) {
  Answer answer{.content_type = "application/json; charset=utf-8", .body = std::move(body)};
  answer.headers.emplace_back("Cache-Control", "no-store");
  return answer;
}

Answer error_answer(const ApiError& error) {
  const nlohmann::json document = {{"error", {{"code", error.code}, {"message", error.message}}}};
  Answer answer = json_answer(document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  answer.status = error.status;
  if (!error.allow.empty()) answer.headers.emplace_back("Allow", error.allow);
  if (error.status == 401) answer.headers.emplace_back("WWW-Authenticate", "Bearer");
  if (error.status == 429 || error.status == 503) answer.headers.emplace_back("Retry-After", "1");
  return answer;
}

}  // namespace gridlock::dashboard
