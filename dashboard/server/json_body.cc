#include "dashboard/server/json_body.h"

#include <algorithm>

#include "dashboard/server/limits.h"

namespace gridlock::dashboard {
namespace {

bool is_plain_text(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) || c == '\n' || c == '\r' || c == '\t';
  });
}

}  // namespace

bool is_shallow(std::string_view json, std::size_t depth_max) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t at = 0; at < json.size(); ++at) {
    const char c = json[at];
    if (in_string) {
      if (c == '\\') ++at;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > depth_max) return false;
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return true;
}

Parsed<nlohmann::json> parse_object(std::string_view body, std::initializer_list<std::string_view> members) {
  if (!is_shallow(body, kJsonDepthMax)) return bad_request("The body is nested too deeply.");
  auto object = nlohmann::json::parse(body, nullptr, false);
  if (!object.is_object()) return bad_request("The body is no JSON object.");
  for (const auto& [name, value] : object.items()) {
    if (std::ranges::find(members, std::string_view(name)) == members.end()) {
      return bad_request("The body has a member that is not known here.");
    }
  }
  return object;
}

Parsed<std::string> text_member(const nlohmann::json& object, const std::string& name, TextRule rule) {
  const auto found = object.find(name);
  if (found == object.end()) {
    if (rule.required) return bad_request("The member '" + name + "' is missing.");
    return std::string{};
  }
  if (!found->is_string()) return bad_request("The member '" + name + "' is no text.");
  const auto& text = found->get_ref<const std::string&>();
  if (rule.required && text.empty()) return bad_request("The member '" + name + "' is empty.");
  if (text.size() > rule.bytes_max) return bad_request("The member '" + name + "' is too long.");
  if (!is_plain_text(text)) return bad_request("The member '" + name + "' has control characters in it.");
  return text;
}

}  // namespace gridlock::dashboard
