// A 128-bit non-cryptographic hash for machine states and traces: two lanes of multiply-rotate mixing over 8-byte
// words. Its job is that two different states of one run never look equal, at memory speed and without calling libc
// (it runs where intercepted functions are forbidden). Values are stable across hosts; they are not for storage.
//
// May include: nothing of the engine.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace gridlock {

struct Hash128 {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  constexpr bool operator==(const Hash128&) const = default;
};

class Hasher {
 public:
  constexpr void add(std::uint64_t word) {
    low_ = (std::rotl(low_, 29) ^ word) * 0x9fb21c651e98df25;
    high_ = (std::rotl(high_, 41) + word) * 0xd6e8feb86659fd93;
    high_ ^= high_ >> 32;
  }

  // REQUIRES: `words` points to `count` readable 8-byte words, 8-byte aligned.
  void add_words(const std::uint64_t* words, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) add(words[i]);
  }

  [[nodiscard]] constexpr Hash128 finish() const {
    Hasher last = *this;
    last.add(0x2545f4914f6cdd1d);
    last.add(low_ >> 31);
    return {last.low_, last.high_ ^ (last.low_ >> 29)};
  }

 private:
  std::uint64_t low_ = 0x243f6a8885a308d3;
  std::uint64_t high_ = 0x13198a2e03707344;
};

}  // namespace gridlock
