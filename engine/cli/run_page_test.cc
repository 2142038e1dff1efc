#include "engine/cli/run_page.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "engine/cli/fake_machine.h"

namespace gridlock {
namespace {

TEST(RunPage, TheInputOfARunComesBackAsAScenario) {
  FakeBench bench;
  const Scenario scenario = fake_scenario(FakeMachine::kStick);
  publish_run(*bench.page, encode(scenario, bench.target.schema), Decider::kInput);
  EXPECT_EQ(bench.page->running.load(), 1u);
  EXPECT_EQ(last_scenario(*bench.page, bench.target.schema), scenario);
  end_run(*bench.page);
  EXPECT_EQ(bench.page->running.load(), 0u);
}

TEST(RunPage, WhatAStrategyDecidedReplacesTheDirectivesOfTheInput) {
  FakeBench bench;
  const Scenario scenario = fake_scenario(FakeMachine::kStick);
  publish_run(*bench.page, encode(scenario, bench.target.schema), Decider::kStrategy);
  EXPECT_TRUE(last_scenario(*bench.page, bench.target.schema).directives.empty());
  const Directive made{CpuId(0), PointIndex(3), Action::kDemote, 0, 0};
  bench.page->decisions[0] = made;
  bench.page->decision_count = 1;
  EXPECT_EQ(last_scenario(*bench.page, bench.target.schema).directives, std::vector{made});
}

TEST(RunPage, EveryRunMovesTheHeartbeat) {
  FakeBench bench;
  const auto before = bench.page->heartbeat.load();
  publish_run(*bench.page, {}, Decider::kInput);
  EXPECT_NE(bench.page->heartbeat.load(), before);
}

TEST(RunPage, AnInputBeyondTheLimitIsCutAsDecodeCutsIt) {
  FakeBench bench;
  const std::vector<std::uint8_t> input(kInputBytesMax + 1, 1);
  publish_run(*bench.page, input, Decider::kInput);
  EXPECT_EQ(last_scenario(*bench.page, bench.target.schema), decode(input, bench.target.schema));
}

TEST(RunPage, AnAttachedPageIsTheSamePage) {
  const auto page = SharedRunPage::create();
  const auto attached = SharedRunPage::attach(::dup(page->descriptor()));
  ASSERT_TRUE(attached.has_value());
  (*page)->runs = 5;
  EXPECT_EQ((*attached)->runs.load(), 5u);
}

TEST(RunPage, SomeOtherDescriptorIsRefused) {
  EXPECT_FALSE(SharedRunPage::attach(0).has_value());
}

}  // namespace
}  // namespace gridlock
