#include "dashboard/server/url.h"

#include <algorithm>
#include <optional>

#include "dashboard/server/limits.h"
#include "dashboard/server/utf8.h"

namespace gridlock::dashboard {
namespace {

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return std::nullopt;
}

// Nothing if a percent sign is not followed by two hexadecimal digits.
std::optional<std::string> percent_decoded(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      decoded += text[at];
      continue;
    }
    if (at + 2 >= text.size()) return std::nullopt;
    const auto high = hex_digit(text[at + 1]);
    const auto low = hex_digit(text[at + 2]);
    if (!high || !low) return std::nullopt;
    decoded += static_cast<char>(*high << 4 | *low);
    at += 2;
  }
  return decoded;
}

bool has_control_characters(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

bool is_printable_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

bool is_honest_segment(std::string_view segment) {
  return !segment.empty() && segment != "." && segment != ".." && !has_control_characters(segment) &&
         segment.find_first_of("/\\%") == std::string_view::npos && is_utf8(segment);
}

Parsed<std::vector<std::string>> parse_path(std::string_view path) {
  std::vector<std::string> segments;
  path.remove_prefix(1);
  if (path.empty()) return segments;
  while (true) {
    const std::size_t end = path.find('/');
    auto segment = percent_decoded(path.substr(0, end));
    if (!segment || !is_honest_segment(*segment) || segments.size() == kPathSegmentsMax) return not_found();
    segments.push_back(std::move(*segment));
    if (end == std::string_view::npos) return segments;
    path.remove_prefix(end + 1);
  }
}

Parsed<std::string> query_word(std::string_view text) {
  std::string spaced(text);
  std::ranges::replace(spaced, '+', ' ');
  auto decoded = percent_decoded(spaced);
  if (!decoded || has_control_characters(*decoded) || !is_utf8(*decoded)) {
    return bad_request("A parameter is not percent-encoded UTF-8 text.");
  }
  return std::move(*decoded);
}

Parsed<std::vector<Parameter>> parse_query(std::string_view query) {
  std::vector<Parameter> parameters;
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    auto name = query_word(pair.substr(0, equals));
    auto value = query_word(equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1));
    if (!name) return std::unexpected(name.error());
    if (!value) return std::unexpected(value.error());
    if (parameters.size() == kParametersMax) return bad_request("There are too many parameters.");
    if (std::ranges::find(parameters, *name, &Parameter::name) != parameters.end()) {
      return bad_request("The parameter '" + *name + "' is there twice.");
    }
    parameters.push_back({std::move(*name), std::move(*value)});
  }
  return parameters;
}

}  // namespace

Parsed<Url> parse_target(std::string_view target) {
  if (target.size() > kTargetBytesMax) return refused(414, "uri-too-long", "The address is too long.");
  if (!target.starts_with('/') || !is_printable_ascii(target) || target.contains('#')) return not_found();
  const std::size_t mark = target.find('?');
  auto segments = parse_path(target.substr(0, mark));
  if (!segments) return std::unexpected(segments.error());
  auto parameters = parse_query(mark == std::string_view::npos ? std::string_view{} : target.substr(mark + 1));
  if (!parameters) return std::unexpected(parameters.error());
  return Url{std::move(*segments), std::move(*parameters)};
}

}  // namespace gridlock::dashboard
