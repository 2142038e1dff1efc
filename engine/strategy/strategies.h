// Makes a strategy by its name on the command line.
//
// May include: base, model.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "engine/strategy/strategy.h"

namespace gridlock {

struct StrategyOptions {
  std::uint64_t seed = 1;
  std::uint32_t pct_depth = 3;          // bug depth d of PCT: d - 1 change points
  std::uint32_t points_expected = 256;  // k of PCT: how long a run is thought to be; pct adapts it to what it sees
};

// All strategies apply the scenario's own directives (interrupts, deferrals, migrations and, if any, demotes) at the
// points they name; `directed` does nothing else, the others also choose who runs next. Between runs of one strategy
// object its random numbers go on, so that the same seed gives the same sequence of runs.
// "directed", "random", "pct", "pos", "surw"; nullptr for any other name.
[[nodiscard]] std::unique_ptr<Strategy> make_strategy(std::string_view name, const StrategyOptions& options);

[[nodiscard]] std::span<const std::string_view> strategy_names();

}  // namespace gridlock
