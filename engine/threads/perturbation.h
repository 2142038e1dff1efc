// What one cpu does at its points besides going on: mostly nothing, now and then it holds back for a moment. On real
// cores nobody can be told to run, only to wait; so a schedule is made of bounded delays.
//
// The manners, one drawn a run:
//   kFree        no delay at all: what the hardware does by itself
//   kSprinkled   a delay at a random share of the points, of random length, as in noise injection (Edelstein et al.,
//                "Multithreaded Java program test generation", IBM Systems Journal 2002)
//   kPriorities  the priorities and change points of PCT (Burckhardt et al., ASPLOS 2010): at each point a cpu holds
//   back
//                for those above it. Deviation: not until they block, which nobody can see from outside, but for a
//                bounded time at a point and in a run.
//
// May include: base, model.
#pragma once

#include <array>
#include <cstdint>

#include "engine/base/prng.h"

namespace gridlock {

enum class Manner : std::uint8_t { kFree, kSprinkled, kPriorities };

// What all cpus of a run have in common. `seed` alone decides.
struct RunManner {
  Manner manner = Manner::kFree;
  std::uint32_t sprinkle_one_in = 1;   // points
  std::uint32_t interrupt_one_in = 0;  // points; 0: no random interrupts
  std::uint64_t seed = 0;
};
[[nodiscard]] RunManner draw_manner(std::uint64_t seed);

// Of one cpu. Runs on the cpu's thread: no allocation, no libc.
class Perturbation {
 public:
  // `points_expected`: of this cpu, where change points are drawn.
  void begin(const RunManner& manner, std::uint32_t cpu, std::uint32_t points_expected);

  // How long to hold back at the next point, in nanoseconds; 0: not at all.
  [[nodiscard]] std::uint32_t delay_ns();
  // For Manner::kPriorities: higher goes first.
  [[nodiscard]] std::uint32_t priority() const { return priority_; }
  [[nodiscard]] bool holds_back_for_others() const { return manner_.manner == Manner::kPriorities; }
  // True if a random interrupt arrives at this point.
  [[nodiscard]] bool interrupt_arrives() {
    return manner_.interrupt_one_in != 0 && prng_.below(manner_.interrupt_one_in) == 0;
  }
  [[nodiscard]] Prng& prng() { return prng_; }

  // Longest single delay: several times what a lock is held for, far below a time slice.
  static constexpr std::uint32_t kDelayNsMax = 40'000;

 private:
  static constexpr std::size_t kChangesMax = 2;

  RunManner manner_;
  Prng prng_{0};
  std::uint32_t priority_ = 0;
  std::uint32_t points_ = 0;
  std::array<std::uint32_t, kChangesMax> changes_{};  // points at which the cpu falls below all others
};

}  // namespace gridlock
