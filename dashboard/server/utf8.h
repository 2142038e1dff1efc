// Whether bytes are UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF.
//
// May include: nothing of the engine.
#pragma once

#include <cstddef>
#include <string_view>

namespace gridlock::dashboard {

[[nodiscard]] inline bool is_utf8(std::string_view text) {
  const auto byte = [&](std::size_t at) { return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U; };
  for (std::size_t at = 0; at < text.size();) {
    const unsigned first = byte(at);
    const std::size_t length = first < 0x80   ? 1
                               : first < 0xc2 ? 0
                               : first < 0xe0 ? 2
                               : first < 0xf0 ? 3
                               : first < 0xf5 ? 4
                                              : 0;
    if (length == 0) return false;
    for (std::size_t more = 1; more < length; ++more) {
      if ((byte(at + more) & 0xc0) != 0x80) return false;
    }
    const unsigned second = byte(at + 1);
    if (first == 0xe0 && second < 0xa0) return false;
    if (first == 0xed && second > 0x9f) return false;
    if (first == 0xf0 && second < 0x90) return false;
    if (first == 0xf4 && second > 0x8f) return false;
    at += length;
  }
  return true;
}

}  // namespace gridlock::dashboard
