#include "engine/store/records.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

namespace gridlock::store {
namespace {

// By value of the enumeration.
constexpr std::array<std::string_view, 6> kTriageStates = {"new",      "confirmed", "fixed",
                                                           "wont-fix", "duplicate", "flaky"};
constexpr std::array<std::string_view, 5> kRegressionStates = {"untested", "fails", "fixed?", "regressed",
                                                               "not-repeatable"};

template <typename State>
std::optional<State> state_from(std::span<const std::string_view> names, std::string_view name) {
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return static_cast<State>(found - names.begin());
}

}  // namespace

std::string_view triage_state_name(TriageState state) {
  return kTriageStates.at(std::to_underlying(state));
}

std::optional<TriageState> triage_state_from_name(std::string_view name) {
  return state_from<TriageState>(kTriageStates, name);
}

std::string_view regression_state_name(RegressionState state) {
  return kRegressionStates.at(std::to_underlying(state));
}

std::optional<RegressionState> regression_state_from_name(std::string_view name) {
  return state_from<RegressionState>(kRegressionStates, name);
}

}  // namespace gridlock::store
