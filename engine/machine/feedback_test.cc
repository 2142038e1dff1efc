// What the machine tells the interleaving feedback, and the profile of a run.
//
// May include: base, model, feedback, hook, strategy, machine, machine/test_targets.
#include <gmock/gmock.h>

#include <memory>
#include <set>

#include "engine/machine/machine_fixture.h"

namespace gridlock {
namespace {

using ::testing::IsEmpty;
using ::testing::Not;

class Feedback : public MachineFixture {
 protected:
  using Features = std::set<feedback::Feature>;

  Features features_of(const std::string& target, const std::vector<std::string>& programs,
                       std::vector<Directive> directives = {}, RunOptions options = {}) {
    options.interleavings = map_.get();
    static_cast<void>(run(target, programs, std::move(directives), options));
    return {map_->touched().begin(), map_->touched().end()};
  }

  std::unique_ptr<feedback::InterleavingMap> map_ = std::make_unique<feedback::InterleavingMap>();
};

TEST_F(Feedback, TheSameScenarioHasTheSameFeaturesInEveryRun) {
  const auto once = features_of("ticket", {"section; section", "section"}, {demote(0, 2)});
  EXPECT_THAT(once, Not(IsEmpty()));
  static_cast<void>(features_of("ticket", {"section", "section"}));
  EXPECT_EQ(features_of("ticket", {"section; section", "section"}, {demote(0, 2)}), once);
}

TEST_F(Feedback, NeitherJudgeNorTraceNorProfileChangesTheFeatures) {
  const std::vector<Directive> directives = {demote(0, 2), demote(1, 3)};
  const auto plain = features_of("ticket", {"section; section", "section"}, directives);
  const std::vector<std::string> programs = {"section; section", "section"};
  EXPECT_EQ(features_of("ticket", programs, directives, {.races = false}), plain);
  EXPECT_EQ(features_of("ticket", programs, directives, {.trace = true}), plain);
  EXPECT_EQ(features_of("ticket", programs, directives, {.profile = true}), plain);
}

TEST_F(Feedback, AskingForFeaturesDoesNotChangeTheRun) {
  const std::vector<std::string> programs = {"section; section", "section"};
  const Trace without = *run("ticket", programs, {demote(0, 2)}, {.trace = true}).trace;
  static_cast<void>(features_of("ticket", programs, {demote(0, 2)}, {.trace = true}));
  const RunView& view = run("ticket", programs, {demote(0, 2)}, {.trace = true, .interleavings = map_.get()});
  EXPECT_EQ(first_difference(without, *view.trace), -1);
}

TEST_F(Feedback, AnotherInterleavingHasOtherFeatures) {
  const auto one_by_one = features_of("ticket", {"section", "section"});
  EXPECT_NE(features_of("ticket", {"section", "section"}, {demote(0, 2)}), one_by_one);
  // Two sections of one cpu read from that cpu what two cpus read from each other.
  EXPECT_NE(features_of("ticket", {"section; section"}), one_by_one);
}

TEST_F(Feedback, AnInterruptAddsTheFeatureOfItsSite) {
  const auto without = features_of("irq", {"work"});
  const auto at_first = features_of("irq", {"work"}, {interrupt(0, 1, 0)});
  const auto at_second = features_of("irq", {"work"}, {interrupt(0, 2, 0)});
  EXPECT_NE(at_first, without);
  EXPECT_NE(at_first, at_second);
}

TEST_F(Feedback, AProfileHasThePointsOfTheTrace) {
  const std::vector<Directive> directives = {demote(0, 2), interrupt(1, 2, 0)};
  const RunView& view = run("irq", {"work; work", "work"}, directives, {.trace = true, .profile = true});
  ASSERT_NE(view.profile, nullptr);
  std::uint32_t compared = 0;
  for (const Step& step : view.trace->steps) {
    if (!is_point(step.kind) || step.kind == StepKind::kIdle) continue;
    const auto& notes = view.profile->cpus.at(step.cpu.value());
    const PointNote& note = notes.at(step.point.value() - 1);
    EXPECT_EQ(note.site, step.frames[0]);
    EXPECT_EQ(note.kind, step.kind);
    EXPECT_EQ(note.depth, step.depth);
    if (step.width_bytes > 0 && !step.stack_address) {
      EXPECT_EQ(note.object, step.address / 8 + 1);
    }
    ++compared;
  }
  EXPECT_GT(compared, 5u);
  for (std::size_t cpu = 0; cpu < view.cpus.size(); ++cpu) {
    EXPECT_EQ(view.profile->cpus[cpu].size(), view.cpus[cpu].points.value());
    EXPECT_EQ(view.profile->operation_starts[cpu], view.cpus[cpu].operation_starts);
  }
  EXPECT_EQ(run("irq", {"work"}).profile, nullptr) << "only when it is asked for";
}

TEST_F(Feedback, AProfileSaysWhereInterruptsAreEnabled) {
  const RunView& view = run("irq", {"work"}, {interrupt(0, 1, 0)}, {.profile = true});
  // The task until the interrupt is taken at its first point, the handler, the softirq that it raises.
  std::vector<bool> enabled;
  for (const PointNote& note : view.profile->cpus[0]) enabled.push_back(note.irqs_enabled);
  ASSERT_GE(enabled.size(), 3u);
  EXPECT_TRUE(enabled[0]);
  EXPECT_EQ(view.profile->cpus[0][1].depth, 1);
  EXPECT_FALSE(enabled[1]) << "a handler begins with them disabled";
  EXPECT_EQ(view.profile->cpus[0][2].depth, 1);
  EXPECT_TRUE(enabled[2]) << "a softirq runs with them enabled";
}

}  // namespace
}  // namespace gridlock
