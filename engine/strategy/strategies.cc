// See strategies.h. May include: base, model.
#include "engine/strategy/strategies.h"

#include <array>

#include "engine/strategy/directed.h"
#include "engine/strategy/pct.h"
#include "engine/strategy/pos.h"
#include "engine/strategy/random.h"
#include "engine/strategy/surw.h"

namespace gridlock {

std::unique_ptr<Strategy> make_strategy(std::string_view name, const StrategyOptions& options) {
  if (name == "directed") return std::make_unique<DirectedStrategy>();
  if (name == "random") return std::make_unique<RandomStrategy>(options.seed);
  if (name == "pct") {
    return std::make_unique<PctStrategy>(options.seed, options.pct_depth, options.points_expected);
  }
  if (name == "pos") return std::make_unique<PosStrategy>(options.seed);
  if (name == "surw") return std::make_unique<SurwStrategy>(options.seed);
  return nullptr;
}

std::span<const std::string_view> strategy_names() {
  static constexpr std::array<std::string_view, 5> kNames = {"directed", "random", "pct", "pos", "surw"};
  return kNames;
}

}  // namespace gridlock
