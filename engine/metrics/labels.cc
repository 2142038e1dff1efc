#include "engine/metrics/labels.h"

#include <cstdint>

namespace gridlock::metrics {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

// Bytes of the well-formed UTF-8 character (Unicode 15, table 3-7) that the text begins with; 0: of none.
std::size_t character_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const auto follows = [&](std::size_t i, std::uint8_t low = 0x80, std::uint8_t high = 0xBF) {
    return i < text.size() && byte(i) >= low && byte(i) <= high;
  };
  const std::uint8_t first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return follows(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const std::uint8_t low = first == 0xE0 ? 0xA0 : 0x80;   // no overlong form
    const std::uint8_t high = first == 0xED ? 0x9F : 0xBF;  // no surrogate
    return follows(1, low, high) && follows(2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const std::uint8_t low = first == 0xF0 ? 0x90 : 0x80;
    const std::uint8_t high = first == 0xF4 ? 0x8F : 0xBF;  // nothing beyond U+10FFFF
    return follows(1, low, high) && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

bool is_control(char c) {
  const auto byte = static_cast<std::uint8_t>(c);
  return (byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7F;
}

bool is_escaped(char c) {
  return c == '%' || c == ',' || c == '=' || static_cast<std::uint8_t>(c) < 0x20;
}

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

std::string escaped(std::string_view value) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text;
  for (const char c : value) {
    if (!is_escaped(c)) {
      text += c;
      continue;
    }
    const auto byte = static_cast<std::uint8_t>(c);
    text += '%';
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::optional<std::string> unescaped(std::string_view text) {
  std::string value;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      if (is_escaped(text[i])) return std::nullopt;
      value += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const auto high = hex_digit(text[i + 1]);
    const auto low = hex_digit(text[i + 2]);
    if (!high || !low) return std::nullopt;
    value += static_cast<char>(*high * 16 + *low);
    i += 2;
  }
  return value;
}

}  // namespace

std::string clean_label_value(std::string_view value) {
  if (value.empty()) return std::string(kEmptyLabel);
  std::string clean;
  while (!value.empty()) {
    const std::size_t length = character_length(value);
    const bool keep = length != 0 && !is_control(value[0]);
    const std::string_view next = keep ? value.substr(0, length) : kReplacement;
    if (clean.size() + next.size() > kLabelBytesMax) break;
    clean += next;
    value.remove_prefix(length == 0 ? 1 : length);
  }
  return clean;
}

std::string label_text(const prometheus::Labels& labels) {
  std::string text;
  for (const auto& [name, value] : labels) {
    if (!text.empty()) text += ',';
    text += name + '=' + escaped(value);
  }
  return text;
}

std::optional<prometheus::Labels> parse_label_text(std::string_view text) {
  if (text.size() > kLabelTextBytesMax) return std::nullopt;
  prometheus::Labels labels;
  if (text.empty()) return labels;
  for (;;) {
    const std::size_t comma = text.find(',');
    const std::string_view label = text.substr(0, comma);
    const std::size_t equals = label.find('=');
    if (equals == std::string_view::npos || equals == 0) return std::nullopt;
    auto value = unescaped(label.substr(equals + 1));
    if (!value || !labels.emplace(label.substr(0, equals), std::move(*value)).second) return std::nullopt;
    if (comma == std::string_view::npos) return labels;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace gridlock::metrics
