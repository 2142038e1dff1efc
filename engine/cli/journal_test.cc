#include "engine/cli/journal.h"

#include <gtest/gtest.h>

#include "engine/cli/fake_machine.h"
#include "engine/strategy/strategies.h"

namespace gridlock {
namespace {

TEST(Journal, HoldsWhatTheMachineRecorded) {
  for (const auto name : strategy_names()) {
    FakeBench bench;
    const auto strategy = make_strategy(name, {.seed = 3});
    Session session = bench.session();
    for (int run = 0; run < 50; ++run) {
      const Scenario scenario = fake_scenario(FakeMachine::kWork);
      const Judged judged = session.explore(scenario, *strategy);
      EXPECT_EQ(last_scenario(*bench.page, bench.target.schema), as_it_was(scenario, judged.view)) << name;
    }
  }
}

// Says yes for ever: more decisions than a page holds.
class Eager final : public Strategy {
 public:
  void begin(const Scenario&) override {}
  std::optional<Decision> decide(const Moment&) override { return Decision{}; }
  [[nodiscard]] std::uint32_t quiet_points(const Moment&) const override { return 0; }
};

TEST(Journal, EndsAtItsLimitAndPassesOnWhatFollows) {
  FakeBench bench;
  Eager eager;
  JournalStrategy journal(eager, *bench.page);
  journal.begin({});
  for (std::uint32_t i = 0; i < kDirectivesMax + 10; ++i) EXPECT_TRUE(journal.decide({}).has_value());
  EXPECT_EQ(bench.page->decision_count.load(), kDirectivesMax);
  journal.begin({});
  EXPECT_EQ(bench.page->decision_count.load(), 0u);
}

}  // namespace
}  // namespace gridlock
