// The one source of randomness: xoshiro256** (Blackman and Vigna, "Scrambled linear pseudorandom number
// generators", ACM TOMS 2021), seeded by splitmix64. Same seed, same numbers, on every host and in every flavour.
//
// May include: nothing of the engine. Not thread safe; one owner.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace gridlock {

class Prng {
 public:
  explicit constexpr Prng(std::uint64_t seed) {
    for (auto& word : state_) {
      seed += 0x9e3779b97f4a7c15;
      std::uint64_t z = seed;
      z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
      z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
      word = z ^ (z >> 31);
    }
  }

  // The next 64 uniform bits.
  constexpr std::uint64_t next() {
    const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  // A number in [0, bound). REQUIRES bound > 0. Multiply-shift (Lemire 2019) without the rejection step: the bias is
  // below bound / 2^32, which no schedule can notice.
  constexpr std::uint32_t below(std::uint32_t bound) {
    return static_cast<std::uint32_t>(((next() >> 32) * bound) >> 32);
  }

  // A number in [low, high]. REQUIRES low <= high.
  constexpr std::uint32_t between(std::uint32_t low, std::uint32_t high) {
    const std::uint64_t span = static_cast<std::uint64_t>(high) - low + 1;
    return low + static_cast<std::uint32_t>(((next() >> 32) * span) >> 32);
  }

  // True with probability numerator / denominator.
  constexpr bool chance(std::uint32_t numerator, std::uint32_t denominator) { return below(denominator) < numerator; }

 private:
  std::array<std::uint64_t, 4> state_{};
};

}  // namespace gridlock
