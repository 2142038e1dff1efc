#include "engine/cli/target_list.h"

#include <gtest/gtest.h>

#include "engine/cli/fake_machine.h"

namespace gridlock {
namespace {

TEST(TargetList, TargetsAndVariantsAreFoundByName) {
  const std::vector<Target> targets = {fake_target()};
  EXPECT_EQ(find_target(targets, "fake").value(), targets.data());
  EXPECT_EQ(find_variant(targets[0].schema, "fixed").value(), 1u);
  EXPECT_EQ(find_variant(targets[0].schema, "").value(), 0u) << "the first is the default";
}

TEST(TargetList, AnUnknownNameIsAnsweredWithTheKnownOnes) {
  const std::vector<Target> targets = {fake_target()};
  EXPECT_NE(find_target(targets, "nosuch").error().message().find("known targets: fake"), std::string::npos);
  EXPECT_NE(find_variant(targets[0].schema, "x").error().message().find("broken, fixed"), std::string::npos);
}

}  // namespace
}  // namespace gridlock
