// Why a request is refused, as the client is told: a status, a word for programs, a sentence for people.
//
// Values only. May include: nothing of the engine.
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace gridlock::dashboard {

struct ApiError {
  int status = 500;
  std::string code;     // a word that never changes: "not-found"
  std::string message;  // one sentence
  std::string allow;    // with 405: the methods that the path has
  bool operator==(const ApiError&) const = default;
};

template <typename T>
using Parsed = std::expected<T, ApiError>;

[[nodiscard]] inline std::unexpected<ApiError> refused(int status, std::string code, std::string message) {
  return std::unexpected(ApiError{status, std::move(code), std::move(message), {}});
}

[[nodiscard]] inline std::unexpected<ApiError> bad_request(std::string message) {
  return refused(400, "bad-request", std::move(message));
}

[[nodiscard]] inline std::unexpected<ApiError> not_found() {
  return refused(404, "not-found", "There is nothing at this address.");
}

}  // namespace gridlock::dashboard
