// A machine for tests that runs no code: each cpu passes kPointsPerCall points a call, one cpu after the other, and the
// bugs of a made-up target happen by rule. What a run does depends on the scenario and the strategy alone.
//
//     operation    bug, if the strategy demotes cpu 1 anywhere in the run
//     work         none
//     stick        hang: every cpu that has this call is stuck in it
//     crash        SIGSEGV
//     exit         the process ends with code 3, as of a defect in Gridlock
//     spin         the run never ends
//     misuse       memory-error, found in process; the process lives
//
// The second variant, "fixed", has no bug. For tests only. May include: all that cli includes.
#pragma once

#include <csignal>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/check.h"
#include "engine/cli/session.h"

namespace gridlock {

class FakeMachine final : public Machine {
 public:
  enum Operation : std::uint32_t { kWork, kStick, kCrash, kExit, kSpin, kMisuse };
  static constexpr std::uint32_t kPointsPerCall = 4;

  const RunView& run(const gl_target&, const Scenario& scenario, Strategy& strategy,
                     const RunOptions& options) override {
    view_ = {};
    cpus_.assign(scenario.cpu_count(), {});
    decisions_.clear();
    trace_ = {};
    strategy.begin(scenario);
    for (std::uint32_t cpu = 0; cpu < scenario.cpu_count(); ++cpu) run_cpu(scenario, cpu, strategy);
    if (options.variant == 0) let_bugs_happen(scenario);
    view_.cpus = cpus_;
    view_.directives = decisions_;
    view_.trace = options.trace ? &trace_ : nullptr;
    ++runs_;
    return view_;
  }

  [[nodiscard]] std::uint64_t runs() const { return runs_; }

 private:
  void run_cpu(const Scenario& scenario, std::uint32_t cpu, Strategy& strategy) {
    CpuView& state = cpus_[cpu];
    state.cpu = CpuId(cpu);
    for (std::size_t call = 0; call < scenario.programs[cpu].size(); ++call) {
      state.operation_starts.push_back(state.points.value());
      for (std::uint32_t i = 0; i < kPointsPerCall; ++i) pass_point(state, strategy);
    }
  }

  void pass_point(CpuView& state, Strategy& strategy) {
    const PointIndex point(state.points.value() + 1);
    const std::uint64_t all = (std::uint64_t{1} << cpus_.size()) - 1;
    const std::vector<PendingAccess> pending(cpus_.size());
    const Moment moment{state.cpu, point, view_.points, all, all, pending};
    // A demote changes nothing here, so a strategy that wants another cpu to run would demote this one for ever.
    for (int questions = 0; questions < 4; ++questions) {
      const auto decision = strategy.decide(moment);
      if (!decision) break;
      decisions_.push_back({state.cpu, point, decision->action, decision->a, decision->b});
    }
    Step step;
    step.kind = StepKind::kStore;
    step.cpu = state.cpu;
    step.point = point;
    step.frames[0] = 100 + state.cpu.value();
    trace_.steps.push_back(step);
    state.points = point;
    ++view_.points;
  }

  void let_bugs_happen(const Scenario& scenario) {
    bool demoted = false;
    for (const Directive& decision : decisions_) {
      demoted = demoted || (decision.action == Action::kDemote && decision.cpu == CpuId(1));
    }
    if (!demoted) return;
    for (std::uint32_t cpu = 0; cpu < scenario.cpu_count(); ++cpu) {
      for (const auto& call : scenario.programs[cpu]) happen(call.operation.value(), cpus_[cpu]);
    }
  }

  void happen(std::uint32_t operation, CpuView& cpu) {
    if (operation == kStick) {
      cpu.activity = CpuActivity::kSpinning;
      cpu.contexts = {{ContextView::Kind::kTask, 0, {1, 2}}};
      view_.end = RunEnd::kSelfLoops;
    }
    if (operation == kCrash) ::raise(SIGSEGV);
    if (operation == kMisuse) {
      failure_ = {.what = "use-after-free", .cpu = cpu.cpu, .frames = {3, 4}};
      view_.failure = &failure_;
      view_.end = RunEnd::kMemoryError;
    }
    if (operation == kExit) GRIDLOCK_CHECK(operation != kExit);
    while (operation == kSpin) asm volatile("pause");
  }

  RunView view_;
  Failure failure_;
  std::vector<CpuView> cpus_;
  std::vector<Directive> decisions_;
  Trace trace_;
  std::uint64_t runs_ = 0;
};

// Site 7 is in function f7 at fake.c:7.
class FakeSiteNames final : public SiteNames {
 public:
  [[nodiscard]] std::vector<Frame> frames_at(Site site) const override {
    return {{"f" + std::to_string(site), "fake.c", static_cast<std::uint32_t>(site)}};
  }
};

inline const gl_target kFakeTable{};

// A target of the operations above; `operations` limits what a generator may draw from them, counted from the first.
inline Target fake_target(std::uint32_t operations = 1 + FakeMachine::kSpin) {
  static const char* const kNames[] = {"work", "stick", "crash", "exit", "spin", "misuse"};
  Target target{&kFakeTable, {}};
  target.schema.name = "fake";
  target.schema.summary = "bugs by rule";
  target.schema.cpus_minimum = 1;
  target.schema.cpus_maximum = 4;
  target.schema.variants = {{"broken", "has the bugs", "hang"}, {"fixed", "has none", "ok"}};
  for (std::uint32_t i = 0; i < operations; ++i) target.schema.operations.push_back({kNames[i], {}});
  return target;
}

// Two cpus with one call each, and cpu 1 demoted at its second point.
inline Scenario fake_scenario(std::uint32_t operation) {
  Scenario scenario;
  scenario.programs = {{{OperationId(FakeMachine::kWork), {}}}, {{OperationId(operation), {}}}};
  scenario.start_order = {CpuId(0), CpuId(1)};
  scenario.directives = {{CpuId(1), PointIndex(2), Action::kDemote, 0, 0}};
  return scenario;
}

// The machine, its names, a target and a page: what most tests start from.
struct FakeBench {
  FakeMachine machine;
  FakeSiteNames names;
  Target target = fake_target();
  SharedRunPage page = std::move(SharedRunPage::create().value());

  [[nodiscard]] Tools tools() { return {machine, names}; }
  [[nodiscard]] Session session(std::uint32_t variant = 0) { return {tools(), target, variant, *page}; }
};

}  // namespace gridlock
