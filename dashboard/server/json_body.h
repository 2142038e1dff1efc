// The JSON object that a request's body is, or why it is none. Nesting is counted before anything is parsed, so that no
// body can make a parser or a destructor recurse far.
//
// Pure. May include: nothing of the engine.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "dashboard/server/api_error.h"

namespace gridlock::dashboard {

// True if brackets and braces outside of strings are never open more than `depth_max` deep.
[[nodiscard]] bool is_shallow(std::string_view json, std::size_t depth_max);

// ERRORS: 400 if the body is no object, is nested too deeply, or has a member that is not among `members`.
[[nodiscard]] Parsed<nlohmann::json> parse_object(std::string_view body,
                                                  std::initializer_list<std::string_view> members);

// The text of a member; empty if it is not there and not `required`.
// ERRORS: 400 if it is no text, longer than `bytes_max`, or has control characters besides line ends and tabs.
struct TextRule {
  std::size_t bytes_max = 0;
  bool required = false;
};
[[nodiscard]] Parsed<std::string> text_member(const nlohmann::json& object, const std::string& name, TextRule rule);

}  // namespace gridlock::dashboard
