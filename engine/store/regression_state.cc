#include "engine/store/regression_state.h"

#include <algorithm>
#include <optional>

#include "engine/base/check.h"

namespace gridlock::store {
namespace {

enum class Outcome : std::uint8_t { kFails, kPartly, kPasses };

bool is_replayed(const BuildHistory& build) {
  return std::ranges::any_of(build.flavours, [](const FlavourReplays& flavour) { return flavour.replays > 0; });
}

// Nothing of a build that nobody has looked at.
std::optional<Outcome> outcome_of(const BuildHistory& build) {
  const auto all_same = [](const FlavourReplays& flavour) {
    return flavour.replays > 0 && flavour.same >= flavour.replays;
  };
  if (std::ranges::any_of(build.flavours, all_same)) return Outcome::kFails;
  const bool some = std::ranges::any_of(build.flavours, [](const FlavourReplays& flavour) { return flavour.same > 0; });
  if (some) return Outcome::kPartly;
  if (!is_replayed(build)) return build.is_sighted ? std::optional(Outcome::kFails) : std::nullopt;
  return build.is_sighted ? Outcome::kPartly : Outcome::kPasses;
}

}  // namespace

RegressionState regression_state(std::span<const BuildHistory> builds) {
  if (std::ranges::none_of(builds, is_replayed)) return RegressionState::kUntested;
  bool failed = false;  // before the newest build
  bool showed = false;  // it failed, or some replays did
  bool passed = false;
  bool passed_after_failing = false;
  std::optional<Outcome> newest;
  for (const BuildHistory& build : builds) {
    const auto outcome = outcome_of(build);
    if (!outcome) continue;
    if (newest) {
      failed |= *newest == Outcome::kFails;
      showed |= *newest != Outcome::kPasses;
      passed |= *newest == Outcome::kPasses;
      passed_after_failing |= failed && *newest == Outcome::kPasses;
    }
    newest = outcome;
  }
  switch (*newest) {
    case Outcome::kFails:
      return passed ? RegressionState::kRegressed : RegressionState::kFails;
    case Outcome::kPartly:
      return passed_after_failing ? RegressionState::kRegressed : RegressionState::kNotRepeatable;
    case Outcome::kPasses:
      return showed ? RegressionState::kMaybeFixed : RegressionState::kNotRepeatable;
  }
  GRIDLOCK_CHECK(false);
}

}  // namespace gridlock::store
