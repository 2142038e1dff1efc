// For tests of strategies: the machine's rule for who runs, on programs that are nothing but a list of points. No cpu
// is ever stuck. Every question a strategy is asked, and every decision it makes, is recorded.
//
// May include: base, model.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <vector>

#include "engine/strategy/policy.h"

namespace gridlock {

// By cpu, by point: the access made there.
using FakeProgram = std::vector<std::vector<PendingAccess>>;
// The cpu of every point passed, in order.
using Interleaving = std::vector<std::uint32_t>;

// Each cpu passes that many points, none of which races with another.
inline FakeProgram points_by_cpu(const std::vector<std::size_t>& counts) {
  FakeProgram program;
  for (const std::size_t count : counts) program.emplace_back(count);
  return program;
}

// A scenario with as many cpus as the program and the identity as start order.
inline Scenario scenario_for(const FakeProgram& program) {
  Scenario scenario;
  scenario.programs.resize(program.size());
  for (std::uint32_t cpu = 0; cpu < program.size(); ++cpu) scenario.start_order.emplace_back(cpu);
  return scenario;
}

struct FakeRun {
  Interleaving interleaving;
  std::vector<Directive> directives;  // all decisions, as the machine would record them
  std::uint32_t questions = 0;        // attempts to pass that the strategy was asked about
};

class FakeMachine {
 public:
  // Decisions of one run after which it is taken for endless.
  static constexpr std::size_t kDecisionsMax = 10'000;

  FakeMachine(const FakeProgram& program, const Scenario& scenario, Strategy& strategy)
      : program_(program), strategy_(strategy), order_(scenario.start_order), passed_(program.size(), 0) {
    strategy_.begin(scenario);
  }

  FakeRun run() {
    drop_ended();
    while (!order_.empty()) {
      const CpuId cpu = order_.front();
      if (running_ == cpu && quiet_ > 0) {
        --quiet_;
        pass(cpu);
      } else if (ask(cpu)) {
        pass(cpu);
      }
      if (run_.directives.size() > kDecisionsMax) {
        ADD_FAILURE() << "the strategy goes on deciding and lets nobody pass";
        break;
      }
    }
    return run_;
  }

 private:
  // True if the cpu may pass, false if it was demoted.
  bool ask(CpuId cpu) {
    ++run_.questions;
    while (const auto decision = strategy_.decide(moment(cpu))) {
      run_.directives.push_back({cpu, PointIndex(point(cpu)), decision->action, decision->a, decision->b});
      if (decision->action == Action::kDemote) {
        std::ranges::rotate(order_, order_.begin() + 1);
        return false;
      }
      if (run_.directives.size() > kDecisionsMax) return false;
    }
    quiet_ = strategy_.quiet_points(moment(cpu));
    running_ = cpu;
    return true;
  }

  Moment moment(CpuId cpu) {
    pending_.assign(program_.size(), {});
    CpuSet runnable = 0;
    for (const CpuId alive : order_) {
      runnable |= only(alive);
      pending_[alive.value()] = program_[alive.value()][passed_[alive.value()]];
    }
    return {cpu, PointIndex(point(cpu)), run_.interleaving.size(), runnable, runnable, pending_};
  }

  void pass(CpuId cpu) {
    run_.interleaving.push_back(cpu.value());
    ++passed_[cpu.value()];
    drop_ended();
  }

  void drop_ended() {
    std::erase_if(order_, [&](CpuId cpu) { return passed_[cpu.value()] == program_[cpu.value()].size(); });
  }

  std::uint32_t point(CpuId cpu) const { return passed_[cpu.value()] + 1; }

  const FakeProgram& program_;
  Strategy& strategy_;
  std::vector<CpuId> order_;
  std::vector<std::uint32_t> passed_;
  std::vector<PendingAccess> pending_;
  CpuId running_{kCpusMax};
  std::uint32_t quiet_ = 0;
  FakeRun run_;
};

inline FakeRun run_fake(const FakeProgram& program, const Scenario& scenario, Strategy& strategy) {
  return FakeMachine(program, scenario, strategy).run();
}

// Every interleaving of the program, by plain recursion.
inline std::set<Interleaving> all_interleavings(const FakeProgram& program) {
  std::set<Interleaving> all;
  Interleaving prefix;
  std::vector<std::size_t> passed(program.size(), 0);
  const std::function<void()> extend = [&] {
    bool ended = true;
    for (std::uint32_t cpu = 0; cpu < program.size(); ++cpu) {
      if (passed[cpu] == program[cpu].size()) continue;
      ended = false;
      ++passed[cpu];
      prefix.push_back(cpu);
      extend();
      prefix.pop_back();
      --passed[cpu];
    }
    if (ended) all.insert(prefix);
  };
  extend();
  return all;
}

// The interleavings that `runs` runs of the scenario produce.
inline std::set<Interleaving> sampled_interleavings(const FakeProgram& program, Strategy& strategy, int runs) {
  const Scenario scenario = scenario_for(program);
  std::set<Interleaving> seen;
  for (int i = 0; i < runs; ++i) seen.insert(run_fake(program, scenario, strategy).interleaving);
  return seen;
}

// How often each interleaving comes in that many runs.
inline std::map<Interleaving, int> histogram(const FakeProgram& program, Strategy& strategy, int runs) {
  const Scenario scenario = scenario_for(program);
  std::map<Interleaving, int> counts;
  for (int i = 0; i < runs; ++i) ++counts[run_fake(program, scenario, strategy).interleaving];
  return counts;
}

// A moment written out by hand, for what the fake machine never does: stuck cpus. Owns what the spans point to.
struct MomentOf {
  std::vector<CpuId> order;
  std::vector<PendingAccess> pending = std::vector<PendingAccess>(kCpusMax);

  explicit MomentOf(const std::vector<std::uint32_t>& cpus) {
    for (const std::uint32_t cpu : cpus) order.emplace_back(cpu);
  }

  // The cpu about to pass is the highest runnable one of the order.
  [[nodiscard]] Moment at(std::uint32_t point, std::uint64_t step, std::uint64_t runnable) const {
    const auto cpu = std::ranges::find_if(order, [&](CpuId id) { return contains(runnable, id); });
    CpuSet listed = 0;
    for (const CpuId id : order) listed |= only(id);
    return {*cpu, PointIndex(point), step, listed, runnable, pending};
  }
};

}  // namespace gridlock
