// See perturbation.h. May include: base, model.
#include "engine/threads/perturbation.h"

namespace gridlock {

RunManner draw_manner(std::uint64_t seed) {
  Prng prng(seed);
  RunManner manner{.manner = static_cast<Manner>(prng.below(3)), .seed = prng.next()};
  manner.sprinkle_one_in = 1u << prng.between(1, 6);
  if (prng.chance(1, 2)) manner.interrupt_one_in = 1u << prng.between(3, 7);
  return manner;
}

void Perturbation::begin(const RunManner& manner, std::uint32_t cpu, std::uint32_t points_expected) {
  manner_ = manner;
  prng_ = Prng(manner.seed + cpu);
  points_ = 0;
  // 0 is for those that have fallen.
  priority_ = 1 + prng_.below(1u << 16);
  for (auto& change : changes_) change = prng_.chance(1, 2) ? 1 + prng_.below(points_expected + 1) : 0;
}

std::uint32_t Perturbation::delay_ns() {
  ++points_;
  for (const std::uint32_t change : changes_) {
    if (change == points_) priority_ = 0;
  }
  switch (manner_.manner) {
    case Manner::kFree:
      return 0;
    case Manner::kSprinkled:
      // Lengths of every order of magnitude are equally likely: nobody knows how long the window is.
      return prng_.below(manner_.sprinkle_one_in) == 0 ? kDelayNsMax >> prng_.below(10) : 0;
    case Manner::kPriorities:
      return priority_ == 0 ? kDelayNsMax : kDelayNsMax / 4;
  }
}

}  // namespace gridlock
