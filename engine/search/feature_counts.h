// How many runs have reached each feature, and what a run is worth by that: the rarer what it reached, the more.
//
// May include: base, model, feedback.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/feedback/interleaving_map.h"

namespace gridlock {

class FeatureCounts {
 public:
  // What one run is worth.
  struct Worth {
    std::uint32_t novel = 0;  // features that no run before it had
    double rarity = 0;        // 1 / n for each feature that n runs have had, this one included; n up to kRareMax
  };

  Worth add(std::span<const feedback::Feature> features) {
    Worth worth;
    for (const feedback::Feature feature : features) {
      const std::uint32_t runs = ++runs_[feature];
      if (runs > kRareMax) continue;
      worth.rarity += 1.0 / runs;
      if (runs > 1) continue;
      ++worth.novel;
      seen_.push_back(feature);
    }
    return worth;
  }

  // How many runs had it.
  [[nodiscard]] std::uint32_t runs(feedback::Feature feature) const { return runs_[feature]; }
  // Every feature that some run had, in the order in which they were first reached.
  [[nodiscard]] std::span<const feedback::Feature> seen() const { return seen_; }

 private:
  static constexpr std::uint32_t kRareMax = 256;

  std::array<std::uint32_t, feedback::kFeatures> runs_{};
  std::vector<feedback::Feature> seen_;
};

}  // namespace gridlock
