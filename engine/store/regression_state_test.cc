#include "engine/store/regression_state.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

namespace gridlock::store {
namespace {

// One character a build: F every replay fails, f some, . none; s seen by a fuzzer and not replayed; S seen, and no
// replay fails; - nothing is known.
std::vector<BuildHistory> history_of(const std::string& builds) {
  std::vector<BuildHistory> history;
  for (const char build : builds) {
    BuildHistory each{.build = BuildId(static_cast<std::int64_t>(history.size()) + 1)};
    each.is_sighted = build == 's' || build == 'S';
    if (build == 'F') each.flavours = {{.same = 20, .replays = 20}};
    if (build == 'f') each.flavours = {{.same = 3, .replays = 20}};
    if (build == '.' || build == 'S') each.flavours = {{.same = 0, .replays = 20}};
    history.push_back(each);
  }
  return history;
}

struct Case {
  const char* builds;
  RegressionState state;
};

TEST(RegressionStateTest, IsWhatTheTableSays) {
  using enum RegressionState;
  constexpr Case kCases[] = {
      {"", kUntested},         {"-", kUntested},       {"s", kUntested},      {"ss", kUntested},
      {"F", kFails},           {"FF", kFails},         {"sF", kFails},        {"Fs", kFails},
      {"F-", kFails},          {"f", kNotRepeatable},  {".", kNotRepeatable}, {"S", kNotRepeatable},
      {"..", kNotRepeatable},  {"F.", kMaybeFixed},    {"s.", kMaybeFixed},   {"f.", kMaybeFixed},
      {"S.", kMaybeFixed},     {"F..", kMaybeFixed},   {"F.-", kMaybeFixed},  {"F.F", kRegressed},
      {"F.FF", kRegressed},    {"F.s", kRegressed},    {"F.f", kRegressed},   {"F.S", kRegressed},
      {"F.ff", kRegressed},    {"s.F", kRegressed},    {".F", kRegressed},    {"Ff", kNotRepeatable},
      {"f.f", kNotRepeatable}, {"FS", kNotRepeatable}, {"F.F.", kMaybeFixed}, {"F.F.F", kRegressed},
      {"fF", kFails},          {"f.F", kRegressed},    {"fs", kFails},
  };
  for (const Case& each : kCases) {
    EXPECT_EQ(regression_state(history_of(each.builds)), each.state)
        << "\"" << each.builds << "\" is " << regression_state_name(regression_state(history_of(each.builds)));
  }
}

TEST(RegressionStateTest, OneFlavourInWhichEveryReplayFailsIsEnough) {
  const BuildHistory thread_only{.build = BuildId(1), .flavours = {{0, 20}, {20, 20}, {1, 20}}};
  EXPECT_EQ(regression_state({{thread_only}}), RegressionState::kFails);
}

TEST(RegressionStateTest, AFlavourWithoutReplaysSaysNothing) {
  const BuildHistory none{.build = BuildId(2), .flavours = {{0, 0}}};
  const BuildHistory fails{.build = BuildId(1), .flavours = {{20, 20}}};
  EXPECT_EQ(regression_state({{none}}), RegressionState::kUntested);
  EXPECT_EQ(regression_state({{fails, none}}), RegressionState::kFails);
}

// What is told of the newest build in parts, in any order, ends in the same state.
TEST(RegressionStateTest, TheOrderOfFlavoursDoesNotMatter) {
  const BuildHistory before{.build = BuildId(1), .flavours = {{20, 20}}};
  const BuildHistory one{.build = BuildId(2), .flavours = {{0, 20}, {20, 20}}};
  const BuildHistory other{.build = BuildId(2), .flavours = {{20, 20}, {0, 20}}};
  EXPECT_EQ(regression_state({{before, one}}), RegressionState::kFails);
  EXPECT_EQ(regression_state({{before, other}}), RegressionState::kFails);
}

}  // namespace
}  // namespace gridlock::store
