// Two runs that go well, and the scenario that has both.
//
// May include: base, model.
#include "engine/judge/lock_history.h"

#include <gtest/gtest.h>

#include "engine/judge/fake_lock_graph.h"

namespace gridlock {
namespace {

// Programs of one operation each, told apart by their numbers.
Scenario scenario_of(const std::vector<std::uint32_t>& operations) {
  Scenario scenario;
  for (const std::uint32_t operation : operations) {
    scenario.start_order.emplace_back(static_cast<std::uint32_t>(scenario.programs.size()));
    scenario.programs.push_back({{.operation = OperationId(operation)}});
  }
  return scenario;
}

std::vector<std::vector<std::uint32_t>> operations_of(const Scenario& scenario) {
  std::vector<std::vector<std::uint32_t>> operations;
  for (const auto& program : scenario.programs) {
    operations.emplace_back();
    for (const OperationCall& call : program) operations.back().push_back(call.operation.value());
  }
  return operations;
}

using Operations = std::vector<std::vector<std::uint32_t>>;

class LockHistoryTest : public testing::Test {
 protected:
  void SetUp() override {
    forth.cpu(0).takes("A", {"f"}).takes("B", {"f"});
    back.cpu(1).takes("B", {"g"}).takes("A", {"g"});
    back_on_same.cpu(0).takes("B", {"g"}).takes("A", {"g"});
  }
  std::optional<Scenario> learn(FakeLockGraph& locks, const Scenario& scenario) {
    RunView run;
    run.locks = &locks.graph();
    run.directives = scenario.directives;
    return history.learn(run, scenario);
  }
  FakeLockGraph forth, back, back_on_same;
  LockHistory history;
};

TEST_F(LockHistoryTest, OppositeOrdersOfTwoRunsAreRunTogether) {
  EXPECT_FALSE(learn(forth, scenario_of({1, 2})).has_value());
  const auto both = learn(back, scenario_of({3, 4}));
  ASSERT_TRUE(both.has_value());
  EXPECT_EQ(operations_of(*both), (Operations{{1, 3}, {2, 4}}));
}

TEST_F(LockHistoryTest, OrdersOfOneCpuAreMovedToTwo) {
  EXPECT_FALSE(learn(forth, scenario_of({1, 2})).has_value());
  const auto both = learn(back_on_same, scenario_of({3, 4}));
  ASSERT_TRUE(both.has_value());
  EXPECT_EQ(operations_of(*both), (Operations{{1, 4}, {2, 3}}));
}

TEST_F(LockHistoryTest, TheSmallerScenarioGetsTheCpusOfTheLarger) {
  EXPECT_FALSE(learn(forth, scenario_of({1})).has_value());
  const auto both = learn(back, scenario_of({3, 4, 5}));
  ASSERT_TRUE(both.has_value());
  EXPECT_EQ(operations_of(*both), (Operations{{1, 3}, {4}, {5}}));
  EXPECT_EQ(both->start_order, (std::vector<CpuId>{CpuId(0), CpuId(1), CpuId(2)}));
}

TEST_F(LockHistoryTest, OneOrderTwiceIsNoNews) {
  EXPECT_FALSE(learn(forth, scenario_of({1, 2})).has_value());
  EXPECT_FALSE(learn(forth, scenario_of({1, 2})).has_value());
  EXPECT_TRUE(learn(back, scenario_of({3, 4})).has_value());
  EXPECT_FALSE(learn(back, scenario_of({3, 4})).has_value());
}

TEST_F(LockHistoryTest, ARunWithACycleOfItsOwnIsNotLearned) {
  FakeLockGraph both;
  both.cpu(0).takes("A", {"f"}).takes("B", {"f"});
  both.cpu(1).takes("B", {"g"}).takes("A", {"g"});
  EXPECT_FALSE(learn(both, scenario_of({1, 2})).has_value());
  FakeLockGraph more;
  more.cpu(0).takes("C", {"f"}).takes("D", {"f"});
  EXPECT_FALSE(learn(more, scenario_of({3, 4})).has_value());
}

TEST_F(LockHistoryTest, OtherParametersPlaceLocksElsewhere) {
  Scenario other = scenario_of({3, 4});
  other.parameters = {7};
  EXPECT_FALSE(learn(forth, scenario_of({1, 2})).has_value());
  EXPECT_FALSE(learn(back, other).has_value());
}

TEST_F(LockHistoryTest, ARunWithAHandlerKeepsItsSchedule) {
  FakeLockGraph task, handler;
  task.cpu(1).takes("A", {"f"});
  handler.irq(1, 5).takes("A", {"h"});
  Scenario raised = scenario_of({3, 4});
  raised.directives = {{CpuId(1), PointIndex(9), Action::kInterrupt, 5}};
  EXPECT_FALSE(learn(task, scenario_of({1, 2})).has_value());
  const auto both = learn(handler, raised);
  ASSERT_TRUE(both.has_value());
  EXPECT_EQ(operations_of(*both), (Operations{{3, 1}, {4, 2}}));
  EXPECT_EQ(both->directives, raised.directives);
}

TEST_F(LockHistoryTest, OfTwoWithHandlersTheSecondIsRaisedAtTheBeginning) {
  FakeLockGraph safe, unsafe;
  safe.irq(0, 5).takes("A", {"h"});
  safe.cpu(0).irqs_disabled().takes("A", {"f"}).takes("B", {"f"});
  unsafe.irq(1, 5).takes("A", {"h"}).drops("A").takes("C", {"h"});
  unsafe.cpu(1).takes("B", {"g"});
  Scenario raised = scenario_of({1, 2});
  raised.directives = {{CpuId(0), PointIndex(9), Action::kInterrupt, 5}};
  EXPECT_FALSE(learn(safe, raised).has_value());
  const auto both = learn(unsafe, scenario_of({3, 4}));
  ASSERT_TRUE(both.has_value());
  ASSERT_EQ(both->directives.size(), 2U);
  EXPECT_EQ(both->directives[1], (Directive{CpuId(1), PointIndex(1), Action::kInterrupt, 5, 0}));
}

TEST_F(LockHistoryTest, AProgramThatIsFullIsNotComposed) {
  Scenario full = scenario_of({1, 2});
  full.programs[0].resize(kProgramCallsMax, full.programs[0].front());
  full.programs[1].resize(kProgramCallsMax, full.programs[1].front());
  EXPECT_FALSE(learn(forth, full).has_value());
  EXPECT_FALSE(learn(back, scenario_of({3, 4})).has_value());
}

}  // namespace
}  // namespace gridlock
