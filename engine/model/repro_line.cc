// Bytes, words and marks of one line of a repro. May include: base.
#include "engine/model/repro_line.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "engine/model/repro_text.h"

namespace gridlock {
namespace {

constexpr std::size_t kFoundBytesMax = 40;  // of a word that an error repeats

constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

constexpr bool is_word_character(char c) {
  return c > ' ' && c <= '~' && std::string_view("(),;:#").find(c) == std::string_view::npos;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// The length of the character of text at the start of `bytes`, 0 if there is none: the well-formed sequences of the
// Unicode Standard 15.0, table 3-7, without control characters but the tab. REQUIRES: bytes is not empty.
std::size_t character_length(std::string_view bytes) {
  const auto at = [&](std::size_t i) { return i < bytes.size() ? static_cast<std::uint8_t>(bytes[i]) : 0u; };
  const auto continues = [&](std::size_t i) { return (at(i) & 0xc0) == 0x80; };
  const unsigned first = at(0);
  if (first < 0x80) return first == '\t' || (first >= ' ' && first != 0x7f) ? 1 : 0;
  if (first >= 0xc2 && first <= 0xdf) return continues(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    const bool overlong = first == 0xe0 && at(1) < 0xa0;
    const bool surrogate = first == 0xed && at(1) > 0x9f;
    return continues(1) && continues(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    const bool overlong = first == 0xf0 && at(1) < 0x90;
    const bool too_large = first == 0xf4 && at(1) > 0x8f;
    return continues(1) && continues(2) && continues(3) && !overlong && !too_large ? 4 : 0;
  }
  return 0;
}

constexpr std::string_view kHexDigits = "0123456789abcdef";

// The character that the escape behind the backslash at `at` means, and `at` moved to its last byte.
std::optional<char> escaped(std::string_view line, std::size_t& at) {
  const char kind = at + 1 < line.size() ? line[at + 1] : '\0';
  if (kind == '"' || kind == '\\') {
    ++at;
    return kind;
  }
  if (kind != 'x' || at + 3 >= line.size()) return std::nullopt;
  const std::size_t high = kHexDigits.find(line[at + 2]);
  const std::size_t low = kHexDigits.find(line[at + 3]);
  if (high == std::string_view::npos || low == std::string_view::npos || (high == 0 && low == 0)) return std::nullopt;
  at += 3;
  return static_cast<char>(high << 4 | low);
}

}  // namespace

std::size_t first_byte_not_text(std::string_view line) {
  for (std::size_t at = 0; at < line.size();) {
    const std::size_t length = character_length(line.substr(at));
    if (length == 0) return at;
    at += length;
  }
  return std::string_view::npos;
}

std::string one_line(std::string_view text) {
  std::string line;
  while (!text.empty()) {
    const std::size_t good = first_byte_not_text(text);
    line += text.substr(0, good);
    if (good == std::string_view::npos) break;
    line += ' ';
    text.remove_prefix(good + 1);
  }
  return std::string(trimmed(line));
}

std::string quoted(std::string_view text) {
  const bool is_text = first_byte_not_text(text) == std::string_view::npos;
  std::string result = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (byte < ' ' || byte == 0x7f || (byte >= 0x80 && !is_text)) {
      result += {'\\', 'x', kHexDigits[byte >> 4], kHexDigits[byte & 15]};
    } else {
      result += c;
    }
  }
  return result + '"';
}

bool is_repro_word(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, is_word_character);
}

std::string_view LineCursor::word() const {
  std::size_t end = at_;
  while (end < line_.size() && is_word_character(line_[end])) ++end;
  return line_.substr(at_, end - at_);
}

std::string_view LineCursor::next_word() {
  const std::string_view result = word();
  at_ += result.size();
  skip_blanks();
  return result;
}

bool LineCursor::take(char mark) {
  if (at_ == line_.size() || line_[at_] != mark) return false;
  ++at_;
  skip_blanks();
  return true;
}

bool LineCursor::take_quoted(std::string& text) {
  if (at_ == line_.size() || line_[at_] != '"') return false;
  std::string result;
  for (std::size_t at = at_ + 1; at < line_.size(); ++at) {
    if (line_[at] == '"') {
      text = std::move(result);
      at_ = at + 1;
      skip_blanks();
      return true;
    }
    const auto c = line_[at] == '\\' ? escaped(line_, at) : line_[at];
    if (!c) return false;
    result += *c;
  }
  return false;
}

std::string_view LineCursor::rest() const {
  return trimmed(line_.substr(at_));
}

std::string_view LineCursor::comment() const {
  return at_ < line_.size() && line_[at_] == '#' ? trimmed(line_.substr(at_ + 1)) : std::string_view();
}

std::string LineCursor::found() const {
  if (at_end()) return "the end of the line";
  const std::string_view here = word();
  if (here.size() > kFoundBytesMax) return "'" + std::string(here.substr(0, kFoundBytesMax)) + "...'";
  if (!here.empty()) return "'" + std::string(here) + "'";
  return "'" + std::string(line_.substr(at_, character_length(line_.substr(at_)))) + "'";
}

void LineCursor::skip_blanks() {
  while (at_ < line_.size() && is_blank(line_[at_])) ++at_;
}

}  // namespace gridlock
